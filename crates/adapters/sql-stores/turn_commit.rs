//! What a turn or a person's change writes, inside one transaction.

use conversation::{
    Claim, ContactName, ConversationChange, DeliveryState, Handoff, JobKind, Language, NewOutbound, Owner,
    Purpose, TurnCommit,
};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, IntoSql as _, QueryDsl as _, dsl::case_when,
    sql_types::Bool, upsert::excluded,
};
use diesel_async::RunQueryDsl as _;
use kernel::{StoreError, TenantId, Timestamp};
use tenancy::TenantVault;
use uuid::Uuid;

use crate::{
    conversation_rows::{OpenedConversation, find_conversation},
    errors::store_error,
    handoff_rows,
    locks::{fence_of, hold_conversation},
    message_rows::{OutboundRow, write_refused},
    schema::{consents, contacts, conversations, jobs, messages},
    sealing::{name_place, seal_contact_text},
    types::{Conn, Id, Ts},
    usage_rows,
};

/// Writes what few turns bring: what was not said, and what was learnt.
pub(crate) async fn write_besides(
    conn: &mut Conn,
    tenant: TenantId,
    opened: &OpenedConversation,
    commit: &TurnCommit,
) -> Result<(), StoreError> {
    if let Some(refused) = &commit.refused {
        let of = (opened.view.conversation.id, &*opened.vault);
        write_refused(conn, tenant, of, refused).await?;
    }
    if let Some(name) = &commit.contact_name {
        replace_name(conn, tenant, opened, name).await?;
    }
    if commit.confirms_consent {
        diesel::update(consents::table.find((Id(tenant.uuid()), &opened.address_index)))
            .set(consents::confirmed_at.eq(Ts(commit.turn.committed_at)))
            .execute(conn)
            .await
            .map_err(store_error)?;
    }
    if let Some(language) = &commit.language {
        set_language(conn, tenant, opened, language).await?;
    }
    if let Some(handoff) = &commit.handoff {
        hand_over(conn, tenant, opened, handoff).await?;
    }
    Ok(())
}

async fn set_language(
    conn: &mut Conn,
    tenant: TenantId,
    opened: &OpenedConversation,
    language: &Language,
) -> Result<(), StoreError> {
    let contact = opened.view.conversation.contact_id.uuid();
    diesel::update(contacts::table.find((Id(tenant.uuid()), Id(contact))))
        .set(contacts::language.eq(language.as_str()))
        .execute(conn)
        .await
        .map_err(store_error)?;
    Ok(())
}

/// Makes a person the owner from now on.
async fn hand_over(
    conn: &mut Conn,
    tenant: TenantId,
    opened: &OpenedConversation,
    handoff: &Handoff,
) -> Result<(), StoreError> {
    let conversation = &opened.view.conversation;
    diesel::update(conversations::table.find((Id(tenant.uuid()), Id(conversation.id.uuid()))))
        .set((
            conversations::owner.eq(Owner::Human.as_str()),
            conversations::version.eq(conversation.version + 1),
        ))
        .execute(conn)
        .await
        .map_err(store_error)?;
    handoff_rows::insert(conn, tenant, (conversation.id, &*opened.vault), handoff).await
}

/// Saves a change of status and owner together with the messages that come with it.
pub(crate) async fn save_change(
    conn: &mut Conn,
    (tenant, vault): (TenantId, &dyn TenantVault),
    change: &ConversationChange,
    at: Timestamp,
) -> Result<(), StoreError> {
    hold_conversation(conn, tenant, change.id).await?;
    let opened = find_conversation(conn, (tenant, vault), change.id).await?.ok_or(StoreError::Conflict)?;
    let changed = diesel::update(conversations::table.find((Id(tenant.uuid()), Id(change.id.uuid()))))
        .filter(conversations::version.eq(change.read_version))
        .set((
            conversations::status.eq(change.status.as_str()),
            conversations::owner.eq(change.owner.as_str()),
            conversations::version.eq(change.read_version + 1),
        ))
        .execute(conn)
        .await
        .map_err(store_error)?;
    if changed == 0 {
        return Err(StoreError::Conflict);
    }
    debug_assert!(
        change.outbound.iter().all(|outbound| outbound.state != DeliveryState::Queued || outbound.at <= at),
        "what waits to leave is due"
    );
    insert_outbound(conn, tenant, &opened, None, &change.outbound).await?;
    usage_rows::add_persons_messages(conn, tenant, &change.outbound, at).await
}

