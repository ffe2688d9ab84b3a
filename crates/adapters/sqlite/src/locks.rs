//! What holds rows against other writers: nothing, since a transaction that writes is alone.

use conversation::Claim;
use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use kernel::{ConversationId, LeadId, MemberId, StoreError, TenantId};
use prompt::{PromptChannel, PromptOwner};
use tenancy::MemberStatus;

use crate::{
    errors::store_error,
    schema::{jobs, leads, members},
    types::{Conn, Id},
};

/// Whether another transaction may write at the same time.
pub(crate) const WRITERS_MEET: bool = false;

/// Holds a conversation until the transaction ends; it is held already.
pub(crate) async fn hold_conversation(
    _conn: &mut Conn,
    _tenant: TenantId,
    _id: ConversationId,
) -> Result<(), StoreError> {
    Ok(())
}

/// Holds every conversation with an address until the transaction ends; they are held already.
pub(crate) async fn hold_for_consent(
    _conn: &mut Conn,
    _tenant: TenantId,
    _address_index: &[u8],
) -> Result<(), StoreError> {
    Ok(())
}

/// Lets nobody else of the tenant's owners go until the transaction ends; it is alone.
pub(crate) async fn hold_owners(_conn: &mut Conn, _tenant: TenantId) -> Result<(), StoreError> {
    Ok(())
}

/// Lets nobody else number or publish a version for the channel until the transaction ends; it is alone.
pub(crate) async fn hold_prompts(
    _conn: &mut Conn,
    _owner: PromptOwner,
    _channel: PromptChannel,
) -> Result<(), StoreError> {
    Ok(())
}

/// Lets nobody else make another AI profile the default until the transaction ends; it is alone.
pub(crate) async fn hold_default_profile(_conn: &mut Conn, _tenant: TenantId) -> Result<(), StoreError> {
    Ok(())
}

/// Returns the number of the claim that holds a job; `None` when there is no such job.
pub(crate) async fn fence_of(
    conn: &mut Conn,
    tenant: TenantId,
    claim: &Claim,
) -> Result<Option<i64>, StoreError> {
    jobs::table
        .find((Id(tenant.uuid()), claim.kind.as_str(), Id(claim.conversation_id.uuid())))
        .select(jobs::fence)
        .get_result::<i64>(conn)
        .await
        .optional()
        .map_err(store_error)
}

/// Returns the version of a lead; `None` when there is no such lead.
pub(crate) async fn version_of_lead(
    conn: &mut Conn,
    tenant: TenantId,
    id: LeadId,
) -> Result<Option<i64>, StoreError> {
    leads::table
        .find((Id(tenant.uuid()), Id(id.uuid())))
        .select(leads::version)
        .get_result::<i64>(conn)
        .await
        .optional()
        .map_err(store_error)
}

/// Returns the version of a member; `None` when there is no such member, or
/// the member is disabled.
pub(crate) async fn version_of_active_member(
    conn: &mut Conn,
    tenant: TenantId,
    id: MemberId,
) -> Result<Option<i64>, StoreError> {
    members::table
        .find((Id(tenant.uuid()), Id(id.uuid())))
        .filter(members::status.eq(MemberStatus::Active.as_str()))
        .select(members::version)
        .get_result::<i64>(conn)
        .await
        .optional()
        .map_err(store_error)
}
