//! On a number that is switched off customers are heard and not answered.

use conversation::RefusalReason;

use crate::desk::Desk;

fn switch_off(desk: &Desk) {
    let mut off = desk.number.clone();
    off.set_active(false);
    desk.stores.add_binding(&desk.scope, off);
}

#[tokio::test]
async fn a_message_to_a_number_that_is_off_is_stored_and_its_answer_refused() {
    let desk = Desk::open().await;
    switch_off(&desk);
    let conversation = desk.text_and_wait("Do you fix boilers?").await;
    assert_eq!(desk.messages(conversation).await.len(), 1);
    assert_eq!(desk.sent(), [""; 0]);
    assert_eq!(desk.refused(conversation).await, [(RefusalReason::ChannelInactive, String::new())]);
    assert_eq!(desk.model.requests(), []);
}

#[tokio::test]
async fn a_number_that_was_switched_off_meanwhile_is_not_answered_on() {
    let desk = Desk::open().await;
    let conversation = desk.text("Hello").await;
    switch_off(&desk);
    desk.drain().await;
    assert_eq!(desk.sent(), [""; 0]);
    assert_eq!(desk.refused(conversation).await, [(RefusalReason::ChannelInactive, String::new())]);
}

#[tokio::test]
async fn stop_to_a_number_that_is_off_counts_and_neither_it_nor_help_is_answered() {
    let desk = Desk::open().await;
    switch_off(&desk);
    desk.text_and_wait("STOP").await;
    desk.text_and_wait("HELP").await;
    assert!(desk.consent().await.is_opted_out());
    assert_eq!(desk.sent(), [""; 0]);
}

#[tokio::test]
async fn a_confirmation_that_waits_when_the_number_is_switched_off_does_not_leave() {
    let desk = Desk::open().await;
    let conversation = desk.text("STOP").await;
    desk.take_turn(conversation).await;
    switch_off(&desk);
    desk.drain().await;
    assert_eq!(desk.sent(), [""; 0]);
    let refused = desk.refused(conversation).await;
    assert!(matches!(refused.as_slice(), [(RefusalReason::ChannelInactive, _)]), "{refused:?}");
}
