//! The queue of jobs, in memory.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use kernel::{ConversationId, StoreError, TenantId, Timestamp};
use tenancy::{PlatformScope, TenantScope};

use super::{MemoryStores, job::Job, rows::TenantRows};
use crate::{Claim, Claims, JobKind, JobQueue, Purpose, Wake};

#[async_trait]
impl JobQueue for MemoryStores {
    async fn claim(
        &self,
        platform: &PlatformScope,
        now: Timestamp,
        lease: Duration,
        limit: u16,
    ) -> Result<Claims, StoreError> {
        let mut tenants = self.lock();
        let mut due: Vec<(Timestamp, TenantId, ConversationId, JobKind)> = Vec::new();
        for (tenant, rows) in tenants.iter() {
            let free = rows.jobs.iter().filter(|(_, job)| job.free_at() <= now);
            due.extend(free.map(|((conversation, kind), job)| (job.run_at, *tenant, *conversation, *kind)));
        }
        due.sort_by_key(|(run_at, tenant, conversation, kind)| {
            (*run_at, *tenant, *conversation, kind.as_str())
        });
        let claims =
            due.into_iter().take(usize::from(limit)).filter_map(|(_, tenant, conversation, kind)| {
                tenants.get_mut(&tenant)?.claim(&platform.tenant(tenant), conversation, kind, now, lease)
            });
        let claims: Vec<_> = claims.collect();
        let next_due = if claims.is_empty() { next_free(&tenants) } else { None };
        Ok(Claims { claims, next_due })
    }

    async fn next_due(&self, _platform: &PlatformScope) -> Result<Option<Timestamp>, StoreError> {
        Ok(next_free(&self.lock()))
    }

    async fn claim_one(
        &self,
        scope: &TenantScope,
        kind: JobKind,
        conversation: ConversationId,
        now: Timestamp,
        lease: Duration,
    ) -> Result<Option<Claim>, StoreError> {
        Ok(self.with(scope, |rows| rows.claim(scope, conversation, kind, now, lease)))
    }

    async fn release(&self, claim: &Claim, run_at: Timestamp) -> Result<(), StoreError> {
        self.with(&claim.scope, |rows| rows.give_back(claim, run_at));
        self.wake();
        Ok(())
    }

    async fn finish(&self, claim: &Claim) -> Result<(), StoreError> {
        self.with(&claim.scope, |rows| rows.finish(claim));
        self.wake();
        Ok(())
    }

    fn seen(&self) -> Wake {
        Wake(*self.work.borrow())
    }

    async fn wait(&self, seen: Wake, at_most: Duration) {
        let mut signals = self.work.subscribe();
        // Running out of time is as good as being woken: the caller looks again either way.
        let _ = tokio::time::timeout(at_most, signals.wait_for(|signalled| *signalled != seen.0)).await;
    }
}

fn next_free(tenants: &BTreeMap<TenantId, TenantRows>) -> Option<Timestamp> {
    tenants.values().flat_map(|rows| rows.jobs.values()).map(Job::free_at).min()
}

impl TenantRows {
    /// Gives a claim's job back after a failure, if it still holds it.
    pub(super) fn give_back(&mut self, claim: &Claim, again_at: Timestamp) {
        let hurries = match claim.kind {
            JobKind::Reconciliation => true,
            JobKind::Delivery => self.has_untried_confirmation(claim.conversation_id),
            JobKind::Turn | JobKind::Reaction => false,
        };
        if let Some(job) = self.claimed(claim) {
            job.fail(again_at, hurries);
        }
    }

    /// Tells whether the confirmation of an opt-out waits that nobody has tried to send.
    fn has_untried_confirmation(&self, id: ConversationId) -> bool {
        self.messages_of(id).into_iter().filter(|row| row.waits() && row.attempts() == 0).any(|row| {
            row.sending.as_ref().is_some_and(|sending| sending.purpose == Purpose::OptOutConfirmation)
        })
    }

    /// Ends a claim in success, if it still holds its job, which stays if it was asked for again.
    pub(super) fn finish(&mut self, claim: &Claim) {
        if let Some(wanted_again) = self.claimed(claim).map(|job| job.wanted > claim.wanted) {
            self.end(claim, wanted_again);
        }
    }

    /// Ends a claim in success: the job goes, unless there is more to do.
    pub(super) fn end(&mut self, claim: &Claim, more_to_do: bool) {
        let key = (claim.conversation_id, claim.kind);
        if !more_to_do {
            self.jobs.remove(&key);
        } else if let Some(job) = self.jobs.get_mut(&key) {
            job.go_on();
        }
    }

    fn claim(
        &mut self,
        scope: &TenantScope,
        conversation_id: ConversationId,
        kind: JobKind,
        now: Timestamp,
        lease: Duration,
    ) -> Option<Claim> {
        let job = self.jobs.get_mut(&(conversation_id, kind)).filter(|job| job.can_be_claimed(now))?;
        self.last_fence += 1;
        job.claim(self.last_fence, now, lease);
        let (fence, wanted, attempts) = (job.fence, job.wanted, job.attempts);
        Some(Claim { scope: scope.clone(), kind, conversation_id, fence, wanted, attempts })
    }
}
