//! The worker: it claims jobs and does them, many conversations at once, each one serially.

use std::{sync::Arc, time::Duration};

use conversation::{
    Claim, ConversationError, Deliver, JobKind, JobQueue, ModelTimeouts, Reconcile, TakeTurn,
};
use kernel::{Clock, StoreError, Workload};
use tenancy::PlatformScope;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{Instrument as _, Span};

use crate::{
    failpoints,
    limits::OldKeys,
    metrics::{Metrics, Place},
    reactions::React,
    telemetry::with_sources,
};

/// How long to rest after a claim that found nothing, whatever is signalled: each message signals, and seldom is one due at
/// once.
const REST: Duration = Duration::from_millis(5);

/// How long a claimed job is ours at least.
const LEASE: Duration = Duration::from_secs(90);

/// How much of a turn is left for another model when one has taken as long as it may.
const FOR_ANOTHER_MODEL: Duration = Duration::from_secs(15);

/// How long a claim that was begun before the stop may take.
const CLAIM_ENDS_WITHIN: Duration = Duration::from_secs(2);

/// How a worker goes about it.
#[derive(Clone, Copy, Debug)]
pub struct WorkerSettings {
    /// Jobs at once.
    pub concurrency: u16,
    /// How long a claimed job is ours.
    pub lease: Duration,
    /// How long to sleep at most. Signals come only from this process, jobs from any.
    pub poll: Duration,
    /// How long claimed jobs may take to finish when the server stops.
    pub grace: Duration,
}

impl Default for WorkerSettings {
    fn default() -> Self {
        Self {
            concurrency: 32,
            lease: failpoints::time("LEASE", LEASE),
            poll: Duration::from_millis(500),
            grace: Duration::from_secs(25),
        }
    }
}

impl WorkerSettings {
    /// Holds what is claimed for long enough that a model which takes as long as it may can be followed by another.
    pub fn for_models(timeouts: ModelTimeouts) -> Self {
        let lease = LEASE.max((timeouts.total + FOR_ANOTHER_MODEL) * 3 / 2);
        Self { lease: failpoints::time("LEASE", lease), ..Self::default() }
    }

    /// Returns how long models may take for all that they are asked in a turn: the rest of what a claim is held for is for
    /// reading and writing.
    pub fn answer_within(&self) -> Duration {
        self.lease * 2 / 3
    }
}

/// Claims jobs and does them.
pub struct Worker {
    /// Where jobs come from.
    pub jobs: Arc<dyn JobQueue>,
    /// Answers.
    pub turns: Arc<TakeTurn>,
    /// Brings out.
    pub deliver: Arc<Deliver>,
    /// Finds out.
    pub reconcile: Arc<Reconcile>,
    /// Lets other domains hear of what has happened.
    pub reactions: Arc<React>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The right to claim any tenant's jobs.
    pub platform: PlatformScope,
    /// How to go about it.
    pub settings: WorkerSettings,
    /// Where it is counted.
    pub metrics: Arc<Metrics>,
    /// What is to be forgotten now and then.
    pub old_keys: OldKeys,
}

