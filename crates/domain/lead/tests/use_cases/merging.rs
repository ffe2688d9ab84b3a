//! Merging by hand, taking it back, and what each lead has afterwards.

use lead::{FactSource, Field, Heard, Lead, LeadDocument, LeadError, LeadStatus, Tag};

use crate::desk::{Desk, names};

async fn two(desk: &Desk) -> (Lead, Lead) {
    let one = desk.lead_of(&desk.sms("+15551230000", "My name is Ann")).await;
    let other = desk.lead_of(&desk.sms("+15551230001", "My name is Bob, bob@example.com")).await;
    desk.manage.tag(&desk.person, other.id(), &Tag::parse("vip").unwrap()).await.unwrap();
    desk.manage.note(&desk.person, other.id(), "a friend").await.unwrap();
    let other = desk.set_status(other.id(), LeadStatus::Qualified).await.unwrap();
    (one, other)
}

/// What a lead has, without what a save changes.
fn contents(lead: &Lead) -> (Vec<String>, Vec<Tag>, usize, LeadStatus, Vec<lead::Identity>, usize) {
    (
        names(lead),
        lead.tags(),
        lead.notes().len(),
        lead.status(),
        lead.identities(),
        lead.conversations().len(),
    )
}

#[tokio::test]
async fn a_merged_lead_brings_all_that_it_has() {
    let desk = Desk::new();
    let (one, other) = two(&desk).await;
    let lead = desk.manage.merge(&desk.person, one.id(), other.id()).await.unwrap();
    assert_eq!(names(&lead), ["Ann", "Bob"]);
    assert_eq!((lead.tags().len(), lead.notes().len(), lead.conversations().len()), (1, 1, 2));
    assert_eq!((lead.status(), lead.identities().len()), (LeadStatus::Qualified, 3));
    assert_eq!(desk.get(lead.id()).await, lead);
    assert_eq!(desk.leads().await, [lead]);
}

#[tokio::test]
async fn un_merging_restores_both_and_what_was_learnt_since_stays() {
    let desk = Desk::new();
    let (one, other) = two(&desk).await;
    desk.manage.merge(&desk.person, one.id(), other.id()).await.unwrap();
    let since = desk.lead_of(&desk.sms("+15551230001", "I need a new tap")).await;
    assert_eq!(since.id(), one.id());
    let (left, right) = desk.manage.un_merge(&desk.person, one.id(), other.id()).await.unwrap();
    assert_eq!(contents(&right), contents(&other));
    assert_eq!(right.facts(), other.facts());
    let expected = (contents(&one).5 + 1, Some("a new tap".to_owned()));
    assert_eq!((left.conversations().len(), left.value(Field::Need)), expected);
    assert_eq!((names(&left), left.identities()), (names(&one), one.identities()));
    assert_eq!((left.tags().len(), left.notes().len(), left.status()), (0, 0, LeadStatus::New));
    assert_eq!((desk.get(one.id()).await, desk.get(other.id()).await), (left, right));
    assert_eq!(desk.events().last(), Some(&"lead.unmerged"));
}

#[tokio::test]
async fn merges_are_taken_back_in_any_order() {
    let desk = Desk::new();
    let (one, other) = two(&desk).await;
    let third = desk.lead_of(&desk.sms("+15551230002", "My name is Bob")).await;
    for part in [&other, &third] {
        desk.manage.merge(&desk.person, one.id(), part.id()).await.unwrap();
    }
    let (left, right) = desk.manage.un_merge(&desk.person, one.id(), other.id()).await.unwrap();
    assert_eq!(names(&left), ["Ann", "Bob"]);
    assert_eq!(contents(&right), contents(&other));
    let (left, right) = desk.manage.un_merge(&desk.person, one.id(), third.id()).await.unwrap();
    assert_eq!((contents(&left), left.facts()), (contents(&one), one.facts()));
    assert_eq!((contents(&right), right.facts()), (contents(&third), third.facts()));
}

#[tokio::test]
async fn a_status_that_was_set_since_the_merge_stays() {
    let desk = Desk::new();
    let (one, other) = two(&desk).await;
    desk.manage.merge(&desk.person, one.id(), other.id()).await.unwrap();
    let lead = desk.set_status(one.id(), LeadStatus::Verified).await.unwrap();
    assert_eq!(lead.status(), LeadStatus::Verified);
    let (left, right) = desk.manage.un_merge(&desk.person, one.id(), other.id()).await.unwrap();
    assert_eq!((left.status(), right.status()), (LeadStatus::Verified, LeadStatus::Qualified));
}

#[tokio::test]
async fn un_merging_leaves_a_phone_with_whoever_got_it_since() {
    for comes_back in [true, false] {
        let desk = Desk::new();
        let (one, other) = two(&desk).await;
        desk.manage.merge(&desk.person, one.id(), other.id()).await.unwrap();
        desk.edit(one.id(), &[(Field::Phone, None)]).await.unwrap();
        let owner = if comes_back {
            let edit = [(Field::Phone, Some("+15551230001".to_owned()))];
            desk.edit(one.id(), &edit).await.unwrap()
        } else {
            desk.lead_of(&desk.sms("+15551230001", "Hi")).await
        };
        let (_, right) = desk.manage.un_merge(&desk.person, one.id(), other.id()).await.unwrap();
        assert_eq!(right.identities(), [lead::Identity::read("bob@example.com").unwrap()]);
        let next = desk.lead_of(&desk.sms("+15551230001", "Hi")).await;
        assert_eq!(next.id(), owner.id());
    }
}

