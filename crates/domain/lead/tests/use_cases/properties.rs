//! What holds whatever is told in whatever order.

use kernel::PhoneNumber;
use lead::{Confidence, Fact, FactSource, Facts, Field, Region, Told, extract, testing::Samples};
use proptest::prelude::*;

use crate::desk::Desk;

/// Facts with a source each that no other has.
fn distinct() -> impl Strategy<Value = Vec<Fact>> {
    let one = (0..4_usize, "[a-c]{2,3}", 0..=100_u8, 0..5_i64);
    proptest::collection::vec(one, FactSource::ALL.len()).prop_map(|told| {
        let facts = told.into_iter().zip(FactSource::ALL);
        facts.map(|((field, text, sure, second), source)| fact(field, &text, *source, sure, second)).collect()
    })
}

fn fact(field: usize, text: &str, source: FactSource, sure: u8, second: i64) -> Fact {
    let field = [Field::Name, Field::Need, Field::PreferredTime, Field::ServiceAddress][field];
    let at = Samples::default().tick() + chrono::TimeDelta::seconds(second);
    let value = field.read(text, None).unwrap();
    Fact::new(field, value, source, Confidence::new(sure), Told { at, conversation_id: None })
}

/// Texts of any kind, and such as contradict one another.
fn texts() -> impl Strategy<Value = String> {
    let contradicting =
        ["zoe@a.com", "ann@a.com", "no rush", "it's an emergency", "My name is Zoe", "This is Ann"];
    prop_oneof![".{0,60}", proptest::sample::select(contradicting.to_vec()).prop_map(str::to_owned)]
}

fn all<'a>(facts: impl IntoIterator<Item = &'a Fact>) -> Facts {
    let mut all = Facts::default();
    for fact in facts {
        all.tell(fact.clone());
    }
    all
}

proptest! {
    #[test]
    fn facts_of_distinct_sources_are_the_same_in_any_order(
        (told, shuffled) in distinct().prop_flat_map(|told| (Just(told.clone()), Just(told).prop_shuffle()))
    ) {
        prop_assert_eq!(all(&told), all(&shuffled));
    }

    #[test]
    fn merging_facts_a_second_time_changes_nothing(one in distinct(), other in distinct()) {
        let (one, other) = (all(&one), all(&other));
        let merged = one.with(&other);
        prop_assert_eq!(&merged.with(&other), &merged);
        prop_assert_eq!(&merged.with(&one), &merged);
        prop_assert_eq!(&merged.with(&merged), &merged);
    }

    #[test]
    fn any_text_is_looked_through_and_what_is_found_is_well_formed(text in ".{0,400}") {
        for (field, value, _) in extract(&text, Region::from_country("US")) {
            prop_assert_eq!(field.read(value.as_str(), None), Some(value));
        }
    }

    #[test]
    fn texts_of_digits_and_marks_are_looked_through(text in "[-0-9+() ./@a-zA-Z\u{a0}ẞİ]{0,200}") {
        for country in ["US", "GB", "DE", "FR", "ES"] {
            for (field, value, _) in extract(&text, Region::from_country(country)) {
                prop_assert!(field != Field::Phone || PhoneNumber::parse(value.as_str()).is_ok());
            }
        }
    }

    #[test]
    fn a_planted_number_is_found(
        before in "[a-z ,]{0,40}", after in "[a-z ,.!]{0,40}",
        area in 200..1000_u32, middle in 0..1000_u32, line in 0..10_000_u32, shape in 0..5_usize,
    ) {
        let written = [
            format!("+1{area}{middle:03}{line:04}"),
            format!("+1 ({area}) {middle:03}-{line:04}"),
            format!("({area}) {middle:03}-{line:04}"),
            format!("{area}-{middle:03}-{line:04}"),
            format!("{area}.{middle:03}.{line:04}"),
        ][shape].clone();
        let found = extract(&format!("{before} {written} {after}"), Region::from_country("US"));
        let expected = format!("+1{area}{middle:03}{line:04}");
        prop_assert!(found.iter().any(|(field, value, _)| *field == Field::Phone && value.as_str() == expected));
    }

    #[test]
    fn hearing_twice_changes_nothing(texts in proptest::collection::vec(texts(), 0..6), is_sms in any::<bool>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let desk = Desk::new();
            let mut heard = if is_sms { desk.sms("+15551230000", "") } else { desk.chat("ann@example.com") };
            heard.texts.extend(texts.iter().map(|text| desk.samples.said(text)));
            heard.at = desk.samples.tick();
            desk.hear(&heard).await;
            let before = desk.leads().await;
            desk.hear(&heard).await;
            // The same again as another event, later: all of it is known.
            heard.event_id = desk.samples.id(kernel::EventId::new);
            heard.at = desk.samples.tick();
            desk.hear(&heard).await;
            assert_eq!(desk.leads().await, before);
        });
    }
}
