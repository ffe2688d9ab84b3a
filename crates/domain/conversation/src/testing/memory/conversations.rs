//! The store of conversations, in memory. What it does with turns is in `turns`.

use async_trait::async_trait;
use kernel::{ConversationId, MessageId, Page, PageRequest, StoreError, Timestamp};
use tenancy::TenantScope;

use super::{
    MemoryStores,
    job::Job,
    paging,
    rows::{MessageRow, TenantRows},
};
use crate::{
    Answer, Author, Claim, Contact, Conversation, ConversationChange, ConversationFilter, ConversationStatus,
    ConversationStore, ConversationView, DeliveryState, Direction, Handoff, JobKind, Message, NewInbound,
    Owner, Received, RefusedSend, TurnCommit, TurnContext,
};

#[async_trait]
impl ConversationStore for MemoryStores {
    async fn receive(&self, scope: &TenantScope, inbound: &NewInbound) -> Result<Received, StoreError> {
        let received = self.with(scope, |rows| rows.receive(inbound))?;
        self.wake();
        Ok(received)
    }

    async fn find(
        &self,
        scope: &TenantScope,
        id: ConversationId,
    ) -> Result<Option<ConversationView>, StoreError> {
        Ok(self.with(scope, |rows| rows.conversations.get(&id).map(|conversation| rows.view(conversation))))
    }

    async fn list(
        &self,
        scope: &TenantScope,
        filter: &ConversationFilter,
        page: &PageRequest,
    ) -> Result<Page<ConversationView>, StoreError> {
        let is_asked_for = |one: &&Conversation| {
            filter.contact_address.as_ref().is_none_or(|address| one.address == *address)
                && filter.status.is_none_or(|status| one.status == status)
        };
        Ok(self.with(scope, |rows| {
            let conversations = rows.conversations.values().filter(is_asked_for);
            let page = paging::newest_first(conversations, page, |one| (one.last_message_at, one.id.uuid()));
            page.map(|conversation| rows.view(conversation))
        }))
    }

    async fn list_messages(
        &self,
        scope: &TenantScope,
        id: ConversationId,
        page: &PageRequest,
    ) -> Result<Page<Message>, StoreError> {
        Ok(self.with(scope, |rows| {
            let messages = rows.messages_of(id).into_iter().map(|row| row.message.clone());
            paging::oldest_first(messages, page, |message| (message.created_at, message.id.uuid()))
        }))
    }

    async fn list_refused_sends(
        &self,
        scope: &TenantScope,
        id: ConversationId,
        page: &PageRequest,
    ) -> Result<Page<RefusedSend>, StoreError> {
        Ok(self.with(scope, |rows| {
            let refused = rows.refused.iter().filter(|(conversation, _)| *conversation == id);
            paging::oldest_first(refused.map(|(_, refused)| refused.clone()), page, |one| {
                (one.at, one.id.uuid())
            })
        }))
    }

    async fn list_handoffs(
        &self,
        scope: &TenantScope,
        page: &PageRequest,
    ) -> Result<Page<(ConversationId, Handoff)>, StoreError> {
        Ok(self.with(scope, |rows| {
            paging::newest_first(rows.handoffs.iter().cloned(), page, |(_, one)| (one.at, one.id.uuid()))
        }))
    }

    async fn load_turn(
        &self,
        scope: &TenantScope,
        id: ConversationId,
        history: u16,
    ) -> Result<Option<TurnContext>, StoreError> {
        Ok(self.with(scope, |rows| rows.load_turn(id, history)))
    }

    async fn commit_turn(
        &self,
        scope: &TenantScope,
        claim: &Claim,
        commit: &TurnCommit,
    ) -> Result<(), StoreError> {
        if claim.scope != *scope {
            return Err(StoreError::Conflict);
        }
        self.with(scope, |rows| rows.commit_turn(claim, commit))?;
        self.wake();
        Ok(())
    }

