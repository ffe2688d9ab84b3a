//! The audit logs and what they tell as events, in memory. The other fakes write in it.

use std::{fmt::Display, sync::Arc};

use async_trait::async_trait;
use kernel::{
    AuditEntryId, Cursor, EventId, IdGenerator as _, Page, PageRequest, StoreError, TenantId, Timestamp,
    testing::CountingIds,
};

use super::rows::Rows;
use crate::{
    Actor, AuditAction, AuditDetail, AuditEntry, AuditFilter, AuditLog, EventLog, EventPosition,
    PlatformScope, RecordedEvent, TenantScope,
};

/// Keeps the audit logs and events in memory. Cloning shares it.
#[derive(Clone, Debug, Default)]
pub struct MemoryAuditLog {
    /// Lines of the platform's log name no tenant.
    rows: Arc<Rows<(Option<TenantId>, AuditEntry)>>,
    events: Arc<Rows<(TenantId, RecordedEvent)>>,
    ids: Arc<CountingIds>,
}

impl MemoryAuditLog {
    /// Writes what somebody has done, unless it was the server itself.
    pub fn record(&self, scope: &TenantScope, at: Timestamp, action: AuditAction, resource_id: impl Display) {
        self.write(scope, at, (action, format!("{resource_id}")), None);
    }

    /// Writes what somebody has changed, unless it was nothing or the server itself.
    pub fn record_change(
        &self,
        scope: &TenantScope,
        at: Timestamp,
        (action, resource_id): (AuditAction, impl Display),
        detail: Option<AuditDetail>,
    ) {
        if detail.is_some() {
            self.write(scope, at, (action, format!("{resource_id}")), detail);
        }
    }

    /// Writes in the platform's log what somebody has done, unless it was the server itself.
    pub fn record_platform(
        &self,
        platform: &PlatformScope,
        at: Timestamp,
        action: AuditAction,
        resource_id: impl Display,
    ) {
        self.add((None, platform.actor()), at, (action, format!("{resource_id}")), None);
    }

    fn write(
        &self,
        scope: &TenantScope,
        at: Timestamp,
        (action, resource_id): (AuditAction, String),
        detail: Option<AuditDetail>,
    ) {
        if action.is_told() {
            self.tell(scope, at, action, &resource_id);
        }
        self.add((Some(scope.tenant_id()), scope.actor()), at, (action, resource_id), detail);
    }

    fn add(
        &self,
        (tenant, actor): (Option<TenantId>, &Actor),
        at: Timestamp,
        (action, resource_id): (AuditAction, String),
        detail: Option<AuditDetail>,
    ) {
        if actor.is_audited() {
            let (id, actor) = (AuditEntryId::new(self.ids.next()), actor.to_string());
            let action = action.as_str().to_owned();
            self.rows.lock().push((tenant, AuditEntry { id, at, actor, action, resource_id, detail }));
        }
    }

    fn page_of(&self, owner: Option<TenantId>, filter: &AuditFilter, page: &PageRequest) -> Page<AuditEntry> {
        let is_due = |(of, entry): &(Option<TenantId>, AuditEntry)| {
            let Cursor { micros, id } = cursor(entry);
            *of == owner
                && filter.action.is_none_or(|action| action.as_str() == entry.action)
                && filter.resource_id.as_ref().is_none_or(|id| *id == entry.resource_id)
                && page.after().is_none_or(|after| (micros, id) < (after.micros, after.id))
        };
        let mut due = self.rows.list(is_due, |(_, entry)| (entry.at, entry.id));
        due.reverse();
        let rows = due.into_iter().map(|(_, entry)| entry).take(usize::from(page.limit()) + 1).collect();
        Page::from_rows(rows, page, cursor)
    }

    fn tell(&self, scope: &TenantScope, at: Timestamp, action: AuditAction, resource_id: &str) {
        let mut events = self.events.lock();
        let place = i64::try_from(events.len()).unwrap_or(i64::MAX).saturating_add(1);
        let event = RecordedEvent {
            position: EventPosition { round: 0, place },
            id: EventId::new(self.ids.next()),
            name: action.as_str().to_owned(),
            version: 1,
            at,
            facts: action.facts(resource_id),
        };
        events.push((scope.tenant_id(), event));
    }
}

#[async_trait]
impl EventLog for MemoryAuditLog {
    async fn read_events(
        &self,
        scope: &TenantScope,
        after: EventPosition,
        limit: u16,
    ) -> Result<Vec<RecordedEvent>, StoreError> {
        let events = self.events.lock();
        let own =
            events.iter().filter(|(tenant, event)| *tenant == scope.tenant_id() && event.position > after);
        Ok(own.map(|(_, event)| event.clone()).take(usize::from(limit)).collect())
    }

    async fn last_position(&self, _: &PlatformScope) -> Result<EventPosition, StoreError> {
        Ok(self.events.lock().last().map_or(EventPosition::START, |(_, event)| event.position))
    }

    async fn news(
        &self,
        _: &PlatformScope,
        after: EventPosition,
        limit: u16,
    ) -> Result<Vec<(EventPosition, TenantId)>, StoreError> {
        let events = self.events.lock();
        let new = events.iter().filter(|(_, event)| event.position > after);
        Ok(new.map(|(tenant, event)| (event.position, *tenant)).take(usize::from(limit)).collect())
    }
}

#[async_trait]
impl AuditLog for MemoryAuditLog {
    async fn list(
        &self,
        scope: &TenantScope,
        filter: &AuditFilter,
        page: &PageRequest,
    ) -> Result<Page<AuditEntry>, StoreError> {
        Ok(self.page_of(Some(scope.tenant_id()), filter, page))
    }

    async fn list_platform(
        &self,
        _: &PlatformScope,
        filter: &AuditFilter,
        page: &PageRequest,
    ) -> Result<Page<AuditEntry>, StoreError> {
        Ok(self.page_of(None, filter, page))
    }
}

fn cursor(entry: &AuditEntry) -> Cursor {
    Cursor { micros: entry.at.timestamp_micros(), id: entry.id.uuid() }
}
