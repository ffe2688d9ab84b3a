//! Conversations, as both databases keep them. The inbound message and the turn are each database's own.

use async_trait::async_trait;
use conversation::{
    Answer, Claim, ConversationChange, ConversationFilter, ConversationStore, ConversationView, Direction,
    Handoff, Message, NewInbound, Received, RefusedSend, TurnCommit, TurnContext,
};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, JoinOnDsl as _, OptionalExtension as _,
    QueryDsl as _, SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use kernel::{ConversationId, Cursor, MessageId, Page, PageRequest, StoreError, Timestamp};
use tenancy::TenantScope;

use crate::{
    Stores,
    audit_log::record,
    conversation_rows::{ConversationParts, conversation_tables, find_conversation, open_parts},
    errors::store_error,
    handoff_rows,
    message_rows::{MessageRow, RefusedRow},
    schema::{channel_bindings, contact_addresses, contacts, conversations, messages, refused_sends},
    sealing::address_index,
    turn_commit,
    types::{Id, Ts, load_all},
};

#[async_trait]
impl ConversationStore for Stores {
    async fn receive(&self, scope: &TenantScope, inbound: &NewInbound) -> Result<Received, StoreError> {
        self.receive_message(scope, inbound).await
    }

    async fn find(
        &self,
        scope: &TenantScope,
        id: ConversationId,
    ) -> Result<Option<ConversationView>, StoreError> {
        let mut tx = self.db.read(scope).await?;
        let vault = self.db.keys.of(scope.tenant_id(), &mut tx).await?;
        let found = find_conversation(&mut tx, (scope.tenant_id(), &*vault), id).await?;
        Ok(found.map(|found| found.view))
    }

    async fn list(
        &self,
        scope: &TenantScope,
        filter: &ConversationFilter,
        page: &PageRequest,
    ) -> Result<Page<ConversationView>, StoreError> {
        let mut tx = self.db.read(scope).await?;
        let vault = self.db.keys.of(scope.tenant_id(), &mut tx).await?;
        let every = conversation_tables!(scope.tenant_id().uuid()).select(ConversationParts::as_select());
        let mut query = every.into_boxed();
        if let Some(address) = &filter.contact_address {
            query = query.filter(conversations::address_index.eq(address_index(&*vault, address).0.to_vec()));
        }
        if let Some(status) = filter.status {
            query = query.filter(conversations::status.eq(status.as_str()));
        }
        if let Some(after) = page.after() {
            let (at, id) = (Ts(time_of(after)?), Id(after.id));
            query = query.filter(
                conversations::last_message_at
                    .le(at)
                    .and(conversations::last_message_at.lt(at).or(conversations::id.lt(id))),
            );
        }
        let rows = query
            .order((conversations::last_message_at.desc(), conversations::id.desc()))
            .limit(i64::from(page.limit()) + 1)
            .load::<ConversationParts>(&mut *tx)
            .await
            .map_err(store_error)?;
        let views = rows
            .into_iter()
            .map(|parts| Ok(open_parts(&*vault, parts)?.view))
            .collect::<Result<Vec<_>, StoreError>>()?;
        Ok(Page::from_rows(views, page, |view| {
            cursor(view.conversation.last_message_at, view.conversation.id.uuid())
        }))
    }

    async fn list_messages(
        &self,
        scope: &TenantScope,
        id: ConversationId,
        page: &PageRequest,
    ) -> Result<Page<Message>, StoreError> {
        let mut tx = self.db.read(scope).await?;
        let vault = self.db.keys.of(scope.tenant_id(), &mut tx).await?;
        let Some(opened) = find_conversation(&mut tx, (scope.tenant_id(), &*vault), id).await? else {
            return Ok(Page { items: Vec::new(), next: None });
        };
        let mut query = messages::table
            .filter(messages::tenant_id.eq(Id(scope.tenant_id().uuid())))
            .filter(messages::conversation_id.eq(Id(id.uuid())))
            .select(MessageRow::as_select())
            .into_boxed();
        if let Some(after) = page.after() {
            let (at, last) = (Ts(time_of(after)?), Id(after.id));
            query = query.filter(
                messages::created_at.ge(at).and(messages::created_at.gt(at).or(messages::id.gt(last))),
            );
        }
        let rows = query
            .order((messages::created_at.asc(), messages::id.asc()))
            .limit(i64::from(page.limit()) + 1)
            .load::<MessageRow>(&mut *tx)
            .await
            .map_err(store_error)?;
        let opened = rows.into_iter().map(|row| row.open(&*opened.vault)).collect::<Result<Vec<_>, _>>()?;
        Ok(Page::from_rows(opened, page, |message| cursor(message.created_at, message.id.uuid())))
    }

    async fn list_refused_sends(
        &self,
        scope: &TenantScope,
        id: ConversationId,
        page: &PageRequest,
    ) -> Result<Page<RefusedSend>, StoreError> {
        let mut tx = self.db.read(scope).await?;
        let vault = self.db.keys.of(scope.tenant_id(), &mut tx).await?;
        let Some(opened) = find_conversation(&mut tx, (scope.tenant_id(), &*vault), id).await? else {
            return Ok(Page { items: Vec::new(), next: None });
        };
        let mut query = refused_sends::table
            .filter(refused_sends::tenant_id.eq(Id(scope.tenant_id().uuid())))
            .filter(refused_sends::conversation_id.eq(Id(id.uuid())))
            .select(RefusedRow::as_select())
            .into_boxed();
        if let Some(after) = page.after() {
            let (at, last) = (Ts(time_of(after)?), Id(after.id));
            query = query.filter(
                refused_sends::at.ge(at).and(refused_sends::at.gt(at).or(refused_sends::id.gt(last))),
            );
        }
        let rows = query
            .order((refused_sends::at.asc(), refused_sends::id.asc()))
            .limit(i64::from(page.limit()) + 1)
            .load::<RefusedRow>(&mut *tx)
            .await
            .map_err(store_error)?;
        let opened = rows.into_iter().map(|row| row.open(&*opened.vault)).collect::<Result<Vec<_>, _>>()?;
        Ok(Page::from_rows(opened, page, |refused| cursor(refused.at, refused.id.uuid())))
    }

