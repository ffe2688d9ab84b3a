//! Values for tests: the same in every run.

use chrono::{DateTime, TimeDelta};
use kernel::{AiProfileId, ExampleId, ExampleRunId, ModelProvider, PromptVersionId, Timestamp};
use tenancy::TenantScope;
use uuid::Uuid;

use crate::{
    AiProfile, AiRole, Check, Example, ExampleContent, ExampleLine, ExampleResult, ExampleSource,
    ExampleWeight, Expectation, LineAuthor, ModelSettings, NewDraft, Outcome, PromptChannel, PromptContent,
    PromptVersion, RawExample, RawSection, Rehearsed, SystemPrompt, Temperature, ToolCall, Verdict,
};

/// Returns an id in the shape of `UUIDv7`; a greater number gives a greater id.
pub fn id(number: u32) -> Uuid {
    Uuid::from_u128((u128::from(number) << 80) | (0x7 << 76) | (0x2 << 62))
}

/// Returns a moment so many seconds after a fixed one, with microseconds that a store must keep.
pub fn at(seconds: i64) -> Timestamp {
    let start = DateTime::from_timestamp(1_793_631_600, 123_456_000).unwrap_or_default();
    start + TimeDelta::seconds(seconds)
}

/// Returns a section.
pub fn section(key: &str, order: i32, content: &str) -> RawSection {
    RawSection { key: key.to_owned(), order, content: content.to_owned() }
}

/// Returns content of these sections and a closing text.
pub fn content(sections: &[(&str, i32, &str)], suffix: Option<&str>) -> PromptContent {
    let sections = sections.iter().map(|&(key, order, content)| section(key, order, content)).collect();
    PromptContent::from_stored(sections, suffix.map(str::to_owned))
}

/// Returns a draft with two sections, made so many seconds after the fixed moment as its number says.
pub fn draft(number: u32, channel: PromptChannel) -> NewDraft {
    let suffix = (channel != PromptChannel::All).then_some("Schöne Grüße 👋");
    let greeting = format!("Hello from {number},\n{{{{ business.name }}}}");
    NewDraft {
        id: PromptVersionId::new(id(number)),
        channel,
        content: content(&[("greeting", 10, &greeting), ("rules", -5, "Be kind.")], suffix),
        note: format!("Draft {number}: „kurz“"),
        based_on: (number > 1).then_some(number),
        created_at: at(i64::from(number)),
    }
}

/// Returns a profile of the scope's tenant in which everything is said, and which is not the default.
pub fn profile(scope: &TenantScope, number: u32) -> AiProfile {
    AiProfile {
        id: AiProfileId::new(id(number)),
        tenant_id: scope.tenant_id(),
        name: format!("Ännchen {number}"),
        role: AiRole::Dispatcher,
        settings: ModelSettings {
            providers: vec![ModelProvider::OpenAi, ModelProvider::Gemini],
            model: Some("gemini-2.5-flash".to_owned()),
            temperature: Temperature::from_hundredths(70),
            max_tokens: Some(900),
        },
        system_prompt: SystemPrompt::from_stored("You answer for {{ business.name }}.\nBe brief.".to_owned()),
        is_default: false,
        created_at: at(i64::from(number)),
        version: 0,
    }
}

/// Returns a blocking example of the scope's tenant.
pub fn example(scope: &TenantScope, number: u32, channel: PromptChannel) -> Example {
    let line = |author, text: &str| ExampleLine { author, text: text.to_owned() };
    Example {
        id: ExampleId::new(id(number)),
        tenant_id: scope.tenant_id(),
        content: ExampleContent::from_stored(RawExample {
            name: format!("Leak {number}"),
            channel,
            transcript: vec![
                line(LineAuthor::Bot, "Hallo, wie geht’s?"),
                line(LineAuthor::Contact, "My pipe leaks"),
            ],
            expectations: vec![
                Expectation::MustMention("plumber".to_owned()),
                Expectation::Judged("It is kind".to_owned()),
                Expectation::MustHandOff,
            ],
            weight: ExampleWeight::Blocking,
            source: ExampleSource::ByHand,
        }),
        created_at: at(i64::from(number)),
        version: 0,
    }
}

/// Returns what came of an example on a version, at so many seconds after the fixed moment.
pub fn result(run: u32, example: &Example, version: &PromptVersion, seconds: i64) -> ExampleResult {
    let check = Check {
        expectation: Expectation::MustMention("plumber".to_owned()),
        outcome: Outcome::Met,
        reason: "because – so".to_owned(),
    };
    let call = ToolCall { name: "book".to_owned(), arguments: serde_json::json!({"when": ["now", 1]}) };
    ExampleResult {
        run_id: ExampleRunId::new(id(run)),
        example_id: example.id,
        example_version: example.version,
        prompt_version_id: version.id(),
        content_digest: version.digest(),
        verdict: Verdict::Green,
        checks: vec![check],
        answer: Some(Rehearsed {
            text: "A plumber comes".to_owned(),
            tool_calls: vec![call],
            handed_off: true,
        }),
        at: at(seconds),
    }
}
