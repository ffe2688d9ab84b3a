//! Merging leads by hand, taking that back, and deleting leads with all that was merged into them.

use kernel::{EventId, LeadId, StoreError, Timestamp};
use tenancy::{AuditAction, TenantScope};

use crate::{
    Lead, LeadChange, LeadError, ManageLeads,
    events::{Happened, event},
};

impl ManageLeads {
    /// Makes another lead part of this one, and returns this one.
    ///
    /// # Errors
    /// When they are one, either is merged or deleted or not there, or the store fails.
    pub async fn merge(&self, scope: &TenantScope, into: LeadId, other: LeadId) -> Result<Lead, LeadError> {
        for _ in 0..Self::ATTEMPTS {
            let at = self.clock.now();
            let (mut lead, mut other) = (self.get(scope, into).await?, self.get(scope, other).await?);
            lead.absorb(&mut other, at)?;
            let happened = Happened::Merged(other.id());
            let done = (&happened, AuditAction::LeadMerged, lead.id());
            if let Some(mut saved) = self.save_all(scope, vec![lead, other], done, at).await? {
                return Ok(saved.swap_remove(0));
            }
        }
        Err(StoreError::Conflict.into())
    }

    /// Takes a merge back, and returns the lead that remained and the one that is there again: both as they were, except
    /// that the first keeps what it has learnt since.
    ///
    /// # Errors
    /// [`LeadError::NotMerged`] when the lead is not part of that one; [`LeadError::Merged`] when that one is itself part
    /// of a third, from which it is to be taken out first; or when one is not there, or the store fails.
    pub async fn un_merge(
        &self,
        scope: &TenantScope,
        from: LeadId,
        id: LeadId,
    ) -> Result<(Lead, Lead), LeadError> {
        for _ in 0..Self::ATTEMPTS {
            let at = self.clock.now();
            let (mut lead, mut other) = (self.get(scope, from).await?, self.get(scope, id).await?);
            lead.release(&mut other, at)?;
            self.give_up_what_others_have(scope, &lead, &mut other).await?;
            let done = (&Happened::Unmerged(id), AuditAction::LeadUnmerged, id);
            if let Some(saved) = self.save_all(scope, vec![lead, other], done, at).await? {
                let mut saved = saved.into_iter();
                return saved.next().zip(saved.next()).ok_or(LeadError::NotFound { what: "lead" });
            }
        }
        Err(StoreError::Conflict.into())
    }

    /// Removes all that is known of a lead and of those that were merged into it. Their ids and status remain.
    ///
    /// # Errors
    /// When it is part of another one, it is not there, or the store fails.
    pub async fn delete(&self, scope: &TenantScope, id: LeadId) -> Result<(), LeadError> {
        for _ in 0..Self::ATTEMPTS {
            let at = self.clock.now();
            let mut leads = vec![self.get(scope, id).await?];
            leads.iter().try_for_each(Lead::ensure_current)?;
            let mut waiting: Vec<LeadId> = leads.iter().flat_map(Lead::merged).map(|(id, _)| id).collect();
            while let Some(next) = waiting.pop() {
                if let Some(part) = self.store.find(scope, next).await? {
                    waiting.extend(part.merged().into_iter().map(|(id, _)| id));
                    leads.push(part);
                }
            }
            for lead in &mut leads {
                lead.bury(at);
            }
            let done = (&Happened::Deleted, AuditAction::LeadDeleted, id);
            if self.save_all(scope, leads, done, at).await?.is_some() {
                return Ok(());
            }
        }
        Err(StoreError::Conflict.into())
    }

    /// A phone that was emptied while the leads were one may have got to somebody else since; it stays there.
    async fn give_up_what_others_have(
        &self,
        scope: &TenantScope,
        lead: &Lead,
        other: &mut Lead,
    ) -> Result<(), StoreError> {
        for identity in other.identities() {
            let owner = self.store.find_by_identity(scope, &identity).await?;
            if owner.is_some_and(|owner| owner.id() != lead.id()) || lead.identities().contains(&identity) {
                other.give_up(&identity);
            }
        }
        Ok(())
    }

    /// Writes leads that change together; `None` when others were faster. The event is about the first.
    async fn save_all(
        &self,
        scope: &TenantScope,
        leads: Vec<Lead>,
        (happened, action, resource): (&Happened, AuditAction, LeadId),
        at: Timestamp,
    ) -> Result<Option<Vec<Lead>>, LeadError> {
        let first = leads.first();
        let events = first.map(|lead| event(EventId::new(self.ids.next()), at, lead, happened));
        let audit = vec![(action, resource.uuid())];
        let change =
            LeadChange { updates: leads, events: events.into_iter().collect(), audit, ..LeadChange::at(at) };
        match self.store.save(scope, &change).await {
            Ok(()) => Ok(Some(change.updates.into_iter().map(Lead::saved).collect())),
            Err(StoreError::Conflict | StoreError::Duplicate) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}
