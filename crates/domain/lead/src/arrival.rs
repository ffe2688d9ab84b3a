//! What happens when something is told of somebody who may be known: finding the lead, filling it, and merging leads
//! that turn out to be one.

use std::cmp::Reverse;

use kernel::{ConversationId, DomainEvent, EventId, IdGenerator, LeadId, StoreError, Timestamp};
use tenancy::{AuditAction, TenantScope};

use crate::{
    Clues, Fact, FactSource, Field, Identity, Lead, LeadChange, LeadSource, LeadStore, Strength,
    events::{Happened, event},
};

/// What was told, and from where.
pub(crate) struct Arrival {
    /// The facts that are told now.
    pub(crate) facts: Vec<Fact>,
    /// What was known before: it counts where the conversation has never belonged to a lead, and for fields that nobody
    /// has emptied.
    pub(crate) earlier: Vec<Fact>,
    pub(crate) conversation: Option<ConversationId>,
    pub(crate) source: LeadSource,
    pub(crate) handled: Option<EventId>,
    pub(crate) at: Timestamp,
}

/// An identity that was told, and the lead that is recognised by it.
struct Mention {
    identity: Identity,
    source: FactSource,
    owner: Option<Lead>,
}

impl Mention {
    /// Makes a lead recognised by it. What is only mentioned may be somebody else's, "my wife's number is": it counts
    /// where the lead is recognised by nothing of the kind yet.
    fn claim_for(self, lead: &mut Lead) -> bool {
        let is_own = self.source >= FactSource::Supplied;
        let is_blank = lead.identities().iter().all(|one| one.field() != self.identity.field());
        (is_own || is_blank) && lead.claim(self.identity)
    }
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrived {
    /// The event was handled before.
    Repeated,
    /// Nothing of worth is known, so nothing was kept.
    Nothing,
    /// A lead knows all of it already.
    Unchanged(LeadId),
    /// A lead knows more now.
    Updated(LeadId),
    /// There is a new lead.
    Captured(LeadId),
}

impl Arrival {
    /// How often it is tried to be faster than others who change the same lead.
    pub(crate) const ATTEMPTS: usize = 16;
    /// The most identities that are looked up at once.
    const MOST_IDENTITIES: usize = 10;

    /// Tells whether what was told makes a lead by itself: somebody who can be reached, or who has a name and a wish.
    pub(crate) fn is_of_worth(&self) -> bool {
        let knows = |field| self.facts.iter().any(|f| f.field() == field && f.strength() == Strength::Strong);
        knows(Field::Phone) || knows(Field::Email) || (knows(Field::Name) && knows(Field::Need))
    }

    /// Takes it in once.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] or [`StoreError::Duplicate`] when somebody was faster: read again.
    pub(crate) async fn arrive(
        &self,
        store: &dyn LeadStore,
        ids: &dyn IdGenerator,
        scope: &TenantScope,
    ) -> Result<Arrived, StoreError> {
        let mut mentions = self.mentions();
        let clues = Clues {
            event: self.handled,
            conversation: self.conversation,
            identities: mentions.iter().map(|one| one.identity.clone()).collect(),
        };
        let known = store.recognise(scope, &clues).await?;
        if known.was_handled {
            return Ok(Arrived::Repeated);
        }
        for (mention, owner) in mentions.iter_mut().zip(known.by_identity) {
            mention.owner = owner;
        }
        let is_first = known.by_conversation.is_none();
        if !is_first {
            mentions.retain(|one| self.tells_of(&one.identity));
        }
        let (own, buried) = match known.by_conversation {
            Some(lead) if lead.is_current() => (Some(lead), None),
            buried => (None, buried),
        };
        let owners = || mentions.iter().filter_map(|one| one.owner.as_ref());
        let lead = own.or_else(|| owners().find(|owner| self.may_be(owner)).cloned());
        let heard = self.heard(is_first, lead.as_ref());
        mentions.retain(|one| heard.tells_of(&one.identity));
        let (mut change, arrived) = match lead {
            Some(lead) => heard.tell(lead, mentions, ids),
            None if heard.is_of_worth() => heard.capture(scope, mentions, ids),
            None => (self.nothing(), Arrived::Nothing),
        };
        let has_lead = !change.inserts.is_empty() || !change.updates.is_empty();
        if let (Some(mut buried), Some(conversation), true) = (buried, self.conversation, has_lead) {
            buried.leave(conversation);
            change.updates.push(buried);
        }
        // What conversations tell is no change by a person, whosever request it came with.
        if self.handled.is_some() {
            change.audit.clear();
        }
        let is_empty = change.handled.is_none() && change.inserts.is_empty() && change.updates.is_empty();
        if !is_empty {
            store.save(scope, &change).await?;
        }
        Ok(arrived)
    }

    /// Returns by what they would be recognised, strongest source first.
    fn mentions(&self) -> Vec<Mention> {
        let mut mentions: Vec<Mention> = Vec::new();
        let mut facts: Vec<&Fact> = self.facts.iter().chain(&self.earlier).collect();
        facts.sort_by_key(|fact| Reverse(fact.source()));
        for fact in facts {
            let Some(identity) = fact.identity() else { continue };
            if mentions.len() < Self::MOST_IDENTITIES && !mentions.iter().any(|one| one.identity == identity)
            {
                mentions.push(Mention { identity, source: fact.source(), owner: None });
            }
        }
        mentions
    }

