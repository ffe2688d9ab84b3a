//! Sample values with sensible defaults. Tests change what matters to them by struct update:
//! `Heard { texts: vec![samples.said("Hi")], ..samples.heard(Channel::Sms, "+15551230000") }`.

use chrono::TimeDelta;
use kernel::{
    Clock, ContactId, ConversationId, EventId, IdGenerator, LeadId, Timestamp,
    testing::{CountingIds, ManualClock},
};
use tenancy::{Channel, TenantScope};
use uuid::Uuid;

use crate::{Confidence, Fact, FactSource, Field, Heard, HeardBy, Lead, LeadSource, Region, Said, Told};

/// Makes sample values: each with ids of its own, and each later than the one before.
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
    /// Makes values whose ids never meet those of another seed, with microseconds that a store must keep.
    pub fn seeded(seed: u64) -> Self {
        let clock = ManualClock::default();
        clock.advance(TimeDelta::microseconds(123_456));
        Self { clock, ids: CountingIds::new(seed) }
    }

    /// Returns a new id.
    pub fn id<T>(&self, kind: impl FnOnce(Uuid) -> T) -> T {
        kind(self.ids.next())
    }

    /// Returns the next moment, a second after the last.
    pub fn tick(&self) -> Timestamp {
        self.clock.advance(TimeDelta::seconds(1));
        self.clock.now()
    }

    /// Returns a conversation's first telling, in which nothing is said.
    pub fn heard(&self, channel: Channel, address: &str) -> Heard {
        Heard {
            event_id: self.id(EventId::new),
            conversation_id: self.id(ConversationId::new),
            contact_id: self.id(ContactId::new),
            channel,
            address: Some(address.to_owned()),
            contact_name: None,
            earlier: Vec::new(),
            texts: Vec::new(),
            captured: Vec::new(),
            business: HeardBy {
                name: "Joe's Plumbing".into(),
                region: Region::from_country("US"),
                phones: Vec::new(),
            },
            at: self.tick(),
        }
    }

    /// Returns a text that came in now.
    pub fn said(&self, text: &str) -> Said {
        Said { text: text.to_owned(), at: self.tick() }
    }

    /// Returns a fact that was told now.
    ///
    /// # Panics
    /// When the text is no value of the field.
    #[expect(clippy::expect_used, reason = "a sample that cannot be made is a fault of the test")]
    pub fn fact(&self, field: Field, text: &str, source: FactSource) -> Fact {
        let value = field.read(text, Region::from_country("US")).expect("a usable sample");
        Fact::new(field, value, source, Confidence::new(80), Told { at: self.tick(), conversation_id: None })
    }

    /// Returns a lead with a phone, by which it is recognised, a name, and a conversation.
    pub fn lead(&self, scope: &TenantScope, phone: &str, name: &str) -> Lead {
        let mut lead = Lead::create(scope, self.id(LeadId::new), LeadSource::Sms, self.tick());
        let phone = self.fact(Field::Phone, phone, FactSource::Channel);
        phone.identity().map(|identity| lead.claim(identity));
        lead.learn([phone, self.fact(Field::Name, name, FactSource::Pattern)]);
        lead.join(self.id(ConversationId::new));
        lead
    }
}
