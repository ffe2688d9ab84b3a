//! What an answer must be like.

use crate::{PromptError, Rehearsed};

/// What an answer must be like.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Expectation {
    /// It says this.
    MustMention(String),
    /// It does not say this.
    MustNotMention(String),
    /// This tool is called.
    MustCallTool(String),
    /// This tool is not called.
    MustNotCallTool(String),
    /// The conversation goes to a person.
    MustHandOff,
    /// A model that reads the answer says yes to this.
    Judged(String),
}

impl Expectation {
    /// The longest text, in characters.
    pub const MAX_TEXT: usize = 500;

    /// Reads an expectation by the name of its kind and what it is about.
    ///
    /// # Errors
    /// [`PromptError::Invalid`] when there is no such kind, or it needs a text, or none.
    pub fn parse(kind: &str, text: Option<&str>) -> Result<Self, PromptError> {
        let invalid = |message: String| PromptError::Invalid { field: "expectations", message };
        let needed = || match text.map(str::trim) {
            Some(text) if (1..=Self::MAX_TEXT).contains(&text.chars().count()) => Ok(text.to_owned()),
            _ => Err(invalid(format!("{kind} needs a text of 1 to {} characters", Self::MAX_TEXT))),
        };
        match kind {
            "must_mention" => needed().map(Self::MustMention),
            "must_not_mention" => needed().map(Self::MustNotMention),
            "must_call_tool" => needed().map(Self::MustCallTool),
            "must_not_call_tool" => needed().map(Self::MustNotCallTool),
            "judged" => needed().map(Self::Judged),
            "must_hand_off" if text.is_none() => Ok(Self::MustHandOff),
            "must_hand_off" => Err(invalid("must_hand_off needs no text".to_owned())),
            _ => Err(invalid(
                "expect must_mention, must_not_mention, must_call_tool, must_not_call_tool, \
                              must_hand_off or judged"
                    .to_owned(),
            )),
        }
    }

    /// Returns the name of the kind on the wire and in stores.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::MustMention(_) => "must_mention",
            Self::MustNotMention(_) => "must_not_mention",
            Self::MustCallTool(_) => "must_call_tool",
            Self::MustNotCallTool(_) => "must_not_call_tool",
            Self::MustHandOff => "must_hand_off",
            Self::Judged(_) => "judged",
        }
    }

    /// Returns what it is about.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::MustMention(text)
            | Self::MustNotMention(text)
            | Self::MustCallTool(text)
            | Self::MustNotCallTool(text)
            | Self::Judged(text) => Some(text),
            Self::MustHandOff => None,
        }
    }

    /// Looks at an answer; `None` where only a model can tell.
    pub(crate) fn is_met_by(&self, answer: &Rehearsed) -> Option<bool> {
        let is_called = |name: &String| answer.tool_calls.iter().any(|call| call.name == *name);
        Some(match self {
            Self::MustMention(text) => mentions(&answer.text, text),
            Self::MustNotMention(text) => !mentions(&answer.text, text),
            Self::MustCallTool(name) => is_called(name),
            Self::MustNotCallTool(name) => !is_called(name),
            Self::MustHandOff => answer.handed_off,
            Self::Judged(_) => return None,
        })
    }
}

/// Tells whether a text holds another, in whatever letter case and however many blanks stand between its words.
pub fn mentions(text: &str, sought: &str) -> bool {
    let plain = |text: &str| text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    plain(text).contains(&plain(sought))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ToolCall;

    #[test]
    fn a_mention_is_found_in_any_letter_case_and_spacing() {
        assert!(mentions("We open\n at  NINE.", "open at nine"));
        assert!(mentions("GRÜSSE aus KÖLN", "grüsse aus köln"));
        assert!(!mentions("We open at ten", "open at nine"));
    }

    #[test]
    fn every_kind_is_read_back() {
        let text = Some("x");
        for kind in ["must_mention", "must_not_mention", "must_call_tool", "must_not_call_tool", "judged"] {
            let read = Expectation::parse(kind, text).unwrap();
            assert_eq!((read.kind(), read.text()), (kind, text));
            assert!(Expectation::parse(kind, None).is_err());
            assert!(Expectation::parse(kind, Some(&"x".repeat(501))).is_err());
        }
        assert_eq!(Expectation::parse("must_hand_off", None).unwrap(), Expectation::MustHandOff);
        assert!(Expectation::parse("must_hand_off", text).is_err());
        assert!(Expectation::parse("must_sing", text).is_err());
    }

    #[test]
    fn an_answer_is_looked_at_by_words_tools_and_hand_off() {
        let call = ToolCall { name: "book".into(), arguments: serde_json::json!({}) };
        let answer = Rehearsed { text: "Booked!".into(), tool_calls: vec![call], handed_off: false };
        let met = |kind, text| Expectation::parse(kind, text).unwrap().is_met_by(&answer);
        assert_eq!(met("must_mention", Some("booked")), Some(true));
        assert_eq!(met("must_not_mention", Some("booked")), Some(false));
        assert_eq!(met("must_call_tool", Some("book")), Some(true));
        assert_eq!(met("must_not_call_tool", Some("book")), Some(false));
        assert_eq!(met("must_hand_off", None), Some(false));
        assert_eq!(met("judged", Some("is it kind?")), None);
    }
}
