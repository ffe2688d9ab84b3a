//! What holds rows against other transactions that write at the same time.
//!
//! Whatever writes in a conversation holds the conversation's row first, then jobs and messages: so nobody waits in a circle,
//! and what a transaction has read of the conversation stays so until it ends. Claims take no part: they skip what is held.

use conversation::Claim;
use diesel::{
    ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, define_sql_function,
    sql_types::{BigInt, Binary, Text, Uuid as UuidSql},
};
use diesel_async::RunQueryDsl as _;
use kernel::{ConversationId, LeadId, MemberId, StoreError, TenantId};
use prompt::{PromptChannel, PromptOwner};
use tenancy::MemberStatus;

use crate::{
    errors::store_error,
    schema::{conversations, jobs, leads, members},
    types::{Conn, Id},
};

/// Whether another transaction may write at the same time.
pub(crate) const WRITERS_MEET: bool = true;

define_sql_function! {
    #[sql_name = "pg_advisory_xact_lock"]
    fn advisory_xact_lock(key: BigInt);
}
define_sql_function! {
    #[sql_name = "hashtextextended"]
    fn hash_of(text: Text, seed: BigInt) -> BigInt;
}

/// Holds a conversation until the transaction ends, waiting for whoever holds it.
pub(crate) async fn hold_conversation(
    conn: &mut Conn,
    tenant: TenantId,
    id: ConversationId,
) -> Result<(), StoreError> {
    conversations::table
        .find((Id(tenant.uuid()), Id(id.uuid())))
        .select(conversations::id)
        .for_no_key_update()
        .first::<Id>(conn)
        .await
        .optional()
        .map_err(store_error)?;
    Ok(())
}

define_sql_function! {
    fn hold_conversations_with(tenant: UuidSql, address_index: Binary);
}

/// Holds every conversation with an address until the transaction ends. Whoever changes the consent of an address calls this
/// before it holds anything else: what was to leave to it in any conversation has begun to by then, or learns of the change.
pub(crate) async fn hold_for_consent(
    conn: &mut Conn,
    tenant: TenantId,
    address_index: &[u8],
) -> Result<(), StoreError> {
    diesel::select(hold_conversations_with(Id(tenant.uuid()), address_index))
        .execute(conn)
        .await
        .map_err(store_error)?;
    Ok(())
}

/// Lets nobody else of the tenant's owners go until the transaction ends.
pub(crate) async fn hold_owners(conn: &mut Conn, tenant: TenantId) -> Result<(), StoreError> {
    hold(conn, format!("owners of {tenant}")).await
}

/// Lets nobody else number or publish a version for the channel until the transaction ends.
pub(crate) async fn hold_prompts(
    conn: &mut Conn,
    owner: PromptOwner,
    channel: PromptChannel,
) -> Result<(), StoreError> {
    let owner = match owner {
        PromptOwner::Platform => "the platform".to_owned(),
        PromptOwner::Tenant(tenant) => tenant.to_string(),
    };
    hold(conn, format!("prompts of {owner} for {}", channel.as_str())).await
}

/// Lets nobody else make another of the tenant's AI profiles the default until the transaction ends.
pub(crate) async fn hold_default_profile(conn: &mut Conn, tenant: TenantId) -> Result<(), StoreError> {
    hold(conn, format!("default AI profile of {tenant}")).await
}

async fn hold(conn: &mut Conn, name: String) -> Result<(), StoreError> {
    diesel::select(advisory_xact_lock(hash_of(name, 0))).execute(conn).await.map_err(store_error)?;
    Ok(())
}

/// Returns the number of the claim that holds a job, and keeps it so until the transaction ends; `None` when there is
/// no such job.
pub(crate) async fn fence_of(
    conn: &mut Conn,
    tenant: TenantId,
    claim: &Claim,
) -> Result<Option<i64>, StoreError> {
    jobs::table
        .find((Id(tenant.uuid()), claim.kind.as_str(), Id(claim.conversation_id.uuid())))
        .select(jobs::fence)
        .for_no_key_update()
        .first::<i64>(conn)
        .await
        .optional()
        .map_err(store_error)
}

/// Returns the version of a lead, and keeps it so until the transaction ends; `None` when there is no such lead.
pub(crate) async fn version_of_lead(
    conn: &mut Conn,
    tenant: TenantId,
    id: LeadId,
) -> Result<Option<i64>, StoreError> {
    leads::table
        .find((Id(tenant.uuid()), Id(id.uuid())))
        .select(leads::version)
        .for_no_key_update()
        .first::<i64>(conn)
        .await
        .optional()
        .map_err(store_error)
}

/// Returns the version of a member, and keeps it so until the transaction ends; `None` when there is no such member, or
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
        .for_no_key_update()
        .first::<i64>(conn)
        .await
        .optional()
        .map_err(store_error)
}
