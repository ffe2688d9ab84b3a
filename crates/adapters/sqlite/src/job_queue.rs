//! Jobs on SQLite: one writer at a time, so a claim needs no row locks.

use std::{ops::Range, time::Duration};

use async_trait::async_trait;
use chrono::TimeDelta;
use conversation::{Claim, Claims, JobKind, JobQueue, Wake};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, Queryable,
    RunQueryDsl as _, Selectable, SelectableHelper as _, SqliteConnection, dsl::not,
};
use kernel::{ConversationId, StoreError, TenantId, Timestamp};
use tenancy::{PlatformScope, TenantScope};

use crate::{
    Stores,
    connection::Plan as _,
    delivery_jobs::give_back,
    errors::{corrupt, store_error},
    schema::jobs,
    turn_commit::rests,
    types::{Id, Ts},
};

diesel::table! {
    job_fences (only) {
        only -> Bool,
        last -> BigInt,
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = jobs)]
struct JobRow {
    tenant_id: Id,
    kind: String,
    conversation_id: Id,
    run_at: Ts,
    lease_until: Option<Ts>,
    wanted: i64,
    attempts: i32,
}

#[async_trait]
impl JobQueue for Stores {
    async fn claim(
        &self,
        platform: &PlatformScope,
        now: Timestamp,
        lease: Duration,
        limit: u16,
    ) -> Result<Claims, StoreError> {
        // Looking costs no write, so an idle worker does not disturb the writer.
        let next_due = self.next_due(platform).await?;
        if next_due.is_none_or(|due| due > now) {
            return Ok(Claims { claims: Vec::new(), next_due });
        }
        let minting = platform.clone();
        let claims = self
            .db
            .in_transaction(move |conn| {
                let due = due(conn, now, limit)?;
                let fences = take_fences(conn, due.len())?;
                due.into_iter()
                    .zip(fences)
                    .map(|(row, fence)| {
                        let scope = minting.tenant(TenantId::new(row.tenant_id.0));
                        take(conn, scope, &row, fence, until(now, lease))
                    })
                    .collect::<Result<Vec<_>, _>>()
            })
            .await?;
        // Another process may have been faster.
        let next_due = if claims.is_empty() { self.next_due(platform).await? } else { None };
        Ok(Claims { claims, next_due })
    }

    async fn next_due(&self, platform: &PlatformScope) -> Result<Option<Timestamp>, StoreError> {
        // A free one can be taken when it is due, a held one when its lease has ended too.
        let mut tx = self.db.read_platform(platform).await?;
        let free = diesel_async::RunQueryDsl::first::<Ts>(
            jobs::table.filter(jobs::lease_until.is_null()).order(jobs::run_at.asc()).select(jobs::run_at),
            &mut *tx,
        )
        .await
        .optional()
        .map_err(store_error)?;
        let held = diesel_async::RunQueryDsl::load::<(Ts, Option<Ts>)>(
            jobs::table.filter(jobs::lease_until.is_not_null()).select((jobs::run_at, jobs::lease_until)),
            &mut *tx,
        )
        .await
        .map_err(store_error)?;
        let held = held.into_iter().filter_map(|(run_at, lease)| Some(run_at.0.max(lease?.0)));
        Ok(free.map(|due| due.0).into_iter().chain(held).min())
    }

    async fn claim_one(
        &self,
        scope: &TenantScope,
        kind: JobKind,
        conversation: ConversationId,
        now: Timestamp,
        lease: Duration,
    ) -> Result<Option<Claim>, StoreError> {
        let scope = scope.clone();
        self.db
            .in_transaction(move |conn| {
                let row = jobs::table
                    .find((Id(scope.tenant_id().uuid()), kind.as_str(), Id(conversation.uuid())))
                    .filter(jobs::lease_until.is_null().or(jobs::lease_until.le(Ts(now))))
                    .filter(not(rests()).or(jobs::run_at.le(Ts(now))))
                    .select(JobRow::as_select())
                    .first::<JobRow>(conn)
                    .optional()
                    .map_err(store_error)?;
                let Some(row) = row else { return Ok(None) };
                let fence = take_fences(conn, 1)?.start;
                take(conn, scope, &row, fence, until(now, lease)).map(Some)
            })
            .await
    }

    async fn release(&self, claim: &Claim, run_at: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.db.write(&claim.scope).await?;
        give_back(&mut tx, claim.scope.tenant_id(), claim, run_at).await?;
        tx.commit().await?;
        self.db.signal_work();
        Ok(())
    }

