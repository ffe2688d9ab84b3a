//! What becomes of what conversations tell.

use kernel::{PageRequest, PhoneNumber};
use lead::{Arrived, FactSource, Field, Heard, HeardBy, LeadError, LeadSource};
use tenancy::{AuditFilter, AuditLog as _, Channel};

use crate::desk::{Desk, model, names};

const PHONE: &str = "+15551230000";
const OTHER_PHONE: &str = "+15551230001";

#[tokio::test]
async fn who_writes_by_text_message_is_a_lead_at_once() {
    let desk = Desk::new();
    let lead = desk.lead_of(&desk.sms(PHONE, "Hi")).await;
    assert_eq!(lead.value(Field::Phone).as_deref(), Some(PHONE));
    assert_eq!((lead.source(), lead.conversations().len()), (LeadSource::Sms, 1));
    assert_eq!(desk.events(), ["lead.captured"]);
}

#[tokio::test]
async fn a_caller_who_withholds_the_number_is_no_lead_yet() {
    let desk = Desk::new();
    let heard = Heard { address: Some("anonymous".into()), ..desk.samples.heard(Channel::Voice, "") };
    assert_eq!(desk.hear(&heard).await, Arrived::Nothing);
    assert_eq!((desk.leads().await.len(), desk.events().len()), (0, 0));
    assert_eq!(desk.hear(&heard).await, Arrived::Repeated);
}

#[tokio::test]
async fn a_web_chat_is_a_lead_once_something_of_worth_is_known() {
    for (text, is_lead) in [
        ("Hello there", false),
        ("My name is Ann", false),
        ("I need a new boiler", false),
        ("My name is Ann. I need a new boiler", true),
        ("ann@example.com", true),
        ("call 555-123-0000", true),
    ] {
        let desk = Desk::new();
        desk.hear(&desk.chat(text)).await;
        assert_eq!(desk.leads().await.len(), usize::from(is_lead), "{text}");
    }
}

#[tokio::test]
async fn an_event_that_is_heard_again_changes_nothing() {
    let desk = Desk::new();
    let heard = desk.sms(PHONE, "My name is Ann");
    let before = desk.lead_of(&heard).await;
    assert_eq!(desk.hear(&heard).await, Arrived::Repeated);
    assert_eq!(desk.get(before.id()).await, before);
    assert_eq!(desk.events().len(), 1);
}

#[tokio::test]
async fn what_is_known_already_changes_nothing() {
    let desk = Desk::new();
    let first = desk.sms(PHONE, "My name is Ann");
    let before = desk.lead_of(&first).await;
    let again = Heard { conversation_id: first.conversation_id, ..desk.sms(PHONE, "Yes, my name is Ann.") };
    assert_eq!(desk.hear(&again).await, Arrived::Unchanged(before.id()));
    assert_eq!(desk.get(before.id()).await, before);
}

#[tokio::test]
async fn what_somebody_corrects_stays_corrected() {
    for is_chat in [true, false] {
        for (field, texts, value) in [
            (Field::Email, ["my email is zoe@a.com", "sorry, it's ann@a.com"], "ann@a.com"),
            (Field::Email, ["my email is ann@a.com", "sorry, it's zoe@a.com"], "zoe@a.com"),
            (Field::Urgency, ["ann@a.com, no rush", "it's an emergency!"], "emergency"),
            (Field::Urgency, ["ann@a.com, it's an emergency!", "well, no rush"], "low"),
            (Field::Name, ["ann@a.com, my name is Zoe", "My name is Ann"], "Zoe"),
        ] {
            let desk = Desk::new();
            let mut heard = if is_chat { desk.chat(texts[0]) } else { desk.sms(PHONE, texts[0]) };
            desk.hear(&heard).await;
            heard = desk.next(&heard, texts[1]);
            let lead = desk.lead_of(&heard).await;
            for _ in 0..3 {
                heard = desk.next(&heard, "thanks");
                assert_eq!(desk.hear(&heard).await, Arrived::Unchanged(lead.id()));
                assert_eq!(desk.get(lead.id()).await.value(field).as_deref(), Some(value), "{texts:?}");
            }
        }
    }
}

