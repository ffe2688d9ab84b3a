//! A carrier that may be slow, silent or away, but never lies, and that notices what must never be sent.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
};

use async_trait::async_trait;
use conversation::{
    DeliveryState, Messenger, OpenAttempt, OutboundText, SendOutcome, SendingAccount,
    testing::{MemoryStores, account_of},
};
use kernel::{GatewayError, MessageId};
use tenancy::TenantScope;

/// What the carrier does with the next message.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mood {
    /// Takes it, and the answer is lost on the way.
    TakesInSilence,
    /// Does not take it, and nobody can tell.
    LosesIt,
    /// Asks for patience.
    IsBusy,
    /// Cannot be reached.
    IsAway,
    /// Will never take it.
    Rejects,
    /// Knows of an opt-out that we do not know of.
    Blocks,
}

/// A carrier that never lies.
pub(crate) struct HonestCarrier {
    stores: Arc<MemoryStores>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    moods: VecDeque<Mood>,
    taken: BTreeMap<MessageId, String>,
    offences: Vec<String>,
}

impl HonestCarrier {
    /// Makes a carrier that reads consent in these stores.
    pub(crate) fn watching(stores: Arc<MemoryStores>) -> Self {
        Self { stores, state: Mutex::default() }
    }

    /// Treats the next message like this; without a mood it is taken.
    pub(crate) fn then(&self, mood: Mood) {
        self.state().moods.push_back(mood);
    }

    /// Takes everything from now on.
    pub(crate) fn calm_down(&self) {
        self.state().moods.clear();
    }

    /// Returns the ids of the messages that were taken, and the carrier's own.
    pub(crate) fn taken(&self) -> BTreeMap<MessageId, String> {
        self.state().taken.clone()
    }

    /// Returns what should never have been handed over.
    pub(crate) fn offences(&self) -> Vec<String> {
        self.state().offences.clone()
    }

    /// Takes a message.
    pub(crate) fn take(&self, text: &OutboundText) -> SendOutcome {
        let mut state = self.state();
        let provider_message_id = format!("SM{}", text.id);
        if state.taken.insert(text.id, provider_message_id.clone()).is_some() {
            state.offences.push(format!("twice: {}", text.text));
        }
        SendOutcome::Accepted { provider_message_id, state: DeliveryState::Sent }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

#[async_trait]
impl Messenger for HonestCarrier {
    async fn account(&self, _: &TenantScope) -> Result<SendingAccount, GatewayError> {
        Ok(account_of("AC1"))
    }

    async fn send(
        &self,
        scope: &TenantScope,
        _: &SendingAccount,
        text: &OutboundText,
    ) -> Result<SendOutcome, GatewayError> {
        let consent = self.stores.contacts().consent(scope, &text.to).await.unwrap();
        let is_notice =
            ["You have opted out", "This is the assistant of"].iter().any(|one| text.text.starts_with(one));
        if consent.is_opted_out() && !is_notice {
            self.state().offences.push(format!("after an opt-out: {}", text.text));
        }
        let mood = self.state().moods.pop_front();
        match mood {
            None => Ok(self.take(text)),
            Some(Mood::TakesInSilence) => {
                self.take(text);
                Err(GatewayError::Ambiguous("no answer".into()))
            }
            Some(Mood::LosesIt) => Err(GatewayError::Ambiguous("no answer".into())),
            Some(Mood::IsBusy) => Err(GatewayError::RateLimited { retry_after: None }),
            Some(Mood::IsAway) => Err(GatewayError::Unavailable("no route".into())),
            Some(Mood::Rejects) => {
                Err(GatewayError::Rejected { code: "30006".into(), detail: "landline".into() })
            }
            Some(Mood::Blocks) => Ok(SendOutcome::OptedOut),
        }
    }

    async fn look_up(
        &self,
        _: &TenantScope,
        attempt: &OpenAttempt,
    ) -> Result<Option<SendOutcome>, GatewayError> {
        let taken = self.state().taken.get(&attempt.text.id).cloned();
        let unknown = taken.filter(|id| !attempt.known.contains(id));
        Ok(unknown.map(|provider_message_id| SendOutcome::Accepted {
            provider_message_id,
            state: DeliveryState::Sent,
        }))
    }
}
