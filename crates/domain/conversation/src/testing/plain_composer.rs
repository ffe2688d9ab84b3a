//! A composer that writes down what it was told.

use async_trait::async_trait;
use kernel::StoreError;
use tenancy::TenantScope;

use crate::{Brief, Composed, Composer, ModelSettings};

/// A composer that writes down what it was told, a line each.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlainComposer;

impl PlainComposer {
    /// How many tokens a transcript may take.
    pub const TRANSCRIPT_TOKENS: usize = 8_000;
}

#[async_trait]
impl Composer for PlainComposer {
    async fn compose(&self, _scope: &TenantScope, brief: &Brief<'_>) -> Result<Composed, StoreError> {
        let tools: Vec<_> = brief.tools.iter().map(|tool| tool.name).collect();
        let lines = [
            format!("business: {}", brief.tenant.name()),
            format!("contact: {}", brief.contact_name.unwrap_or_default()),
            format!("language: {}", brief.language.unwrap_or_default()),
            format!("tools: {}", tools.join(" ")),
            format!("secret: {}", brief.canary),
        ];
        Ok(Composed {
            instructions: lines.join("\n"),
            settings: ModelSettings::default(),
            transcript_tokens: Self::TRANSCRIPT_TOKENS,
        })
    }

    async fn settings(&self, _scope: &TenantScope) -> Result<ModelSettings, StoreError> {
        Ok(ModelSettings::default())
    }
}
