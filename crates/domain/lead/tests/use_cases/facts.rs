//! What is believed of all that was told, and what it is worth.

use lead::{Confidence, Fact, FactSource, Facts, Field, ScoreReason, testing::Samples};

use crate::desk::Desk;

fn told(samples: &Samples, value: &str, source: FactSource, percent: u8) -> Fact {
    let value = Field::Need.read(value, None).unwrap();
    let told = lead::Told { at: samples.tick(), conversation_id: None };
    Fact::new(Field::Need, value, source, Confidence::new(percent), told)
}

fn believed(facts: &Facts) -> &str {
    facts.believed(Field::Need).unwrap().value()
}

#[test]
fn a_weaker_source_never_overwrites_a_stronger_one() {
    let samples = Samples::default();
    for pair in FactSource::ALL.windows(2) {
        let mut facts = Facts::default();
        facts.tell(told(&samples, "strong", pair[1], 1));
        facts.tell(told(&samples, "weak", pair[0], 100));
        assert_eq!(believed(&facts), "strong", "{pair:?}");
        assert_eq!(facts.of(Field::Need).count(), 2);
    }
}

#[test]
fn a_source_corrects_itself_only_when_it_is_as_sure() {
    let samples = Samples::default();
    let mut facts = Facts::default();
    facts.tell(told(&samples, "a tap", FactSource::Model, 80));
    facts.tell(told(&samples, "a sink", FactSource::Model, 79));
    assert_eq!(believed(&facts), "a tap");
    facts.tell(told(&samples, "a bath", FactSource::Model, 80));
    assert_eq!(believed(&facts), "a bath");
    facts.tell(told(&samples, "a tap", FactSource::Model, 80));
    assert_eq!(believed(&facts), "a tap");
}

#[test]
fn what_is_told_again_counts_only_where_it_is_later_than_what_is_believed() {
    let (samples, mut facts) = (Samples::default(), Facts::default());
    let told = |value| told(&samples, value, FactSource::Pattern, 80);
    let (first, again, other, last) = (told("a tap"), told("a tap"), told("a sink"), told("a tap"));
    assert!(facts.tell(first) && facts.tell(other));
    assert!(!facts.tell(again), "it was told before the other");
    assert_eq!(believed(&facts), "a sink");
    assert!(facts.tell(last));
    assert_eq!(believed(&facts), "a tap");
}

#[test]
fn of_what_is_told_at_one_moment_the_last_counts_and_of_names_the_first() {
    let (samples, mut facts) = (Samples::default(), Facts::default());
    let told = lead::Told { at: samples.tick(), conversation_id: None };
    let fact = |field: Field, text: &str| {
        let value = field.read(text, None).unwrap();
        Fact::new(field, value, FactSource::Pattern, Confidence::new(80), told)
    };
    for text in ["zinc", "a tap", "mortar"] {
        facts.tell(fact(Field::Need, text));
        facts.tell(fact(Field::Name, text));
    }
    assert_eq!(believed(&facts), "mortar");
    assert_eq!(facts.believed(Field::Name).unwrap().value(), "zinc");
}

#[test]
fn of_a_field_twenty_are_kept_and_the_weakest_oldest_go() {
    let samples = Samples::default();
    let mut facts = Facts::default();
    facts.tell(told(&samples, "from a person", FactSource::Person, 100));
    for number in 0..30 {
        facts.tell(told(&samples, &format!("wish {number}"), FactSource::Model, 50));
    }
    facts.tell(told(&samples, "from a carrier", FactSource::Carrier, 100));
    let kept: Vec<&str> = facts.of(Field::Need).map(Fact::value).collect();
    assert_eq!(kept.len(), Facts::MOST);
    assert_eq!((kept[0], kept[1], kept[19]), ("from a person", "wish 11", "wish 29"));
}

#[tokio::test]
async fn a_score_says_what_it_is_made_of() {
    let desk = Desk::new();
    let lead = desk.lead_of(&desk.sms("+15551230000", "My name is Ann. I need a new tap. It's urgent")).await;
    let parts: Vec<_> = lead.score().parts().iter().map(|part| (part.reason, part.points)).collect();
    assert_eq!(
        parts,
        [
            (ScoreReason::ReachablePhone, 25),
            (ScoreReason::Name, 10),
            (ScoreReason::Need, 15),
            (ScoreReason::Urgency, 10),
        ]
    );
    assert_eq!(lead.score().total(), 60);
    let chat = desk.lead_of(&desk.chat("5551230009")).await;
    assert!(chat.score().parts().iter().any(|part| part.reason == ScoreReason::DoubtfulPhone));
}

#[test]
fn debug_output_hides_what_is_known() {
    let samples = Samples::default();
    let scope = tenancy::testing::scope(samples.id(kernel::TenantId::new));
    let lead = samples.lead(&scope, "+15551234567", "Annabella");
    let heard = lead::Heard {
        texts: vec![samples.said("Secretword")],
        ..samples.heard(tenancy::Channel::Sms, "+15551234567")
    };
    let shown = format!("{lead:?} {:?} {heard:?}", lead.document());
    for secret in ["555123", "Annabella", "Secretword"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}
