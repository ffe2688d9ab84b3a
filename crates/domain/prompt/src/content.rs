//! What a version says: its sections and the closing text of its channel.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    ContentFault, PromptChannel, PromptError,
    digest::Fields,
    template::{Template, TemplateFault},
};

/// A section as somebody wrote it, not yet looked at.
#[derive(Clone, PartialEq, Eq)]
pub struct RawSection {
    /// What the section is called; a section of a tenant takes the place of the base's with the same key.
    pub key: String,
    /// Where it stands: lower comes first, equal ones go by key.
    pub order: i32,
    /// The text, a template.
    pub content: String,
}

/// Shows no content: prompts do not belong into logs.
impl std::fmt::Debug for RawSection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RawSection({}, {} bytes)", self.order, self.content.len())
    }
}

/// A named piece of a prompt.
#[derive(Clone, PartialEq, Eq)]
pub struct Section {
    key: Arc<str>,
    order: i32,
    content: String,
}

impl Section {
    /// The longest key, in characters.
    pub const MAX_KEY: usize = 64;
    /// The longest content, in characters.
    pub const MAX_CONTENT: usize = 16_000;

    /// Returns what the section is called.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Returns what the section is called, to be kept beside what became of it.
    pub(crate) fn shared_key(&self) -> Arc<str> {
        Arc::clone(&self.key)
    }

    /// Returns where it stands.
    pub fn order(&self) -> i32 {
        self.order
    }

    /// Returns the text, a template.
    pub fn content(&self) -> &str {
        &self.content
    }

    fn parse(raw: RawSection) -> Result<Self, Vec<ContentFault>> {
        if !is_key(&raw.key) {
            let shown: String = raw.key.chars().filter(|c| !c.is_control()).take(Section::MAX_KEY).collect();
            let message = "name a section by 1 to 64 of a-z, 0-9, - and _, beginning with a letter";
            return Err(vec![ContentFault::new(&shown, 1, message)]);
        }
        check_text(&raw.key, &raw.content, Self::MAX_CONTENT)?;
        Ok(Self { key: raw.key.into(), order: raw.order, content: raw.content })
    }
}

/// Shows no content: prompts do not belong into logs.
impl std::fmt::Debug for Section {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Section({}, {}, {} bytes)", self.key, self.order, self.content.len())
    }
}

/// What a version says. The sections are in order, and their keys differ. Clones share them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PromptContent {
    sections: Arc<[Section]>,
    suffix: Option<Suffix>,
}

/// A closing text, which debug output does not show.
#[derive(Clone, PartialEq, Eq)]
struct Suffix(String);

impl std::fmt::Debug for Suffix {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Suffix({} bytes)", self.0.len())
    }
}

impl PromptContent {
    /// The most sections.
    pub const MAX_SECTIONS: usize = 1_000;
    /// The most characters of all sections and the suffix together.
    pub const MAX_TOTAL: usize = 400_000;

    /// Takes content in for a channel. An empty suffix is none.
    ///
    /// # Errors
    /// [`PromptError::InvalidContent`] with everything that is wrong: keys, lengths, templates that are not understood
    /// or name what there is not, a suffix of a version that is for all channels.
    pub fn parse(
        channel: PromptChannel,
        sections: Vec<RawSection>,
        suffix: Option<String>,
    ) -> Result<Self, PromptError> {
        let suffix = suffix.filter(|text| !text.trim().is_empty());
        let mut faults = faults_of_the_whole(channel, &sections, suffix.as_deref());
        if faults.is_empty() {
            faults.extend(faults_of_suffix(suffix.as_deref()));
        }
        let mut parsed = Vec::new();
        // Whoever sends more than may be gets told so, and no work is done on it.
        let looked_at = if faults.is_empty() { sections } else { Vec::new() };
        for raw in looked_at {
            match Section::parse(raw) {
                Ok(section) => parsed.push(section),
                Err(found) => faults.extend(found),
            }
        }
        if faults.is_empty() {
            Ok(Self::from_parsed(parsed, suffix))
        } else {
            faults.truncate(100);
            Err(PromptError::InvalidContent(faults))
        }
    }

