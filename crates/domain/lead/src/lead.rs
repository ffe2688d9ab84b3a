//! Somebody who may become a customer.

use kernel::{ConversationId, LeadId, TenantId, Timestamp};
use tenancy::TenantScope;

use crate::{
    Fact, FactSource, Facts, Field, Identity, LeadError, LeadSource, LeadStatus, Note, Tag,
    held::{Absorbed, Held},
};

/// Somebody who may become a customer: what is known, how it is known, and how far the business has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lead {
    pub(crate) id: LeadId,
    pub(crate) tenant_id: TenantId,
    pub(crate) source: LeadSource,
    pub(crate) own_status: LeadStatus,
    pub(crate) held: Held,
    pub(crate) absorbed: Vec<Absorbed>,
    pub(crate) kept_apart: Vec<LeadId>,
    pub(crate) created_at: Timestamp,
    pub(crate) changed_at: Timestamp,
    pub(crate) version: i64,
    pub(crate) merged_into: Option<LeadId>,
    pub(crate) deleted_at: Option<Timestamp>,
}

impl Lead {
    /// The most tags on a lead.
    pub const MOST_TAGS: usize = 20;
    /// The most notes about a lead.
    pub const MOST_NOTES: usize = 500;

    /// Makes a lead of the scope's tenant, of which nothing is known yet.
    pub fn create(scope: &TenantScope, id: LeadId, source: LeadSource, at: Timestamp) -> Self {
        Self {
            id,
            tenant_id: scope.tenant_id(),
            source,
            own_status: LeadStatus::New,
            held: Held::default(),
            absorbed: Vec::new(),
            kept_apart: Vec::new(),
            created_at: at,
            changed_at: at,
            version: 0,
            merged_into: None,
            deleted_at: None,
        }
    }

    /// Takes in what was told, and returns the fields of which something is new.
    pub fn learn(&mut self, facts: impl IntoIterator<Item = Fact>) -> Vec<Field> {
        let mut changed = Vec::new();
        for fact in facts {
            let field = fact.field();
            // What a merged lead has brought is known already, and is not told to this one a second time.
            let is_new = self.facts().tell(fact.clone());
            if is_new && self.held.facts.tell(fact) && !changed.contains(&field) {
                changed.push(field);
            }
        }
        changed
    }

    /// Makes the lead recognised by an identity; `false` when it is already. Of which leads an identity may be is the
    /// store's to decide.
    pub fn claim(&mut self, identity: Identity) -> bool {
        let is_new = !self.identities().contains(&identity);
        if is_new {
            self.held.identities.push(identity);
        }
        is_new
    }

    /// Makes the lead recognised by what somebody of the business knows better: of its kind it keeps besides only what it
    /// was written from. `false` when nothing changes.
    pub(crate) fn be_recognised_by(&mut self, identity: Identity) -> bool {
        let facts = self.facts();
        let is_address = |one: &Identity| {
            let mut told = facts.of(one.field()).filter(|fact| fact.identity().as_ref() == Some(one));
            told.any(|fact| fact.source() == FactSource::Channel)
        };
        let of_kind = |one: &Identity| one.field() == identity.field() && *one != identity;
        let wrong: Vec<_> =
            self.identities().into_iter().filter(|one| of_kind(one) && !is_address(one)).collect();
        for one in &wrong {
            self.give_up(one);
        }
        self.claim(identity) || !wrong.is_empty()
    }

    /// Ceases to be recognised by an identity.
    pub(crate) fn give_up(&mut self, identity: &Identity) {
        for held in self.all_held_mut() {
            held.identities.retain(|one| one != identity);
        }
    }

    /// Adds a conversation; `false` when the lead has it already.
    pub fn join(&mut self, conversation: ConversationId) -> bool {
        let is_new = !self.conversations().contains(&conversation);
        if is_new {
            self.held.conversations.push(conversation);
        }
        is_new
    }

    /// Forgets all that was told of a field until now, and is not recognised by it any more; `false` when nothing was known.
    pub fn forget(&mut self, field: Field, at: Timestamp) -> bool {
        let mut is_changed = false;
        for held in self.all_held_mut() {
            is_changed |= held.facts.forget(field);
            let before = held.identities.len();
            held.identities.retain(|identity| identity.field() != field);
            is_changed |= held.identities.len() < before;
        }
        if is_changed {
            self.held.forgotten.insert(field, at);
        }
        is_changed
    }

    /// Gives the lead another status; `false` when it has it already.
    ///
    /// # Errors
    /// [`LeadError::Transition`] when no lead goes from the present one to that.
    pub fn set_status(&mut self, to: LeadStatus) -> Result<bool, LeadError> {
        let from = self.status();
        self.own_status = from.go_to(to)?;
        for absorbed in &mut self.absorbed {
            absorbed.status = None;
        }
        Ok(from != to)
    }

    /// Puts a tag on; `false` when it is there already.
    ///
    /// # Errors
    /// [`LeadError::Full`] when the lead has [`Lead::MOST_TAGS`].
    pub fn tag(&mut self, tag: Tag) -> Result<bool, LeadError> {
        let tags = self.tags();
        if tags.contains(&tag) {
            return Ok(false);
        }
        if tags.len() >= Self::MOST_TAGS {
            return Err(LeadError::Full { what: "tags", most: Self::MOST_TAGS });
        }
        self.held.tags.push(tag);
        Ok(true)
    }

    /// Takes a tag off; `false` when it is not there.
    pub fn untag(&mut self, tag: &Tag) -> bool {
        let is_there = self.tags().contains(tag);
        for held in self.all_held_mut() {
            held.tags.retain(|one| one != tag);
        }
        is_there
    }

