//! All that was told of a lead. What is believed is computed from it: sources, times and, within one moment, the order.

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
    /// Told again by the same source, a fact counts anew only where it is surer, or where it is later than another of that
    /// source that was believed instead.
    pub fn tell(&mut self, fact: Fact) -> bool {
        let field = fact.field();
        if let Some(known) = self.0.iter().find(|known| known.repeats(&fact)) {
            let of_source = self.of(field).filter(|other| other.source() == fact.source());
            if !counts_anew(known, &fact, best(of_source)) {
                return false;
            }
            self.0.retain(|known| !known.repeats(&fact));
        }
        let kept = fact.clone();
        self.0.push(fact);
        // Those of one moment stay in the order in which they were told.
        self.0.sort_by_key(|fact| (fact.field(), fact.told(), fact.source()));
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
        best(self.of(field))
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

/// Returns the best of facts of one field. Of those of one moment the last counts, or of names the first.
fn best<'a>(facts: impl Iterator<Item = &'a Fact>) -> Option<&'a Fact> {
    facts.reduce(|best, next| match compare(best, next) {
        Ordering::Greater => best,
        Ordering::Equal if next.first_counts() => best,
        Ordering::Equal | Ordering::Less => next,
    })
}

fn counts_anew(known: &Fact, fact: &Fact, best: Option<&Fact>) -> bool {
    if fact.first_counts() {
        return fact.told() < known.told();
    }
    match fact.confidence().cmp(&known.confidence()) {
        Ordering::Greater => true,
        Ordering::Equal => best.is_some_and(|best| best != known && compare(best, fact) == Ordering::Less),
        Ordering::Less => false,
    }
}

fn compare(one: &Fact, other: &Fact) -> Ordering {
    let by_source = (one.strength(), one.source()).cmp(&(other.strength(), other.source()));
    by_source.then_with(|| {
        if one.first_counts() {
            other.told().cmp(&one.told())
        } else {
            (one.confidence(), one.told()).cmp(&(other.confidence(), other.told()))
        }
    })
}