    async fn finish(&self, claim: &Claim) -> Result<(), StoreError> {
        let claim = claim.clone();
        self.db
            .in_transaction(move |conn| {
                let job = jobs::table.find(key(&claim));
                let gone = diesel::delete(job)
                    .filter(jobs::fence.eq(claim.fence))
                    .filter(jobs::wanted.eq(claim.wanted))
                    .planned()
                    .execute(conn)
                    .map_err(store_error)?;
                if gone > 0 {
                    return Ok(());
                }
                diesel::update(job)
                    .filter(jobs::fence.eq(claim.fence))
                    .set((jobs::lease_until.eq(None::<Ts>), jobs::attempts.eq(0)))
                    .planned()
                    .execute(conn)
                    .map_err(store_error)?;
                Ok(())
            })
            .await?;
        self.db.signal_work();
        Ok(())
    }

    fn seen(&self) -> Wake {
        Wake(*self.db.work.borrow())
    }

    async fn wait(&self, seen: Wake, at_most: Duration) {
        let mut signals = self.db.work.subscribe();
        // Running out of time is as good as being woken: the caller looks again either way.
        let _ = tokio::time::timeout(at_most, signals.wait_for(|signalled| *signalled != seen.0)).await;
    }
}

type JobKey = (Id, &'static str, Id);

fn key(claim: &Claim) -> JobKey {
    (Id(claim.scope.tenant_id().uuid()), claim.kind.as_str(), Id(claim.conversation_id.uuid()))
}

fn until(now: Timestamp, lease: Duration) -> Timestamp {
    now + TimeDelta::from_std(lease).unwrap_or(TimeDelta::hours(1))
}

/// Takes so many numbers that no claim has ever had. A job that ends and comes again is a new row, so numbers kept
/// with the row would repeat.
fn take_fences(conn: &mut SqliteConnection, count: usize) -> Result<Range<i64>, StoreError> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let last = diesel::update(job_fences::table)
        .set(job_fences::last.eq(job_fences::last + count))
        .returning(job_fences::last)
        .planned()
        .get_result::<i64>(conn)
        .map_err(store_error)?;
    Ok(last - count + 1..last + 1)
}

/// Returns the jobs that can be taken, the longest due first. An index answers each of the two questions; asked as one,
/// they would walk the whole queue.
fn due(conn: &mut SqliteConnection, now: Timestamp, limit: u16) -> Result<Vec<JobRow>, StoreError> {
    let free = jobs::table
        .filter(jobs::lease_until.is_null())
        .filter(jobs::run_at.le(Ts(now)))
        .order(jobs::run_at.asc())
        .limit(i64::from(limit))
        .select(JobRow::as_select())
        .load(conn)
        .map_err(store_error)?;
    let abandoned = jobs::table
        .filter(jobs::lease_until.le(Ts(now)))
        .filter(jobs::run_at.le(Ts(now)))
        .order(jobs::run_at.asc())
        .limit(i64::from(limit))
        .select(JobRow::as_select())
        .load(conn)
        .map_err(store_error)?;
    let mut due: Vec<JobRow> = free.into_iter().chain(abandoned).collect();
    due.sort_by_key(|job| job.run_at.0);
    due.truncate(usize::from(limit));
    Ok(due)
}

/// Takes a job that nobody holds. A lease that ran out counts as an attempt: its worker died or hung.
fn take(
    conn: &mut SqliteConnection,
    scope: TenantScope,
    row: &JobRow,
    fence: i64,
    lease_until: Timestamp,
) -> Result<Claim, StoreError> {
    let claim = Claim {
        scope,
        kind: JobKind::from_name(&row.kind).ok_or_else(|| corrupt("job kind"))?,
        conversation_id: ConversationId::new(row.conversation_id.0),
        fence,
        wanted: row.wanted,
        attempts: row.attempts + i32::from(row.lease_until.is_some()),
    };
    diesel::update(jobs::table.find(key(&claim)))
        .set((
            jobs::fence.eq(claim.fence),
            jobs::lease_until.eq(Ts(lease_until)),
            jobs::wanted_at_claim.eq(claim.wanted),
            jobs::attempts.eq(claim.attempts),
        ))
        .planned()
        .execute(conn)
        .map_err(store_error)?;
    Ok(claim)
}
