//! What was used, in numbers.

use std::ops::AddAssign;

use chrono::NaiveDate;

/// What was used, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Turns that were committed, silent ones too.
    pub turns: u64,
    /// Turns in which the receptionist answered in its own words: what a plan's limit counts.
    pub turns_answered: u64,
    /// Messages of contacts that turns have taken up.
    pub messages_in: u64,
    /// Messages that the receptionist or a person has written.
    pub messages_out: u64,
    /// Tokens that the model has read.
    pub tokens_in: u64,
    /// Tokens that it has written.
    pub tokens_out: u64,
    /// What those cost that had a price when they were used, in micro-dollars.
    pub cost_micros: u64,
    /// How many tokens had no price.
    pub unpriced_tokens: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        let add = |own: &mut u64, other: u64| *own = own.saturating_add(other);
        add(&mut self.turns, other.turns);
        add(&mut self.turns_answered, other.turns_answered);
        add(&mut self.messages_in, other.messages_in);
        add(&mut self.messages_out, other.messages_out);
        add(&mut self.tokens_in, other.tokens_in);
        add(&mut self.tokens_out, other.tokens_out);
        add(&mut self.cost_micros, other.cost_micros);
        add(&mut self.unpriced_tokens, other.unpriced_tokens);
    }
}

impl Counts {
    /// Adds counts up.
    pub fn total(counts: impl IntoIterator<Item = Self>) -> Self {
        counts.into_iter().fold(Self::default(), |mut total, one| {
            total += one;
            total
        })
    }
}

/// What was used on a day with a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageLine {
    /// The day, in UTC.
    pub day: NaiveDate,
    /// The model, in its provider's words; empty for the one in the box, for turns without a model and for people.
    pub model: String,
    /// How much.
    pub counts: Counts,
}
