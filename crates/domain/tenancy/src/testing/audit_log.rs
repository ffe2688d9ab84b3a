//! The audit log and what it tells as events, in memory. The other fakes write in it.

use std::{fmt::Display, sync::Arc};

use async_trait::async_trait;
use kernel::{
    AuditEntryId, Cursor, EventId, IdGenerator as _, Page, PageRequest, StoreError, TenantId, Timestamp,
    testing::CountingIds,
};

use super::rows::Rows;
use crate::{
    AuditAction, AuditDetail, AuditEntry, AuditFilter, AuditLog, EventLog, EventPosition, PlatformScope,
    RecordedEvent, TenantScope,
};

/// Keeps the audit log and events in memory. Cloning shares it.
#[derive(Clone, Debug, Default)]
pub struct MemoryAuditLog {
    rows: Arc<Rows<(TenantId, AuditEntry)>>,
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
        if scope.actor().is_audited() {
            let entry = AuditEntry {
                id: AuditEntryId::new(self.ids.next()),
                at,
                actor: scope.actor().to_string(),
                action,
                resource_id,
                detail,
            };
            self.rows.lock().push((scope.tenant_id(), entry));
        }
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
        let is_due = |(tenant, entry): &(TenantId, AuditEntry)| {
            let Cursor { micros, id } = cursor(entry);
            *tenant == scope.tenant_id()
                && filter.action.is_none_or(|action| action == entry.action)
                && filter.resource_id.as_ref().is_none_or(|id| *id == entry.resource_id)
                && page.after().is_none_or(|after| (micros, id) < (after.micros, after.id))
        };
        let mut due = self.rows.list(is_due, |(_, entry)| (entry.at, entry.id));
        due.reverse();
        let rows = due.into_iter().map(|(_, entry)| entry).take(usize::from(page.limit()) + 1).collect();
        Ok(Page::from_rows(rows, page, cursor))
    }
}

fn cursor(entry: &AuditEntry) -> Cursor {
    Cursor { micros: entry.at.timestamp_micros(), id: entry.id.uuid() }
}
