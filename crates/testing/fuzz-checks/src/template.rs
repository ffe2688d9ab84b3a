//! Prompt templates: what was taken in can always be filled in, within bounds, and facts stay data.

use std::thread;

use kernel::{PromptVersionId, Timestamp};
use prompt::{
    Business, Canary, Composition, ContactFacts, Facts, NewDraft, Origin, Parts, ProductionPrompts,
    PromptChannel, PromptContent, PromptError, PromptOwner, PromptVersion, RawSection, Section, Templates,
    TokenBudget,
};
use tenancy::BusinessProfile;
use uuid::Uuid;

/// The most bytes that a text becomes.
const MOST_OUTPUT: usize = 64_000;
/// What a worker's thread has: deep templates must not need more.
const STACK: usize = 2 * 1_024 * 1_024;
/// A name without a meaning to the engine, and one of the same length that looks like a tag.
const NAME: &str = "Qzmarkq";
const TAG: &str = "{{now}}";

/// Checks how a template is taken in and filled in. The bytes are the template.
pub fn check_template(data: &[u8]) {
    let source = String::from_utf8_lossy(data).into_owned();
    let checked = thread::Builder::new().stack_size(STACK).spawn(move || check(&source));
    assert!(checked.is_ok_and(|thread| thread.join().is_ok()), "the check of a template has failed");
}

fn check(source: &str) {
    match parse(source) {
        Ok(content) => check_content(source, &content),
        Err(PromptError::InvalidContent(faults)) => {
            let lines = source.lines().count().max(1) + 1;
            assert!((1..=100).contains(&faults.len()));
            assert!(faults.iter().all(|fault| (1..=lines).contains(&fault.line)), "{faults:?}");
        }
        Err(other) => assert!(other.to_string().is_empty(), "refused for another reason: {other}"),
    }
}

fn check_content(source: &str, content: &PromptContent) {
    assert!(source.chars().count() <= Section::MAX_CONTENT);
    let again = PromptContent::from_stored(vec![raw(source)], None);
    assert_eq!((&again, again.digest()), (content, content.digest()), "what is stored reads back");
    let templates = Templates::default();
    for (business, name) in [("", None), ("Ann's Plumbing", Some(NAME)), ("{% if 1 %}", Some(TAG))] {
        let text = render(content, business, name, &templates);
        assert!(text.len() <= MOST_OUTPUT, "{} bytes", text.len());
        assert_eq!(text, text.trim());
        assert_eq!(text, render(content, business, name, &templates), "with what was kept");
        assert_eq!(text, render(content, business, name, &Templates::default()), "with nothing kept");
        if !["{{", "{%", "{#"].iter().any(|tag| source.contains(tag)) {
            assert_eq!(text, source.trim(), "a text without tags is itself");
        }
    }
    if is_plainly_filled_in(source) {
        let (with_name, with_tag) =
            [NAME, TAG].map(|name| render(content, "Ann", Some(name), &templates)).into();
        assert_eq!(with_name.replace(NAME, TAG), with_tag, "a value that looks like a tag is data");
    }
}

/// Tells whether nothing in the template looks at what a fact says.
fn is_plainly_filled_in(source: &str) -> bool {
    let decides = source.contains(['|', '%', '=']) || source.contains(NAME);
    !decides && !source.split(|letter: char| !letter.is_alphanumeric()).any(|word| word == "in")
}

fn raw(source: &str) -> RawSection {
    RawSection { key: "text".to_owned(), order: 1, content: source.to_owned() }
}

fn parse(source: &str) -> Result<PromptContent, PromptError> {
    PromptContent::parse(PromptChannel::Sms, vec![raw(source)], None)
}

/// Returns what the section becomes; it is empty where it is left out.
fn render(content: &PromptContent, business: &str, name: Option<&str>, templates: &Templates) -> String {
    let profile = BusinessProfile {
        description: "Pipes.\nBoilers.\n".repeat(200),
        services: vec!["drains".to_owned(), "boilers".to_owned(), business.to_owned()],
        ..BusinessProfile::default()
    };
    let contact = ContactFacts { name: name.map(str::to_owned), language: None };
    let business = Business { name: business, profile: &profile };
    let facts = Facts::of(business, &contact, PromptChannel::Sms, Timestamp::UNIX_EPOCH);
    let prompts = ProductionPrompts { base_channel: Some(version(content)), ..ProductionPrompts::default() };
    let Some(canary) = Canary::parse("k7Qm2xZp") else { return String::new() };
    let parts = Parts {
        prompts: &prompts,
        profile: None,
        facts: &facts,
        knowledge: &[],
        tools: &[],
        canary: &canary,
        budget: TokenBudget { instructions: usize::MAX, history: 0 },
    };
    let composed = Composition::of(&parts, templates);
    assert!(composed.is_ok(), "what was taken in can be filled in: {composed:?}");
    let parts = composed.map(|composed| composed.parts().to_vec()).unwrap_or_default();
    let section = parts.iter().find(|part| matches!(part.origin, Origin::Section { .. }));
    section.map(|part| part.text.to_string()).unwrap_or_default()
}

fn version(content: &PromptContent) -> PromptVersion {
    let draft = NewDraft {
        id: PromptVersionId::new(Uuid::nil()),
        channel: PromptChannel::Sms,
        content: content.clone(),
        note: String::new(),
        based_on: None,
        created_at: Timestamp::UNIX_EPOCH,
    };
    PromptVersion::draft(PromptOwner::Platform, 1, draft)
}
