//! Attempts to send as rows: that one was begun, how it ended, or that it broke off.

use conversation::{Attempt, AttemptEnd, DeliveryState, JobKind, delivery_changed};
use diesel::{ExpressionMethods as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use kernel::{ConversationId, EventId, MessageId, StoreError, TenantId, Timestamp};
use uuid::Uuid;

use crate::{
    delivery_rows::Stands,
    errors::store_error,
    event_rows::{facts_text, tell},
    schema::messages,
    turn_commit::want_job,
    types::{Conn, Id, Ts},
};

/// Writes that an attempt begins, and by which account at the carrier.
pub(crate) async fn begin(
    conn: &mut Conn,
    tenant: TenantId,
    message: MessageId,
    (account_sid, at): (Option<&str>, Timestamp),
) -> Result<(), StoreError> {
    diesel::update(messages::table.find((Id(tenant.uuid()), Id(message.uuid()))))
        .set((
            messages::waits.eq(false),
            messages::attempts.eq(messages::attempts + 1),
            messages::attempted_at.eq(Ts(at)),
            messages::account_sid.eq(account_sid),
            messages::look_ups.eq(0),
        ))
        .execute(conn)
        .await
        .map_err(store_error)?;
    Ok(())
}

/// Makes unknown what was begun in a conversation and has not ended, and asks for it to be looked up.
pub(crate) async fn break_off(
    conn: &mut Conn,
    tenant: TenantId,
    conversation: ConversationId,
    (at, look_up_at): (Timestamp, Timestamp),
) -> Result<(), StoreError> {
    let broken_off = diesel::update(messages::table)
        .filter(messages::tenant_id.eq(Id(tenant.uuid())))
        .filter(messages::conversation_id.eq(Id(conversation.uuid())))
        .filter(messages::attempted_at.is_not_null())
        .filter(messages::delivery_state.eq(DeliveryState::Queued.as_str()))
        .set(messages::delivery_state.eq(DeliveryState::Unknown.as_str()))
        .returning(messages::id)
        .get_results::<Id>(conn)
        .await
        .map_err(store_error)?;
    if broken_off.is_empty() {
        return Ok(());
    }
    for message in broken_off {
        let about = (conversation, MessageId::new(message.0));
        tell_delivery(conn, tenant, about, (DeliveryState::Unknown, at)).await?;
    }
    want_job(conn, tenant, (JobKind::Reconciliation, conversation.uuid(), true), look_up_at).await
}

/// Writes how an attempt ended, and asks for a message to be looked up that may have left. Tells whether the message waits
/// again. Of an attempt that has ended nothing is written but that it was accepted.
pub(crate) async fn end(
    conn: &mut Conn,
    tenant: TenantId,
    (attempt, stands): (Attempt, Stands),
    end: &AttemptEnd,
    at: Timestamp,
) -> Result<bool, StoreError> {
    if !stands.is_open(attempt) && !matches!(end, AttemptEnd::Accepted { .. }) {
        return Ok(false);
    }
    let (message, Stands { state, conversation, .. }) = (attempt.message, stands);
    let row = messages::table.find((Id(tenant.uuid()), Id(message.uuid())));
    let after = after_attempt(state, end);
    let waits = matches!(end, AttemptEnd::NotTaken { .. });
    match end {
        AttemptEnd::Accepted { provider_message_id, .. } => {
            let set = (
                messages::delivery_state.eq(after.as_str()),
                messages::provider_message_id.eq(provider_message_id),
                // It may have been taken for never sent.
                messages::waits.eq(false),
                messages::attempted_at.eq(None::<Ts>),
            );
            diesel::update(row).set(set).execute(conn).await
        }
        AttemptEnd::NotTaken { .. } => {
            let set = (
                messages::delivery_state.eq(after.as_str()),
                messages::waits.eq(waits),
                messages::attempted_at.eq(None::<Ts>),
            );
            diesel::update(row).set(set).execute(conn).await
        }
        AttemptEnd::Unknown { .. } => {
            diesel::update(row).set(messages::delivery_state.eq(after.as_str())).execute(conn).await
        }
        AttemptEnd::Failed { code } => {
            let set = (
                messages::delivery_state.eq(after.as_str()),
                messages::error_code.eq(code),
                messages::attempted_at.eq(None::<Ts>),
            );
            diesel::update(row).set(set).execute(conn).await
        }
    }
    .map_err(store_error)?;
    if let AttemptEnd::Unknown { look_up_at } = end {
        want_job(conn, tenant, (JobKind::Reconciliation, conversation.uuid(), true), *look_up_at).await?;
    }
    if after != state {
        tell_delivery(conn, tenant, (conversation, message), (after, at)).await?;
    }
    Ok(waits)
}

/// Returns where a message stands once an attempt has ended.
fn after_attempt(state: DeliveryState, end: &AttemptEnd) -> DeliveryState {
    match end {
        AttemptEnd::Accepted { state: reported, .. } => state.advanced_by(*reported),
        // It waits as if it had never been attempted, so that an attempt that begins next is told from this one. No carrier
        // has reported on it: a report ends the attempt.
        AttemptEnd::NotTaken { .. } => DeliveryState::Queued,
        AttemptEnd::Unknown { .. } => state.advanced_by(DeliveryState::Unknown),
        AttemptEnd::Failed { .. } => state.advanced_by(DeliveryState::Failed),
    }
}

/// Tells that a message stands otherwise now.
pub(crate) async fn tell_delivery(
    conn: &mut Conn,
    tenant: TenantId,
    about: (ConversationId, MessageId),
    (state, at): (DeliveryState, Timestamp),
) -> Result<(), StoreError> {
    let event = delivery_changed(EventId::new(Uuid::now_v7()), about, state, at);
    tell(conn, tenant, (event.id, event.name.name, at), &facts_text(&event)).await
}