    /// Rebuilds content from what a store kept.
    pub fn from_stored(sections: Vec<RawSection>, suffix: Option<String>) -> Self {
        let sections = sections
            .into_iter()
            .map(|RawSection { key, order, content }| Section { key: key.into(), order, content })
            .collect();
        Self::from_parsed(sections, suffix)
    }

    fn from_parsed(mut sections: Vec<Section>, suffix: Option<String>) -> Self {
        sections.sort_by(|one, other| (one.order, &one.key).cmp(&(other.order, &other.key)));
        Self { sections: sections.into(), suffix: suffix.map(Suffix) }
    }

    /// Returns the sections, by order and then by key.
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// Returns the closing text of the channel, a template.
    pub fn suffix(&self) -> Option<&str> {
        self.suffix.as_ref().map(|suffix| suffix.0.as_str())
    }

    /// Returns the SHA-256 over sections and suffix, in hexadecimal digits: equal content has equal digests.
    pub fn digest(&self) -> String {
        let fields = self.sections.iter().fold(Fields::of("prompt content"), |fields, section| {
            fields.and(&section.key).and(&section.order.to_string()).and(&section.content)
        });
        fields.and_maybe(self.suffix()).hex()
    }
}

/// Returns what is wrong with a text that is a template.
pub(crate) fn check_text(section: &str, text: &str, most: usize) -> Result<(), Vec<ContentFault>> {
    let length = text.chars().count();
    if length > most {
        let message = format!("write at most {most} characters; these are {length}");
        return Err(vec![ContentFault::new(section, 1, message)]);
    }
    let turn = |TemplateFault { line, message }| ContentFault::new(section, line, message);
    Template::compile(text).map(drop).map_err(|faults| faults.into_iter().map(turn).collect())
}

fn faults_of_the_whole(
    channel: PromptChannel,
    sections: &[RawSection],
    suffix: Option<&str>,
) -> Vec<ContentFault> {
    let mut faults = Vec::new();
    let mut complain = |section: &str, message: String| faults.push(ContentFault::new(section, 1, message));
    if sections.len() > PromptContent::MAX_SECTIONS {
        let most = PromptContent::MAX_SECTIONS;
        complain("sections", format!("write at most {most} sections; these are {}", sections.len()));
    }
    let texts = sections.iter().map(|section| section.content.as_str()).chain(suffix);
    let total: usize = texts.map(|text| text.chars().count()).sum();
    if total > PromptContent::MAX_TOTAL {
        let most = PromptContent::MAX_TOTAL;
        complain("sections", format!("write at most {most} characters in all; these are {total}"));
    }
    let mut keys = BTreeSet::new();
    for twice in sections.iter().map(|section| &section.key).filter(|key| !keys.insert(*key)) {
        if is_key(twice) {
            complain(twice, "two sections have this key; keep one".to_owned());
        }
    }
    if suffix.is_some() && channel == PromptChannel::All {
        complain("suffix", "a closing text belongs to one channel; leave it out here".to_owned());
    }
    faults
}

fn faults_of_suffix(suffix: Option<&str>) -> Vec<ContentFault> {
    let checked = suffix.map_or(Ok(()), |text| check_text("suffix", text, Section::MAX_CONTENT));
    checked.err().unwrap_or_default()
}