/// Says [`StoreError::Conflict`] unless the claim holds its job, and goes on holding it until the transaction ends.
pub(crate) async fn check_fence(conn: &mut Conn, tenant: TenantId, claim: &Claim) -> Result<(), StoreError> {
    let fence = fence_of(conn, tenant, claim).await?;
    if fence == Some(claim.fence) { Ok(()) } else { Err(StoreError::Conflict) }
}

/// Whether a job is held, and nothing was asked of it since it was claimed: what is asked for now begins a window of
/// its own.
#[diesel::dsl::auto_type]
pub(crate) fn is_first_since_claim() -> _ {
    jobs::lease_until.is_not_null().and(jobs::wanted.eq(jobs::wanted_at_claim))
}

/// Whether a job was given back and waits to be tried again. Whatever asks for it meanwhile does not bring it forward, or
/// its attempts would be used up while what it needs still fails.
#[diesel::dsl::auto_type]
pub(crate) fn rests() -> _ {
    jobs::lease_until.is_null().and(jobs::attempts.gt(0_i32))
}

/// Asks for a job: makes it, or brings the one that is there forward, one that rests only if this is in a hurry. So are a look-up,
/// which rests for the sake of another message, and the confirmation of an opt-out, which is worth nothing later.
pub(crate) async fn want_job(
    conn: &mut Conn,
    tenant: TenantId,
    (kind, conversation, hurries): (JobKind, Uuid, bool),
    run_at: Timestamp,
) -> Result<(), StoreError> {
    diesel::insert_into(jobs::table)
        .values((
            jobs::tenant_id.eq(Id(tenant.uuid())),
            jobs::kind.eq(kind.as_str()),
            jobs::conversation_id.eq(Id(conversation)),
            jobs::run_at.eq(Ts(run_at)),
            jobs::latest_run_at.eq(Ts(run_at)),
            jobs::fence.eq(0_i64),
            jobs::wanted.eq(1_i64),
            jobs::wanted_at_claim.eq(0_i64),
            jobs::attempts.eq(0),
        ))
        .on_conflict((jobs::tenant_id, jobs::kind, jobs::conversation_id))
        .do_update()
        .set((
            jobs::run_at.eq(case_when(rests().and((!hurries).into_sql::<Bool>()), jobs::run_at)
                .when(
                    excluded(jobs::run_at).lt(jobs::run_at).or(is_first_since_claim()),
                    excluded(jobs::run_at),
                )
                .otherwise(jobs::run_at)),
            jobs::wanted.eq(jobs::wanted + excluded(jobs::wanted)),
        ))
        .execute(conn)
        .await
        .map_err(store_error)?;
    Ok(())
}

/// Writes what is to be said, and asks for its delivery.
pub(crate) async fn insert_outbound(
    conn: &mut Conn,
    tenant: TenantId,
    opened: &OpenedConversation,
    turn: Option<Uuid>,
    outbound: &[NewOutbound],
) -> Result<(), StoreError> {
    let Some(last_at) = outbound.iter().map(|outbound| outbound.at).max() else { return Ok(()) };
    let conversation = &opened.view.conversation;
    let id = conversation.id.uuid();
    for message in outbound {
        let row = OutboundRow::seal((tenant.uuid(), id, turn), opened.provider, &*opened.vault, message)?;
        diesel::insert_into(messages::table).values(row).execute(conn).await.map_err(store_error)?;
    }
    diesel::update(conversations::table.find((Id(tenant.uuid()), Id(id))))
        .filter(conversations::last_message_at.lt(Ts(last_at)))
        .set(conversations::last_message_at.eq(Ts(last_at)))
        .execute(conn)
        .await
        .map_err(store_error)?;
    if outbound.iter().any(|message| message.state == DeliveryState::Queued) {
        let confirms = outbound.iter().any(|message| message.purpose == Purpose::OptOutConfirmation);
        want_job(conn, tenant, (JobKind::Delivery, id, confirms), last_at).await?;
    }
    Ok(())
}

async fn replace_name(
    conn: &mut Conn,
    tenant: TenantId,
    opened: &OpenedConversation,
    name: &ContactName,
) -> Result<(), StoreError> {
    let known = opened.view.contact_name.as_ref();
    if known == Some(name) || !name.may_replace(known) {
        return Ok(());
    }
    let contact = opened.view.conversation.contact_id.uuid();
    diesel::update(contacts::table.find((Id(tenant.uuid()), Id(contact))))
        .set((
            contacts::name_sealed.eq(seal_contact_text(&*opened.vault, name_place(contact), &name.text)?),
            contacts::name_source.eq(name.source.as_str()),
        ))
        .execute(conn)
        .await
        .map_err(store_error)?;
    Ok(())
}
