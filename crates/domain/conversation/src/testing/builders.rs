//! Sample values with sensible defaults. Tests change what matters to them by struct update:
//! `NewInbound { intent: InboundIntent::Help, ..samples.inbound(&binding, "HELP") }`.

use chrono::TimeDelta;
use kernel::{
    BindingId, Clock, ContactId, ConversationId, DomainEvent, EventFact, EventId, EventName, HandoffId,
    IdGenerator, LedgerEntryId, MessageId, RefusedSendId, Timestamp, TurnId,
    testing::{CountingIds, ManualClock},
};
use tenancy::{Address, Channel, ChannelBinding, Provider, TenantScope};
use uuid::Uuid;

use crate::{
    Body, ConsentAction, ConsentChange, ConsentSource, Conversation, DeliveryReport, DeliveryState, Handoff,
    HandoffReason, InboundIntent, NewInbound, NewOutbound, Purpose, RefusalReason, RefusedSend, Turn,
    TurnCommit, TurnOutcome, TurnUsage,
};

/// Makes sample values: each with ids of its own, at the time that its clock shows.
pub struct Samples {
    clock: ManualClock,
    ids: CountingIds,
}

impl Default for Samples {
    fn default() -> Self {
        Self::seeded(0)
    }
}

impl Samples {
    /// How long after a sample message its turn is due.
    pub const WINDOW: TimeDelta = TimeDelta::seconds(2);
    /// How far messages that follow push a sample message's turn back.
    pub const PATIENCE: TimeDelta = TimeDelta::seconds(8);

    /// Makes values whose ids never meet those of another seed. The clock shows microseconds, which a store
    /// must keep.
    pub fn seeded(seed: u64) -> Self {
        let clock = ManualClock::default();
        clock.advance(TimeDelta::microseconds(123_456));
        Self { clock, ids: CountingIds::new(seed) }
    }

    /// Returns the time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Lets seconds pass, and returns the time.
    pub fn pass(&self, seconds: i64) -> Timestamp {
        self.clock.advance(TimeDelta::seconds(seconds));
        self.now()
    }

    /// Makes an id: `samples.id(MessageId::new)`.
    pub fn id<T>(&self, name: impl FnOnce(Uuid) -> T) -> T {
        name(self.ids.next())
    }

    /// Makes a binding of a phone number.
    pub fn sms_binding(&self, scope: &TenantScope, number: &str) -> ChannelBinding {
        let place = (Channel::Sms, Provider::Twilio, Address::from_carrier(number));
        ChannelBinding::from_stored(self.id(BindingId::new), scope.tenant_id(), place, true, self.now())
    }

    /// Makes a binding of a web chat.
    pub fn web_binding(&self, scope: &TenantScope, name: &str) -> ChannelBinding {
        let place = (Channel::WebChat, Provider::BuiltIn, Address::Session(name.to_owned()));
        ChannelBinding::from_stored(self.id(BindingId::new), scope.tenant_id(), place, true, self.now())
    }

    /// Makes a message from the same contact every time: `+15557654321`, or `visitor-1` of a web chat.
    pub fn inbound(&self, binding: &ChannelBinding, text: &str) -> NewInbound {
        let from = match binding.channel() {
            Channel::WebChat => Address::Session("visitor-1".into()),
            Channel::Sms | Channel::WhatsApp | Channel::Voice => Address::from_carrier("+15557654321"),
        };
        NewInbound {
            message_id: self.id(MessageId::new),
            contact_id: self.id(ContactId::new),
            conversation_id: self.id(ConversationId::new),
            binding_id: binding.id(),
            channel: binding.channel(),
            provider: binding.provider(),
            provider_message_id: self.id(|id| id.to_string()),
            from,
            body: Body { text: text.into(), attachments: Vec::new() },
            intent: InboundIntent::Ordinary,
            carrier_answered: false,
            consent: None,
            received_at: self.now(),
            answer_at: self.now() + Self::WINDOW,
            patience: Self::PATIENCE,
        }
    }

    /// Makes a reply that waits for its carrier.
    pub fn outbound(&self, text: &str) -> NewOutbound {
        NewOutbound {
            id: self.id(MessageId::new),
            text: text.into(),
            purpose: Purpose::Reply,
            state: DeliveryState::Queued,
            at: self.now(),
        }
    }

    /// Makes a turn that answers these messages with those.
    pub fn commit(
        &self,
        conversation: &Conversation,
        answered: Vec<MessageId>,
        outbound: Vec<NewOutbound>,
    ) -> TurnCommit {
        let outcome = if outbound.is_empty() { TurnOutcome::Silent } else { TurnOutcome::Replied };
        TurnCommit {
            turn: Turn {
                id: self.id(TurnId::new),
                outcome,
                started_at: self.now() - TimeDelta::seconds(1),
                committed_at: self.now(),
            },
            read_version: conversation.version,
            answered,
            outbound,
            refused: None,
            contact_name: None,
            language: None,
            handoff: None,
            confirms_consent: false,
            usage: TurnUsage::default(),
            events: Vec::new(),
        }
    }

    /// Makes an event of this name, with a fact of each kind and something that is kept sealed.
    pub fn event(&self, name: &'static str) -> DomainEvent {
        DomainEvent {
            id: self.id(EventId::new),
            name: EventName { name, version: 1 },
            at: self.now(),
            facts: vec![
                ("turn_id", EventFact::Id(self.id(|id| id))),
                ("outcome", EventFact::Word("replied")),
                ("messages_in", EventFact::Number(1)),
            ],
            private: Some("{\"texts\":[\"a secret\"]}".to_owned()),
        }
    }

    /// Makes a request for a person.
    pub fn handoff(&self) -> Handoff {
        Handoff {
            id: self.id(HandoffId::new),
            reason: HandoffReason::Asked,
            summary: "wants to talk to Joe".to_owned(),
            at: self.now(),
        }
    }

    /// Makes a change of consent by a person of the business.
    pub fn consent_change(&self, action: ConsentAction) -> ConsentChange {
        ConsentChange {
            entry_id: self.id(LedgerEntryId::new),
            action,
            source: ConsentSource::Person,
            evidence: "asked for it on the phone".into(),
            message_id: None,
            at: self.now(),
        }
    }

    /// Makes the record of a message that may not leave.
    pub fn refused(&self, message_id: Option<MessageId>, reason: RefusalReason) -> RefusedSend {
        RefusedSend {
            id: self.id(RefusedSendId::new),
            message_id,
            reason,
            text: "what it would have said".into(),
            at: self.now(),
        }
    }

    /// Makes a carrier's report that does not bring our id back.
    pub fn report(provider_message_id: &str, state: DeliveryState) -> DeliveryReport {
        DeliveryReport {
            message_id: None,
            provider: Provider::Twilio,
            provider_message_id: provider_message_id.into(),
            state,
            error_code: None,
        }
    }
}
