//! Jobs on Postgres: many workers claim at once, each skipping what another is taking.

use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use conversation::{Claim, Claims, JobKind, JobQueue, Wake};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, OptionalExtension as _, QueryDsl as _,
    dsl::{case_when, not, sql},
    sql_types::{BigInt, Integer, Timestamptz, Uuid as UuidSql},
};
use diesel_async::RunQueryDsl as _;
use kernel::{ConversationId, StoreError, TenantId, Timestamp};
use tenancy::{PlatformScope, TenantScope};

use crate::{
    Stores,
    delivery_jobs::give_back,
    errors::{corrupt, store_error},
    locks::hold_conversation,
    schema::jobs,
    turn_commit::rests,
    types::{Conn, Id, Ts},
};

diesel::define_sql_function! {
    /// Claims what is due; a row for each claim.
    fn claim_jobs(
        time: Timestamptz, lease_end: Timestamptz, at_most: Integer,
    ) -> Record<(UuidSql, Text, UuidSql, BigInt, BigInt, Integer)>;
}

diesel::table! {
    /// When each job can be taken; a column that Postgres alone has.
    #[sql_name = "jobs"]
    due_jobs (due_at) {
        due_at -> Timestamptz,
    }
}

/// A claimed job: tenant, kind, conversation, fence, wanted, attempts.
type ClaimRow = (Id, String, Id, i64, i64, i32);

#[async_trait]
impl JobQueue for Stores {
    async fn claim(
        &self,
        platform: &PlatformScope,
        now: Timestamp,
        lease: Duration,
        limit: u16,
    ) -> Result<Claims, StoreError> {
        let mut conn = self.db.read_platform(platform).await?;
        let rows = diesel::select(claim_jobs(Ts(now), Ts(until(now, lease)), i32::from(limit)))
            .load::<ClaimRow>(&mut *conn)
            .await
            .map_err(store_error)?;
        let claims = rows
            .into_iter()
            .map(|row| {
                let scope = platform.tenant(TenantId::new(row.0.0));
                read_claim(scope, &row.1, row.2, (row.3, row.4, row.5))
            })
            .collect::<Result<Vec<_>, _>>()?;
        let next_due = if claims.is_empty() { next_due(&mut conn).await? } else { None };
        Ok(Claims { claims, next_due })
    }

    async fn next_due(&self, platform: &PlatformScope) -> Result<Option<Timestamp>, StoreError> {
        next_due(&mut *self.db.read_platform(platform).await?).await
    }

    async fn claim_one(
        &self,
        scope: &TenantScope,
        kind: JobKind,
        conversation: ConversationId,
        now: Timestamp,
        lease: Duration,
    ) -> Result<Option<Claim>, StoreError> {
        let mut tx = self.db.write(scope).await?;
        let job = jobs::table.find((Id(scope.tenant_id().uuid()), kind.as_str(), Id(conversation.uuid())));
        let row = diesel::update(job)
            .filter(jobs::lease_until.is_null().or(jobs::lease_until.le(Ts(now))))
            .filter(not(rests()).or(jobs::run_at.le(Ts(now))))
            .set((
                jobs::fence.eq(sql::<BigInt>("nextval('job_fences')")),
                jobs::lease_until.eq(Ts(until(now, lease))),
                jobs::wanted_at_claim.eq(jobs::wanted),
                jobs::attempts
                    .eq(case_when(jobs::lease_until.is_null(), jobs::attempts).otherwise(jobs::attempts + 1)),
            ))
            .returning((jobs::fence, jobs::wanted, jobs::attempts))
            .get_result::<(i64, i64, i32)>(&mut *tx)
            .await
            .optional()
            .map_err(store_error)?;
        tx.commit().await?;
        row.map(|numbers| read_claim(scope.clone(), kind.as_str(), Id(conversation.uuid()), numbers))
            .transpose()
    }

    async fn release(&self, claim: &Claim, run_at: Timestamp) -> Result<(), StoreError> {
        let (tenant, conversation) = (claim.scope.tenant_id(), claim.conversation_id);
        let mut tx = self.db.write(&claim.scope).await?;
        hold_conversation(&mut tx, tenant, conversation).await?;
        give_back(&mut tx, tenant, claim, run_at).await?;
        tx.commit().await?;
        self.db.signal_work();
        Ok(())
    }

    async fn finish(&self, claim: &Claim) -> Result<(), StoreError> {
        let mut tx = self.db.write(&claim.scope).await?;
        let job = jobs::table.find(key(claim));
        let gone = diesel::delete(job)
            .filter(jobs::fence.eq(claim.fence))
            .filter(jobs::wanted.eq(claim.wanted))
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        if gone == 0 {
            diesel::update(job)
                .filter(jobs::fence.eq(claim.fence))
                .set((jobs::lease_until.eq(None::<Ts>), jobs::attempts.eq(0)))
                .execute(&mut *tx)
                .await
                .map_err(store_error)?;
        }
        tx.commit().await?;
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

async fn next_due(conn: &mut Conn) -> Result<Option<Timestamp>, StoreError> {
    let due = due_jobs::table
        .order(due_jobs::due_at.asc())
        .select(due_jobs::due_at)
        .first::<Ts>(conn)
        .await
        .optional()
        .map_err(store_error)?;
    Ok(due.map(|due| due.0))
}

type JobKey = (Id, &'static str, Id);

fn key(claim: &Claim) -> JobKey {
    (Id(claim.scope.tenant_id().uuid()), claim.kind.as_str(), Id(claim.conversation_id.uuid()))
}

fn until(now: Timestamp, lease: Duration) -> Timestamp {
    now + TimeDelta::from_std(lease).unwrap_or(TimeDelta::hours(1))
}

fn read_claim(
    scope: TenantScope,
    kind: &str,
    conversation: Id,
    (fence, wanted, attempts): (i64, i64, i32),
) -> Result<Claim, StoreError> {
    Ok(Claim {
        scope,
        kind: JobKind::from_name(kind).ok_or_else(|| corrupt("job kind"))?,
        conversation_id: ConversationId::new(conversation.0),
        fence,
        wanted,
        attempts,
    })
}
