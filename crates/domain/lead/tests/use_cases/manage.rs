//! What people and programs do with leads.

use kernel::{Clock as _, PageRequest};
use lead::{
    Arrived, FactSource, Field, Heard, HeardBy, Lead, LeadEdit, LeadError, LeadFilter, LeadSource,
    LeadStatus, Tag,
};
use tenancy::{AuditFilter, AuditLog as _};

use crate::desk::Desk;

async fn captured(desk: &Desk) -> Lead {
    desk.lead_of(&desk.sms("+15551230000", "My name is Ann")).await
}

#[tokio::test]
async fn a_form_makes_a_lead_or_fills_the_blanks_of_one() {
    let desk = Desk::new();
    let first =
        desk.create(&[(Field::Name, "Ann"), (Field::Email, "Ann@Example.com"), (Field::Zip, "10001")]);
    let first = first.await.unwrap();
    assert_eq!((first.source(), first.facts().iter().count()), (LeadSource::Api, 3));
    let again = desk.create(&[
        (Field::Email, "ann@example.com"),
        (Field::Name, "Anna"),
        (Field::Zip, "10002"),
        (Field::Phone, "(555) 123-0000"),
    ]);
    let again = again.await.unwrap();
    assert_eq!(again.id(), first.id());
    for (field, value) in [(Field::Name, "Ann"), (Field::Zip, "10001"), (Field::Phone, "+15551230000")] {
        assert_eq!(again.value(field).as_deref(), Some(value));
    }
    assert_eq!(again.facts().of(Field::Zip).count(), 2);
}

#[tokio::test]
async fn a_form_that_cannot_be_used_is_refused() {
    let desk = Desk::new();
    for (fields, field) in [
        (vec![(Field::Email, "nonsense")], "email"),
        (vec![(Field::Phone, "12"), (Field::Name, "Ann")], "phone"),
        (vec![(Field::Name, "Ann")], "phone"),
        (vec![], "phone"),
    ] {
        let refused = desk.create(&fields).await;
        assert!(matches!(&refused, Err(LeadError::Invalid { field: it, .. }) if *it == field), "{refused:?}");
    }
    assert_eq!(desk.leads().await, []);
}

#[tokio::test]
async fn what_a_person_types_is_not_overwritten() {
    let desk = Desk::new();
    let lead = captured(&desk).await;
    let edit = [(Field::Need, Some("a boiler".to_owned())), (Field::Name, Some("Ann Smith".to_owned()))];
    desk.edit(lead.id(), &edit).await.unwrap();
    let later = desk.lead_of(&desk.sms("+15551230000", "I need a new tap. My name is Zed")).await;
    assert_eq!(later.value(Field::Need).as_deref(), Some("a boiler"));
    assert_eq!(later.value(Field::Name).as_deref(), Some("Ann Smith"));
    assert_eq!(later.facts().believed(Field::Name).unwrap().source(), FactSource::Person);
}

#[tokio::test]
async fn a_field_that_is_emptied_is_forgotten() {
    let desk = Desk::new();
    let lead = captured(&desk).await;
    let edit = [(Field::Phone, None), (Field::Name, None)];
    let lead = desk.edit(lead.id(), &edit).await.unwrap();
    assert_eq!((lead.value(Field::Phone), lead.value(Field::Name), lead.identities()), (None, None, vec![]));
    let next = desk.lead_of(&desk.sms("+15551230000", "Hi")).await;
    assert_ne!(next.id(), lead.id());
}

#[tokio::test]
async fn a_field_that_is_emptied_comes_back_only_when_it_is_told_again() {
    let desk = Desk::new();
    for (is_chat, field, text) in [
        (true, Field::Email, "ann@a.com, my name is Ann"),
        (true, Field::Name, "ann@a.com, my name is Ann"),
        (false, Field::Email, "ann@b.com, my name is Ann"),
        (false, Field::Name, "My name is Ann"),
    ] {
        let first = if is_chat { desk.chat(text) } else { desk.sms("+15551230000", text) };
        let named = Some(("Ann".to_owned(), FactSource::Model));
        let first = Heard { contact_name: named.clone(), ..first };
        let id = desk.lead_of(&first).await.id();
        desk.clock.advance(desk.samples.tick() - desk.clock.now());
        desk.edit(id, &[(field, None)]).await.unwrap();
        let thanks = desk.next(&first, "thanks");
        assert_eq!(desk.hear(&thanks).await, Arrived::Unchanged(id), "{text}");
        let late = Heard { event_id: desk.samples.id(kernel::EventId::new), ..first.clone() };
        assert_eq!(
            desk.hear(&late).await,
            Arrived::Unchanged(id),
            "a text of before, however late it is heard"
        );
        let elsewhere = desk.sms("+15551230000", "Hi");
        if !is_chat {
            assert_eq!(desk.lead_of(&Heard { contact_name: named, ..elsewhere }).await.value(field), None);
        }
        let again = desk.next(&thanks, text);
        assert!(desk.lead_of(&again).await.value(field).is_some(), "{text}");
        desk.manage.delete(&desk.person, id).await.unwrap();
    }
}

