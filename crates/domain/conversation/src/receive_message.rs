//! Taking a message in: stored with all that follows from it, before anybody is told that it arrived.

use std::sync::Arc;

use chrono::TimeDelta;
use kernel::{Clock, ContactId, ConversationId, IdGenerator, LedgerEntryId, MessageId, Timestamp};
use tenancy::{Channel, ChannelBinding, TenantScope};

use crate::{
    consent::{ConsentAction, ConsentChange, ConsentSource},
    conversation_store::{ConversationStore, NewInbound, Received},
    error::ConversationError,
    inbound_text::InboundText,
    keyword::{InboundIntent, classify},
};

/// How long to wait for the rest, since people write in fragments.
#[derive(Clone, Copy, Debug)]
pub struct Debounce {
    window: TimeDelta,
}

impl Debounce {
    /// How many windows a contact who goes on writing can hold an answer back.
    const PATIENCE: i32 = 5;
    /// A chat is answered inside its request. A worker takes over only if that request died.
    const CHAT_GRACE: TimeDelta = TimeDelta::seconds(60);

    /// Waits `window` after each message.
    pub fn new(window: TimeDelta) -> Self {
        Self { window }
    }

    /// Returns when a turn should answer a message that came now, and how much messages that follow may delay it.
    fn answer_at(self, now: Timestamp, channel: Channel, intent: InboundIntent) -> (Timestamp, TimeDelta) {
        match (channel, intent) {
            (Channel::WebChat, _) => (now + Self::CHAT_GRACE, TimeDelta::zero()),
            (_, InboundIntent::Ordinary) => (now + self.window, self.window * (Self::PATIENCE - 1)),
            (_, InboundIntent::OptOut | InboundIntent::OptIn | InboundIntent::Help) => {
                (now, TimeDelta::zero())
            }
        }
    }
}

/// Takes messages in.
pub struct ReceiveMessage {
    store: Arc<dyn ConversationStore>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
    debounce: Debounce,
}

impl ReceiveMessage {
    /// Makes the use case.
    pub fn new(
        store: Arc<dyn ConversationStore>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdGenerator>,
        debounce: Debounce,
    ) -> Self {
        Self { store, clock, ids, debounce }
    }

    /// Stores a message that was written to one of the tenant's addresses. When it returns, the message is
    /// safe and a turn will answer it. A message that was stored before changes nothing.
    ///
    /// # Errors
    /// When the store fails; the carrier should be told, so that it tries again.
    pub async fn receive(
        &self,
        scope: &TenantScope,
        binding: &ChannelBinding,
        inbound: InboundText,
    ) -> Result<Received, ConversationError> {
        let now = self.clock.now();
        let body = inbound.body();
        let intent = inbound.understood.unwrap_or_else(|| classify(&body.text));
        let message_id = MessageId::new(self.ids.next());
        let (answer_at, patience) = self.debounce.answer_at(now, binding.channel(), intent);
        let consent = consent_action(intent).map(|action| ConsentChange {
            entry_id: LedgerEntryId::new(self.ids.next()),
            action,
            source: ConsentSource::Message,
            evidence: body.text.clone(),
            message_id: Some(message_id),
            at: now,
        });
        let new = NewInbound {
            message_id,
            contact_id: ContactId::new(self.ids.next()),
            conversation_id: ConversationId::new(self.ids.next()),
            binding_id: binding.id(),
            channel: binding.channel(),
            provider: binding.provider(),
            provider_message_id: inbound.provider_message_id,
            from: inbound.from,
            body,
            intent,
            carrier_answered: inbound.carrier_answered,
            consent,
            received_at: now,
            answer_at,
            patience,
        };
        Ok(self.store.receive(scope, &new).await?)
    }
}

fn consent_action(intent: InboundIntent) -> Option<ConsentAction> {
    match intent {
        InboundIntent::OptOut => Some(ConsentAction::OptOut),
        InboundIntent::OptIn => Some(ConsentAction::OptIn),
        InboundIntent::Help | InboundIntent::Ordinary => None,
    }
}
