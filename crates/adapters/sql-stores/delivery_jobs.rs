//! The end of a claim on a delivery, inside the transaction that knows what more there is to send.

use conversation::{Claim, DeliveryJob};
use diesel::{
    ExpressionMethods as _, QueryDsl as _,
    dsl::{exists, not},
};
use diesel_async::RunQueryDsl as _;
use kernel::{StoreError, TenantId, Timestamp};

use crate::{
    delivery_rows::waiting,
    errors::store_error,
    locks::fence_of,
    schema::jobs,
    types::{Conn, Id, Ts},
};

/// Ends a claim unless a message waits: the job goes, or is free if it was asked for again.
pub(crate) async fn end_claim(
    conn: &mut Conn,
    tenant: TenantId,
    claim: &Claim,
) -> Result<DeliveryJob, StoreError> {
    let job = jobs::table.find((Id(tenant.uuid()), claim.kind.as_str(), Id(claim.conversation_id.uuid())));
    let waiting = waiting(tenant, claim.conversation_id);
    let gone = diesel::delete(job)
        .filter(jobs::fence.eq(claim.fence))
        .filter(jobs::wanted.eq(claim.wanted))
        .filter(not(exists(waiting)))
        .execute(conn)
        .await
        .map_err(store_error)?;
    if gone > 0 {
        return Ok(DeliveryJob::Done);
    }
    if fence_of(conn, tenant, claim).await? != Some(claim.fence) {
        return Ok(DeliveryJob::Lost);
    }
    let freed = diesel::update(job)
        .filter(jobs::fence.eq(claim.fence))
        .filter(not(exists(waiting)))
        .set((jobs::lease_until.eq(None::<Ts>), jobs::attempts.eq(0)))
        .execute(conn)
        .await
        .map_err(store_error)?;
    Ok(if freed > 0 { DeliveryJob::Done } else { DeliveryJob::GoesOn })
}

/// Gives a claimed job back, to be done again at a time. It counts as an attempt.
pub(crate) async fn give_back(
    conn: &mut Conn,
    tenant: TenantId,
    claim: &Claim,
    run_at: Timestamp,
) -> Result<DeliveryJob, StoreError> {
    let job = jobs::table.find((Id(tenant.uuid()), claim.kind.as_str(), Id(claim.conversation_id.uuid())));
    let given_back = diesel::update(job)
        .filter(jobs::fence.eq(claim.fence))
        .set((
            jobs::run_at.eq(Ts(run_at)),
            jobs::lease_until.eq(None::<Ts>),
            jobs::attempts.eq(claim.attempts + 1),
        ))
        .execute(conn)
        .await
        .map_err(store_error)?;
    Ok(if given_back > 0 { DeliveryJob::GivenBack } else { DeliveryJob::Lost })
}
