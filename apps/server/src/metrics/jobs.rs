//! Counts what becomes of jobs.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use conversation::{Claim, Claims, JobKind, JobQueue, Wake};
use kernel::{ConversationId, StoreError, Timestamp};
use tenancy::{PlatformScope, TenantScope};

use crate::failpoints;

use super::{
    Metrics,
    catalogue::{JOBS_CLAIMED, JOBS_FAILED, JOBS_FINISHED, JOBS_GIVEN_BACK},
};

/// A queue of jobs that counts what becomes of them.
pub struct MeasuredJobs {
    /// The queue.
    pub jobs: Arc<dyn JobQueue>,
    /// Where it is counted.
    pub metrics: Arc<Metrics>,
}

impl Metrics {
    /// Counts a job that has ended.
    pub(super) fn job_finished(&self, kind: JobKind) {
        self.count(&JOBS_FINISHED, &[kind.as_str()]);
    }

    /// Counts a job that was given back to be tried later.
    pub(super) fn job_given_back(&self, kind: JobKind) {
        self.count(&JOBS_GIVEN_BACK, &[kind.as_str()]);
    }

    /// Counts a job that ended in a failure of the store.
    pub fn job_failed(&self, kind: JobKind) {
        self.count(&JOBS_FAILED, &[kind.as_str()]);
    }
}

#[async_trait]
impl JobQueue for MeasuredJobs {
    async fn claim(
        &self,
        platform: &PlatformScope,
        now: Timestamp,
        lease: Duration,
        limit: u16,
    ) -> Result<Claims, StoreError> {
        let claimed = self.jobs.claim(platform, now, lease, limit).await?;
        if !claimed.claims.is_empty() {
            failpoints::reach(failpoints::WORKER_CLAIMED);
        }
        for claim in &claimed.claims {
            self.metrics.count(&JOBS_CLAIMED, &[claim.kind.as_str()]);
        }
        Ok(claimed)
    }

    async fn next_due(&self, platform: &PlatformScope) -> Result<Option<Timestamp>, StoreError> {
        self.jobs.next_due(platform).await
    }

    async fn claim_one(
        &self,
        scope: &TenantScope,
        kind: JobKind,
        conversation: ConversationId,
        now: Timestamp,
        lease: Duration,
    ) -> Result<Option<Claim>, StoreError> {
        let claimed = self.jobs.claim_one(scope, kind, conversation, now, lease).await?;
        if claimed.is_some() {
            self.metrics.count(&JOBS_CLAIMED, &[kind.as_str()]);
        }
        Ok(claimed)
    }

    async fn release(&self, claim: &Claim, run_at: Timestamp) -> Result<(), StoreError> {
        self.jobs.release(claim, run_at).await?;
        self.metrics.job_given_back(claim.kind);
        Ok(())
    }

    async fn finish(&self, claim: &Claim) -> Result<(), StoreError> {
        self.jobs.finish(claim).await?;
        self.metrics.job_finished(claim.kind);
        Ok(())
    }

    fn seen(&self) -> Wake {
        self.jobs.seen()
    }

    async fn wait(&self, seen: Wake, at_most: Duration) {
        self.jobs.wait(seen, at_most).await;
    }
}
