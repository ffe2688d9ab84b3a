//! Where domains meet that know nothing of one another: the ports of one, implemented with another.

use async_trait::async_trait;
use conversation::{Brief, Composed, Composer};
use kernel::StoreError;
use prompt::{
    Business, Canary, Composition, ContactFacts, Facts, Parts, ProductionPrompts, Templates, TokenBudget,
    ToolLine,
};
use tenancy::TenantScope;

/// Writes what the model is told, from prompts.
#[derive(Default)]
pub struct PromptComposer {
    templates: Templates,
}

#[async_trait]
impl Composer for PromptComposer {
    async fn compose(&self, _scope: &TenantScope, brief: &Brief<'_>) -> Result<Composed, StoreError> {
        let contact = ContactFacts {
            name: brief.contact_name.map(str::to_owned),
            language: brief.language.map(str::to_owned),
        };
        let business = Business { name: brief.tenant.name(), profile: brief.business };
        let line = |tool: &conversation::ToolSpec| ToolLine {
            name: tool.name.to_owned(),
            description: tool.description.to_owned(),
        };
        let tools: Vec<_> = brief.tools.iter().map(line).collect();
        let canary = Canary::parse(brief.canary).ok_or_else(|| StoreError::Corrupt("no canary".into()))?;
        let budget = TokenBudget::default();
        let parts = Parts {
            prompts: &ProductionPrompts::default(),
            profile: None,
            facts: &Facts::of(business, &contact, brief.channel.into(), brief.now),
            knowledge: &[],
            tools: &tools,
            canary: &canary,
            budget,
        };
        let composed =
            Composition::of(&parts, &self.templates).map_err(|error| StoreError::Corrupt(error.into()))?;
        Ok(Composed {
            instructions: composed.text(),
            settings: conversation::ModelSettings::default(),
            transcript_tokens: budget.history,
        })
    }
}