#[tokio::test]
async fn what_was_said_before_a_lead_was_deleted_is_not_told_anew() {
    let desk = Desk::new();
    let first = desk.chat("ann@a.com, my name is Ann");
    let lead = desk.lead_of(&first).await;
    desk.manage.delete(&desk.person, lead.id()).await.unwrap();
    let ok = Heard { contact_name: Some(("Ann".to_owned(), FactSource::Model)), ..desk.next(&first, "ok") };
    assert_eq!(desk.hear(&ok).await, Arrived::Nothing);
    let next = desk.next(&ok, "my name is Bea, write to bea@a.com");
    let new = desk.lead_of(&next).await;
    assert_ne!(new.id(), lead.id());
    assert_eq!((crate::desk::names(&new), new.facts().iter().count()), (vec!["Bea".to_owned()], 2));
    assert_eq!(desk.lead_of(&desk.next(&next, "thanks")).await, new);
    let gone = desk.manage.get(&desk.scope, lead.id()).await;
    assert!(matches!(gone, Err(LeadError::NotFound { .. })), "{gone:?}");
}

#[tokio::test]
async fn a_phone_that_another_lead_has_is_taken() {
    let desk = Desk::new();
    captured(&desk).await;
    let other = desk.lead_of(&desk.sms("+15551230001", "Hi")).await;
    let edit = [(Field::Phone, Some("+15551230000".to_owned()))];
    let taken = desk.edit(other.id(), &edit).await;
    assert!(matches!(taken, Err(LeadError::Taken { what: "phone" })), "{taken:?}");
    assert_eq!(desk.get(other.id()).await, other);
}

#[tokio::test]
async fn a_phone_that_a_person_corrects_is_free_and_the_one_they_write_from_stays() {
    let desk = Desk::new();
    let typed = desk.create(&[(Field::Phone, "+15551230008"), (Field::Email, "ann@a.com")]).await.unwrap();
    let right = [(Field::Phone, Some("+15551230009".to_owned()))];
    let lead = desk.edit(typed.id(), &right).await.unwrap();
    let recognised = |lead: &Lead| -> Vec<String> {
        lead.identities().iter().map(|identity| identity.as_str().to_owned()).collect()
    };
    assert_eq!(recognised(&lead), ["ann@a.com", "+15551230009"]);
    let other = desk.lead_of(&desk.sms("+15551230008", "Hi")).await;
    assert_ne!(other.id(), lead.id());
    let edited = desk.edit(other.id(), &[(Field::Phone, Some("+15551230007".to_owned()))]).await.unwrap();
    assert_eq!(recognised(&edited), ["+15551230008", "+15551230007"]);
    assert_eq!(desk.edit(typed.id(), &right).await.unwrap().identities(), lead.identities());
}

#[tokio::test]
async fn a_status_goes_where_the_table_says() {
    let desk = Desk::new();
    let lead = captured(&desk).await;
    let won = desk.set_status(lead.id(), LeadStatus::Won).await.unwrap();
    assert_eq!(won.status(), LeadStatus::Won);
    let lost = desk.set_status(lead.id(), LeadStatus::Lost).await;
    assert!(matches!(lost, Err(LeadError::Transition { from: LeadStatus::Won, .. })), "{lost:?}");
    let same = desk.set_status(lead.id(), LeadStatus::Won).await.unwrap();
    assert_eq!(same.version(), won.version());
    assert_eq!(desk.events(), ["lead.captured", "lead.status_changed"]);
}

