//! Hand-offs as rows.

use conversation::{Handoff, HandoffReason};
use diesel::{BoolExpressionMethods as _, ExpressionMethods as _, JoinOnDsl as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use kernel::{ContactId, ConversationId, HandoffId, Page, PageRequest, StoreError, TenantId};
use tenancy::{ContactVault, TenantVault};

use crate::{
    conversation_store::{cursor, time_of},
    errors::{corrupt, store_error, vault_error},
    schema::{contacts, conversations, handoffs},
    sealing::{contact_key, open_contact_text, seal_contact_text, summary_place},
    types::{Conn, Id, Ts},
};

/// Writes a hand-off of a conversation.
pub(crate) async fn insert(
    conn: &mut Conn,
    tenant: TenantId,
    (conversation, vault): (ConversationId, &dyn ContactVault),
    handoff: &Handoff,
) -> Result<(), StoreError> {
    let id = handoff.id.uuid();
    diesel::insert_into(handoffs::table)
        .values((
            handoffs::tenant_id.eq(Id(tenant.uuid())),
            handoffs::id.eq(Id(id)),
            handoffs::conversation_id.eq(Id(conversation.uuid())),
            handoffs::reason.eq(handoff.reason.as_str()),
            handoffs::summary_sealed.eq(seal_contact_text(vault, summary_place(id), &handoff.summary)?),
            handoffs::at.eq(Ts(handoff.at)),
        ))
        .execute(conn)
        .await
        .map_err(store_error)?;
    Ok(())
}

/// Returns a tenant's hand-offs, newest first.
pub(crate) async fn list(
    conn: &mut Conn,
    (tenant, vault): (TenantId, &dyn TenantVault),
    page: &PageRequest,
) -> Result<Page<(ConversationId, Handoff)>, StoreError> {
    let mut query = handoffs::table
        .inner_join(
            conversations::table.on(conversations::tenant_id
                .eq(handoffs::tenant_id)
                .and(conversations::id.eq(handoffs::conversation_id))),
        )
        .inner_join(contacts::table.on(
            contacts::tenant_id.eq(conversations::tenant_id).and(contacts::id.eq(conversations::contact_id)),
        ))
        .filter(handoffs::tenant_id.eq(Id(tenant.uuid())))
        .select((
            handoffs::id,
            handoffs::conversation_id,
            handoffs::reason,
            handoffs::summary_sealed,
            handoffs::at,
            contacts::id,
            contacts::key_wrapped,
        ))
        .into_boxed();
    if let Some(after) = page.after() {
        let (at, last) = (Ts(time_of(after)?), Id(after.id));
        query = query.filter(handoffs::at.le(at).and(handoffs::at.lt(at).or(handoffs::id.lt(last))));
    }
    let rows = query
        .order((handoffs::at.desc(), handoffs::id.desc()))
        .limit(i64::from(page.limit()) + 1)
        .load::<(Id, Id, String, Vec<u8>, Ts, Id, Vec<u8>)>(conn)
        .await
        .map_err(store_error)?;
    let opened = rows
        .into_iter()
        .map(|(id, conversation, reason, summary, at, contact, key)| {
            let contact = ContactId::new(contact.0);
            let vault = vault.unlock_contact(contact, &contact_key(key)).map_err(vault_error)?;
            let handoff = Handoff {
                id: HandoffId::new(id.0),
                reason: HandoffReason::from_name(&reason).ok_or_else(|| corrupt("hand-off reason"))?,
                summary: open_contact_text(&*vault, summary_place(id.0), summary)?,
                at: at.0,
            };
            Ok((ConversationId::new(conversation.0), handoff))
        })
        .collect::<Result<Vec<_>, StoreError>>()?;
    Ok(Page::from_rows(opened, page, |(_, one)| cursor(one.at, one.id.uuid())))
}
