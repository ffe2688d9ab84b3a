//! Taking messages in: each one once, whatever the carrier repeats.

use conversation::{DeliveryState, InboundIntent, Received};
use tenancy::Address;

use crate::desk::{CUSTOMER, Desk};

#[tokio::test]
async fn a_message_is_stored_before_anybody_answers_it() {
    let desk = Desk::open().await;
    let conversation = desk.text("Do you fix boilers?").await;
    let messages = desk.messages(conversation).await;
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].body.text, "Do you fix boilers?");
    assert_eq!(
        (messages[0].intent, messages[0].delivery_state),
        (InboundIntent::Ordinary, DeliveryState::Received)
    );
    assert_eq!(desk.sent(), [""; 0]);
}

#[tokio::test]
async fn the_same_provider_id_twice_stores_one_message_and_answers_once() {
    let desk = Desk::open().await;
    let inbound = desk.inbound("Do you fix boilers?");
    let (conversation_id, message_id) = desk.take_in(inbound.clone()).await;
    let again = desk.receive.receive(&desk.scope, &desk.number, inbound).await.unwrap();
    assert_eq!(again, Received::Duplicate { conversation_id, message_id, same_body: true });
    desk.drain().await;
    assert_eq!(desk.messages(conversation_id).await.len(), 2);
    assert_eq!(desk.sent(), ["You said: Do you fix boilers?"]);
}

#[tokio::test]
async fn row_15_a_replay_next_day_has_no_effect() {
    let desk = Desk::open().await;
    let inbound = desk.inbound("Do you fix boilers?");
    let (conversation, _) = desk.take_in(inbound.clone()).await;
    desk.drain().await;
    desk.pass(24 * 60 * 60);
    desk.receive.receive(&desk.scope, &desk.number, inbound).await.unwrap();
    desk.drain().await;
    assert_eq!(desk.messages(conversation).await.len(), 2);
    assert_eq!(desk.sent().len(), 1);
}

#[tokio::test]
async fn a_replay_does_not_open_a_closed_conversation_again() {
    let desk = Desk::open().await;
    let inbound = desk.inbound("Do you fix boilers?");
    let (conversation, _) = desk.take_in(inbound.clone()).await;
    desk.drain().await;
    desk.people.close(&desk.scope, conversation).await.unwrap();
    let again = desk.receive.receive(&desk.scope, &desk.number, inbound).await.unwrap();
    assert!(matches!(again, Received::Duplicate { conversation_id, .. } if conversation_id == conversation));
    desk.drain().await;
    assert_eq!(desk.sent().len(), 1);
}

#[tokio::test]
async fn row_16_of_one_message_id_with_two_bodies_the_first_is_kept() {
    let desk = Desk::open().await;
    let first = desk.inbound("I need a plumber");
    let mut second = first.clone();
    second.text = "STOP".into();
    let (conversation, _) = desk.take_in(first).await;
    let again = desk.receive.receive(&desk.scope, &desk.number, second).await.unwrap();
    assert!(matches!(again, Received::Duplicate { same_body: false, .. }));
    assert_eq!(desk.messages(conversation).await[0].body.text, "I need a plumber");
    assert!(!desk.consent().await.is_opted_out(), "the second body was never said, as far as we know");
}

#[tokio::test]
async fn every_message_of_a_number_joins_its_one_open_conversation() {
    let desk = Desk::open().await;
    let first = desk.text_and_wait("Hello").await;
    let mut other_spelling = desk.inbound("Anybody there?");
    other_spelling.from = Address::from_carrier("+1 (555) 765-4321");
    let (second, _) = desk.take_in(other_spelling).await;
    assert_eq!(first, second);
    let contact = desk.contacts.find_by_address(&desk.scope, &Address::from_carrier(CUSTOMER)).await.unwrap();
    assert_eq!(contact.unwrap().addresses, [Address::from_carrier(CUSTOMER)]);
}

#[tokio::test]
async fn two_numbers_have_two_conversations() {
    let desk = Desk::open().await;
    let first = desk.text("Hello").await;
    let mut other = desk.inbound("Hello");
    other.from = Address::from_carrier("+15550009999");
    assert_ne!(desk.take_in(other).await.0, first);
}
