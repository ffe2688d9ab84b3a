//! How a row holds a version of a prompt.

use diesel::Queryable;
use kernel::{PromptVersionId, StoreError};
use prompt::{
    PromptChannel, PromptContent, PromptOwner, PromptVersion, RawSection, StoredVersion, VersionStatus,
    VersionSummary,
};

use crate::{
    errors::corrupt,
    types::{Id, Ts},
};

/// A whole version, as it is selected.
#[derive(Queryable)]
pub(crate) struct VersionRow {
    summary: SummaryRow,
    sections: String,
    suffix: Option<String>,
}

impl VersionRow {
    /// Reads a version of this owner.
    pub(crate) fn read(self, owner: PromptOwner) -> Result<PromptVersion, StoreError> {
        let content = PromptContent::from_stored(sections_from(&self.sections)?, self.suffix);
        Ok(version_of(owner, self.summary.read()?, content))
    }
}

/// Puts a version of this owner together.
pub(crate) fn version_of(
    owner: PromptOwner,
    summary: VersionSummary,
    content: PromptContent,
) -> PromptVersion {
    let VersionSummary {
        id,
        channel,
        number,
        status,
        note,
        based_on,
        created_at,
        changed_at,
        published_at,
        revision,
    } = summary;
    PromptVersion::from_stored(StoredVersion {
        id,
        owner,
        channel,
        number,
        status,
        content,
        note,
        based_on,
        created_at,
        changed_at,
        published_at,
        revision,
    })
}

/// What a list shows of a version, as it is selected.
#[derive(Queryable)]
pub(crate) struct SummaryRow {
    id: Id,
    channel: String,
    number: i32,
    status: String,
    note: String,
    based_on: Option<i32>,
    created_at: Ts,
    changed_at: Ts,
    published_at: Option<Ts>,
    revision: i64,
}

impl SummaryRow {
    /// Reads what a list shows.
    pub(crate) fn read(self) -> Result<VersionSummary, StoreError> {
        let number = |number: i32| u32::try_from(number).map_err(|_| corrupt("number of a version"));
        Ok(VersionSummary {
            id: PromptVersionId::new(self.id.0),
            channel: PromptChannel::from_name(&self.channel).ok_or_else(|| corrupt("channel of a prompt"))?,
            number: number(self.number)?,
            status: VersionStatus::from_name(&self.status).ok_or_else(|| corrupt("status of a version"))?,
            note: self.note,
            based_on: self.based_on.map(number).transpose()?,
            created_at: self.created_at.0,
            changed_at: self.changed_at.0,
            published_at: self.published_at.map(|at| at.0),
            revision: self.revision,
        })
    }
}

/// A version's sections as a row holds them: a list of key, order and text.
pub(crate) fn sections_of(content: &PromptContent) -> Result<String, StoreError> {
    let sections = content.sections().iter();
    let parts: Vec<_> = sections.map(|section| (section.key(), section.order(), section.content())).collect();
    serde_json::to_string(&parts).map_err(|error| StoreError::Corrupt(error.into()))
}

fn sections_from(stored: &str) -> Result<Vec<RawSection>, StoreError> {
    let parts: Vec<(String, i32, String)> = serde_json::from_str(stored).map_err(|_| corrupt("section"))?;
    Ok(parts.into_iter().map(|(key, order, content)| RawSection { key, order, content }).collect())
}