    /// Returns all that counts together, strongest source first. What was told of a field before somebody emptied it does
    /// not.
    fn heard(&self, is_first: bool, lead: Option<&Lead>) -> Self {
        let forgotten = |fact: &Fact| lead.and_then(|lead| lead.forgotten(fact.field()));
        let earlier = self.earlier.iter().filter(|fact| is_first && forgotten(fact).is_none());
        let now = self.facts.iter().filter(|fact| forgotten(fact).is_none_or(|at| fact.told().at >= at));
        let mut facts: Vec<Fact> = earlier.chain(now).cloned().collect();
        facts.sort_by_key(|fact| Reverse(fact.source()));
        Self {
            facts,
            earlier: Vec::new(),
            conversation: self.conversation,
            source: self.source,
            handled: self.handled,
            at: self.at,
        }
    }

    fn tells_of(&self, identity: &Identity) -> bool {
        self.facts.iter().any(|fact| fact.identity().as_ref() == Some(identity))
    }

    /// Tells whether the address that they write from leaves room for their being a lead: who writes from another phone
    /// than the lead has is somebody else, whatever they tell.
    fn may_be(&self, lead: &Lead) -> bool {
        let known = lead.identities();
        let from = self.facts.iter().filter(|fact| fact.source() == FactSource::Channel);
        from.filter_map(Fact::identity).all(|identity| {
            known.contains(&identity) || known.iter().all(|one| one.field() != identity.field())
        })
    }

    fn nothing(&self) -> LeadChange {
        LeadChange { handled: self.handled, ..LeadChange::at(self.at) }
    }

    fn capture(
        &self,
        scope: &TenantScope,
        owners: Vec<Mention>,
        ids: &dyn IdGenerator,
    ) -> (LeadChange, Arrived) {
        let mut lead = Lead::create(scope, LeadId::new(ids.next()), self.source, self.at);
        lead.learn(self.facts.iter().cloned());
        self.conversation.map(|conversation| lead.join(conversation));
        for mention in owners.into_iter().filter(|one| one.owner.is_none()) {
            mention.claim_for(&mut lead);
        }
        let happened = self.event(ids, &lead, &Happened::Captured(self.conversation));
        let arrived = Arrived::Captured(lead.id());
        let audit = vec![(AuditAction::LeadCreated, lead.id().uuid())];
        (LeadChange { inserts: vec![lead], events: vec![happened], audit, ..self.nothing() }, arrived)
    }

    fn tell(&self, mut lead: Lead, owners: Vec<Mention>, ids: &dyn IdGenerator) -> (LeadChange, Arrived) {
        let mut change = self.nothing();
        let fields =
            lead.learn(self.facts.iter().map(|fact| filling_blanks(&lead, fact)).collect::<Vec<_>>());
        let mut is_changed = !fields.is_empty();
        is_changed |= self.conversation.is_some_and(|conversation| lead.join(conversation));
        let mut unowned = Vec::new();
        for mention in owners {
            match mention.owner {
                None => unowned.push(mention),
                Some(other)
                    if lead.may_join(&other) && !change.updates.iter().any(|one| one.id() == other.id()) =>
                {
                    let (older, merged) = self.unite(lead, other, &mut change, ids);
                    lead = older;
                    is_changed |= merged;
                }
                // The identity stays with its first owner.
                Some(_) => {}
            }
        }
        for mention in unowned {
            is_changed |= mention.claim_for(&mut lead);
        }
        let id = lead.id();
        if !is_changed {
            return (self.nothing(), Arrived::Unchanged(id));
        }
        lead.changed_at = self.at;
        if !fields.is_empty() {
            change.events.push(self.event(ids, &lead, &Happened::Updated(fields)));
        }
        change.audit.push((AuditAction::LeadChanged, id.uuid()));
        change.updates.push(lead);
        (change, Arrived::Updated(id))
    }

    /// Merges two leads; the older one remains, as whoever refers to it does.
    fn unite(&self, lead: Lead, other: Lead, change: &mut LeadChange, ids: &dyn IdGenerator) -> (Lead, bool) {
        let age = |lead: &Lead| (lead.created_at(), lead.id());
        let (mut older, mut newer) = if age(&lead) <= age(&other) { (lead, other) } else { (other, lead) };
        // `may_join` has made sure of what could stand against it.
        let merged = older.absorb(&mut newer, self.at).is_ok();
        if merged {
            change.events.push(self.event(ids, &older, &Happened::Merged(newer.id())));
            change.audit.push((AuditAction::LeadMerged, older.id().uuid()));
            change.updates.push(newer);
        }
        (older, merged)
    }

    fn event(&self, ids: &dyn IdGenerator, lead: &Lead, happened: &Happened) -> DomainEvent {
        event(EventId::new(ids.next()), self.at, lead, happened)
    }
}

/// A form that is filled in again fills blanks only: what is known stays believed, what is new is kept beside it.
fn filling_blanks(lead: &Lead, fact: &Fact) -> Fact {
    let is_known = lead.facts().believed(fact.field()).is_some_and(|known| !known.repeats(fact));
    if fact.source() == FactSource::Supplied && is_known { fact.clone().doubted(10) } else { fact.clone() }
}
