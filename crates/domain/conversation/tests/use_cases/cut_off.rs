//! A model that has written as many tokens as it may ends in the middle; what leaves does not.

use std::sync::{Mutex, PoisonError};

use conversation::{Deltas, FinishReason, JobKind, ModelReply, TurnResult};
use serde_json::json;

use crate::desk::Desk;

/// A reply that had to end where it does.
fn cut_off(text: &str) -> ModelReply {
    ModelReply { finish: FinishReason::Length, ..ModelReply::of_text(text) }
}

/// Keeps what is heard since the last restart.
#[derive(Default)]
struct Ear(Mutex<String>);

impl Deltas for Ear {
    fn delta(&self, text: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_str(text);
    }

    fn restart(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

#[tokio::test]
async fn a_reply_that_was_cut_off_ends_with_its_last_whole_sentence() {
    let desk = Desk::open().await;
    desk.model.then_replies(cut_off("Yes, we fix boilers. We come on weekdays from nine to"));
    desk.text_and_wait("Do you fix boilers?").await;
    assert_eq!(desk.sent(), ["Yes, we fix boilers."]);
}

#[tokio::test]
async fn a_reply_that_ended_by_itself_leaves_as_it_is() {
    let desk = Desk::open().await;
    desk.model.then_says("Yes, we do. From nine to five");
    desk.text_and_wait("Do you fix boilers?").await;
    assert_eq!(desk.sent(), ["Yes, we do. From nine to five"]);
}

#[tokio::test]
async fn who_hears_a_reply_that_was_cut_off_hears_what_leaves() {
    let (desk, ear) = (Desk::open().await, Ear::default());
    desk.model.then_says_and_calls("One moment.", "capture_lead", json!({ "need": "a boiler" }));
    desk.model.then_replies(cut_off("Yes, we fix boilers. We come on weekdays from nine to"));
    let conversation = desk.text("Do you fix boilers?").await;
    let claim = desk.claim(JobKind::Turn, conversation).await.unwrap();
    desk.turns.take_aloud(&claim, &ear, desk.turns.answer_by()).await.unwrap();
    desk.work().await;
    assert_eq!(desk.sent(), ["One moment.\nYes, we fix boilers."]);
    assert_eq!(*ear.0.lock().unwrap(), desk.sent()[0]);
}

#[tokio::test]
async fn a_reply_without_a_whole_sentence_is_none_and_the_model_is_asked_again() {
    let desk = Desk::open().await;
    desk.model.then_replies(cut_off("Yes, we fix boilers and"));
    desk.model.then_says("We do.");
    let conversation = desk.text("Do you fix boilers?").await;
    assert_eq!(desk.take_turn(conversation).await, TurnResult::Postponed);
    desk.drain().await;
    assert_eq!(desk.sent(), ["We do."]);
}

#[tokio::test]
async fn a_tool_that_was_asked_for_before_the_cut_is_done() {
    let desk = Desk::open().await;
    desk.model.then_says_and_calls("", "set_language", json!({ "language": "es" }));
    desk.model.then_replies(cut_off("Hola. Abrimos a las"));
    desk.text_and_wait("Hola").await;
    assert_eq!(desk.sent(), ["Hola."]);
    desk.text_and_wait("Gracias").await;
    let instructions = desk.model.requests().pop().unwrap().instructions;
    assert!(instructions.contains("language: es\n"), "{instructions}");
}
