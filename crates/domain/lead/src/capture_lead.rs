//! Making leads of what conversations tell.

use std::sync::Arc;

use kernel::{IdGenerator, StoreError};
use tenancy::TenantScope;

use crate::{
    Heard, LeadError, LeadStore,
    arrival::{Arrival, Arrived},
};

/// Makes leads of what conversations tell.
pub struct CaptureLead {
    store: Arc<dyn LeadStore>,
    ids: Arc<dyn IdGenerator>,
}

impl CaptureLead {
    /// Makes the use case.
    pub fn new(store: Arc<dyn LeadStore>, ids: Arc<dyn IdGenerator>) -> Self {
        Self { store, ids }
    }

    /// Takes in what a conversation tells.
    ///
    /// A conversation becomes a lead once there is a phone, an e-mail address, or a name with a need. Who has a phone or
    /// an e-mail address that a lead has is that lead. Where what is told belongs to two leads, they are merged if
    /// nothing by which they are recognised contradicts; else both stay, and the identity stays with its first owner.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when others were faster many times: the event is to be handled again later; or when the
    /// store fails.
    pub async fn hear(&self, scope: &TenantScope, heard: &Heard) -> Result<Arrived, LeadError> {
        let arrival = Arrival {
            facts: heard.facts(),
            earlier: heard.earlier_facts(),
            conversation: Some(heard.conversation_id),
            source: heard.channel.into(),
            handled: Some(heard.event_id),
            at: heard.at,
        };
        for _ in 0..Arrival::ATTEMPTS {
            match arrival.arrive(&*self.store, &*self.ids, scope).await {
                Err(StoreError::Conflict | StoreError::Duplicate) => {}
                outcome => return Ok(outcome?),
            }
        }
        Err(StoreError::Conflict.into())
    }
}
