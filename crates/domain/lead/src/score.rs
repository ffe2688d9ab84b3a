//! How much a lead is worth looking at first, and why.

use crate::{Confidence, Fact, FactSource, Facts, Field, Lead, Strength, Urgency, words::words};

words! {
    /// Why a lead has points.
    ScoreReason {
        /// There is a phone to call.
        ReachablePhone = "reachable_phone",
        /// There is an e-mail address to write to.
        Email = "email",
        /// It is known who they are.
        Name = "name",
        /// It is known what they want.
        Need = "need",
        /// It is known how soon.
        Urgency = "urgency",
        /// It is known when it suits them.
        PreferredTime = "preferred_time",
        /// It is known where the work is.
        Place = "place",
        /// They have come more than once.
        RepeatedContact = "repeated_contact",
        /// The only name says nothing about a person.
        WeakName = "weak_name",
        /// The phone was guessed, and nobody has made sure.
        DoubtfulPhone = "doubtful_phone",
    }
}

/// A part of a score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScorePart {
    /// What the points are for.
    pub reason: ScoreReason,
    /// How many; less than none where something speaks against the lead.
    pub points: i16,
}

/// How much a lead is worth looking at first: the parts, and their sum within 0 to 100.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Score {
    parts: Vec<ScorePart>,
}

impl Score {
    /// Returns the parts, those for the lead first.
    pub fn parts(&self) -> &[ScorePart] {
        &self.parts
    }

    /// Returns the total, 0 to 100.
    pub fn total(&self) -> i16 {
        self.parts.iter().map(|part| part.points).sum::<i16>().clamp(0, 100)
    }

    fn add(&mut self, reason: ScoreReason, points: i16) {
        if points != 0 {
            self.parts.push(ScorePart { reason, points });
        }
    }
}

impl Lead {
    /// Computes the score from what is known now.
    pub fn score(&self) -> Score {
        let facts = self.facts();
        let has = |field, points| if facts.believed(field).is_some() { points } else { 0 };
        let mut score = Score::default();
        score.add(ScoreReason::ReachablePhone, has(Field::Phone, 25));
        score.add(ScoreReason::Email, has(Field::Email, 15));
        score.add(ScoreReason::Name, if is_named(&facts, Strength::Strong) { 10 } else { 0 });
        score.add(ScoreReason::Need, has(Field::Need, 15));
        score.add(ScoreReason::Urgency, urgency_points(&facts));
        score.add(ScoreReason::PreferredTime, has(Field::PreferredTime, 10));
        score.add(ScoreReason::Place, has(Field::ServiceAddress, 5).max(has(Field::Zip, 5)));
        score.add(ScoreReason::RepeatedContact, if self.conversations().len() > 1 { 5 } else { 0 });
        score.add(ScoreReason::WeakName, if is_named(&facts, Strength::Weak) { -5 } else { 0 });
        let is_doubtful = facts.believed(Field::Phone).is_some_and(is_guess);
        score.add(ScoreReason::DoubtfulPhone, if is_doubtful { -10 } else { 0 });
        score
    }
}

fn is_named(facts: &Facts, strength: Strength) -> bool {
    facts.believed(Field::Name).is_some_and(|fact| fact.strength() == strength)
}

fn urgency_points(facts: &Facts) -> i16 {
    match facts.believed(Field::Urgency).and_then(|fact| Urgency::from_name(fact.value())) {
        Some(Urgency::Emergency) => 15,
        Some(Urgency::High) => 10,
        Some(Urgency::Normal) => 5,
        Some(Urgency::Low) | None => 0,
    }
}

fn is_guess(fact: &Fact) -> bool {
    fact.source() <= FactSource::Pattern && fact.confidence() < Confidence::new(70)
}
