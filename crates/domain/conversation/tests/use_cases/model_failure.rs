//! A model that fails is asked again, and then the contact gets an honest sentence: never silence, never two.

use conversation::{ModelError, TurnOutcome, TurnResult};

use crate::desk::{BUSINESS, Desk, WINDOW};

fn unavailable() -> ModelError {
    ModelError::Unavailable("it is down".into())
}

fn is_fallback(text: &str) -> bool {
    text.starts_with("Sorry, I cannot answer right now") && text.contains(BUSINESS) && text.contains("911")
}

#[tokio::test]
async fn a_model_that_fails_once_is_asked_again_after_a_pause() {
    let desk = Desk::open().await;
    desk.model.then_fails(unavailable());
    desk.model.then_says("Yes, we fix boilers.");
    let conversation = desk.text("Do you fix boilers?").await;
    assert_eq!(desk.take_turn(conversation).await, TurnResult::Postponed);
    desk.pass(1);
    desk.work().await;
    assert_eq!(desk.model.requests().len(), 1, "not before the pause is over");
    desk.pass(1);
    desk.work().await;
    assert_eq!(desk.sent(), ["Yes, we fix boilers."]);
}

#[tokio::test]
async fn the_pauses_grow() {
    let desk = Desk::open().await;
    desk.model.then_fails(unavailable());
    desk.model.then_fails(unavailable());
    desk.text_and_wait("Do you fix boilers?").await;
    desk.pass(2);
    desk.work().await;
    assert_eq!(desk.model.requests().len(), 2);
    desk.pass(3);
    desk.work().await;
    assert_eq!(desk.model.requests().len(), 2);
    desk.pass(1);
    desk.work().await;
    assert_eq!(desk.sent(), ["You said: Do you fix boilers?"]);
}

#[tokio::test]
async fn after_the_last_attempt_the_contact_gets_the_fallback_once() {
    let desk = Desk::open().await;
    for error in
        [unavailable(), ModelError::TimedOut("the first word"), ModelError::RateLimited { retry_after: None }]
    {
        desk.model.then_fails(error);
    }
    let conversation = desk.text_and_wait("Do you fix boilers?").await;
    desk.drain().await;
    assert_eq!(desk.model.requests().len(), 3);
    assert_eq!(desk.sent().len(), 1);
    assert!(is_fallback(&desk.sent()[0]), "{:?}", desk.sent());
    assert!(desk.messages(conversation).await[0].turn_id.is_some());
}

#[tokio::test]
async fn a_model_that_says_no_is_not_asked_again_and_the_contact_gets_the_fallback_at_once() {
    let desk = Desk::open().await;
    desk.model.then_fails(ModelError::Rejected { code: "401".into(), detail: "no such key".into() });
    let conversation = desk.text("Do you fix boilers?").await;
    let turn = desk.take_turn(conversation).await;
    assert!(matches!(turn, TurnResult::Committed(turn) if turn.outcome == TurnOutcome::Replied), "{turn:?}");
    desk.drain().await;
    assert_eq!(desk.model.requests().len(), 1);
    assert_eq!(desk.sent().len(), 1);
    assert!(is_fallback(&desk.sent()[0]), "{:?}", desk.sent());
}

#[tokio::test]
async fn the_next_message_after_a_fallback_has_all_its_attempts() {
    let desk = Desk::open().await;
    for _ in 0..5 {
        desk.model.then_fails(unavailable());
    }
    desk.text("Do you fix boilers?").await;
    desk.drain().await;
    desk.text("Hello?").await;
    desk.drain().await;
    assert_eq!(desk.sent().len(), 2);
    assert_eq!(desk.sent()[1], "You said: Hello?");
}

#[tokio::test]
async fn row_63_a_model_that_returns_nothing_is_asked_again_and_then_the_fallback_goes_out() {
    let desk = Desk::open().await;
    for nothing in ["", "  \n\t", "\u{0}"] {
        desk.model.then_says(nothing);
    }
    desk.text("Do you fix boilers?").await;
    desk.drain().await;
    assert_eq!(desk.sent().len(), 1);
    assert!(is_fallback(&desk.sent()[0]), "{:?}", desk.sent());
}

#[tokio::test]
async fn row_63_a_model_that_returns_a_megabyte_does_not_flood_the_contact() {
    let desk = Desk::open().await;
    for _ in 0..3 {
        desk.model.then_says(&"blah ".repeat(200_000));
    }
    desk.text("Do you fix boilers?").await;
    desk.drain().await;
    assert_eq!(desk.sent().len(), 1);
    assert!(is_fallback(&desk.sent()[0]));
}

#[tokio::test]
async fn row_35_control_characters_in_the_models_words_do_not_leave() {
    let desk = Desk::open().await;
    desk.model.then_says("We\u{0} open\u{7} at\u{1b} nine.\nSee you!");
    desk.text_and_wait("When do you open?").await;
    assert_eq!(desk.sent(), ["We open at nine.\nSee you!"]);
}

#[tokio::test]
async fn fragments_that_come_while_the_model_is_down_are_answered_by_one_reply() {
    let desk = Desk::open().await;
    for _ in 0..2 {
        desk.model.then_fails(unavailable());
    }
    desk.text_and_wait("My boiler leaks").await;
    desk.text("Hello?").await;
    desk.drain().await;
    assert_eq!(desk.sent(), ["You said: My boiler leaks\nHello?"]);
}

#[tokio::test]
async fn stop_while_the_model_is_down_leaves_no_fallback() {
    let desk = Desk::open().await;
    for _ in 0..3 {
        desk.model.then_fails(unavailable());
    }
    desk.text_and_wait("My boiler leaks").await;
    desk.text("STOP").await;
    desk.drain().await;
    assert_eq!(desk.sent().len(), 1);
    assert!(desk.sent()[0].starts_with("You have opted out"));
}

#[tokio::test]
async fn a_notice_is_not_lost_with_the_models_answer() {
    let desk = Desk::open().await;
    for _ in 0..3 {
        desk.model.then_fails(unavailable());
    }
    desk.text("HELP").await;
    desk.text("My boiler leaks").await;
    desk.drain().await;
    assert_eq!(desk.sent().len(), 2);
    assert!(desk.sent()[0].starts_with("This is the assistant of"));
    assert!(is_fallback(&desk.sent()[1]));
}

#[tokio::test]
async fn a_person_who_answers_while_the_model_is_down_is_the_only_one_to_answer() {
    let desk = Desk::open().await;
    desk.model.then_fails(unavailable());
    let conversation = desk.text("My boiler leaks").await;
    desk.pass(WINDOW);
    desk.work().await;
    desk.people.answer_in_person(&desk.scope, conversation, "I am on my way").await.unwrap();
    desk.drain().await;
    assert_eq!(desk.sent(), ["I am on my way"]);
}

#[tokio::test]
async fn a_turn_that_says_the_fallback_counts_as_replied() {
    let desk = Desk::open().await;
    desk.model.then_fails(unavailable());
    let conversation = desk.text("Hello").await;
    let mut claim = desk.claim(conversation::JobKind::Turn, conversation).await.unwrap();
    claim.attempts = 2;
    let result = desk.turns.take(&claim).await.unwrap();
    assert!(
        matches!(result, TurnResult::Committed(turn) if turn.outcome == TurnOutcome::Replied),
        "{result:?}"
    );
}
