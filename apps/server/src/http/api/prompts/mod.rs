//! What the receptionist is told: a tenant's versions of prompts.

pub mod change;
pub mod compose;
pub mod diff;
pub mod draft;
pub mod get;
pub mod list;
pub mod publish;
pub mod roll_back;
pub mod run_examples;
pub mod runs;
pub mod submit;
pub mod test;

use chrono::{DateTime, Utc};
use prompt::{DraftContent, PromptVersion, RawSection, Section, VersionSummary};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A section of a version.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SectionBody {
    /// What it is called; a tenant's section takes the place of the platform's with the same key.
    key: String,
    /// Where it stands: lower comes first.
    order: i32,
    /// The text, a template.
    content: String,
}

impl From<SectionBody> for RawSection {
    fn from(section: SectionBody) -> Self {
        Self { key: section.key, order: section.order, content: section.content }
    }
}

impl From<&Section> for SectionBody {
    fn from(section: &Section) -> Self {
        Self { key: section.key().to_owned(), order: section.order(), content: section.content().to_owned() }
    }
}

/// What a draft is to say, or from which version it is made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftPrompt {
    /// `all`, `chat`, `sms`, `voice`, `whatsapp` or `email`. Leave it out with `from`.
    pub channel: Option<String>,
    /// The sections.
    #[serde(default)]
    pub sections: Vec<SectionBody>,
    /// The closing text of the channel, a template.
    pub suffix: Option<String>,
    /// What its author says about it.
    #[serde(default)]
    pub note: String,
    /// The version whose words the draft begins with, alone.
    pub from: Option<Uuid>,
}

/// What of a draft is to change; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePrompt {
    /// The revision that you have read.
    pub revision: i64,
    /// All of the sections.
    sections: Option<Vec<SectionBody>>,
    /// The closing text of the channel; empty for none.
    suffix: Option<String>,
    /// What its author says about it.
    note: Option<String>,
}

impl ChangePrompt {
    /// Returns what the draft is to say, given what it says now.
    pub fn content(self, now: &PromptVersion) -> DraftContent {
        let kept = || {
            let raw = |section| RawSection::from(SectionBody::from(section));
            now.content().sections().iter().map(raw).collect()
        };
        let sections = self.sections.map(|all| all.into_iter().map(RawSection::from).collect());
        DraftContent {
            sections: sections.unwrap_or_else(kept),
            suffix: self.suffix.or_else(|| now.content().suffix().map(str::to_owned)),
            note: self.note.unwrap_or_else(|| now.stored().note.clone()),
        }
    }
}

/// A version of a prompt, as lists show it.
#[derive(Debug, Serialize, ToSchema)]
pub struct PromptSummary {
    /// The version's id.
    id: Uuid,
    /// `all`, `chat`, `sms`, `voice`, `whatsapp` or `email`.
    channel: &'static str,
    /// Its number among those of the same owner and channel.
    number: u32,
    /// `draft`, `testing`, `production` or `retired`.
    status: &'static str,
    /// What its author says about it.
    note: String,
    /// The number of the version that it was made from.
    based_on: Option<u32>,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it was last changed.
    changed_at: DateTime<Utc>,
    /// When it last came into production.
    published_at: Option<DateTime<Utc>>,
    /// Counts the changes; a change of a draft names the one that it has read.
    revision: i64,
}

impl From<VersionSummary> for PromptSummary {
    fn from(version: VersionSummary) -> Self {
        Self {
            id: version.id.uuid(),
            channel: version.channel.as_str(),
            number: version.number,
            status: version.status.as_str(),
            note: version.note,
            based_on: version.based_on,
            created_at: version.created_at,
            changed_at: version.changed_at,
            published_at: version.published_at,
            revision: version.revision,
        }
    }
}

/// A version of a prompt.
#[derive(Debug, Serialize, ToSchema)]
pub struct PromptBody {
    /// What lists show of it, too.
    #[serde(flatten)]
    summary: PromptSummary,
    /// The sections, in order.
    sections: Vec<SectionBody>,
    /// The closing text of the channel.
    suffix: Option<String>,
    /// The SHA-256 of what it says.
    digest: String,
}

impl From<PromptVersion> for PromptBody {
    fn from(version: PromptVersion) -> Self {
        Self {
            summary: version.summary().into(),
            sections: version.content().sections().iter().map(SectionBody::from).collect(),
            suffix: version.content().suffix().map(str::to_owned),
            digest: version.digest(),
        }
    }
}
