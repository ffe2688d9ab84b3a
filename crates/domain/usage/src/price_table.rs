//! What models cost: a built-in table, and an operator's own prices over it.

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserialize,
    de::{Deserializer, Error as _, MapAccess, Visitor},
};

use crate::UsageError;

/// What a model costs, in micro-dollars for a million tokens. A micro-dollar is a millionth of a US dollar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// For tokens that it reads.
    #[serde(rename = "input_micros_per_million", deserialize_with = "micros")]
    pub input: u64,
    /// For tokens that it writes.
    #[serde(rename = "output_micros_per_million", deserialize_with = "micros")]
    pub output: u64,
}

impl Price {
    /// The highest price: a million dollars for a million tokens.
    pub const MAX: u64 = 1_000_000_000_000;
}

/// What tokens have cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Micro-dollars, of the tokens that have a price.
    pub micros: u64,
    /// How many tokens have no price: what they cost is not known.
    pub unpriced_tokens: u64,
}

/// What each model costs, by the longest beginning of its name that is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceTable {
    prices: BTreeMap<String, Price>,
}

/// List prices in US dollars by the providers' pages, in hundredths for a million tokens, read and written: the models
/// that are asked where nobody names another, and those whose names begin like theirs.
const BUILT_IN: [(&str, u64, u64); 6] = [
    ("gemini-2.5-flash", 30, 250),
    ("gemini-2.5-flash-lite", 10, 40),
    ("gemini-2.5-pro", 125, 1_000),
    ("gpt-4.1", 200, 800),
    ("gpt-4.1-mini", 40, 160),
    ("gpt-4.1-nano", 10, 40),
];
const MICROS_IN_A_CENT: u64 = 10_000;

impl PriceTable {
    /// Returns the built-in prices.
    pub fn built_in() -> Self {
        let price = |(name, input, output): (&str, u64, u64)| {
            let price = Price { input: input * MICROS_IN_A_CENT, output: output * MICROS_IN_A_CENT };
            (name.to_owned(), price)
        };
        Self { prices: BUILT_IN.into_iter().map(price).collect() }
    }

    /// Takes an operator's prices over these, written as JSON: an object with a member for each model, such as
    /// `{"gpt-4.1": {"input_micros_per_million": 2000000, "output_micros_per_million": 8000000}}`.
    ///
    /// # Errors
    /// [`UsageError::Prices`] says what is wrong, for which model and in which line.
    pub fn with(mut self, json: &str) -> Result<Self, UsageError> {
        let Listed(listed) = serde_json::from_str(json).map_err(UsageError::Prices)?;
        self.prices.extend(listed);
        Ok(self)
    }

    /// Returns what a model costs: the price of the longest listed name that is the model's own or its beginning up to
    /// one of `- : @ /`. The model in the box has no name and costs nothing.
    pub fn price_of(&self, model: &str) -> Option<Price> {
        if model.is_empty() {
            return Some(Price { input: 0, output: 0 });
        }
        let begins = |name: &&String| {
            let rest = model.strip_prefix(name.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', ':', '@', '/']))
        };
        let longest = self.prices.keys().filter(begins).max_by_key(|name| name.len());
        longest.and_then(|name| self.prices.get(name)).copied()
    }

    /// Returns what tokens of a model cost, rounded up to a whole micro-dollar.
    pub fn cost(&self, model: &str, input: u64, output: u64) -> Cost {
        let Some(price) = self.price_of(model) else {
            return Cost { micros: 0, unpriced_tokens: input.saturating_add(output) };
        };
        let part = |tokens: u64, price: u64| u128::from(tokens).saturating_mul(u128::from(price));
        let whole = part(input, price.input).saturating_add(part(output, price.output));
        let micros = u64::try_from(whole.div_ceil(1_000_000)).unwrap_or(u64::MAX);
        Cost { micros, unpriced_tokens: 0 }
    }
}

fn micros<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let micros = u64::deserialize(deserializer)?;
    let is_too_much = || D::Error::custom(format!("a price is above {}", Price::MAX));
    if micros > Price::MAX { Err(is_too_much()) } else { Ok(micros) }
}

/// Prices as an operator writes them.
struct Listed(BTreeMap<String, Price>);

impl<'de> Deserialize<'de> for Listed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ReadListed).map(Self)
    }
}

struct ReadListed;

impl<'de> Visitor<'de> for ReadListed {
    type Value = BTreeMap<String, Price>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with a price for each model's name")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut prices = BTreeMap::new();
        while let Some(name) = map.next_key::<String>()? {
            if name.trim().is_empty() {
                return Err(M::Error::custom("a model has no name"));
            }
            if prices.contains_key(&name) {
                return Err(M::Error::custom(format!("`{name}` is there twice")));
            }
            let price = map.next_value().map_err(|error| M::Error::custom(format!("`{name}`: {error}")))?;
            prices.insert(name, price);
        }
        Ok(prices)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn table(json: &str) -> PriceTable {
        PriceTable::built_in().with(json).unwrap()
    }