#[tokio::test]
async fn what_was_said_before_there_was_a_lead_is_known_of_it() {
    for known in [false, true] {
        let desk = Desk::new();
        if known {
            desk.hear(&desk.sms(PHONE, "Hi")).await;
        }
        let named = desk.chat("My name is Ann");
        assert_eq!(desk.hear(&named).await, Arrived::Nothing);
        let reached = desk.next(&named, "call +15551230000");
        assert_eq!(desk.lead_of(&reached).await.value(Field::Name).as_deref(), Some("Ann"));
        assert_eq!(desk.leads().await.len(), 1);
    }
}

#[tokio::test]
async fn of_texts_that_are_heard_together_the_last_counts() {
    for texts in [["zoe@a.com", "ann@a.com"], ["ann@a.com", "zoe@a.com"]] {
        let desk = Desk::new();
        let texts_of = |samples: &lead::testing::Samples| texts.map(|text| samples.said(text)).to_vec();
        let heard = Heard { texts: texts_of(&desk.samples), ..desk.samples.heard(Channel::Sms, PHONE) };
        assert_eq!(desk.lead_of(&heard).await.value(Field::Email).as_deref(), Some(texts[1]));
    }
}

#[tokio::test]
async fn what_the_model_makes_up_is_dropped() {
    let desk = Desk::new();
    let captured = vec![
        model(Field::Phone, "call me maybe"),
        model(Field::Email, "ann at example"),
        model(Field::Urgency, "purple"),
        model(Field::Need, "\u{0}\u{7}"),
        model(Field::Name, "Ann\u{0}\u{202e} Smith"),
        model(Field::ServiceAddress, &"x".repeat(5_000)),
    ];
    let lead = desk.lead_of(&Heard { captured, ..desk.sms(PHONE, "") }).await;
    assert_eq!(lead.value(Field::Phone).as_deref(), Some(PHONE));
    for field in [Field::Email, Field::Urgency, Field::Need] {
        assert_eq!(lead.value(field), None, "{field:?}");
    }
    assert_eq!(lead.value(Field::Name).as_deref(), Some("Ann Smith"));
    assert_eq!(lead.value(Field::ServiceAddress).unwrap().len(), 300);
}

#[tokio::test]
async fn a_family_on_one_number_is_one_lead_with_three_names() {
    let desk = Desk::new();
    let mut conversations = Vec::new();
    for text in ["This is Ann", "This is Bob", "My name is Cid"] {
        let heard = desk.sms(PHONE, text);
        conversations.push(Some(heard.conversation_id));
        desk.hear(&heard).await;
    }
    let leads = desk.leads().await;
    assert_eq!(leads.len(), 1);
    assert_eq!(names(&leads[0]), ["Ann", "Bob", "Cid"]);
    let told: Vec<_> = leads[0].names().iter().map(|name| name.told().conversation_id).collect();
    assert_eq!(told, conversations);
    assert_eq!(leads[0].value(Field::Name).as_deref(), Some("Ann"));
    let edit = [(Field::Name, Some("Bob Smith".to_owned()))];
    let lead = desk.edit(leads[0].id(), &edit).await.unwrap();
    assert_eq!(lead.value(Field::Name).as_deref(), Some("Bob Smith"));
}

#[tokio::test]
async fn a_weak_name_gives_way_to_any_other_and_never_comes_back() {
    let desk = Desk::new();
    let caller = |name: &str, source| Heard {
        contact_name: Some((name.into(), source)),
        ..desk.samples.heard(Channel::Voice, PHONE)
    };
    let named = async |heard: &Heard| desk.lead_of(heard).await.value(Field::Name).unwrap();
    assert_eq!(named(&caller("WIRELESS CALLER", FactSource::Carrier)).await, "WIRELESS CALLER");
    assert_eq!(named(&caller("Ann", FactSource::Model)).await, "Ann");
    for weak in ["my wife", "unknown", "J", "Joe's Plumbing"] {
        assert_eq!(named(&caller(weak, FactSource::Supplied)).await, "Ann", "{weak}");
    }
}

#[tokio::test]
async fn none_of_the_businesss_own_numbers_is_anybodys() {
    let desk = Desk::new();
    let own = ["+15551239998", "+15551239999"].map(|number| PhoneNumber::parse(number).unwrap()).to_vec();
    let mut heard = desk.chat("I called +15551239998, then +15551239999");
    heard.business.phones = own.clone();
    assert_eq!(desk.hear(&heard).await, Arrived::Nothing);
    let business = HeardBy { phones: own, ..HeardBy::default() };
    for phone in ["+15551239998", "+15551239999"] {
        let form = [(Field::Phone, phone.to_owned())];
        let refused = desk.manage.create(&desk.person, &form, &business).await;
        assert!(matches!(refused, Err(LeadError::Invalid { field: "phone", .. })), "{refused:?}");
    }
}

