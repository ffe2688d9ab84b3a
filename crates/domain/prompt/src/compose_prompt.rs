//! Prepares what the model is told for a turn, or for a look at a version that is not in production.

use std::sync::Arc;

use kernel::{PromptVersionId, StoreError, Timestamp};
use tenancy::TenantScope;

use crate::{
    AiProfile, AiProfileStore, Business, Canary, Composed, Composition, ContactFacts, Facts, ModelSettings,
    Parts, ProductionPrompts, PromptChannel, PromptError, PromptStore, PromptVersion, Templates, TokenBudget,
    ToolLine,
};

/// What of a turn a prompt is made from.
#[derive(Clone, Copy, Debug)]
pub struct ComposeRequest<'a> {
    /// The channel.
    pub channel: PromptChannel,
    /// The business.
    pub business: Business<'a>,
    /// The contact.
    pub contact: &'a ContactFacts,
    /// Passages that may answer, best first.
    pub knowledge: &'a [String],
    /// What the model can do.
    pub tools: &'a [ToolLine],
    /// What tells a leak.
    pub canary: &'a Canary,
    /// How long it may become.
    pub budget: TokenBudget,
    /// The moment.
    pub now: Timestamp,
}

/// What a model is told and how it is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreparedPrompt {
    /// What it is told.
    pub composed: Composed,
    /// How it is set.
    pub settings: ModelSettings,
}

/// Prepares prompts. It keeps compiled texts, so share one.
pub struct ComposePrompt {
    prompts: Arc<dyn PromptStore>,
    profiles: Arc<dyn AiProfileStore>,
    templates: Templates,
}

impl ComposePrompt {
    /// Makes the use case.
    pub fn new(prompts: Arc<dyn PromptStore>, profiles: Arc<dyn AiProfileStore>) -> Self {
        Self { prompts, profiles, templates: Templates::default() }
    }

    /// Prepares what the model is told in a turn.
    ///
    /// # Errors
    /// [`PromptError::Render`] when a text cannot be filled in, or when a store fails.
    pub async fn for_turn(
        &self,
        scope: &TenantScope,
        request: &ComposeRequest<'_>,
    ) -> Result<PreparedPrompt, PromptError> {
        let prompts = self.prompts.find_production(scope, request.channel).await?;
        self.prepare(scope, &prompts, request).await
    }

    /// Prepares what the model would be told if one of the tenant's versions were in production, whatever its status.
    ///
    /// # Errors
    /// [`PromptError::NotFound`] when the tenant has no such version; [`PromptError::Invalid`] when it is for another
    /// channel; or as [`for_turn`](ComposePrompt::for_turn).
    pub async fn preview(
        &self,
        scope: &TenantScope,
        version: PromptVersionId,
        request: &ComposeRequest<'_>,
    ) -> Result<PreparedPrompt, PromptError> {
        let found = self.prompts.find(scope, version).await?;
        let version = found.ok_or(PromptError::NotFound { what: "prompt version" })?;
        self.with(scope, version, request).await
    }

    /// Prepares what the model would be told if a version that was read already were in production.
    pub(crate) async fn with(
        &self,
        scope: &TenantScope,
        version: PromptVersion,
        request: &ComposeRequest<'_>,
    ) -> Result<PreparedPrompt, PromptError> {
        let mut prompts = self.prompts.find_production(scope, request.channel).await?;
        let place = match version.channel() {
            PromptChannel::All => &mut prompts.tenant_all,
            channel if channel == request.channel => &mut prompts.tenant_channel,
            channel => {
                let message = format!("this version is for {}; ask for that channel", channel.as_str());
                return Err(PromptError::Invalid { field: "channel", message });
            }
        };
        *place = Some(version);
        self.prepare(scope, &prompts, request).await
    }

    /// Returns how the tenant wants its model used.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn settings(&self, scope: &TenantScope) -> Result<ModelSettings, StoreError> {
        let profile = self.profiles.find_default(scope).await?;
        Ok(profile.map(|AiProfile { settings, .. }| settings).unwrap_or_default())
    }

    async fn prepare(
        &self,
        scope: &TenantScope,
        prompts: &ProductionPrompts,
        request: &ComposeRequest<'_>,
    ) -> Result<PreparedPrompt, PromptError> {
        let profile = self.profiles.find_default(scope).await?;
        let facts = Facts::of(request.business, request.contact, request.channel, request.now);
        let parts = Parts {
            prompts,
            profile: profile.as_ref(),
            facts: &facts,
            knowledge: request.knowledge,
            tools: request.tools,
            canary: request.canary,
            budget: request.budget,
        };
        let composed = Composition::of(&parts, &self.templates)?;
        let settings = profile.map(|AiProfile { settings, .. }| settings).unwrap_or_default();
        Ok(PreparedPrompt { composed, settings })
    }
}
