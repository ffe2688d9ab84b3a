//! What a test sees of the desk: what was stored, sent and refused.

use conversation::{Author, Consent, DeliveryState, Direction, Message, RefusalReason};
use kernel::{ConversationId, PageRequest};
use tenancy::Address;

use super::{CUSTOMER, Desk};

impl Desk {
    /// Returns the words of everything that was handed to the carrier.
    pub(crate) fn sent(&self) -> Vec<String> {
        self.carrier.texts()
    }

    /// Returns a conversation's messages, oldest first.
    pub(crate) async fn messages(&self, conversation: ConversationId) -> Vec<Message> {
        let page = PageRequest::new(PageRequest::MAX_LIMIT, None).unwrap();
        self.people.list_messages(&self.scope, conversation, &page).await.unwrap().items
    }

    /// Returns a conversation's outbound messages, oldest first.
    pub(crate) async fn outbound(&self, conversation: ConversationId) -> Vec<Message> {
        let messages = self.messages(conversation).await.into_iter();
        messages.filter(|message| message.direction == Direction::Outbound).collect()
    }

    /// Returns what the bot wrote in a conversation, sent or not.
    pub(crate) async fn replies(&self, conversation: ConversationId) -> Vec<String> {
        let outbound = self.outbound(conversation).await.into_iter();
        outbound.filter(|message| message.author == Author::Bot).map(|message| message.body.text).collect()
    }

    /// Returns the states of a conversation's outbound messages, oldest first.
    pub(crate) async fn states(&self, conversation: ConversationId) -> Vec<DeliveryState> {
        self.outbound(conversation).await.into_iter().map(|message| message.delivery_state).collect()
    }

    /// Returns what was refused in a conversation, with its words.
    pub(crate) async fn refused(&self, conversation: ConversationId) -> Vec<(RefusalReason, String)> {
        let page = self.people.list_refused_sends(&self.scope, conversation, &PageRequest::default()).await;
        page.unwrap().items.into_iter().map(|refused| (refused.reason, refused.text)).collect()
    }

    /// Returns what stands for the customer's number.
    pub(crate) async fn consent(&self) -> Consent {
        self.contacts.consent(&self.scope, &Address::from_carrier(CUSTOMER)).await.unwrap()
    }
}
