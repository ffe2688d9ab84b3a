//! What a person does with conversations: read, answer, pause, resume, close, reopen.

use std::sync::Arc;

use kernel::{Clock, ConversationId, IdGenerator, MessageId, Page, PageRequest, StoreError};
use tenancy::{Address, Channel, TenantScope};

use crate::{
    conversation::{Conversation, ConversationChange, ConversationView},
    conversation_store::{ConversationFilter, ConversationStore},
    error::ConversationError,
    inbound_text::{InboundText, printable},
    keyword::InboundIntent,
    message::{Author, Body, DeliveryState, Direction, Message, NewOutbound, Purpose},
    segment::split,
    send_gate::RefusedSend,
};

/// Lets a person work on conversations.
pub struct ManageConversations {
    store: Arc<dyn ConversationStore>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
}

impl ManageConversations {
    /// How often a change that conflicts is tried again from what stands then.
    const MOST_CONFLICTS: usize = 10;
    /// So many of an address's last conversations are shown as one.
    const MOST_CONVERSATIONS: u16 = 10;

    /// Makes the use case.
    pub fn new(store: Arc<dyn ConversationStore>, clock: Arc<dyn Clock>, ids: Arc<dyn IdGenerator>) -> Self {
        Self { store, clock, ids }
    }

    /// Returns a conversation.
    ///
    /// # Errors
    /// When the tenant has none with this id, or the store fails.
    pub async fn get(
        &self,
        scope: &TenantScope,
        id: ConversationId,
    ) -> Result<ConversationView, ConversationError> {
        self.store.find(scope, id).await?.ok_or(ConversationError::NotFound { what: "conversation" })
    }

