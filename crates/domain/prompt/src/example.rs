//! Something that was or could be said, and what an answer to it must be like.

use kernel::{ConversationId, ExampleId, TenantId, Timestamp};

use crate::{Expectation, PromptChannel, PromptError, ai_profile::parse_name, names::stored_names, redact};

/// Who says a line of an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LineAuthor {
    /// The end customer.
    Contact,
    /// The receptionist.
    Bot,
    /// A person of the business.
    Human,
}

stored_names!(LineAuthor: Contact = "contact", Bot = "bot", Human = "human");

/// One line of an example's transcript.
#[derive(Clone, PartialEq, Eq)]
pub struct ExampleLine {
    /// Who says it.
    pub author: LineAuthor,
    /// What is said.
    pub text: String,
}

/// Shows the author only: what people say is personal data, and debug output ends in logs.
impl std::fmt::Debug for ExampleLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ExampleLine({}, …)", self.author.as_str())
    }
}

/// Whether an example must be green before a version is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExampleWeight {
    /// It must.
    Blocking,
    /// It only tells.
    Informing,
}

stored_names!(ExampleWeight: Blocking = "blocking", Informing = "informing");

/// Where an example comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExampleSource {
    /// Somebody has made it up.
    ByHand,
    /// It was said, in this conversation. What names a person is taken out.
    Conversation(ConversationId),
}

/// What an example says, not yet looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawExample {
    /// What it is called.
    pub name: String,
    /// The channel on which it is said; all for any.
    pub channel: PromptChannel,
    /// What is said, oldest first; it ends with the contact.
    pub transcript: Vec<ExampleLine>,
    /// What the answer must be like.
    pub expectations: Vec<Expectation>,
    /// Whether it must be green.
    pub weight: ExampleWeight,
    /// Where it comes from.
    pub source: ExampleSource,
}

/// What an example says. What comes from a conversation names nobody whose name is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExampleContent(RawExample);

impl ExampleContent {
    /// The most lines.
    pub const MAX_LINES: usize = 100;
    /// The longest line, in characters.
    pub const MAX_LINE: usize = 4_000;
    /// The most expectations.
    pub const MAX_EXPECTATIONS: usize = 20;

    /// Takes an example in. What comes from a conversation is [redacted](redact) first, with the names that are known.
    ///
    /// # Errors
    /// [`PromptError::Invalid`] when the name is none, there is nothing to answer or nothing to expect, or too much.
    pub fn parse(raw: RawExample, known_names: &[String]) -> Result<Self, PromptError> {
        let invalid = |field, message: String| Err(PromptError::Invalid { field, message });
        let name = parse_name(&raw.name)?;
        if raw.transcript.len() > Self::MAX_LINES {
            return invalid("transcript", format!("give at most {} lines", Self::MAX_LINES));
        }
        if raw.transcript.last().is_none_or(|line| line.author != LineAuthor::Contact) {
            return invalid("transcript", "end with what the contact says".to_owned());
        }
        let fits = |line: &ExampleLine| {
            (1..=Self::MAX_LINE).contains(&line.text.chars().count()) && !line.text.trim().is_empty()
        };
        if !raw.transcript.iter().all(fits) {
            return invalid("transcript", format!("give each line 1 to {} characters", Self::MAX_LINE));
        }
        if !(1..=Self::MAX_EXPECTATIONS).contains(&raw.expectations.len()) {
            return invalid("expectations", format!("expect 1 to {} things", Self::MAX_EXPECTATIONS));
        }
        let transcript = match raw.source {
            ExampleSource::ByHand => raw.transcript,
            ExampleSource::Conversation(_) => redacted(raw.transcript, known_names),
        };
        Ok(Self(RawExample { name, transcript, ..raw }))
    }

    /// Rebuilds an example from what a store kept.
    pub fn from_stored(raw: RawExample) -> Self {
        Self(raw)
    }

    /// Returns all that it says.
    pub fn raw(&self) -> &RawExample {
        &self.0
    }

    /// Tells whether what names a person was taken out.
    pub fn is_redacted(&self) -> bool {
        matches!(self.0.source, ExampleSource::Conversation(_))
    }
}

fn redacted(lines: Vec<ExampleLine>, known_names: &[String]) -> Vec<ExampleLine> {
    let redacted = |line: ExampleLine| ExampleLine { text: redact(&line.text, known_names), ..line };
    lines.into_iter().map(redacted).collect()
}

/// Something that was or could be said, and what an answer to it must be like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// The example's id.
    pub id: ExampleId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// What it says.
    pub content: ExampleContent,
    /// When it was made; its runs happen at this time.
    pub created_at: Timestamp,
    /// The version that was read; a save of a stale one conflicts, and a result counts for one version only.
    pub version: i64,
}

impl Example {
    /// The most examples of a tenant.
    pub const MOST: usize = 200;

    /// Tells whether it has to do with versions for a channel.
    pub fn meets(&self, channel: PromptChannel) -> bool {
        self.content.raw().channel.meets(channel)
    }

    /// Tells whether it must be green before a version is published.
    pub fn is_blocking(&self) -> bool {
        self.content.raw().weight == ExampleWeight::Blocking
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn line(author: LineAuthor, text: &str) -> ExampleLine {
        ExampleLine { author, text: text.into() }
    }

    fn raw() -> RawExample {
        RawExample {
            name: "Leak".into(),
            channel: PromptChannel::Sms,
            transcript: vec![
                line(LineAuthor::Bot, "Hi"),
                line(LineAuthor::Contact, "Ann here, +15551230000"),
            ],
            expectations: vec![Expectation::MustHandOff],
            weight: ExampleWeight::Blocking,
            source: ExampleSource::ByHand,
        }
    }

    fn refused(raw: RawExample) -> &'static str {
        match ExampleContent::parse(raw, &[]) {
            Err(PromptError::Invalid { field, .. }) => field,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn there_is_something_to_answer_and_something_to_expect() {
        assert!(ExampleContent::parse(raw(), &[]).is_ok());
        assert_eq!(refused(RawExample { transcript: vec![], ..raw() }), "transcript");
        let answered = vec![line(LineAuthor::Contact, "Hi"), line(LineAuthor::Bot, "Hi")];
        assert_eq!(refused(RawExample { transcript: answered, ..raw() }), "transcript");
        assert_eq!(refused(RawExample { expectations: vec![], ..raw() }), "expectations");
        assert_eq!(refused(RawExample { name: " ".into(), ..raw() }), "name");
    }

    #[test]
    fn everything_is_bounded() {
        let many = vec![line(LineAuthor::Contact, "Hi"); 101];
        assert_eq!(refused(RawExample { transcript: many, ..raw() }), "transcript");
        let long = vec![line(LineAuthor::Contact, &"x".repeat(4_001))];
        assert_eq!(refused(RawExample { transcript: long, ..raw() }), "transcript");
        let greedy = vec![Expectation::MustHandOff; 21];
        assert_eq!(refused(RawExample { expectations: greedy, ..raw() }), "expectations");
    }

    #[test]
    fn what_was_said_names_nobody() {
        let source = ExampleSource::Conversation(ConversationId::new(Uuid::nil()));
        let said = ExampleContent::parse(RawExample { source, ..raw() }, &["Ann".into()]).unwrap();
        assert_eq!(said.raw().transcript[1].text, "[name] here, [phone]");
        assert!(said.is_redacted());
        let made_up = ExampleContent::parse(raw(), &["Ann".into()]).unwrap();
        assert_eq!(made_up.raw().transcript[1].text, "Ann here, +15551230000");
    }
}
