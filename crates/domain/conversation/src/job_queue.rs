//! The port to the jobs that keep conversations going.

use std::time::Duration;

use async_trait::async_trait;
use kernel::{ConversationId, StoreError, Timestamp};
use tenancy::{PlatformScope, TenantScope};

use crate::claim::{Claim, Claims, JobKind};

/// How much has been signalled so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wake(pub u64);

/// Hands out jobs, each to one worker at a time.
///
/// An adapter MUST give a job to one claimant only while its lease lasts, MUST raise the fence with every
/// claim, also of a job that ended and came again, and MUST hand jobs out in the order in which they are due.
#[async_trait]
pub trait JobQueue: Send + Sync {
    /// Claims up to `limit` due jobs of all tenants until `now + lease`, and says when the next one is due.
    ///
    /// # Errors
    /// When the store fails.
    async fn claim(
        &self,
        platform: &PlatformScope,
        now: Timestamp,
        lease: Duration,
        limit: u16,
    ) -> Result<Claims, StoreError>;

    /// Returns when the next job that nobody holds is due, without claiming it; a time that has passed is since when
    /// the oldest one waits.
    ///
    /// # Errors
    /// When the store fails.
    async fn next_due(&self, platform: &PlatformScope) -> Result<Option<Timestamp>, StoreError>;

    /// Claims one job, due or not; `None` when there is none, somebody holds it, or it was given back and rests.
    ///
    /// # Errors
    /// When the store fails.
    async fn claim_one(
        &self,
        scope: &TenantScope,
        kind: JobKind,
        conversation: ConversationId,
        now: Timestamp,
        lease: Duration,
    ) -> Result<Option<Claim>, StoreError>;

    /// Gives a job back after a failure, to be tried again at `run_at`; it counts as an attempt. Until then it rests:
    /// whatever asks for it meanwhile, or has asked for it since it was claimed, MUST NOT bring it forward, but for two: a
    /// [`JobKind::Reconciliation`] may be asked for on account of another message, and the confirmation of an opt-out
    /// brings its delivery forward, if no attempt to send it was begun. For them the earlier of the two times counts. Does
    /// nothing when the claim's fence is not the job's any more.
    ///
    /// # Errors
    /// When the store fails.
    async fn release(&self, claim: &Claim, run_at: Timestamp) -> Result<(), StoreError>;

    /// Ends a job. If it was asked for again meanwhile, it stays and is due when that asked for. Does nothing
    /// when the claim's fence is not the job's any more.
    ///
    /// # Errors
    /// When the store fails.
    async fn finish(&self, claim: &Claim) -> Result<(), StoreError>;

    /// Returns what has been signalled until now. Take it before looking for work.
    fn seen(&self) -> Wake;

    /// Waits until something was signalled after `seen` (a job was asked for, ended or given back; a turn was
    /// committed), at most for `at_most`. What is signalled between looking and waiting is never missed.
    async fn wait(&self, seen: Wake, at_most: Duration);
}
