//! Making two leads one, and taking that back.

use kernel::{LeadId, Timestamp};

use crate::{
    Fact, FactSource, Field, Identity, Lead, LeadError,
    held::{Absorbed, Held},
};

impl Lead {
    /// The most leads that are merged into one.
    pub const MOST_MERGED: usize = 50;

    /// Takes another lead in. The other keeps all that it had, and is shown no more.
    ///
    /// # Errors
    /// When either is not current, they are one, or this one has taken in [`Lead::MOST_MERGED`].
    pub fn absorb(&mut self, other: &mut Self, at: Timestamp) -> Result<(), LeadError> {
        if self.id == other.id {
            return Err(LeadError::SameLead);
        }
        self.ensure_current()?;
        other.ensure_current()?;
        if self.absorbed.len() >= Self::MOST_MERGED {
            return Err(LeadError::Full { what: "leads merged into it", most: Self::MOST_MERGED });
        }
        self.kept_apart.retain(|id| *id != other.id);
        other.kept_apart.retain(|id| *id != self.id);
        self.absorbed.push(Absorbed {
            lead: other.id,
            at,
            status: Some(other.status()),
            held: other.flattened(),
        });
        other.merged_into = Some(self.id);
        (self.changed_at, other.changed_at) = (at, at);
        Ok(())
    }

    /// Lets a lead that was taken in go again. It is as it was then, and so is this one, except that it keeps what it
    /// has learnt since. The two are not merged again unless a person does it.
    ///
    /// # Errors
    /// [`LeadError::NotMerged`] when the other is not part of this one; or when this one is not current.
    pub fn release(&mut self, other: &mut Self, at: Timestamp) -> Result<(), LeadError> {
        self.ensure_current()?;
        if other.merged_into != Some(self.id) {
            return Err(LeadError::NotMerged);
        }
        self.absorbed.retain(|one| one.lead != other.id);
        other.merged_into = None;
        self.kept_apart.push(other.id);
        other.kept_apart.push(self.id);
        (self.changed_at, other.changed_at) = (at, at);
        Ok(())
    }

    /// Tells whether two leads may be merged without asking a person: nothing by which they are recognised contradicts,
    /// nobody of the business has named them differently, and nobody has taken them apart.
    pub fn may_join(&self, other: &Self) -> bool {
        let kinds = [Field::Phone, Field::Email];
        self.id != other.id
            && self.is_current()
            && other.is_current()
            && self.absorbed.len() < Self::MOST_MERGED
            && other.absorbed.len() < Self::MOST_MERGED
            && !self.kept_apart.contains(&other.id)
            && !other.kept_apart.contains(&self.id)
            && kinds.into_iter().all(|kind| agree(&self.recognised_by(kind), &other.recognised_by(kind)))
            && agree(&self.named_by_staff(), &other.named_by_staff())
    }

    /// Returns the leads that were merged into this one and can be taken out again, with when that was.
    pub fn merged(&self) -> Vec<(LeadId, Timestamp)> {
        self.absorbed.iter().map(|one| (one.lead, one.at)).collect()
    }

    fn flattened(&self) -> Held {
        Held {
            facts: self.facts(),
            tags: self.tags(),
            notes: self.notes(),
            conversations: self.conversations(),
            identities: self.identities(),
            forgotten: Field::ALL
                .iter()
                .filter_map(|field| Some((*field, self.forgotten(*field)?)))
                .collect(),
        }
    }

    fn recognised_by(&self, field: Field) -> Vec<Identity> {
        self.identities().into_iter().filter(|identity| identity.field() == field).collect()
    }

    fn named_by_staff(&self) -> Vec<String> {
        let is_typed = |fact: &&Fact| fact.source() == FactSource::Person;
        self.names().iter().filter(is_typed).map(|fact| fact.value().to_lowercase()).collect()
    }
}

/// Tells whether one side says nothing, or both say one same thing at least.
fn agree<T: PartialEq>(one: &[T], other: &[T]) -> bool {
    one.is_empty() || other.is_empty() || one.iter().any(|value| other.contains(value))
}
