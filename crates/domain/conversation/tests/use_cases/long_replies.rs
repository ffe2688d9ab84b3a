//! A long reply leaves in several messages: all of them, in order, whatever breaks in between.

use conversation::{DeliveryState, JobKind, MAX_MESSAGE_UNITS};
use kernel::GatewayError;

use crate::desk::{Desk, LEASE};

fn paragraphs() -> Vec<String> {
    ["first", "second", "third"].map(|word| word.repeat(250)).into()
}

async fn desk_with_long_reply() -> (Desk, kernel::ConversationId) {
    let desk = Desk::open().await;
    desk.model.then_says(&paragraphs().join("\n\n"));
    let conversation = desk.text("Tell me everything").await;
    desk.take_turn(conversation).await;
    (desk, conversation)
}

#[tokio::test]
async fn row_33_a_reply_over_1_600_characters_leaves_in_several_messages_in_order() {
    let (desk, conversation) = desk_with_long_reply().await;
    desk.work().await;
    assert_eq!(desk.sent(), paragraphs());
    assert_eq!(desk.states(conversation).await, [DeliveryState::Sent; 3]);
    assert!(desk.sent().iter().all(|text| text.len() <= MAX_MESSAGE_UNITS));
}

#[tokio::test]
async fn a_crash_between_two_of_them_loses_none() {
    let (desk, conversation) = desk_with_long_reply().await;
    desk.carrier.then_finds(Ok(None));
    desk.begin_and_die(conversation).await;
    desk.drain().await;
    let mut sent = desk.sent();
    sent.sort();
    assert_eq!(sent, paragraphs());
}

#[tokio::test]
async fn a_crash_before_the_first_of_them_loses_none_and_keeps_the_order() {
    let (desk, conversation) = desk_with_long_reply().await;
    assert!(desk.claim(JobKind::Delivery, conversation).await.is_some());
    desk.pass(i64::try_from(LEASE.as_secs()).unwrap());
    desk.work().await;
    assert_eq!(desk.sent(), paragraphs());
}

#[tokio::test]
async fn a_rate_limit_between_two_of_them_keeps_the_order() {
    let (desk, _) = desk_with_long_reply().await;
    desk.carrier.then_sends(Err(GatewayError::RateLimited { retry_after: None }));
    desk.drain().await;
    assert_eq!(desk.sent()[1..], paragraphs());
}

#[tokio::test]
async fn stop_between_two_of_them_keeps_the_rest_in() {
    let (desk, conversation) = desk_with_long_reply().await;
    desk.carrier.then_sends(Err(GatewayError::RateLimited { retry_after: None }));
    desk.work().await;
    let mut stop = desk.inbound("STOP");
    stop.carrier_answered = true;
    desk.take_in(stop).await;
    desk.drain().await;
    assert_eq!(desk.sent().len(), 1);
    assert_eq!(desk.states(conversation).await, [DeliveryState::Refused; 3]);
    assert_eq!(desk.refused(conversation).await.len(), 3);
}