fn is_key(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    text.len() <= Section::MAX_KEY
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(key: &str, order: i32, content: &str) -> RawSection {
        RawSection { key: key.into(), order, content: content.into() }
    }

    fn faults(channel: PromptChannel, sections: Vec<RawSection>, suffix: Option<&str>) -> Vec<ContentFault> {
        match PromptContent::parse(channel, sections, suffix.map(str::to_owned)) {
            Err(PromptError::InvalidContent(faults)) => faults,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn sections_stand_by_order_and_then_by_key() {
        let sections = vec![raw("b", 2, ""), raw("c", 1, ""), raw("a", 2, "")];
        let content = PromptContent::parse(PromptChannel::All, sections, None).unwrap();
        let keys: Vec<_> = content.sections().iter().map(Section::key).collect();
        assert_eq!(keys, ["c", "a", "b"]);
    }

    #[test]
    fn keys_are_plain_and_differ() {
        for key in ["", "A", "1a", "a b", "ä", &"a".repeat(65)] {
            let found = faults(PromptChannel::All, vec![raw(key, 1, "")], None);
            assert!(found[0].message.contains("name a section"), "{key}: {found:?}");
        }
        let found = faults(PromptChannel::All, vec![raw("a", 1, ""), raw("a", 2, "")], None);
        assert_eq!((found[0].section.as_str(), found.len()), ("a", 1));
    }

    #[test]
    fn lengths_and_counts_are_bounded() {
        let long = "x".repeat(Section::MAX_CONTENT);
        assert!(PromptContent::parse(PromptChannel::All, vec![raw("a", 1, &long)], None).is_ok());
        let longer = raw("a", 1, &format!("{long}x"));
        assert!(faults(PromptChannel::All, vec![longer], None)[0].message.contains("at most 16000"));
        let many = (0..=1_000).map(|number| raw(&format!("s{number}"), 1, "")).collect();
        assert!(faults(PromptChannel::All, many, None)[0].message.contains("at most 1000 sections"));
        let much = (0..26).map(|number| raw(&format!("s{number}"), 1, &long)).collect();
        assert!(faults(PromptChannel::All, much, None)[0].message.contains("at most 400000"));
    }

    #[test]
    fn every_unknown_variable_is_named_with_section_and_line() {
        let sections = vec![raw("ok", 1, "Hi"), raw("bad", 2, "Hi\n{{ business.nme }}\n{{ foo }}")];
        let found = faults(PromptChannel::Sms, sections, None);
        let places: Vec<_> = found.iter().map(|fault| (fault.section.as_str(), fault.line)).collect();
        assert_eq!(places, [("bad", 2), ("bad", 3)]);
        assert!(found[0].message.contains("business.nme") && found[1].message.contains("foo"), "{found:?}");
    }

    #[test]
    fn a_suffix_belongs_to_one_channel_and_is_a_template() {
        assert_eq!(faults(PromptChannel::All, vec![], Some("Bye"))[0].section, "suffix");
        assert_eq!(faults(PromptChannel::Sms, vec![], Some("{{ nope }}"))[0].section, "suffix");
        let content = PromptContent::parse(PromptChannel::Sms, vec![], Some("Bye".into())).unwrap();
        assert_eq!(content.suffix(), Some("Bye"));
        let blank = PromptContent::parse(PromptChannel::All, vec![], Some(" \n".into())).unwrap();
        assert_eq!(blank.suffix(), None);
    }

    #[test]
    fn the_digest_tells_every_difference_and_no_order_of_writing() {
        let digest = |sections, suffix: Option<&str>| {
            PromptContent::parse(PromptChannel::Sms, sections, suffix.map(str::to_owned)).unwrap().digest()
        };
        let one = digest(vec![raw("a", 1, "x"), raw("b", 2, "y")], None);
        assert_eq!(one, digest(vec![raw("b", 2, "y"), raw("a", 1, "x")], None));
        assert_ne!(one, digest(vec![raw("a", 1, "x"), raw("b", 3, "y")], None));
        assert_ne!(one, digest(vec![raw("a", 1, "x"), raw("b", 2, "z")], None));
        assert_ne!(one, digest(vec![raw("a", 1, "x"), raw("b", 2, "y")], Some("y")));
    }

    #[test]
    fn debug_output_shows_no_content() {
        let content = PromptContent::from_stored(vec![raw("a", 1, "secret")], Some("hidden".into()));
        let shown = format!("{content:?} {:?}", raw("a", 1, "secret"));
        assert!(!shown.contains("secret") && !shown.contains("hidden"), "{shown}");
    }
}
