//! Senders that nobody can answer are heard all the same.

use conversation::{ConversationError, RefusalReason};
use tenancy::Address;

use crate::desk::Desk;

#[tokio::test]
async fn row_55_an_unreplyable_sender_is_stored_and_not_answered_with_the_reason() {
    for sender in ["12345", "ACME Inc", "anonymous", "(555) 010", ""] {
        let desk = Desk::open().await;
        let mut inbound = desk.inbound("Your code is 4711");
        inbound.from = Address::from_carrier(sender);
        let (conversation, _) = desk.take_in(inbound).await;
        desk.drain().await;
        assert_eq!(desk.messages(conversation).await.len(), 1, "{sender}");
        assert_eq!(desk.sent(), [""; 0], "{sender}");
        let refused = desk.refused(conversation).await;
        assert_eq!(refused, [(RefusalReason::UnreplyableAddress, String::new())], "{sender}");
    }
}

#[tokio::test]
async fn row_55_a_number_in_another_spelling_is_answered_at_its_canonical_form() {
    for sender in ["tel:+15557654321", "+1 (555) 765-4321", "0015557654321"] {
        let desk = Desk::open().await;
        let mut inbound = desk.inbound("Hello");
        inbound.from = Address::from_carrier(sender);
        desk.take_in(inbound).await;
        desk.drain().await;
        assert_eq!(desk.carrier.sent()[0].text.to.as_str(), "+15557654321", "{sender}");
    }
}

#[tokio::test]
async fn a_persons_reply_to_an_unreplyable_sender_is_refused() {
    let desk = Desk::open().await;
    let mut inbound = desk.inbound("Your code is 4711");
    inbound.from = Address::from_carrier("12345");
    let (conversation, _) = desk.take_in(inbound).await;
    desk.drain().await;
    let answered: Result<_, ConversationError> =
        desk.people.answer_in_person(&desk.scope, conversation, "Thanks").await;
    assert!(answered.is_ok());
    desk.drain().await;
    assert_eq!(desk.sent(), [""; 0]);
    assert_eq!(desk.refused(conversation).await[1], (RefusalReason::UnreplyableAddress, "Thanks".into()));
}

#[tokio::test]
async fn stop_from_a_short_code_is_kept_and_not_confirmed() {
    let desk = Desk::open().await;
    let mut inbound = desk.inbound("STOP");
    inbound.from = Address::from_carrier("12345");
    desk.take_in(inbound).await;
    desk.drain().await;
    let consent = desk.contacts.consent(&desk.scope, &Address::from_carrier("12345")).await.unwrap();
    assert!(consent.is_opted_out());
    assert_eq!(desk.sent(), [""; 0]);
}
