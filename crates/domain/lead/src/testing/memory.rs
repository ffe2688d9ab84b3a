//! Leads, in memory.

use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use kernel::{Cursor, DomainEvent, EventId, LeadId, Page, PageRequest, StoreError, TenantId};
use tenancy::{EventLog, EventPosition, PlatformScope, RecordedEvent, TenantScope, testing::MemoryAuditLog};

use crate::{Clues, Lead, LeadChange, LeadFilter, LeadStore, Recognised};

/// Keeps leads in memory.
#[derive(Debug, Default)]
pub struct MemoryLeadStore {
    rows: Mutex<Rows>,
    audit: MemoryAuditLog,
}

#[derive(Clone, Debug, Default)]
struct Rows {
    leads: Vec<Lead>,
    handled: HashSet<(TenantId, EventId)>,
    events: Vec<(TenantId, DomainEvent)>,
}

impl MemoryLeadStore {
    /// Makes an empty store that records in a log.
    pub fn recording_in(audit: &MemoryAuditLog) -> Self {
        Self { audit: audit.clone(), ..Self::default() }
    }

    /// Returns the events that a tenant's changes have left, oldest first.
    pub fn events(&self, scope: &TenantScope) -> Vec<DomainEvent> {
        let rows = self.lock();
        let own = rows.events.iter().filter(|(tenant, _)| *tenant == scope.tenant_id());
        own.map(|(_, event)| event.clone()).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Rows> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find_one(&self, scope: &TenantScope, fits: impl Fn(&Lead) -> bool) -> Option<Lead> {
        let rows = self.lock();
        rows.leads.iter().find(|lead| lead.tenant_id() == scope.tenant_id() && fits(lead)).cloned()
    }
}

#[async_trait]
impl LeadStore for MemoryLeadStore {
    async fn find(&self, scope: &TenantScope, id: LeadId) -> Result<Option<Lead>, StoreError> {
        Ok(self.find_one(scope, |lead| lead.id() == id))
    }

    async fn recognise(&self, scope: &TenantScope, clues: &Clues) -> Result<Recognised, StoreError> {
        let was_handled =
            clues.event.is_some_and(|event| self.lock().handled.contains(&(scope.tenant_id(), event)));
        if was_handled {
            return Ok(Recognised { was_handled, ..Recognised::default() });
        }
        let of_conversation = |id| {
            self.find_one(scope, |lead| lead.merged_into().is_none() && lead.conversations().contains(&id))
        };
        let of_identity =
            |identity| self.find_one(scope, |lead| lead.is_current() && lead.identities().contains(identity));
        let recognised = Recognised {
            was_handled,
            by_conversation: clues.conversation.and_then(of_conversation),
            by_identity: clues.identities.iter().map(of_identity).collect(),
        };
        // As in a database, others get on between a read and the write that follows it.
        tokio::task::yield_now().await;
        Ok(recognised)
    }

    async fn list(
        &self,
        scope: &TenantScope,
        filter: &LeadFilter,
        page: &PageRequest,
    ) -> Result<Page<Lead>, StoreError> {
        let is_due = |lead: &&Lead| {
            let Cursor { micros, id } = cursor(lead);
            lead.tenant_id() == scope.tenant_id()
                && lead.is_current()
                && fits(lead, filter)
                && page.after().is_none_or(|after| (micros, id) < (after.micros, after.id))
        };
        let mut due: Vec<Lead> = self.lock().leads.iter().filter(is_due).cloned().collect();
        due.sort_by_key(|lead| std::cmp::Reverse((lead.created_at(), lead.id())));
        due.truncate(usize::from(page.limit()) + 1);
        Ok(Page::from_rows(due, page, cursor))
    }

    async fn save(&self, scope: &TenantScope, change: &LeadChange) -> Result<(), StoreError> {
        let tenant = scope.tenant_id();
        let mut rows = self.lock();
        // What fails half-way must leave nothing, so a copy is changed and takes the place of the rows at the end.
        let mut next = rows.clone();
        if change.inserts.iter().chain(&change.updates).any(|lead| lead.tenant_id() != tenant) {
            return Err(StoreError::Conflict);
        }
        for lead in &change.updates {
            let is_read = |stored: &&mut Lead| {
                stored.tenant_id() == tenant && stored.id() == lead.id() && stored.version() == lead.version()
            };
            *next.leads.iter_mut().find(is_read).ok_or(StoreError::Conflict)? = lead.clone().saved();
        }
        for lead in &change.inserts {
            if next.leads.iter().any(|stored| stored.tenant_id() == tenant && stored.id() == lead.id()) {
                return Err(StoreError::Duplicate);
            }
            next.leads.push(lead.clone());
        }
        let is_new = change.handled.is_none_or(|event| next.handled.insert((tenant, event)));
        if !is_new || shares_anything(&next.leads, tenant) {
            return Err(StoreError::Duplicate);
        }
        next.events.extend(change.events.iter().map(|event| (tenant, event.clone())));
        *rows = next;
        for (action, resource) in &change.audit {
            self.audit.record(scope, change.at, *action, resource);
        }
        Ok(())
    }
}

#[async_trait]
impl EventLog for MemoryLeadStore {
    async fn read_events(
        &self,
        scope: &TenantScope,
        after: EventPosition,
        limit: u16,
    ) -> Result<Vec<RecordedEvent>, StoreError> {
        let recorded = |(place, event): (i64, DomainEvent)| {
            let facts = event.facts.iter().map(|(name, fact)| ((*name).to_owned(), serde_json::json!(fact)));
            RecordedEvent {
                position: EventPosition { round: 0, place },
                id: event.id,
                name: event.name.name.to_owned(),
                version: event.name.version,
                at: event.at,
                facts: serde_json::Value::Object(facts.collect()).to_string(),
            }
        };
        let events = (1..).zip(self.events(scope)).map(recorded);
        Ok(events.filter(|event| event.position > after).take(usize::from(limit)).collect())
    }

    async fn last_position(&self, _platform: &PlatformScope) -> Result<EventPosition, StoreError> {
        Err(StoreError::Unavailable("this fake shows one tenant's events".into()))
    }

    async fn news(
        &self,
        _platform: &PlatformScope,
        _after: EventPosition,
        _limit: u16,
    ) -> Result<Vec<(EventPosition, TenantId)>, StoreError> {
        Err(StoreError::Unavailable("this fake shows one tenant's events".into()))
    }
}

fn fits(lead: &Lead, filter: &LeadFilter) -> bool {
    filter.status.is_none_or(|status| lead.status() == status)
        && filter.source.is_none_or(|source| lead.source() == source)
        && filter.tag.as_ref().is_none_or(|tag| lead.tags().contains(tag))
        && filter.identity.as_ref().is_none_or(|identity| lead.identities().contains(identity))
        && filter.min_score.is_none_or(|least| lead.score().total() >= least)
}

/// Tells whether two leads of a tenant that are no part of others have an identity or a conversation in common.
fn shares_anything(leads: &[Lead], tenant: TenantId) -> bool {
    let (mut identities, mut conversations) = (HashSet::new(), HashSet::new());
    let mut own = leads.iter().filter(|lead| lead.tenant_id() == tenant && lead.merged_into().is_none());
    own.any(|lead| {
        lead.identities().into_iter().any(|identity| !identities.insert(identity))
            || lead.conversations().into_iter().any(|conversation| !conversations.insert(conversation))
    })
}

fn cursor(lead: &Lead) -> Cursor {
    Cursor { micros: lead.created_at().timestamp_micros(), id: lead.id().uuid() }
}
