//! Where domains meet that know nothing of one another: the ports of one, implemented with another.

mod allowance;
mod rehearsal;
mod summary;

use std::sync::Arc;

use async_trait::async_trait;
use conversation::{
    Brief, CapturedField, Composed, Composer, NameSource, PendingEvent, TURN_COMMITTED, ToolSpec, TurnHeard,
};
use kernel::{PhoneNumber, StoreError, Timestamp};
use lead::{CaptureLead, CapturedFact, Confidence, FactSource, Field, Heard, HeardBy, LeadError, Said};
use prompt::{
    Business, Canary, ComposePrompt, ComposeRequest, ContactFacts, PromptError, TokenBudget, ToolLine,
};
use tenancy::{Address, ChannelBinding, ChannelStore, TenantScope, TenantStore};

pub use allowance::PlanAllowance;
pub use rehearsal::ModelRehearsal;
pub use summary::SummaryReaction;

use crate::{reactions::Reaction, telemetry::with_sources};

/// Writes what the model is told, from what is in production of prompts.
pub struct PromptComposer(pub Arc<ComposePrompt>);

#[async_trait]
impl Composer for PromptComposer {
    async fn compose(&self, scope: &TenantScope, brief: &Brief<'_>) -> Result<Composed, StoreError> {
        let contact = ContactFacts {
            name: brief.contact_name.map(str::to_owned),
            language: brief.language.map(str::to_owned),
        };
        let canary = Canary::parse(brief.canary).ok_or_else(|| StoreError::Corrupt("no canary".into()))?;
        let budget = TokenBudget::default();
        let request = ComposeRequest {
            channel: brief.channel.into(),
            business: Business { name: brief.tenant.name(), profile: brief.business },
            contact: &contact,
            knowledge: &[],
            tools: &tool_lines(brief.tools),
            canary: &canary,
            budget,
            now: brief.now,
        };
        let prepared = self.0.for_turn(scope, &request).await.map_err(|error| match error {
            PromptError::Store(error) => error,
            other => StoreError::Corrupt(other.into()),
        })?;
        Ok(Composed {
            instructions: prepared.composed.text(),
            settings: model_settings(prepared.settings),
            transcript_tokens: budget.history,
        })
    }

    async fn settings(&self, scope: &TenantScope) -> Result<conversation::ModelSettings, StoreError> {
        self.0.settings(scope).await.map(model_settings)
    }
}

/// Says in a prompt what a model can do.
pub(crate) fn tool_lines(tools: &[ToolSpec]) -> Vec<ToolLine> {
    let line =
        |tool: &ToolSpec| ToolLine { name: tool.name.to_owned(), description: tool.description.to_owned() };
    tools.iter().map(line).collect()
}

/// Says to a model how an AI profile sets it.
pub(crate) fn model_settings(settings: prompt::ModelSettings) -> conversation::ModelSettings {
    conversation::ModelSettings {
        providers: settings.providers,
        model: settings.model,
        temperature: settings.temperature.map(prompt::Temperature::hundredths),
        max_tokens: settings.max_tokens,
    }
}

/// Makes leads of what turns have heard.
pub struct LeadReaction {
    /// Makes leads.
    pub leads: CaptureLead,
    /// What the business is called.
    pub tenants: Arc<dyn TenantStore>,
    /// Which numbers are its own.
    pub channels: Arc<dyn ChannelStore>,
}

/// How sure a fact is that a model has understood.
const MODELS_CONFIDENCE: u8 = 80;

#[async_trait]
impl Reaction for LeadReaction {
    async fn react(&self, scope: &TenantScope, event: &PendingEvent) -> Result<(), StoreError> {
        if event.name != TURN_COMMITTED.name {
            return Ok(());
        }
        let Ok(told) = serde_json::from_str::<TurnHeard>(&event.private) else {
            tracing::error!(event.id = %event.id, "an event cannot be read; no lead is made of it");
            return Ok(());
        };
        let mut earlier = said(told.texts, &told.texts_at, event.at);
        let texts = earlier.split_off(told.earlier.min(earlier.len()));
        let heard = Heard {
            event_id: event.id,
            conversation_id: event.conversation_id,
            contact_id: event.contact_id,
            channel: event.channel,
            address: told.address,
            contact_name: told.contact_name.and_then(|(name, source)| Some((name, source_of(&source)?))),
            earlier,
            texts,
            captured: told.captured.into_iter().map(captured).collect(),
            business: self.business(scope, event).await?,
            at: event.at,
        };
        match self.leads.hear(scope, &heard).await {
            Ok(_) => Ok(()),
            Err(LeadError::Store(error)) => Err(error),
            Err(error) => {
                tracing::error!(event.id = %event.id, error = with_sources(&error), "no lead is made of an event");
                Ok(())
            }
        }
    }
}

impl LeadReaction {
    async fn business(&self, scope: &TenantScope, event: &PendingEvent) -> Result<HeardBy, StoreError> {
        let found = self.tenants.find_profile(scope).await?;
        let bindings = self.channels.list(scope).await?;
        let of_channel = bindings.iter().filter(|one| one.channel() == event.channel);
        let name = found.map(|(tenant, _)| tenant.name().to_owned()).unwrap_or_default();
        Ok(HeardBy::reached_at(name, phones_of(of_channel.chain(&bindings))))
    }
}

/// Returns the phones among a business's own addresses.
pub(crate) fn phones_of<'a>(bindings: impl Iterator<Item = &'a ChannelBinding>) -> Vec<PhoneNumber> {
    let phone = |binding: &ChannelBinding| match binding.address() {
        Address::Phone(number) => Some(number.clone()),
        Address::Session(_) | Address::Unreplyable(_) => None,
    };
    bindings.filter_map(phone).collect()
}

/// Puts texts and times together; an event of before they had times says when all of it was understood.
fn said(texts: Vec<String>, times: &[Timestamp], at: Timestamp) -> Vec<Said> {
    let times = times.iter().copied().chain(std::iter::repeat(at));
    texts.into_iter().zip(times).map(|(text, at)| Said { text, at }).collect()
}

fn source_of(name: &str) -> Option<FactSource> {
    Some(match NameSource::from_name(name)? {
        NameSource::Carrier => FactSource::Carrier,
        NameSource::Understood => FactSource::Model,
        NameSource::Person => FactSource::Person,
    })
}

fn captured(fact: conversation::CapturedFact) -> CapturedFact {
    let field = match fact.field {
        CapturedField::Name => Field::Name,
        CapturedField::Email => Field::Email,
        CapturedField::Phone => Field::Phone,
        CapturedField::Zip => Field::Zip,
        CapturedField::Address => Field::ServiceAddress,
        CapturedField::Need => Field::Need,
        CapturedField::Urgency => Field::Urgency,
        CapturedField::PreferredTime => Field::PreferredTime,
    };
    CapturedFact { field, value: fact.value, confidence: Confidence::new(MODELS_CONFIDENCE) }
}