    /// Returns conversations, the one with the latest message first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list(
        &self,
        scope: &TenantScope,
        filter: &ConversationFilter,
        page: &PageRequest,
    ) -> Result<Page<ConversationView>, ConversationError> {
        Ok(self.store.list(scope, filter, page).await?)
    }

    /// Returns a conversation's messages, oldest first.
    ///
    /// # Errors
    /// When the tenant has no such conversation, or the store fails.
    pub async fn list_messages(
        &self,
        scope: &TenantScope,
        id: ConversationId,
        page: &PageRequest,
    ) -> Result<Page<Message>, ConversationError> {
        self.get(scope, id).await?;
        Ok(self.store.list_messages(scope, id, page).await?)
    }

    /// Returns what was said with a contact's address, oldest first, as if its last conversations were one: the message that
    /// follows the end of one opens another.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list_said(
        &self,
        scope: &TenantScope,
        address: Address,
        page: &PageRequest,
    ) -> Result<Vec<Message>, ConversationError> {
        let filter = ConversationFilter { contact_address: Some(address), status: None };
        let latest = PageRequest::new(Self::MOST_CONVERSATIONS, None).unwrap_or_default();
        let mut said = Vec::new();
        for view in self.store.list(scope, &filter, &latest).await?.items {
            let Conversation { id, last_message_at, .. } = view.conversation;
            // Of one in which nothing was said since, nothing is read.
            if page.after().is_none_or(|after| after.micros <= last_message_at.timestamp_micros()) {
                said.extend(self.store.list_messages(scope, id, page).await?.items);
            }
        }
        said.sort_by_key(|message| (message.created_at, message.id));
        said.truncate(page.limit().into());
        Ok(said)
    }

    /// Returns what the send gate did not let out, oldest first.
    ///
    /// # Errors
    /// When the tenant has no such conversation, or the store fails.
    pub async fn list_refused_sends(
        &self,
        scope: &TenantScope,
        id: ConversationId,
        page: &PageRequest,
    ) -> Result<Page<RefusedSend>, ConversationError> {
        self.get(scope, id).await?;
        Ok(self.store.list_refused_sends(scope, id, page).await?)
    }

    /// Answers in person and takes ownership, together. Returns the messages that were written.
    ///
    /// # Errors
    /// When the text is empty, the conversation is over or not there, or the store fails.
    pub async fn answer_in_person(
        &self,
        scope: &TenantScope,
        id: ConversationId,
        text: &str,
    ) -> Result<Vec<Message>, ConversationError> {
        let texts = person_texts(text)?;
        let change = |conversation: &Conversation| {
            let outbound = texts.iter().map(|text| self.person_outbound(conversation, text)).collect();
            conversation.answer_in_person(outbound).map(Some)
        };
        let change = self.change(scope, id, change).await?;
        Ok(change
            .into_iter()
            .flat_map(|change| change.outbound)
            .map(|outbound| written(id, outbound))
            .collect())
    }

    /// Silences the receptionist in a conversation.
    ///
    /// # Errors
    /// When the tenant has no such conversation, or the store fails.
    pub async fn pause(
        &self,
        scope: &TenantScope,
        id: ConversationId,
    ) -> Result<ConversationView, ConversationError> {
        self.change(scope, id, |conversation| Ok(conversation.pause())).await?;
        self.get(scope, id).await
    }

    /// Lets the receptionist answer again, from the next message on.
    ///
    /// # Errors
    /// When the tenant has no such conversation, or the store fails.
    pub async fn resume(
        &self,
        scope: &TenantScope,
        id: ConversationId,
    ) -> Result<ConversationView, ConversationError> {
        self.change(scope, id, |conversation| Ok(conversation.resume())).await?;
        self.get(scope, id).await
    }

    /// Ends a conversation; the contact's next message opens a new one.
    ///
    /// # Errors
    /// When the tenant has no such conversation, or the store fails.
    pub async fn close(
        &self,
        scope: &TenantScope,
        id: ConversationId,
    ) -> Result<ConversationView, ConversationError> {
        self.change(scope, id, |conversation| Ok(conversation.close())).await?;
        self.get(scope, id).await
    }

    /// Takes a conversation up again.
    ///
    /// # Errors
    /// When the tenant has no such conversation, another with the same contact address is open, or the store
    /// fails.
    pub async fn reopen(
        &self,
        scope: &TenantScope,
        id: ConversationId,
    ) -> Result<ConversationView, ConversationError> {
        self.change(scope, id, |conversation| Ok(conversation.reopen())).await?;
        self.get(scope, id).await
    }

    async fn change(
        &self,
        scope: &TenantScope,
        id: ConversationId,
        make: impl Fn(&Conversation) -> Result<Option<ConversationChange>, ConversationError> + Send,
    ) -> Result<Option<ConversationChange>, ConversationError> {
        for _ in 0..Self::MOST_CONFLICTS {
            let view = self.get(scope, id).await?;
            let Some(change) = make(&view.conversation)? else { return Ok(None) };
            match self.store.save(scope, &change, self.clock.now()).await {
                Ok(()) => return Ok(Some(change)),
                Err(StoreError::Conflict) => {}
                Err(StoreError::Duplicate) => return Err(ConversationError::AnotherIsOpen),
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict.into())
    }

    fn person_outbound(&self, conversation: &Conversation, text: &str) -> NewOutbound {
        let state = match conversation.channel {
            // The visitor's page fetches it; no carrier brings it.
            Channel::WebChat => DeliveryState::Sent,
            Channel::Sms | Channel::WhatsApp | Channel::Voice => DeliveryState::Queued,
        };
        NewOutbound {
            id: MessageId::new(self.ids.next()),
            text: text.to_owned(),
            purpose: Purpose::PersonReply,
            state,
            at: conversation.person_says_at(self.clock.now()),
        }
    }
}

fn person_texts(text: &str) -> Result<Vec<String>, ConversationError> {
    let printable: String = printable(text).collect();
    let too_long = printable.chars().count() > InboundText::MAX_LENGTH;
    if printable.trim().is_empty() || too_long {
        return Err(ConversationError::Invalid {
            field: "text",
            message: format!("write 1 to {} characters", InboundText::MAX_LENGTH),
        });
    }
    Ok(split(&printable))
}

fn written(conversation_id: ConversationId, outbound: NewOutbound) -> Message {
    Message {
        id: outbound.id,
        conversation_id,
        direction: Direction::Outbound,
        author: Author::Human,
        body: Body { text: outbound.text, attachments: Vec::new() },
        intent: InboundIntent::Ordinary,
        carrier_answered: false,
        delivery_state: outbound.state,
        provider_message_id: None,
        error_code: None,
        turn_id: None,
        created_at: outbound.at,
    }
}