#[tokio::test]
async fn who_tells_a_phone_that_a_lead_has_is_that_lead() {
    let desk = Desk::new();
    let known = desk.lead_of(&desk.sms(PHONE, "Hi")).await;
    let lead = desk.lead_of(&desk.chat("I'm on (555) 123-0000, write to ann@example.com")).await;
    assert_eq!(lead.id(), known.id());
    assert_eq!(lead.value(Field::Email).as_deref(), Some("ann@example.com"));
    assert_eq!(lead.conversations().len(), 2);
    assert_eq!(desk.leads().await.len(), 1);
}

#[tokio::test]
async fn two_leads_that_turn_out_to_be_one_are_merged_into_the_older() {
    let desk = Desk::new();
    let by_mail = desk.lead_of(&desk.chat("ann@example.com")).await;
    let first = desk.sms(PHONE, "Hi");
    let by_phone = desk.lead_of(&first).await;
    let told = Heard { conversation_id: first.conversation_id, ..desk.sms(PHONE, "it's ann@example.com") };
    let lead = desk.lead_of(&told).await;
    assert_eq!(lead.id(), by_mail.id());
    assert_eq!(lead.value(Field::Phone).as_deref(), Some(PHONE));
    assert_eq!(desk.get(by_phone.id()).await.merged_into(), Some(by_mail.id()));
    assert_eq!(desk.leads().await, [lead]);
    assert!(desk.events().contains(&"lead.merged"));
    let next = Heard { conversation_id: first.conversation_id, ..desk.sms(PHONE, "I need a new tap") };
    assert_eq!(desk.lead_of(&next).await.id(), by_mail.id());
}

#[tokio::test]
async fn leads_whose_phones_differ_stay_two_and_the_address_stays_with_its_first_owner() {
    for says_hello_first in [true, false] {
        let desk = Desk::new();
        let first = desk.lead_of(&desk.sms(PHONE, "family@example.com")).await;
        let hello = desk.sms(OTHER_PHONE, "Hi");
        if says_hello_first {
            desk.hear(&hello).await;
        }
        let conversation_id = hello.conversation_id;
        let told = Heard { conversation_id, ..desk.sms(OTHER_PHONE, "family@example.com") };
        let second = desk.lead_of(&told).await;
        assert_ne!(second.id(), first.id());
        assert_eq!(second.value(Field::Email).as_deref(), Some("family@example.com"));
        assert_eq!((first.identities().len(), second.identities().len()), (2, 1));
        assert_eq!(desk.get(first.id()).await, first);
    }
}

#[tokio::test]
async fn a_phone_that_is_only_mentioned_stays_free_for_whoever_has_it() {
    let desk = Desk::new();
    let lead = desk.lead_of(&desk.sms(PHONE, "my wife's number is 555-123-0001")).await;
    assert_eq!(lead.facts().of(Field::Phone).count(), 2);
    let wife = desk.lead_of(&desk.sms(OTHER_PHONE, "Hi")).await;
    assert_ne!(wife.id(), lead.id());
}

#[tokio::test]
async fn a_capture_is_no_persons_change_whoever_asked() {
    let desk = Desk::new();
    desk.capture.hear(&desk.person, &desk.sms(PHONE, "Hi")).await.unwrap();
    desk.capture.hear(&desk.person, &desk.sms(PHONE, "ann@example.com")).await.unwrap();
    let page = desk.audit.list(&desk.scope, &AuditFilter::default(), &PageRequest::default()).await;
    assert_eq!((page.unwrap().items, desk.leads().await.len()), (vec![], 1));
}

#[tokio::test]
async fn another_tenants_lead_with_the_same_phone_is_another_lead() {
    let desk = Desk::new();
    let heard = desk.sms(PHONE, "Hi");
    desk.hear(&heard).await;
    let theirs = desk.capture.hear(&desk.other, &heard).await.unwrap();
    assert!(matches!(theirs, Arrived::Captured(_)), "{theirs:?}");
    assert_eq!(desk.leads().await.len(), 1);
}
