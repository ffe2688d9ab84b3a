//! A messenger that carries nothing and remembers everything.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use kernel::{GatewayError, TenantId};
use tenancy::{SecretText, TenantScope};

use crate::{DeliveryState, Messenger, OpenAttempt, OutboundText, SendOutcome, SendingAccount};

/// A message that was handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// By which tenant.
    pub tenant: TenantId,
    /// By which account at the carrier.
    pub account_sid: String,
    /// What was handed over.
    pub text: OutboundText,
}

/// A messenger that works off a script, by the account [`RecordingMessenger::ACCOUNT`] where the script has no other. Once that is at its end it takes every message, as `SM1`, `SM2` and
/// so on, and finds none.
#[derive(Default)]
pub struct RecordingMessenger(Mutex<Record>);

#[derive(Default)]
struct Record {
    outcomes: VecDeque<Result<SendOutcome, GatewayError>>,
    findings: VecDeque<Result<Option<SendOutcome>, GatewayError>>,
    accepted: usize,
    sent: Vec<Sent>,
    looked_up: Vec<OpenAttempt>,
    accounts: VecDeque<Result<SendingAccount, GatewayError>>,
}

impl RecordingMessenger {
    /// The carrier's id of the account by which messages leave.
    pub const ACCOUNT: &str = "AC1";

    /// Lets the next message leave by this account, or by none.
    pub fn then_leaves_by(&self, account: Result<SendingAccount, GatewayError>) {
        self.record().accounts.push_back(account);
    }

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

    /// Returns every attempt that was looked up.
    pub fn looked_up(&self) -> Vec<OpenAttempt> {
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
    async fn account(&self, _: &TenantScope) -> Result<SendingAccount, GatewayError> {
        let account = self.record().accounts.pop_front();
        account.unwrap_or_else(|| Ok(account_of(Self::ACCOUNT)))
    }

    async fn send(
        &self,
        scope: &TenantScope,
        account: &SendingAccount,
        text: &OutboundText,
    ) -> Result<SendOutcome, GatewayError> {
        let mut record = self.record();
        let account_sid = account.account_sid.clone();
        record.sent.push(Sent { tenant: scope.tenant_id(), account_sid, text: text.clone() });
        match record.outcomes.pop_front() {
            Some(outcome) => outcome,
            None => Ok(record.accept()),
        }
    }

    async fn look_up(
        &self,
        _: &TenantScope,
        attempt: &OpenAttempt,
    ) -> Result<Option<SendOutcome>, GatewayError> {
        let mut record = self.record();
        record.looked_up.push(attempt.clone());
        record.findings.pop_front().unwrap_or(Ok(None))
    }
}

/// Returns an account at a carrier.
pub fn account_of(account_sid: &str) -> SendingAccount {
    SendingAccount { account_sid: account_sid.into(), auth_token: SecretText::new("token") }
}
