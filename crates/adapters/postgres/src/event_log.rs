//! What has happened, as Postgres tells it: many write at once, so a reader waits for the oldest that has not ended.
//!
//! A position is the number of the transaction that wrote, and a number within all that was written. Both are handed out
//! before the writer commits. What is read lies below the oldest transaction that is still open, so nothing appears before it
//! any more.

use async_trait::async_trait;
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Integer, Text, Timestamptz, Uuid as UuidSql},
};
use diesel_async::RunQueryDsl as _;
use kernel::{EventId, StoreError, TenantId};
use tenancy::{EventLog, EventPosition, PlatformScope, RecordedEvent, TenantScope};

use crate::{
    Stores,
    errors::{corrupt, store_error},
    types::{Conn, Id, Ts},
};

const OF_TENANT: &str = "SELECT xid::text::bigint AS round, position AS place, id, name, version, at, facts FROM events \
     WHERE tenant_id = $1 AND (xid, position) > ($2::text::xid8, $3) AND xid < pg_snapshot_xmin(pg_current_snapshot()) \
     ORDER BY xid, position LIMIT $4";

const NEWS: &str = "SELECT xid::text::bigint AS round, position AS place, tenant_id FROM events \
     WHERE (xid, position) > ($1::text::xid8, $2) AND xid < pg_snapshot_xmin(pg_current_snapshot()) \
     ORDER BY xid, position LIMIT $3";

const LAST: &str = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1 AS round, \
     9223372036854775807 AS place";

/// Nothing here has been written by a transaction that is still to come.
const SETTLE: &str =
    "UPDATE events SET xid = '0' WHERE xid >= pg_snapshot_xmax(pg_current_snapshot()) AND xid <> '0'";

#[derive(QueryableByName)]
struct EventRow {
    #[diesel(sql_type = BigInt)]
    round: i64,
    #[diesel(sql_type = BigInt)]
    place: i64,
    #[diesel(sql_type = UuidSql)]
    id: Id,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Timestamptz)]
    at: Ts,
    #[diesel(sql_type = Text)]
    facts: String,
}

impl EventRow {
    fn read(self) -> Result<RecordedEvent, StoreError> {
        Ok(RecordedEvent {
            position: EventPosition { round: self.round, place: self.place },
            id: EventId::new(self.id.0),
            name: self.name,
            version: self.version.try_into().map_err(|_| corrupt("event version"))?,
            at: self.at.0,
            facts: self.facts,
        })
    }
}

#[derive(QueryableByName)]
struct PositionRow {
    #[diesel(sql_type = BigInt)]
    round: i64,
    #[diesel(sql_type = BigInt)]
    place: i64,
}

#[derive(QueryableByName)]
struct NewsRow {
    #[diesel(embed)]
    position: PositionRow,
    #[diesel(sql_type = UuidSql)]
    tenant_id: Id,
}

impl PositionRow {
    fn read(&self) -> EventPosition {
        EventPosition { round: self.round, place: self.place }
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
        let rows = diesel::sql_query(OF_TENANT)
            .bind::<UuidSql, _>(Id(scope.tenant_id().uuid()))
            .bind::<BigInt, _>(after.round)
            .bind::<BigInt, _>(after.place)
            .bind::<BigInt, _>(i64::from(limit))
            .load::<EventRow>(&mut *tx)
            .await
            .map_err(store_error)?;
        rows.into_iter().map(EventRow::read).collect()
    }

    async fn last_position(&self, platform: &PlatformScope) -> Result<EventPosition, StoreError> {
        let mut tx = self.db.read_platform(platform).await?;
        let row = diesel::sql_query(LAST).get_result::<PositionRow>(&mut *tx).await.map_err(store_error)?;
        Ok(row.read())
    }

    async fn news(
        &self,
        platform: &PlatformScope,
        after: EventPosition,
        limit: u16,
    ) -> Result<Vec<(EventPosition, TenantId)>, StoreError> {
        let mut tx = self.db.read_platform(platform).await?;
        let rows = diesel::sql_query(NEWS)
            .bind::<BigInt, _>(after.round)
            .bind::<BigInt, _>(after.place)
            .bind::<BigInt, _>(i64::from(limit))
            .load::<NewsRow>(&mut *tx)
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(|row| (row.position.read(), TenantId::new(row.tenant_id.0))).collect())
    }
}

/// Puts first what was written in another cluster, from which the database was restored.
pub(crate) async fn settle(conn: &mut Conn) -> Result<(), diesel::result::Error> {
    let settled = diesel::sql_query(SETTLE).execute(conn).await?;
    if settled > 0 {
        tracing::info!(events = settled, "events of before the database was restored come first now");
    }
    Ok(())
}