    /// Adds a note.
    ///
    /// # Errors
    /// [`LeadError::Full`] when the lead has [`Lead::MOST_NOTES`].
    pub fn note(&mut self, note: Note) -> Result<(), LeadError> {
        if self.notes().len() >= Self::MOST_NOTES {
            return Err(LeadError::Full { what: "notes", most: Self::MOST_NOTES });
        }
        self.held.notes.push(note);
        Ok(())
    }

    /// Removes all that is known. The id and the status remain, so that whoever refers to the lead is not lost, and the
    /// conversations, so that what was said in them is not told anew.
    pub(crate) fn bury(&mut self, at: Timestamp) {
        self.own_status = self.status();
        self.held = Held { conversations: self.conversations(), ..Held::default() };
        self.absorbed = Vec::new();
        self.kept_apart = Vec::new();
        self.deleted_at = Some(at);
        self.changed_at = at;
    }

    /// Lets a conversation go to another lead.
    pub(crate) fn leave(&mut self, conversation: ConversationId) {
        self.held.conversations.retain(|one| *one != conversation);
    }

    /// Makes sure that the lead can be worked on.
    ///
    /// # Errors
    /// [`LeadError::NotFound`] when it is deleted, [`LeadError::Merged`] when it is part of another one.
    pub fn ensure_current(&self) -> Result<(), LeadError> {
        match (self.deleted_at, self.merged_into) {
            (Some(_), _) => Err(LeadError::NotFound { what: "lead" }),
            (None, Some(into)) => Err(LeadError::Merged { into }),
            (None, None) => Ok(()),
        }
    }

    fn all_held_mut(&mut self) -> impl Iterator<Item = &mut Held> {
        std::iter::once(&mut self.held).chain(self.absorbed.iter_mut().map(|one| &mut one.held))
    }
}

/// What a lead shows: its own, and what came from leads that were merged into it.
impl Lead {
    fn all_held(&self) -> impl Iterator<Item = &Held> {
        std::iter::once(&self.held).chain(self.absorbed.iter().map(|one| &one.held))
    }

    /// Returns the lead's id.
    pub fn id(&self) -> LeadId {
        self.id
    }

    /// Returns whose lead it is.
    pub fn tenant_id(&self) -> TenantId {
        self.tenant_id
    }

    /// Returns where the lead was first heard of.
    pub fn source(&self) -> LeadSource {
        self.source
    }

    /// Returns how far the business has come.
    pub fn status(&self) -> LeadStatus {
        self.absorbed.iter().filter_map(|one| one.status).fold(self.own_status, Ord::max)
    }

    /// Returns all that was told.
    pub fn facts(&self) -> Facts {
        self.absorbed.iter().fold(self.held.facts.clone(), |facts, one| facts.with(&one.held.facts))
    }

    /// Returns what is believed of a field.
    pub fn value(&self, field: Field) -> Option<String> {
        self.facts().believed(field).map(|fact| fact.value().to_owned())
    }

    /// Returns every name that was told, with its time and conversation, oldest first.
    pub fn names(&self) -> Vec<Fact> {
        self.facts().of(Field::Name).cloned().collect()
    }

    /// Returns the tags in the order of the alphabet.
    pub fn tags(&self) -> Vec<Tag> {
        let mut tags: Vec<Tag> = self.all_held().flat_map(|held| held.tags.iter().cloned()).collect();
        tags.sort();
        tags.dedup();
        tags
    }

    /// Returns the notes, oldest first.
    pub fn notes(&self) -> Vec<Note> {
        let mut notes: Vec<Note> = self.all_held().flat_map(|held| held.notes.iter().cloned()).collect();
        notes.sort_by_key(Note::at);
        notes
    }

    /// Returns when somebody has emptied a field at last, if anybody has.
    pub(crate) fn forgotten(&self, field: Field) -> Option<Timestamp> {
        self.all_held().filter_map(|held| held.forgotten.get(&field)).max().copied()
    }

    /// Returns the conversations that belong to it, its own first.
    pub fn conversations(&self) -> Vec<ConversationId> {
        self.all_held().flat_map(|held| held.conversations.iter().copied()).collect()
    }

    /// Returns the first conversation, if there was any.
    pub fn conversation_id(&self) -> Option<ConversationId> {
        self.conversations().first().copied()
    }

    /// Returns by what the lead is recognised.
    pub fn identities(&self) -> Vec<Identity> {
        self.all_held().flat_map(|held| held.identities.iter().cloned()).collect()
    }

    /// Returns when the lead was made.
    pub fn created_at(&self) -> Timestamp {
        self.created_at
    }

    /// Returns when it was last changed.
    pub fn changed_at(&self) -> Timestamp {
        self.changed_at
    }

    /// Returns the version that was read; a store compares it.
    pub fn version(&self) -> i64 {
        self.version
    }

    /// Returns the lead that it is part of now, if it was merged.
    pub fn merged_into(&self) -> Option<LeadId> {
        self.merged_into
    }

    /// Returns when it was deleted, if it was.
    pub fn deleted_at(&self) -> Option<Timestamp> {
        self.deleted_at
    }

    /// Tells whether the lead is shown and recognised: it is neither deleted nor part of another one. A store keeps rows
    /// of identities and tags for such leads only, and of conversations also for deleted ones.
    pub fn is_current(&self) -> bool {
        self.deleted_at.is_none() && self.merged_into.is_none()
    }
}
