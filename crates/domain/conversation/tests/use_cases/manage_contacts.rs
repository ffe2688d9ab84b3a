//! What a person changes about consent, on the contact's word.

use conversation::{ConsentAction, ConsentSource, ConsentState, ConversationError, RefusalReason};
use kernel::{ContactId, IdGenerator as _, PageRequest, TenantId};
use tenancy::Address;

use crate::desk::{CUSTOMER, Desk};

fn customer() -> Address {
    Address::from_carrier(CUSTOMER)
}

#[tokio::test]
async fn a_persons_opt_out_silences_the_bot() {
    let desk = Desk::open().await;
    let conversation = desk.text_and_wait("Hello").await;
    desk.contacts
        .change_consent(&desk.scope, &customer(), ConsentAction::OptOut, "asked on the phone")
        .await
        .unwrap();
    desk.text_and_wait("Are you there?").await;
    assert_eq!(desk.sent(), ["You said: Hello"]);
    assert_eq!(desk.refused(conversation).await, [(RefusalReason::OptedOut, String::new())]);
}

#[tokio::test]
async fn an_opt_out_of_an_address_without_a_contact_counts_when_it_first_writes() {
    let desk = Desk::open().await;
    assert_eq!(desk.contacts.find_by_address(&desk.scope, &customer()).await.unwrap(), None);
    desk.contacts.change_consent(&desk.scope, &customer(), ConsentAction::OptOut, "").await.unwrap();
    desk.text_and_wait("Hello").await;
    assert_eq!(desk.sent(), [""; 0]);
}

#[tokio::test]
async fn a_persons_opt_in_restores_and_keeps_its_proof() {
    let desk = Desk::open().await;
    desk.text_and_wait("STOP").await;
    let proof = " signed the form on Monday ";
    let consent =
        desk.contacts.change_consent(&desk.scope, &customer(), ConsentAction::OptIn, proof).await.unwrap();
    desk.text_and_wait("Hello").await;
    assert_eq!(consent.state, ConsentState::OptedIn);
    assert_eq!(desk.sent()[1..], ["You said: Hello"]);
    let ledger =
        desk.contacts.list_ledger(&desk.scope, &customer(), &PageRequest::default()).await.unwrap().items;
    let last = &ledger[1].change;
    assert_eq!((last.source, last.evidence.as_str()), (ConsentSource::Person, "signed the form on Monday"));
}

#[tokio::test]
async fn an_opt_in_without_proof_is_refused() {
    let desk = Desk::open().await;
    for proof in ["", "  ", &"x".repeat(1_001)] {
        let refused =
            desk.contacts.change_consent(&desk.scope, &customer(), ConsentAction::OptIn, proof).await;
        assert!(matches!(refused, Err(ConversationError::Invalid { field: "evidence", .. })));
    }
    assert_eq!(desk.consent().await.state, ConsentState::Unknown);
}

#[tokio::test]
async fn a_persons_opt_in_before_the_turn_of_a_stop_makes_its_confirmation_untrue() {
    let desk = Desk::open().await;
    desk.text("STOP").await;
    desk.contacts
        .change_consent(&desk.scope, &customer(), ConsentAction::OptIn, "a slip, he says")
        .await
        .unwrap();
    desk.drain().await;
    assert_eq!(desk.sent(), [""; 0]);
}

#[tokio::test]
async fn a_reply_that_waits_does_not_leave_after_a_persons_opt_out() {
    let desk = Desk::open().await;
    let conversation = desk.text("Hello").await;
    desk.take_turn(conversation).await;
    desk.contacts
        .change_consent(&desk.scope, &customer(), ConsentAction::OptOut, "on the phone")
        .await
        .unwrap();
    desk.drain().await;
    assert_eq!(desk.sent(), [""; 0]);
    assert_eq!(desk.refused(conversation).await[0].0, RefusalReason::OptedOut);
}

#[tokio::test]
async fn consent_is_kept_per_tenant() {
    let desk = Desk::open().await;
    desk.text_and_wait("STOP").await;
    let stranger = tenancy::testing::scope(TenantId::new(desk.ids.next()));
    let consent = desk.contacts.consent(&stranger, &customer()).await.unwrap();
    assert_eq!(consent.state, ConsentState::Unknown);
    assert_eq!(desk.contacts.find_by_address(&stranger, &customer()).await.unwrap(), None);
}

#[tokio::test]
async fn contacts_are_found_by_id_and_address_and_listed() {
    let desk = Desk::open().await;
    desk.text("Hello").await;
    let contact = desk.contacts.find_by_address(&desk.scope, &customer()).await.unwrap().unwrap();
    assert_eq!(desk.contacts.get(&desk.scope, contact.id).await.unwrap(), contact);
    let listed = desk.contacts.list(&desk.scope, &PageRequest::default()).await.unwrap().items;
    assert_eq!(listed, [contact]);
    let missing = desk.contacts.get(&desk.scope, ContactId::new(desk.ids.next())).await;
    assert!(matches!(missing, Err(ConversationError::NotFound { what: "contact" })));
}