    #[test]
    fn a_million_tokens_of_each_kind_cost_what_the_table_says() {
        let prices = PriceTable::built_in();
        let cost = |model| prices.cost(model, 1_000_000, 1_000_000).micros;
        assert_eq!(cost("gemini-2.5-flash"), 300_000 + 2_500_000);
        assert_eq!(cost("gpt-4.1-mini"), 400_000 + 1_600_000);
    }

    #[test]
    fn a_dated_name_has_the_price_of_its_longest_beginning() {
        let prices = PriceTable::built_in();
        for (model, listed) in [
            ("gpt-4.1-mini-2025-04-14", "gpt-4.1-mini"),
            ("gpt-4.1-2025-04-14", "gpt-4.1"),
            ("gemini-2.5-flash-lite-001", "gemini-2.5-flash-lite"),
            ("gemini-2.5-flash@default", "gemini-2.5-flash"),
        ] {
            assert_eq!(prices.price_of(model), prices.prices.get(listed).copied(), "{model}");
        }
    }

    #[test]
    fn a_name_that_only_looks_alike_has_no_price() {
        for model in ["gpt-4.10", "gpt-4", "gemini-2.5-flashy", "GPT-4.1", "llama3"] {
            assert_eq!(PriceTable::built_in().price_of(model), None, "{model}");
        }
    }

    #[test]
    fn tokens_of_an_unknown_model_are_counted_and_not_called_free() {
        let cost = PriceTable::built_in().cost("llama3", 12, 30);
        assert_eq!(cost, Cost { micros: 0, unpriced_tokens: 42 });
    }

    #[test]
    fn the_model_in_the_box_costs_nothing_and_that_is_known() {
        assert_eq!(PriceTable::built_in().cost("", 1_000, 1_000), Cost::default());
    }

    #[test]
    fn a_part_of_a_micro_dollar_counts_as_a_whole_one() {
        assert_eq!(PriceTable::built_in().cost("gemini-2.5-flash", 1, 0).micros, 1);
        assert_eq!(PriceTable::built_in().cost("gemini-2.5-flash", 0, 0).micros, 0);
    }

    #[test]
    fn an_operators_prices_replace_and_extend_the_built_in_ones() {
        let prices = table(
            r#"{
                "gpt-4.1": {"input_micros_per_million": 1, "output_micros_per_million": 2},
                "llama3": {"input_micros_per_million": 0, "output_micros_per_million": 0}
            }"#,
        );
        assert_eq!(prices.price_of("gpt-4.1"), Some(Price { input: 1, output: 2 }));
        assert_eq!(prices.cost("llama3:70b", 5, 5), Cost::default());
        assert!(prices.price_of("gemini-2.5-flash").is_some());
    }

    #[test]
    fn a_fault_names_the_model_and_the_line() {
        let price = |input: &str| {
            format!(
                "{{\n\"m\": {{\"input_micros_per_million\": {input}, \"output_micros_per_million\": 1}}\n}}"
            )
        };
        for (json, said, line) in [
            (price("-1"), "`m`: invalid value", 2),
            (price("0.5"), "`m`: invalid type", 2),
            (price("1000000000001"), "`m`: a price is above", 2),
            (price("1, \"cached\": 1"), "`m`: unknown field `cached`", 2),
            ("{\n\"m\": {\"input_micros_per_million\": 1}\n}".into(), "`m`: missing field", 2),
            ("{\n\"m\": 5\n}".into(), "`m`: invalid type", 2),
            ("[]".into(), "an object with a price", 1),
            ("{\n\n\"m\"".into(), "EOF", 3),
        ] {
            let UsageError::Prices(error) = PriceTable::built_in().with(&json).unwrap_err() else {
                panic!("another error");
            };
            assert!(error.to_string().contains(said), "{error}");
            assert_eq!(error.line(), line, "{json}: {error}");
            assert_eq!(error.to_string().matches(" at line ").count(), 1, "{error}");
        }
    }

    #[test]
    fn a_model_that_is_there_twice_or_has_no_name_is_a_fault_of_its_line() {
        let price = r#"{"input_micros_per_million": 1, "output_micros_per_million": 1}"#;
        for (json, said) in [
            (format!("{{\"m\": {price},\n\"m\": {price}\n}}"), "`m` is there twice"),
            (format!("{{\n\" \": {price}\n}}"), "a model has no name"),
        ] {
            let UsageError::Prices(error) = PriceTable::built_in().with(&json).unwrap_err() else {
                panic!("another error");
            };
            assert!(error.to_string().contains(said), "{error}");
            assert_eq!(error.line(), 2, "{error}");
        }
    }

    proptest! {
        #[test]
        fn no_number_of_tokens_makes_the_cost_wrap(input: u64, output: u64) {
            let prices = table(
                r#"{"m": {"input_micros_per_million": 1000000000000, "output_micros_per_million": 1000000000000}}"#,
            );
            let cost = prices.cost("m", input, output);
            prop_assert!(cost.micros >= input.max(output));
        }
    }
}
