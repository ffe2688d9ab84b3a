//! All that was told of a lead. What is believed is computed from it, so the order of telling does not decide.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::{Fact, Field};

/// All that was told of a lead, each thing once for each source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Facts(Vec<Fact>);

impl Facts {
    /// The most that is kept of one field.
    pub const MOST: usize = 20;

    /// Takes a fact in; `false` when it changes nothing.
    ///
    /// Told again by the same source, a fact counts anew only where it is surer, or where another was believed.
    pub fn tell(&mut self, fact: Fact) -> bool {
        let field = fact.field();
        if let Some(known) = self.0.iter().find(|known| known.repeats(&fact)) {
            let is_believed = self.believed(field) == Some(known);
            if !counts_anew(known, &fact, is_believed) {
                return false;
            }
            self.0.retain(|known| !known.repeats(&fact));
        }
        let kept = fact.clone();
        self.0.push(fact);
        self.0.sort();
        self.drop_the_weakest(field);
        self.0.contains(&kept)
    }

    /// Takes in all that others hold.
    #[must_use]
    pub fn with(&self, others: &Self) -> Self {
        let mut all = self.clone();
        for fact in &others.0 {
            all.tell(fact.clone());
        }
        all
    }

    /// Forgets a field; `false` when nothing was known.
    pub(crate) fn forget(&mut self, field: Field) -> bool {
        let before = self.0.len();
        self.0.retain(|fact| fact.field() != field);
        self.0.len() < before
    }

    /// Returns the fact that is believed: of the strongest source, the surest, the last. Of names, one that says
    /// something before one that does not; and of one source the first, unless somebody of the business typed it.
    pub fn believed(&self, field: Field) -> Option<&Fact> {
        self.of(field).max_by(|one, other| compare(one, other))
    }

    /// Returns all that was told of a field, oldest first.
    pub fn of(&self, field: Field) -> impl Iterator<Item = &Fact> {
        self.0.iter().filter(move |fact| fact.field() == field)
    }

    /// Returns everything, field by field, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Fact> {
        self.0.iter()
    }

    fn drop_the_weakest(&mut self, field: Field) {
        while self.of(field).count() > Self::MOST {
            let believed = self.believed(field);
            let rest = self.of(field).filter(|fact| Some(*fact) != believed);
            let weakest = rest.min_by_key(|fact| (fact.strength(), fact.source(), fact.told())).cloned();
            self.0.retain(|fact| Some(fact) != weakest.as_ref());
        }
    }
}

fn counts_anew(known: &Fact, fact: &Fact, is_believed: bool) -> bool {
    if fact.first_counts() {
        return fact.told() < known.told();
    }
    match fact.confidence().cmp(&known.confidence()) {
        Ordering::Greater => true,
        Ordering::Equal => fact.told() > known.told() && !is_believed,
        Ordering::Less => false,
    }
}

fn compare(one: &Fact, other: &Fact) -> Ordering {
    let by_source = (one.strength(), one.source()).cmp(&(other.strength(), other.source()));
    by_source.then_with(|| {
        if one.first_counts() {
            (other.told(), other.value()).cmp(&(one.told(), one.value()))
        } else {
            let key = |fact: &Fact| (fact.confidence(), fact.told(), fact.value().to_owned());
            key(one).cmp(&key(other))
        }
    })
}