impl Worker {
    /// Works until told to stop, then finishes what is claimed.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let (cleaner, told) = (Arc::clone(&self), stop.clone());
        let cleaning = async move { cleaner.old_keys.keep_forgetting(told).await };
        tokio::spawn(Workload::Worker.run(cleaning));
        let tracker = TaskTracker::new();
        tracing::info!(worker.concurrency = self.settings.concurrency, "worker started");
        Workload::Worker.run(self.claim_until_told(&stop, &tracker)).await;
        tracker.close();
        if tokio::time::timeout(self.settings.grace, tracker.wait()).await.is_err() {
            tracing::warn!(
                jobs.unfinished = tracker.len(),
                "stopped with jobs unfinished; their leases will end"
            );
        }
        tracing::info!("worker stopped");
    }

    /// Claims what is due and starts it, again and again, until told to stop.
    async fn claim_until_told(self: &Arc<Self>, stop: &CancellationToken, tracker: &TaskTracker) {
        let places = Arc::new(Semaphore::new(usize::from(self.settings.concurrency)));
        loop {
            let seen = self.jobs.seen();
            // Waits for a place before it claims, so that no lease runs while its job stands in line.
            let place = tokio::select! {
                biased;
                () = stop.cancelled() => return,
                place = Arc::clone(&places).acquire_owned() => place.ok(),
            };
            let claimed = tokio::select! {
                claimed = self.claim(place, &places, tracker) => claimed,
                // What was claimed unseen is free again when its lease ends.
                () = told_long_ago(stop) => return,
            };
            let rest = claimed.unwrap_or_else(|error| {
                tracing::error!(error = with_sources(&error), "jobs cannot be claimed");
                self.metrics.store_failed(Place::Worker, &error);
                self.settings.poll
            });
            if rest.is_zero() {
                continue;
            }
            let rested = async {
                tokio::time::sleep(REST).await;
                self.jobs.wait(seen, rest.saturating_sub(REST)).await;
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = rested => {}
            }
        }
    }

    /// Claims what is due and starts it; returns how long nothing will be due.
    async fn claim(
        self: &Arc<Self>,
        mut first: Option<OwnedSemaphorePermit>,
        places: &Arc<Semaphore>,
        tracker: &TaskTracker,
    ) -> Result<Duration, StoreError> {
        let free = places.available_permits().saturating_add(1).min(16);
        let limit = u16::try_from(free).unwrap_or(1);
        let now = self.clock.now();
        let claimed = self.jobs.claim(&self.platform, now, self.settings.lease, limit).await?;
        let found_any = !claimed.claims.is_empty();
        for claim in claimed.claims {
            // So many places were free, and nobody else takes any.
            let place = first.take().or_else(|| Arc::clone(places).try_acquire_owned().ok());
            let worker = Arc::clone(self);
            let span = job_span(&claim);
            let work = async move {
                worker.work(&claim).await;
                drop(place);
            };
            tracker.spawn(Workload::Worker.run(work).instrument(span));
        }
        if found_any {
            return Ok(Duration::ZERO);
        }
        let until_due = claimed.next_due.map(|due| (due - self.clock.now()).to_std().unwrap_or_default());
        // A job may be due by now and have been held a moment ago: never spin on it.
        Ok(until_due.unwrap_or(self.settings.poll).clamp(REST, self.settings.poll.max(REST)))
    }

    async fn work(&self, claim: &Claim) {
        let done = match claim.kind {
            JobKind::Turn => {
                let taken = self.turns.take(claim).await;
                failpoints::reach(failpoints::TURN_AFTER_COMMIT);
                taken.map(|result| self.metrics.turn_ended(claim, &result))
            }
            JobKind::Delivery => self
                .deliver
                .deliver(claim)
                .await
                .map(|delivered| self.metrics.delivery_ended(claim, &delivered)),
            JobKind::Reconciliation => self.reconcile.reconcile(claim).await,
            JobKind::Reaction => self.reactions.react(claim).await,
        };
        if let Err(error) = done {
            self.give_back(claim, &error).await;
        }
    }

    /// Gives a job back whose store failed. If that fails too, the lease will end.
    async fn give_back(&self, claim: &Claim, error: &ConversationError) {
        tracing::error!(
            tenant.id = %claim.scope.tenant_id(),
            conversation.id = %claim.conversation_id,
            job.kind = claim.kind.as_str(),
            job.attempts = claim.attempts,
            error = with_sources(error),
            "a job failed and will be tried again"
        );
        self.metrics.job_failed(claim.kind);
        if let ConversationError::Store(error) = error {
            self.metrics.store_failed(Place::Worker, error);
        }
        let retry_at = claim.retry_at(self.clock.now());
        if let Err(error) = self.jobs.release(claim, retry_at).await {
            tracing::warn!(error = with_sources(&error), "a job could not be given back");
        }
    }
}

/// Waits until somebody was told to stop and has had the time to see the end of a claim.
async fn told_long_ago(stop: &CancellationToken) {
    stop.cancelled().await;
    tokio::time::sleep(CLAIM_ENDS_WITHIN).await;
}

/// Returns the span of a job, in logs and traces.
fn job_span(claim: &Claim) -> Span {
    tracing::info_span!(
        "job",
        otel.kind = "consumer",
        otel.name = format!("{} job", claim.kind.as_str()),
        job.kind = claim.kind.as_str(),
        job.attempts = claim.attempts,
        tenant.id = %claim.scope.tenant_id(),
        conversation.id = %claim.conversation_id,
    )
}

#[cfg(test)]
mod tests {
    use conversation::TurnLimits;

    use super::*;

    #[test]
    fn what_is_claimed_is_held_for_longer_than_models_may_take_and_they_may_be_two() {
        for (total, lease) in [(45, 90), (3, 90), (120, 202)] {
            let timeouts = ModelTimeouts { total: Duration::from_secs(total), ..ModelTimeouts::default() };
            let settings = WorkerSettings::for_models(timeouts);
            assert_eq!(settings.lease.as_secs(), lease, "{total}");
            assert!(settings.answer_within() >= timeouts.total + FOR_ANOTHER_MODEL, "{total}");
            assert!(settings.answer_within() < settings.lease, "{total}");
        }
        assert_eq!(WorkerSettings::default().answer_within(), TurnLimits::default().answer_within);
    }
}
