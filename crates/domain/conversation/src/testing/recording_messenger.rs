//! A messenger that carries nothing and remembers everything.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use kernel::{GatewayError, TenantId, Timestamp};
use tenancy::TenantScope;

use crate::{DeliveryState, Messenger, OutboundText, SendOutcome};

/// A message that was handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// By which tenant.
    pub tenant: TenantId,
    /// What was handed over.
    pub text: OutboundText,
}

/// A message that was asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookedUp {
    /// By which tenant.
    pub tenant: TenantId,
    /// What was looked for.
    pub text: OutboundText,
    /// When it was said to have been handed over.
    pub attempted_at: Timestamp,
    /// The carrier ids that were said to be other messages'.
    pub known: Vec<String>,
}

/// A messenger that works off a script. Once that is at its end it takes every message, as `SM1`, `SM2` and
/// so on, and finds none.
#[derive(Default)]
pub struct RecordingMessenger(Mutex<Record>);

#[derive(Default)]
struct Record {
    outcomes: VecDeque<Result<SendOutcome, GatewayError>>,
    findings: VecDeque<Result<Option<SendOutcome>, GatewayError>>,
    accepted: usize,
    sent: Vec<Sent>,
    looked_up: Vec<LookedUp>,
}

impl RecordingMessenger {
    /// Ends the next send like this.
    pub fn then_sends(&self, outcome: Result<SendOutcome, GatewayError>) {
        self.record().outcomes.push_back(outcome);
    }

    /// Ends the next look-up like this.
    pub fn then_finds(&self, finding: Result<Option<SendOutcome>, GatewayError>) {
        self.record().findings.push_back(finding);
    }

    /// Returns every message that was handed over, whatever became of it.
    pub fn sent(&self) -> Vec<Sent> {
        self.record().sent.clone()
    }

    /// Returns the words of every message that was handed over.
    pub fn texts(&self) -> Vec<String> {
        self.record().sent.iter().map(|sent| sent.text.text.clone()).collect()
    }

    /// Returns every look-up.
    pub fn looked_up(&self) -> Vec<LookedUp> {
        self.record().looked_up.clone()
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Record {
    fn accept(&mut self) -> SendOutcome {
        self.accepted += 1;
        SendOutcome::Accepted {
            provider_message_id: format!("SM{}", self.accepted),
            state: DeliveryState::Sent,
        }
    }
}

#[async_trait]
impl Messenger for RecordingMessenger {
    async fn send(&self, scope: &TenantScope, text: &OutboundText) -> Result<SendOutcome, GatewayError> {
        let mut record = self.record();
        record.sent.push(Sent { tenant: scope.tenant_id(), text: text.clone() });
        match record.outcomes.pop_front() {
            Some(outcome) => outcome,
            None => Ok(record.accept()),
        }
    }

    async fn look_up(
        &self,
        scope: &TenantScope,
        text: &OutboundText,
        attempted_at: Timestamp,
        known: &[String],
    ) -> Result<Option<SendOutcome>, GatewayError> {
        let mut record = self.record();
        record.looked_up.push(LookedUp {
            tenant: scope.tenant_id(),
            text: text.clone(),
            attempted_at,
            known: known.to_vec(),
        });
        record.findings.pop_front().unwrap_or(Ok(None))
    }
}
