//! Counts, times and traces calls of what lies outside: the language model and the carrier.

use std::{sync::Arc, time::Instant};

use async_trait::async_trait;
use conversation::{
    Deltas, LanguageModel, Messenger, ModelError, ModelReply, ModelRequest, OpenAttempt, OutboundText,
    SendOutcome, SendingAccount,
};
use kernel::GatewayError;
use tenancy::TenantScope;
use tracing::{Instrument as _, info_span};

use crate::failpoints;

use super::{
    Metrics,
    catalogue::{CARRIER_CALLS, CARRIER_DURATION, MODEL_CALLS, MODEL_DURATION},
};

/// A language model whose calls are counted and timed.
pub struct MeasuredModel {
    /// The model.
    pub model: Arc<dyn LanguageModel>,
    /// Where it is counted.
    pub metrics: Arc<Metrics>,
}

/// A messenger whose calls are counted and timed.
pub struct MeasuredMessenger {
    /// The messenger.
    pub messenger: Arc<dyn Messenger>,
    /// Where it is counted.
    pub metrics: Arc<Metrics>,
}

#[async_trait]
impl LanguageModel for MeasuredModel {
    async fn reply(&self, request: &ModelRequest, deltas: &dyn Deltas) -> Result<ModelReply, ModelError> {
        failpoints::reach(failpoints::MODEL_ASKED);
        let started = Instant::now();
        let outcome = self.model.reply(request, deltas).instrument(info_span!("model call")).await;
        self.metrics.time(&MODEL_DURATION, &[], started.elapsed());
        self.metrics.count(&MODEL_CALLS, &[outcome.as_ref().map_or_else(ModelError::name, |_| "ok")]);
        failpoints::reach(failpoints::TURN_BEFORE_COMMIT);
        outcome
    }
}

impl MeasuredMessenger {
    fn measure(&self, call: &str, started: Instant, outcome: &str) {
        self.metrics.time(&CARRIER_DURATION, &[call], started.elapsed());
        self.metrics.count(&CARRIER_CALLS, &[call, outcome]);
    }
}

#[async_trait]
impl Messenger for MeasuredMessenger {
    async fn account(&self, scope: &TenantScope) -> Result<SendingAccount, GatewayError> {
        self.messenger.account(scope).await
    }

    async fn send(
        &self,
        scope: &TenantScope,
        account: &SendingAccount,
        text: &OutboundText,
    ) -> Result<SendOutcome, GatewayError> {
        failpoints::reach(failpoints::SEND_BEFORE);
        let started = Instant::now();
        let outcome = self.messenger.send(scope, account, text).instrument(info_span!("carrier send")).await;
        let name = match &outcome {
            Ok(SendOutcome::Accepted { .. }) => "ok",
            Ok(SendOutcome::OptedOut) => "opted_out",
            Err(error) => name_of(error),
        };
        self.measure("send", started, name);
        failpoints::reach(failpoints::SEND_AFTER);
        outcome
    }

    async fn look_up(
        &self,
        scope: &TenantScope,
        attempt: &OpenAttempt,
    ) -> Result<Option<SendOutcome>, GatewayError> {
        let started = Instant::now();
        let asked = self.messenger.look_up(scope, attempt);
        let outcome = asked.instrument(info_span!("carrier look-up")).await;
        self.measure("look_up", started, outcome.as_ref().map_or_else(name_of, |_| "ok"));
        outcome
    }
}

fn name_of(error: &GatewayError) -> &'static str {
    match error {
        GatewayError::Rejected { .. } => "rejected",
        GatewayError::RateLimited { .. } => "rate_limited",
        GatewayError::TimedOut => "timed_out",
        GatewayError::Ambiguous(_) => "ambiguous",
        GatewayError::Unavailable(_) => "unavailable",
    }
}
