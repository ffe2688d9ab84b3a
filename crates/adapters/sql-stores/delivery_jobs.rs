//! The end of a claim, inside the transaction that knows what more there is to do.

use conversation::{Claim, DeliveryJob, JobKind, Purpose};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, QueryDsl as _,
    dsl::{case_when, exists, not},
};
use diesel_async::RunQueryDsl as _;
use kernel::{StoreError, TenantId, Timestamp};

use crate::{
    delivery_rows::waiting,
    errors::store_error,
    locks::fence_of,
    schema::{jobs, messages},
    types::{Conn, Id, Ts},
};

/// Ends a claim on a delivery unless a message waits: the job goes, or is free if it was asked for again.
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

/// Gives a claimed job back, to be done again at a time, or earlier if somebody has asked for that since it was claimed and
/// is in a hurry. It counts as an attempt. Whoever calls this holds the conversation: a confirmation is seen together with
/// what asks for its delivery.
pub(crate) async fn give_back(
    conn: &mut Conn,
    tenant: TenantId,
    claim: &Claim,
    again_at: Timestamp,
) -> Result<DeliveryJob, StoreError> {
    let job = jobs::table.find((Id(tenant.uuid()), claim.kind.as_str(), Id(claim.conversation_id.uuid())));
    let untried_confirmation = waiting(tenant, claim.conversation_id)
        .filter(messages::purpose.eq(Purpose::OptOutConfirmation.as_str()))
        .filter(messages::attempts.eq(0));
    // The same as are in a hurry where `want_job` is called.
    let hurries = jobs::kind
        .eq(JobKind::Reconciliation.as_str())
        .or(jobs::kind.eq(JobKind::Delivery.as_str()).and(exists(untried_confirmation)));
    let is_hurried = jobs::wanted.gt(claim.wanted).and(hurries);
    let given_back = diesel::update(job)
        .filter(jobs::fence.eq(claim.fence))
        .set((
            jobs::run_at.eq(case_when(is_hurried.and(jobs::run_at.lt(Ts(again_at))), jobs::run_at)
                .otherwise(Ts(again_at))),
            jobs::lease_until.eq(None::<Ts>),
            jobs::attempts.eq(claim.attempts + 1),
        ))
        .execute(conn)
        .await
        .map_err(store_error)?;
    Ok(if given_back > 0 { DeliveryJob::GivenBack } else { DeliveryJob::Lost })
}
