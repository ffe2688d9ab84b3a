//! What a conversation tells of whoever it is with.

use kernel::{ContactId, ConversationId, EventId, PhoneNumber, Timestamp};
use tenancy::Channel;

use crate::{
    Confidence, Fact, FactSource, FactValue, Field, Identity, Region, Strength, Told, extract,
    words::shows_only,
};

/// The business that something is told to, as far as it helps to understand what is told.
#[derive(Clone, Debug, Default)]
pub struct HeardBy {
    /// What the business is called: nobody else is.
    pub name: String,
    /// Whose numbers are meant where the country code is missing.
    pub region: Option<Region>,
    /// The business's own numbers: nobody else has them.
    pub phones: Vec<PhoneNumber>,
}

impl HeardBy {
    /// Makes a business with its own numbers; that at which it was told comes first, and its country's numbers are meant.
    pub fn reached_at(name: String, phones: Vec<PhoneNumber>) -> Self {
        Self { name, region: phones.iter().find_map(Region::of), phones }
    }

    /// Tells whether a fact names a number of the business itself.
    pub(crate) fn is_own(&self, fact: &Fact) -> bool {
        matches!(fact.identity(), Some(Identity::Phone(number)) if self.phones.contains(&number))
    }
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
/// Nothing is kept of a conversation that tells nothing of worth. So what was said before is told again, and is heard where
/// the conversation has never belonged to a lead.
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
    /// What the contact was called before, and where that comes from.
    pub contact_name: Option<(String, FactSource)>,
    /// What they wrote before, oldest first.
    pub earlier: Vec<Said>,
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

    /// Returns what can be used of what was known before: checked, in canonical form, and nothing of the business.
    pub fn earlier_facts(&self) -> Vec<Fact> {
        let facts = self.of_texts(&self.earlier).chain(self.of_contact());
        facts.filter(|fact| !self.business.is_own(fact)).collect()
    }

    /// Returns what can be used of what is told now, likewise.
    pub fn facts(&self) -> Vec<Fact> {
        let mut facts: Vec<Fact> = self.of_address().into_iter().collect();
        facts.extend(self.of_texts(&self.texts));
        for told in self.captured.iter().take(Self::MOST_CAPTURED) {
            let value = told.field.read(&told.value, self.business.region);
            let fact = |value| self.fact(told.field, value, (FactSource::Model, told.confidence), self.at);
            facts.extend(value.map(fact));
        }
        facts.retain(|fact| !self.business.is_own(fact));
        facts
    }

    fn of_address(&self) -> Option<Fact> {
        let value = match Identity::read(self.address.as_deref()?)? {
            Identity::Phone(number) => (Field::Phone, FactValue::from(&number)),
            Identity::Email(address) => (Field::Email, FactValue::from(&address)),
        };
        Some(self.fact(value.0, value.1, (FactSource::Channel, Confidence::FULL), self.at))
    }

    fn of_texts(&self, texts: &[Said]) -> impl Iterator<Item = Fact> {
        texts.iter().skip(texts.len().saturating_sub(Self::MOST_TEXTS)).flat_map(|said| {
            let found = extract::extract(&said.text, self.business.region).into_iter();
            found.map(|(field, value, sure)| self.fact(field, value, (FactSource::Pattern, sure), said.at))
        })
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
