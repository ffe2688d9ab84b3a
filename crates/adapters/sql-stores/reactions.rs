//! What waits for reactions, as both databases keep it.

use async_trait::async_trait;
use conversation::{Claim, JobKind, PendingEvent, Reactions};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, JoinOnDsl as _, NullableExpressionMethods as _,
    QueryDsl as _,
    dsl::{exists, not},
};
use diesel_async::RunQueryDsl as _;
use kernel::{ContactId, ConversationId, EventId, StoreError};
use tenancy::{Channel, TenantScope};

use crate::{
    Stores,
    errors::{corrupt, store_error},
    event_rows::open_private,
    locks::hold_conversation,
    schema::{conversations, events, jobs},
    turn_commit::check_fence,
    types::{Id, Ts},
};

#[async_trait]
impl Reactions for Stores {
    async fn pending(
        &self,
        scope: &TenantScope,
        conversation: ConversationId,
        limit: u16,
    ) -> Result<Vec<PendingEvent>, StoreError> {
        let tenant = scope.tenant_id();
        let mut tx = self.db.read(scope).await?;
        let vault = self.db.keys.of(tenant, &mut tx).await?;
        let rows = events::table
            .inner_join(
                conversations::table.on(conversations::tenant_id
                    .eq(events::tenant_id)
                    .and(conversations::id.nullable().eq(events::conversation_id))),
            )
            .filter(events::tenant_id.eq(Id(tenant.uuid())))
            .filter(events::conversation_id.eq(Id(conversation.uuid())))
            .filter(events::private_sealed.is_not_null())
            .order(events::position.asc())
            .limit(i64::from(limit))
            .select((
                (events::id, events::name, events::at, events::private_sealed),
                (conversations::contact_id, conversations::channel),
            ))
            .load::<((Id, String, Ts, Option<Vec<u8>>), (Id, String))>(&mut *tx)
            .await
            .map_err(store_error)?;
        rows.into_iter()
            .map(|((id, name, at, private), (contact, channel))| {
                Ok(PendingEvent {
                    id: EventId::new(id.0),
                    name,
                    at: at.0,
                    conversation_id: conversation,
                    contact_id: ContactId::new(contact.0),
                    channel: Channel::from_name(&channel).ok_or_else(|| corrupt("channel"))?,
                    private: open_private(&*vault, id.0, private.unwrap_or_default())?,
                })
            })
            .collect()
    }

    async fn settle(&self, claim: &Claim, settled: &[EventId]) -> Result<(), StoreError> {
        let (tenant, conversation) = (claim.scope.tenant_id(), claim.conversation_id);
        if claim.kind != JobKind::Reaction {
            return Err(StoreError::Conflict);
        }
        let mut tx = self.db.write(&claim.scope).await?;
        hold_conversation(&mut tx, tenant, conversation).await?;
        check_fence(&mut tx, tenant, claim).await?;
        let of_conversation = || {
            events::table
                .filter(events::tenant_id.eq(Id(tenant.uuid())))
                .filter(events::conversation_id.eq(Id(conversation.uuid())))
                .filter(events::private_sealed.is_not_null())
        };
        if !settled.is_empty() {
            let settled: Vec<_> = settled.iter().map(|event| Id(event.uuid())).collect();
            diesel::update(of_conversation().filter(events::id.eq_any(settled)))
                .set(events::private_sealed.eq(None::<Vec<u8>>))
                .execute(&mut *tx)
                .await
                .map_err(store_error)?;
        }
        let job = jobs::table.find((Id(tenant.uuid()), JobKind::Reaction.as_str(), Id(conversation.uuid())));
        let gone = diesel::delete(job)
            .filter(not(exists(of_conversation())))
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        if gone == 0 {
            diesel::update(job)
                .set((jobs::lease_until.eq(None::<Ts>), jobs::attempts.eq(0)))
                .execute(&mut *tx)
                .await
                .map_err(store_error)?;
        }
        tx.commit().await?;
        self.db.signal_work();
        Ok(())
    }
}
