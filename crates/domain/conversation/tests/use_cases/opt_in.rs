//! Only START brings an opted-out number back.

use conversation::{ConsentState, InboundIntent, RefusalReason};

use crate::desk::{Desk, WINDOW};

const OUT: &str =
    "You have opted out of messages from Bristol Plumbing and will get no more. Reply START to opt in again.";
const IN: &str = "You are opted in to messages from Bristol Plumbing again. Reply STOP to opt out.";

#[tokio::test]
async fn start_restores() {
    for word in ["START", "start.", "Unstop"] {
        let desk = Desk::open().await;
        desk.text_and_wait("STOP").await;
        desk.pass(600);
        desk.text_and_wait(word).await;
        desk.text_and_wait("Hello").await;
        assert_eq!(desk.consent().await.state, ConsentState::OptedIn, "{word}");
        assert_eq!(desk.sent(), [OUT, IN, "You said: Hello"], "{word}");
    }
}

#[tokio::test]
async fn start_is_confirmed_also_right_after_the_confirmation_of_stop() {
    let desk = Desk::open().await;
    desk.text_and_wait("STOP").await;
    desk.text_and_wait("START").await;
    assert_eq!(desk.sent(), [OUT, IN]);
}

#[tokio::test]
async fn stop_is_confirmed_also_right_after_the_confirmation_of_start() {
    let desk = Desk::open().await;
    desk.text_and_wait("START").await;
    desk.text_and_wait("STOP").await;
    assert_eq!(desk.sent(), [IN, OUT]);
}

#[tokio::test]
async fn stop_and_start_in_turns_are_confirmed_once_each_within_five_minutes() {
    let desk = Desk::open().await;
    for word in ["STOP", "START", "STOP", "START", "START", "STOP"] {
        desk.text_and_wait(word).await;
    }
    assert_eq!(desk.sent(), [OUT, IN]);
    assert!(desk.consent().await.is_opted_out());
}

#[tokio::test]
async fn start_that_the_carrier_has_answered_is_not_confirmed() {
    let desk = Desk::open().await;
    let mut start = desk.inbound("START");
    start.carrier_answered = true;
    desk.take_in(start).await;
    desk.drain().await;
    assert_eq!(desk.consent().await.state, ConsentState::OptedIn);
    assert_eq!(desk.sent(), [""; 0]);
}

#[tokio::test]
async fn what_the_carrier_understood_as_start_restores_whatever_its_words() {
    let desk = Desk::open().await;
    desk.text_and_wait("STOP").await;
    desk.take_in_understood("reprendre", InboundIntent::OptIn).await;
    desk.drain().await;
    assert_eq!(desk.consent().await.state, ConsentState::OptedIn);
    assert_eq!(desk.sent(), [OUT]);
    assert_eq!(desk.model.requests(), []);
}

#[tokio::test]
async fn neither_yes_nor_an_ordinary_text_restores() {
    let desk = Desk::open().await;
    let conversation = desk.text_and_wait("STOP").await;
    for text in ["YES", "yes", "Hello", "start tomorrow please", "I want your messages again", "HELP"] {
        desk.text(text).await;
        desk.pass(WINDOW);
        desk.work().await;
        assert!(desk.consent().await.is_opted_out(), "{text}");
    }
    assert_eq!(desk.model.requests(), []);
    assert_eq!(desk.refused(conversation).await, vec![(RefusalReason::OptedOut, String::new()); 5]);
}

#[tokio::test]
async fn row_61_stop_then_start_in_one_turn_the_last_committed_wins() {
    let desk = Desk::open().await;
    desk.text("STOP").await;
    desk.text("START").await;
    desk.drain().await;
    assert_eq!(desk.consent().await.state, ConsentState::OptedIn);
    assert_eq!(desk.sent(), [IN]);
}

#[tokio::test]
async fn row_61_start_then_stop_in_one_turn_the_last_committed_wins() {
    let desk = Desk::open().await;
    desk.text("START").await;
    desk.text("STOP").await;
    desk.drain().await;
    assert!(desk.consent().await.is_opted_out());
    assert_eq!(desk.sent(), [OUT]);
}

#[tokio::test]
async fn row_61_a_question_between_stop_and_start_is_answered() {
    let desk = Desk::open().await;
    for text in ["STOP", "Do you fix boilers?", "START"] {
        desk.text(text).await;
    }
    desk.drain().await;
    assert_eq!(desk.sent().len(), 2);
    assert_eq!(desk.sent()[0], IN);
}

#[tokio::test]
async fn an_opt_in_that_a_later_stop_has_overtaken_is_not_confirmed() {
    let desk = Desk::open().await;
    let conversation = desk.text("START").await;
    desk.take_turn(conversation).await;
    desk.text("STOP").await;
    desk.drain().await;
    assert_eq!(desk.refused(conversation).await, [(RefusalReason::OptedOut, IN.into())]);
    assert_eq!(desk.sent(), [OUT]);
}
