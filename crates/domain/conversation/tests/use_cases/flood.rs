//! Whoever writes more than a model may be shown is answered all the same, and the model knows of the rest.

use conversation::{InboundText, testing::PlainComposer};

use crate::desk::{Desk, WINDOW};

/// A text as long as they are kept, that begins with its number.
fn long_text(number: usize) -> String {
    format!("{number} {}", "x".repeat(InboundText::MAX_LENGTH - 2))
}

#[tokio::test]
async fn of_a_flood_of_messages_the_newest_are_shown_and_the_model_is_told_of_the_others() {
    let desk = Desk::open().await;
    desk.model.then_says("Please call us.");
    let conversation = desk.text(&long_text(0)).await;
    for number in 1..8 {
        desk.text(&long_text(number)).await;
    }
    desk.pass(5 * WINDOW);
    desk.work().await;
    let request = desk.model.requests().into_iter().next().unwrap();
    let shown: Vec<_> = request.transcript.iter().map(|line| &line.text[..1]).collect();
    assert_eq!(shown, ["5", "6", "7"]);
    assert_eq!(request.unanswered, 3);
    let letters: usize = request.transcript.iter().map(|line| line.text.len()).sum();
    assert!(letters / 4 <= PlainComposer::TRANSCRIPT_TOKENS, "{letters} letters");
    assert!(request.instructions.contains("too long: 5."), "{}", request.instructions);
    assert_eq!(desk.sent(), ["Please call us."]);
    let inbound = desk.messages(conversation).await.into_iter().take(8);
    assert!(inbound.map(|message| message.turn_id).all(|turn| turn.is_some()), "all are answered");
}

#[tokio::test]
async fn a_model_that_is_shown_everything_is_told_nothing_of_the_kind() {
    let desk = Desk::open().await;
    desk.text("Hello").await;
    desk.text_and_wait("Do you fix boilers?").await;
    let request = desk.model.requests().pop().unwrap();
    assert_eq!((request.transcript.len(), request.unanswered), (2, 2));
    assert!(!request.instructions.contains("too long"), "{}", request.instructions);
}