    async fn find_answer(
        &self,
        scope: &TenantScope,
        message: MessageId,
    ) -> Result<Option<Answer>, StoreError> {
        Ok(self.with(scope, |rows| rows.find_answer(message)))
    }

    async fn save(
        &self,
        scope: &TenantScope,
        change: &ConversationChange,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.with(scope, |rows| rows.save(change, at))?;
        self.wake();
        Ok(())
    }
}

impl TenantRows {
    fn receive(&mut self, inbound: &NewInbound) -> Result<Received, StoreError> {
        if let Some(first) = self.message_with(inbound.provider, &inbound.provider_message_id) {
            let Message { conversation_id, id: message_id, body, .. } = &first.message;
            let (conversation_id, message_id) = (*conversation_id, *message_id);
            return Ok(Received::Duplicate { conversation_id, message_id, same_body: *body == inbound.body });
        }
        if !self.bindings.contains_key(&inbound.binding_id) {
            return Err(StoreError::Unavailable("the tenant has no such channel binding".into()));
        }
        let conversation_id = self.join_conversation(inbound);
        let row = MessageRow {
            message: message(inbound, conversation_id),
            provider: inbound.provider,
            sending: None,
        };
        self.messages.insert(inbound.message_id, row);
        if let Some(change) = &inbound.consent {
            self.change_consent(&inbound.from, change);
        }
        let jobs = self.jobs.entry((conversation_id, JobKind::Turn));
        jobs.and_modify(|job| job.put_off(inbound.answer_at, inbound.patience))
            .or_insert_with(|| Job::due_at(inbound.answer_at, inbound.patience));
        Ok(Received::Stored { conversation_id, message_id: inbound.message_id })
    }

    fn join_conversation(&mut self, inbound: &NewInbound) -> ConversationId {
        let open = self.open_conversation(inbound.binding_id, &inbound.from).map(|open| open.id);
        let contact_id = self.contact_with(&inbound.from).map_or(inbound.contact_id, |contact| contact.id);
        let at = inbound.received_at;
        self.contacts.entry(contact_id).or_insert_with(|| Contact {
            id: contact_id,
            name: None,
            language: None,
            addresses: vec![inbound.from.clone()],
            created_at: at,
        });
        let id = open.unwrap_or(inbound.conversation_id);
        let conversation = self.conversations.entry(id).or_insert_with(|| Conversation {
            id,
            contact_id,
            binding_id: inbound.binding_id,
            channel: inbound.channel,
            address: inbound.from.clone(),
            status: ConversationStatus::Open,
            owner: Owner::Bot,
            created_at: at,
            last_message_at: at,
            version: 0,
        });
        conversation.last_message_at = conversation.last_message_at.max(at);
        id
    }

    fn save(&mut self, change: &ConversationChange, at: Timestamp) -> Result<(), StoreError> {
        let stored = self.conversations.get(&change.id).ok_or(StoreError::Conflict)?;
        if stored.version != change.read_version {
            return Err(StoreError::Conflict);
        }
        let open = self.open_conversation(stored.binding_id, &stored.address);
        if change.status == ConversationStatus::Open && open.is_some_and(|open| open.id != change.id) {
            return Err(StoreError::Duplicate);
        }
        if let Some(conversation) = self.conversations.get_mut(&change.id) {
            conversation.status = change.status;
            conversation.owner = change.owner;
            conversation.version += 1;
        }
        self.write(change.id, &change.outbound, None, at);
        Ok(())
    }
}

fn message(inbound: &NewInbound, conversation_id: ConversationId) -> Message {
    Message {
        id: inbound.message_id,
        conversation_id,
        direction: Direction::Inbound,
        author: Author::Contact,
        body: inbound.body.clone(),
        intent: inbound.intent,
        carrier_answered: inbound.carrier_answered,
        delivery_state: DeliveryState::Received,
        provider_message_id: Some(inbound.provider_message_id.clone()),
        error_code: None,
        turn_id: None,
        created_at: inbound.received_at,
    }
}