#[tokio::test]
async fn leads_that_a_person_took_apart_are_not_merged_by_themselves() {
    let desk = Desk::new();
    let chat = desk.chat("ann@example.com");
    let by_mail = desk.lead_of(&chat).await;
    let by_phone = desk.lead_of(&desk.sms("+15551230000", "Hi")).await;
    desk.manage.merge(&desk.person, by_mail.id(), by_phone.id()).await.unwrap();
    desk.manage.un_merge(&desk.person, by_mail.id(), by_phone.id()).await.unwrap();
    let told = Heard { conversation_id: chat.conversation_id, ..desk.chat("+15551230000") };
    assert_eq!(desk.lead_of(&told).await.id(), by_mail.id());
    assert_eq!(desk.leads().await.len(), 2);
}

#[tokio::test]
async fn leads_that_staff_named_differently_are_not_merged_by_themselves() {
    let desk = Desk::new();
    let chat = desk.chat("ann@example.com");
    let by_mail = desk.lead_of(&chat).await;
    let by_phone = desk.lead_of(&desk.sms("+15551230000", "Hi")).await;
    for (lead, name) in [(&by_mail, "Ann"), (&by_phone, "Bob")] {
        let edit = [(Field::Name, Some(name.to_owned()))];
        desk.edit(lead.id(), &edit).await.unwrap();
    }
    desk.hear(&Heard { conversation_id: chat.conversation_id, ..desk.chat("+15551230000") }).await;
    assert_eq!(desk.leads().await.len(), 2);
}

#[tokio::test]
async fn what_cannot_be_merged_says_why() {
    let desk = Desk::new();
    let (one, other) = two(&desk).await;
    let third = desk.lead_of(&desk.sms("+15551230002", "Hi")).await;
    let manage = &desk.manage;
    let itself = manage.merge(&desk.person, one.id(), one.id()).await;
    assert!(matches!(itself, Err(LeadError::SameLead)), "{itself:?}");
    let apart = manage.un_merge(&desk.person, one.id(), other.id()).await.unwrap_err();
    assert!(matches!(apart, LeadError::NotMerged), "{apart:?}");
    manage.merge(&desk.person, other.id(), third.id()).await.unwrap();
    manage.merge(&desk.person, one.id(), other.id()).await.unwrap();
    let elsewhere = manage.un_merge(&desk.person, one.id(), third.id()).await.unwrap_err();
    assert!(matches!(elsewhere, LeadError::NotMerged), "{elsewhere:?}");
    let twice = manage.merge(&desk.person, one.id(), other.id()).await;
    assert!(matches!(twice, Err(LeadError::Merged { into }) if into == one.id()), "{twice:?}");
    let inner = manage.un_merge(&desk.person, other.id(), third.id()).await.unwrap_err();
    assert!(matches!(inner, LeadError::Merged { .. }), "{inner:?}");
    let foreign = manage.merge(&desk.other, one.id(), third.id()).await;
    assert!(matches!(foreign, Err(LeadError::NotFound { .. })), "{foreign:?}");
    manage.un_merge(&desk.person, one.id(), other.id()).await.unwrap();
    manage.un_merge(&desk.person, other.id(), third.id()).await.unwrap();
    assert_eq!(desk.leads().await.len(), 3);
}

#[tokio::test]
async fn deleting_a_lead_removes_what_was_merged_into_it_too() {
    let desk = Desk::new();
    let (one, other) = two(&desk).await;
    let third = desk.lead_of(&desk.sms("+15551230002", "My name is Cid")).await;
    desk.manage.merge(&desk.person, other.id(), third.id()).await.unwrap();
    desk.manage.merge(&desk.person, one.id(), other.id()).await.unwrap();
    desk.manage.delete(&desk.person, one.id()).await.unwrap();
    for lead in [one, other, third] {
        let stone = lead::LeadStore::find(&*desk.store, &desk.scope, lead.id()).await.unwrap().unwrap();
        let json = serde_json::to_string(&stone.document()).unwrap();
        assert!(!json.contains("555123") && !json.contains("Bob") && !json.contains("Cid"), "{json}");
        assert!(stone.deleted_at().is_some());
        let gone = desk.manage.get(&desk.scope, lead.id()).await;
        assert!(matches!(gone, Err(LeadError::NotFound { .. })), "{gone:?}");
    }
}

#[tokio::test]
async fn a_lead_reads_back_from_its_document() {
    let desk = Desk::new();
    let (one, other) = two(&desk).await;
    let lead = desk.manage.merge(&desk.person, one.id(), other.id()).await.unwrap();
    let json = serde_json::to_string(&lead.document()).unwrap();
    let document: LeadDocument = serde_json::from_str(&json).unwrap();
    assert_eq!(Lead::from_stored(lead.columns(), document), lead);
    assert!(lead.facts().iter().any(|fact| fact.source() == FactSource::Channel));
}
