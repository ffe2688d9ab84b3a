//! What a conversation tells of whoever it is with.

use kernel::{ContactId, ConversationId, EventId, PhoneNumber, Timestamp};
use tenancy::Channel;

use crate::{
    Confidence, Fact, FactSource, FactValue, Field, Identity, Region, Strength, Told, extract,
    words::shows_only,
};

/// The business that a conversation is with, as far as it helps to understand what is told.
#[derive(Clone, Debug, Default)]
pub struct HeardBy {
    /// What the business is called: nobody else is.
    pub name: String,
    /// Whose numbers are meant where the country code is missing.
    pub region: Option<Region>,
    /// The business's own number: nobody else has it.
    pub phone: Option<PhoneNumber>,
}

/// A fact that the model has told.
#[derive(Clone, PartialEq, Eq)]
pub struct CapturedFact {
    /// What it is about.
    pub field: Field,
    /// What the model says, unchecked.
    pub value: String,
    /// How sure the model is.
    pub confidence: Confidence,
}

shows_only!(CapturedFact: field, confidence);

/// A text that somebody wrote.
#[derive(Clone, PartialEq, Eq)]
pub struct Said {
    /// What it says.
    pub text: String,
    /// When it came in.
    pub at: Timestamp,
}

shows_only!(Said: at);

/// What a conversation tells of whoever it is with.
///
/// Nothing is kept of a conversation that tells nothing of worth. So texts that came before may be told again, each with
/// the time at which it came in: what is known already changes nothing.
#[derive(Clone)]
pub struct Heard {
    /// The event by which it came; an event that was handled changes nothing.
    pub event_id: EventId,
    /// In which conversation.
    pub conversation_id: ConversationId,
    /// With which contact.
    pub contact_id: ContactId,
    /// On which channel.
    pub channel: Channel,
    /// The phone or e-mail address that they write from, as the channel has it.
    pub address: Option<String>,
    /// What the contact is called, and where that comes from.
    pub contact_name: Option<(String, FactSource)>,
    /// What they wrote, oldest first.
    pub texts: Vec<Said>,
    /// What the model has understood.
    pub captured: Vec<CapturedFact>,
    /// The business that it was told to.
    pub business: HeardBy,
    /// When it was understood.
    pub at: Timestamp,
}

shows_only!(Heard: event_id, conversation_id, contact_id, channel, at);

impl Heard {
    /// The most texts that are looked through at once, the last ones.
    const MOST_TEXTS: usize = 100;
    /// The most facts that are taken from the model at once.
    const MOST_CAPTURED: usize = 50;

    /// Returns what can be used of it, strongest source first: checked, in canonical form, and nothing of the business.
    pub fn facts(&self) -> Vec<Fact> {
        let mut facts: Vec<Fact> = self.of_address().into_iter().collect();
        for said in self.texts.iter().skip(self.texts.len().saturating_sub(Self::MOST_TEXTS)) {
            facts.extend(self.of_text(said));
        }
        facts.extend(self.of_contact());
        for told in self.captured.iter().take(Self::MOST_CAPTURED) {
            let value = told.field.read(&told.value, self.business.region);
            let fact = |value| self.fact(told.field, value, (FactSource::Model, told.confidence), self.at);
            facts.extend(value.map(fact));
        }
        let own = self.business.phone.clone().map(Identity::Phone);
        facts.retain(|fact| fact.identity().is_none_or(|identity| Some(identity) != own));
        facts.sort_by_key(|fact| std::cmp::Reverse(fact.source()));
        facts
    }

    fn of_address(&self) -> Option<Fact> {
        let value = match Identity::read(self.address.as_deref()?)? {
            Identity::Phone(number) => (Field::Phone, FactValue::from(&number)),
            Identity::Email(address) => (Field::Email, FactValue::from(&address)),
        };
        Some(self.fact(value.0, value.1, (FactSource::Channel, Confidence::FULL), self.at))
    }

    fn of_text(&self, said: &Said) -> impl Iterator<Item = Fact> {
        let found = extract::extract(&said.text, self.business.region).into_iter();
        found.map(|(field, value, sure)| self.fact(field, value, (FactSource::Pattern, sure), said.at))
    }

    fn of_contact(&self) -> Option<Fact> {
        let (name, source) = self.contact_name.as_ref()?;
        let sure = match source {
            FactSource::Carrier => 50,
            FactSource::Model | FactSource::Pattern => 70,
            FactSource::Supplied | FactSource::Channel | FactSource::Person => 100,
        };
        let value = Field::Name.read(name, None)?;
        Some(self.fact(Field::Name, value, (*source, Confidence::new(sure)), self.at))
    }

    fn fact(
        &self,
        field: Field,
        value: FactValue,
        (source, sure): (FactSource, Confidence),
        at: Timestamp,
    ) -> Fact {
        let strength = match field {
            Field::Name => Strength::of_name(value.as_str(), source, &self.business.name),
            Field::Email
            | Field::Phone
            | Field::Zip
            | Field::Need
            | Field::Urgency
            | Field::ServiceAddress
            | Field::PreferredTime
            | Field::Language => Strength::Strong,
        };
        let told = Told { at, conversation_id: Some(self.conversation_id) };
        Fact::new(field, value, source, sure, told).with_strength(strength)
    }
}
