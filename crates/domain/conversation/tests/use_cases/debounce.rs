//! People write in fragments: the window joins them, and patience bounds it.

use chrono::TimeDelta;
use kernel::Clock as _;

use crate::desk::{Desk, WINDOW};

#[tokio::test]
async fn ten_fragments_within_the_window_make_one_turn_with_one_reply() {
    let desk = Desk::open().await;
    let mut conversation = None;
    for word in ["Hi", "my", "boiler", "is", "leaking", "and", "I", "need", "somebody", "now"] {
        conversation = Some(desk.text(word).await);
        desk.clock.advance(TimeDelta::milliseconds(500));
        desk.work().await;
    }
    desk.drain().await;
    let messages = desk.messages(conversation.unwrap()).await;
    assert_eq!(desk.sent(), ["You said: Hi\nmy\nboiler\nis\nleaking\nand\nI\nneed\nsomebody\nnow"]);
    assert_eq!(messages.len(), 11);
    assert!(messages.iter().all(|message| message.turn_id == messages[0].turn_id));
    assert_eq!(desk.model.requests()[0].unanswered, 10);
}

#[tokio::test]
async fn nobody_is_answered_before_the_window_has_passed() {
    let desk = Desk::open().await;
    desk.text("Hello").await;
    desk.clock.advance(TimeDelta::seconds(WINDOW) - TimeDelta::microseconds(1));
    desk.work().await;
    assert_eq!(desk.sent().len(), 0);
    desk.clock.advance(TimeDelta::microseconds(1));
    desk.work().await;
    assert_eq!(desk.sent().len(), 1);
}

#[tokio::test]
async fn a_message_after_the_window_is_a_turn_of_its_own() {
    let desk = Desk::open().await;
    desk.text_and_wait("Hello").await;
    desk.text_and_wait("Are you there?").await;
    assert_eq!(desk.sent(), ["You said: Hello", "You said: Are you there?"]);
}

#[tokio::test]
async fn patience_bounds_how_long_fragments_can_delay_an_answer() {
    let desk = Desk::open().await;
    let began = desk.clock.now();
    for second in 0..60 {
        desk.text(&format!("fragment {second}")).await;
        desk.pass(1);
        desk.work().await;
        if !desk.sent().is_empty() {
            break;
        }
    }
    assert_eq!(desk.clock.now() - began, TimeDelta::seconds(5 * WINDOW));
    assert_eq!(desk.sent().len(), 1);
}

#[tokio::test]
async fn a_keyword_waits_for_no_window() {
    for keyword in ["STOP", "START", "HELP"] {
        let desk = Desk::open().await;
        desk.text("One moment").await;
        desk.text(keyword).await;
        desk.work().await;
        assert!(!desk.sent().is_empty(), "{keyword}");
    }
}
