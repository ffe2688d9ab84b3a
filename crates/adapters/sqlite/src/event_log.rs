//! What has happened, as SQLite tells it: one writer at a time, so positions rise in the order of commits.

use async_trait::async_trait;
use diesel::{ExpressionMethods as _, QueryDsl as _, Queryable, Selectable, SelectableHelper as _, dsl::max};
use diesel_async::RunQueryDsl as _;
use kernel::{EventId, StoreError, TenantId};
use tenancy::{EventLog, EventPosition, PlatformScope, RecordedEvent, TenantScope};

use crate::{
    Stores,
    errors::{corrupt, store_error},
    schema::events,
    types::{Id, Ts},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = events)]
struct EventRow {
    position: i64,
    id: Id,
    name: String,
    version: i32,
    at: Ts,
    facts: String,
}

impl EventRow {
    fn read(self) -> Result<RecordedEvent, StoreError> {
        Ok(RecordedEvent {
            position: position(self.position),
            id: EventId::new(self.id.0),
            name: self.name,
            version: self.version.try_into().map_err(|_| corrupt("event version"))?,
            at: self.at.0,
            facts: self.facts,
        })
    }
}

#[async_trait]
impl EventLog for Stores {
    async fn read_events(
        &self,
        scope: &TenantScope,
        after: EventPosition,
        limit: u16,
    ) -> Result<Vec<RecordedEvent>, StoreError> {
        let mut tx = self.db.read(scope).await?;
        let rows = events::table
            .filter(events::tenant_id.eq(Id(scope.tenant_id().uuid())))
            .filter(events::position.gt(after.place))
            .order(events::position.asc())
            .limit(i64::from(limit))
            .select(EventRow::as_select())
            .load::<EventRow>(&mut *tx)
            .await
            .map_err(store_error)?;
        rows.into_iter().map(EventRow::read).collect()
    }

    async fn last_position(&self, platform: &PlatformScope) -> Result<EventPosition, StoreError> {
        let mut tx = self.db.read_platform(platform).await?;
        let last = events::table.select(max(events::position)).first::<Option<i64>>(&mut *tx).await;
        Ok(last.map_err(store_error)?.map_or(EventPosition::START, position))
    }

    async fn news(
        &self,
        platform: &PlatformScope,
        after: EventPosition,
        limit: u16,
    ) -> Result<Vec<(EventPosition, TenantId)>, StoreError> {
        let mut tx = self.db.read_platform(platform).await?;
        let rows = events::table
            .filter(events::position.gt(after.place))
            .order(events::position.asc())
            .limit(i64::from(limit))
            .select((events::position, events::tenant_id))
            .load::<(i64, Id)>(&mut *tx)
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(|(place, tenant)| (position(place), TenantId::new(tenant.0))).collect())
    }
}

fn position(place: i64) -> EventPosition {
    EventPosition { round: 0, place }
}