    async fn list_handoffs(
        &self,
        scope: &TenantScope,
        page: &PageRequest,
    ) -> Result<Page<(ConversationId, Handoff)>, StoreError> {
        let mut tx = self.db.read(scope).await?;
        let vault = self.db.keys.of(scope.tenant_id(), &mut tx).await?;
        handoff_rows::list(&mut tx, (scope.tenant_id(), &*vault), page).await
    }

    async fn load_turn(
        &self,
        scope: &TenantScope,
        id: ConversationId,
        history: u16,
    ) -> Result<Option<TurnContext>, StoreError> {
        let tenant = scope.tenant_id();
        let mut tx = self.db.read(scope).await?;
        let vault = self.db.keys.of(tenant, &mut tx).await?;
        let Some(opened) = find_conversation(&mut tx, (tenant, &*vault), id).await? else { return Ok(None) };
        let of_conversation = || {
            messages::table
                .filter(messages::tenant_id.eq(Id(tenant.uuid())))
                .filter(messages::conversation_id.eq(Id(id.uuid())))
                .select(MessageRow::as_select())
        };
        let waiting = of_conversation()
            .filter(messages::direction.eq(Direction::Inbound.as_str()))
            .filter(messages::turn_id.is_null())
            .order((messages::created_at.asc(), messages::id.asc()));
        let unanswered: Vec<MessageRow> = load_all(waiting, &mut tx).await.map_err(store_error)?;
        let most = i64::from(history) + i64::try_from(unanswered.len()).unwrap_or_default();
        let last = of_conversation().order((messages::created_at.desc(), messages::id.desc())).limit(most);
        let mut recent: Vec<MessageRow> = load_all(last, &mut tx).await.map_err(store_error)?;
        recent.reverse();
        let open = |rows: Vec<MessageRow>| {
            rows.into_iter().map(|row| row.open(&*opened.vault)).collect::<Result<Vec<_>, _>>()
        };
        Ok(Some(TurnContext {
            channel_is_active: opened.channel_is_active,
            consent: crate::contact_store::find_consent(&mut tx, tenant, &opened.address_index).await?,
            history: open(recent)?,
            unanswered: open(unanswered)?,
            contact_name: opened.view.contact_name,
            summary: opened.view.summary,
            language: opened.language,
            conversation: opened.view.conversation,
        }))
    }

    async fn commit_turn(
        &self,
        scope: &TenantScope,
        claim: &Claim,
        commit: &TurnCommit,
    ) -> Result<(), StoreError> {
        self.keep_turn(scope, claim, commit).await?;
        self.db.signal_work();
        Ok(())
    }

    async fn find_answer(
        &self,
        scope: &TenantScope,
        message: MessageId,
    ) -> Result<Option<Answer>, StoreError> {
        let tenant = Id(scope.tenant_id().uuid());
        let mut tx = self.db.read(scope).await?;
        let row = messages::table
            .find((tenant, Id(message.uuid())))
            .filter(messages::direction.eq(Direction::Inbound.as_str()))
            .select((messages::conversation_id, messages::turn_id))
            .get_result::<(Id, Option<Id>)>(&mut *tx)
            .await
            .optional()
            .map_err(store_error)?;
        let Some((conversation, turn)) = row else { return Ok(None) };
        let Some(turn) = turn else { return Ok(Some(Answer::Pending)) };
        let vault = self.db.keys.of(scope.tenant_id(), &mut tx).await?;
        let conversation = ConversationId::new(conversation.0);
        let Some(opened) = find_conversation(&mut tx, (scope.tenant_id(), &*vault), conversation).await?
        else {
            return Ok(None);
        };
        let rows = messages::table
            .filter(messages::tenant_id.eq(tenant))
            .filter(messages::conversation_id.eq(Id(conversation.uuid())))
            .filter(messages::turn_id.eq(turn))
            .filter(messages::direction.eq(Direction::Outbound.as_str()))
            .order((messages::created_at.asc(), messages::id.asc()))
            .select(MessageRow::as_select())
            .load::<MessageRow>(&mut *tx)
            .await
            .map_err(store_error)?;
        let replies = rows.into_iter().map(|row| row.open(&*opened.vault)).collect::<Result<Vec<_>, _>>()?;
        Ok(Some(Answer::Given(replies)))
    }

    async fn save(
        &self,
        scope: &TenantScope,
        change: &ConversationChange,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.write(scope).await?;
        let vault = self.db.keys.of(scope.tenant_id(), &mut tx).await?;
        turn_commit::save_change(&mut tx, (scope.tenant_id(), &*vault), change, at).await?;
        record(&mut tx, scope, at, change.action, &change.id.to_string()).await?;
        tx.commit().await?;
        self.db.signal_work();
        Ok(())
    }
}

/// Returns where the page after an item begins.
pub(crate) fn cursor(at: Timestamp, id: uuid::Uuid) -> Cursor {
    Cursor { micros: at.timestamp_micros(), id }
}

/// Reads the time in a cursor, which a caller may have made up.
pub(crate) fn time_of(cursor: Cursor) -> Result<Timestamp, StoreError> {
    chrono::DateTime::from_timestamp_micros(cursor.micros)
        .ok_or_else(|| StoreError::Corrupt("a cursor's time is out of range".into()))
}