#[tokio::test]
async fn an_edit_is_done_whole_or_not_at_all() {
    let desk = Desk::new();
    let lead = captured(&desk).await;
    let name = vec![(Field::Name, Some("Ann Smith".to_owned()))];
    let won = LeadEdit { status: Some(LeadStatus::Won), fields: name };
    let changed = desk.manage.edit(&desk.person, lead.id(), &won, &HeardBy::default()).await.unwrap();
    let shown = (changed.status(), changed.value(Field::Name), changed.version());
    assert_eq!(shown, (LeadStatus::Won, Some("Ann Smith".to_owned()), lead.version() + 1));
    assert_eq!(desk.events(), ["lead.captured", "lead.status_changed", "lead.updated"]);
    let bad_step =
        LeadEdit { status: Some(LeadStatus::Lost), fields: vec![(Field::Name, Some("Eve".to_owned()))] };
    let refused = desk.manage.edit(&desk.person, lead.id(), &bad_step, &HeardBy::default()).await;
    assert!(matches!(refused, Err(LeadError::Transition { .. })), "{refused:?}");
    let bad_field = LeadEdit {
        status: Some(LeadStatus::Qualified),
        fields: vec![(Field::Email, Some("nonsense".to_owned()))],
    };
    let refused = desk.manage.edit(&desk.person, lead.id(), &bad_field, &HeardBy::default()).await;
    assert!(matches!(refused, Err(LeadError::Invalid { field: "email", .. })), "{refused:?}");
    assert_eq!(desk.get(lead.id()).await, changed);
}

#[tokio::test]
async fn tags_and_notes_are_bounded_and_say_who() {
    let desk = Desk::new();
    let id = captured(&desk).await.id();
    for number in 0..Lead::MOST_TAGS {
        desk.manage.tag(&desk.person, id, &Tag::parse(&format!("t{number}")).unwrap()).await.unwrap();
    }
    let full = desk.manage.tag(&desk.person, id, &Tag::parse("more").unwrap()).await;
    assert!(matches!(full, Err(LeadError::Full { what: "tags", most: 20 })), "{full:?}");
    let lead = desk.manage.untag(&desk.person, id, &Tag::parse("T0").unwrap()).await.unwrap();
    assert_eq!(lead.tags().len(), 19);
    let lead = desk.manage.note(&desk.person, id, "call back").await.unwrap();
    assert_eq!((lead.notes()[0].text(), lead.notes()[0].author()), ("call back", "trusted_caller"));
}

#[tokio::test]
async fn a_search_finds_a_whole_phone_or_address_only() {
    let desk = Desk::new();
    let lead = captured(&desk).await;
    desk.lead_of(&desk.sms("+15551230001", "Hi")).await;
    let filter = LeadFilter::default().search("+1 (555) 123-0000").unwrap();
    assert_eq!(desk.page(&filter, None).await, [lead]);
    for text in ["+1555", "Ann", "%", ""] {
        assert!(LeadFilter::default().search(text).is_err(), "{text}");
    }
}

#[tokio::test]
async fn a_lead_of_another_tenant_is_not_found() {
    let desk = Desk::new();
    let id = captured(&desk).await.id();
    let edit = LeadEdit { status: Some(LeadStatus::Lost), ..LeadEdit::default() };
    let outcomes = [
        desk.manage.get(&desk.other, id).await.map(drop),
        desk.manage.edit(&desk.other, id, &edit, &HeardBy::default()).await.map(drop),
        desk.manage.note(&desk.other, id, "x").await.map(drop),
        desk.manage.un_merge(&desk.other, id, id).await.map(drop),
        desk.manage.delete(&desk.other, id).await,
    ];
    for outcome in outcomes {
        assert!(matches!(outcome, Err(LeadError::NotFound { .. })), "{outcome:?}");
    }
}

#[tokio::test]
async fn changes_by_people_are_in_the_audit_log_and_captures_are_not() {
    let desk = Desk::new();
    let id = captured(&desk).await.id();
    desk.manage.note(&desk.person, id, "x").await.unwrap();
    desk.set_status(id, LeadStatus::Verified).await.unwrap();
    desk.manage.tag(&desk.person, id, &Tag::parse("vip").unwrap()).await.unwrap();
    desk.manage.delete(&desk.person, id).await.unwrap();
    desk.create(&[(Field::Email, "bob@example.com")]).await.unwrap();
    let filter = AuditFilter::default();
    let lines = desk.audit.list(&desk.scope, &filter, &PageRequest::default()).await.unwrap().items;
    let mut actions: Vec<&str> = lines.iter().map(|line| line.action.as_str()).collect();
    actions.sort_unstable();
    let expected = ["lead.changed", "lead.created", "lead.deleted", "lead.noted", "lead.status_changed"];
    assert_eq!(actions, expected);
}
