//! Running summaries, as both databases keep them.

use async_trait::async_trait;
use conversation::{Summaries, SummaryChange, Unsummarized};
use diesel::{BoolExpressionMethods as _, ExpressionMethods as _, QueryDsl as _, SelectableHelper as _};
use diesel_async::RunQueryDsl as _;
use kernel::{ConversationId, StoreError};
use tenancy::TenantScope;

use crate::{
    Stores,
    conversation_rows::find_conversation,
    errors::store_error,
    event_rows::write_events,
    locks::hold_conversation,
    message_rows::MessageRow,
    schema::{conversations, messages},
    sealing::{running_summary_place, seal_contact_text},
    types::{Id, Ts},
    usage_rows,
};

#[async_trait]
impl Summaries for Stores {
    async fn unsummarized(
        &self,
        scope: &TenantScope,
        id: ConversationId,
        most: u16,
    ) -> Result<Option<Unsummarized>, StoreError> {
        let tenant = scope.tenant_id();
        let mut tx = self.db.read(scope).await?;
        let vault = self.db.keys.of(tenant, &mut tx).await?;
        let Some(opened) = find_conversation(&mut tx, (tenant, &*vault), id).await? else { return Ok(None) };
        let mut query = messages::table
            .filter(messages::tenant_id.eq(Id(tenant.uuid())))
            .filter(messages::conversation_id.eq(Id(id.uuid())))
            .select(MessageRow::as_select())
            .into_boxed();
        if let Some(summary) = &opened.view.summary {
            let (at, through) = (Ts(summary.through_at), Id(summary.through.uuid()));
            query = query.filter(
                messages::created_at.ge(at).and(messages::created_at.gt(at).or(messages::id.gt(through))),
            );
        }
        let rows = query
            .order((messages::created_at.desc(), messages::id.desc()))
            .limit(i64::from(most))
            .load::<MessageRow>(&mut *tx)
            .await
            .map_err(store_error)?;
        let messages =
            rows.into_iter().rev().map(|row| row.open(&*opened.vault)).collect::<Result<_, _>>()?;
        let view = opened.view;
        Ok(Some(Unsummarized { conversation: view.conversation, summary: view.summary, messages }))
    }

    async fn keep_summary(
        &self,
        scope: &TenantScope,
        id: ConversationId,
        change: &SummaryChange,
    ) -> Result<(), StoreError> {
        let tenant = scope.tenant_id();
        let mut tx = self.db.write(scope).await?;
        let vault = self.db.keys.of(tenant, &mut tx).await?;
        hold_conversation(&mut tx, tenant, id).await?;
        let found = find_conversation(&mut tx, (tenant, &*vault), id).await?;
        let opened = found.ok_or(StoreError::Conflict)?;
        if opened.view.summary.map(|summary| summary.through) != change.read_through {
            return Err(StoreError::Conflict);
        }
        let summary = &change.summary;
        let sealed = seal_contact_text(&*opened.vault, running_summary_place(id.uuid()), &summary.text)?;
        diesel::update(conversations::table.find((Id(tenant.uuid()), Id(id.uuid()))))
            .set((
                conversations::summary_sealed.eq(sealed),
                conversations::summary_through.eq(Id(summary.through.uuid())),
                conversations::summary_through_at.eq(Ts(summary.through_at)),
            ))
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        write_events(&mut tx, (tenant, &*vault), Some(id), std::slice::from_ref(&change.event)).await?;
        usage_rows::add_spent(&mut tx, tenant, &change.spent, change.at).await?;
        tx.commit().await
    }
}
