//! When a person answers, the bot is silent at once, and what it had written is kept as refused.

use conversation::{Author, ConversationError, DeliveryState, Owner, RefusalReason};

use crate::desk::{Desk, WINDOW};

#[tokio::test]
async fn a_persons_reply_takes_ownership_and_is_sent() {
    let desk = Desk::open().await;
    let conversation = desk.text_and_wait("Hello").await;
    let written = desk.people.answer_in_person(&desk.scope, conversation, "I am on my way").await.unwrap();
    desk.work().await;
    assert_eq!(desk.sent()[1..], ["I am on my way"]);
    assert_eq!((written.len(), written[0].author), (1, Author::Human));
    let view = desk.people.get(&desk.scope, conversation).await.unwrap();
    assert_eq!(view.conversation.owner, Owner::Human);
    desk.text_and_wait("Thank you").await;
    assert_eq!(desk.sent().len(), 2);
    assert_eq!(desk.refused(conversation).await, [], "a person answers: nothing was kept from anybody");
}

#[tokio::test]
async fn a_reply_that_was_being_written_when_a_person_answered_is_kept_and_not_sent() {
    let desk = Desk::open().await;
    let go = desk.model.then_waits();
    desk.model.then_says("We open at nine.");
    let conversation = desk.text("When do you open?").await;
    desk.pass(WINDOW);
    tokio::join!(desk.work(), async {
        desk.model.asked().await;
        desk.people.answer_in_person(&desk.scope, conversation, "At eight, for you").await.unwrap();
        go.notify_one();
    });
    desk.drain().await;
    assert_eq!(desk.sent(), ["At eight, for you"]);
    assert_eq!(
        desk.refused(conversation).await,
        [(RefusalReason::PersonTookOver, "We open at nine.".into())]
    );
    assert_eq!(desk.replies(conversation).await, [""; 0]);
}

#[tokio::test]
async fn a_reply_that_waited_to_leave_when_a_person_answered_is_refused() {
    let desk = Desk::open().await;
    let conversation = desk.text("When do you open?").await;
    desk.take_turn(conversation).await;
    desk.people.answer_in_person(&desk.scope, conversation, "At eight").await.unwrap();
    desk.drain().await;
    assert_eq!(desk.sent(), ["At eight"]);
    assert_eq!(desk.states(conversation).await, [DeliveryState::Refused, DeliveryState::Sent]);
    let bots = "You said: When do you open?";
    assert_eq!(desk.refused(conversation).await, [(RefusalReason::PersonTookOver, bots.into())]);
}

#[tokio::test]
async fn a_pause_while_the_bot_writes_keeps_its_reply_in() {
    let desk = Desk::open().await;
    let go = desk.model.then_waits();
    let conversation = desk.text("Hello").await;
    desk.pass(WINDOW);
    tokio::join!(desk.work(), async {
        desk.model.asked().await;
        desk.people.pause(&desk.scope, conversation).await.unwrap();
        go.notify_one();
    });
    assert_eq!(desk.sent(), [""; 0]);
    assert_eq!(desk.refused(conversation).await, [(RefusalReason::PersonTookOver, "You said: Hello".into())]);
}

#[tokio::test]
async fn a_pause_and_resume_while_the_bot_writes_leave_one_reply() {
    let desk = Desk::open().await;
    let go = desk.model.then_waits();
    let conversation = desk.text("Hello").await;
    desk.pass(WINDOW);
    tokio::join!(desk.work(), async {
        desk.model.asked().await;
        desk.people.pause(&desk.scope, conversation).await.unwrap();
        desk.people.resume(&desk.scope, conversation).await.unwrap();
        go.notify_one();
    });
    desk.drain().await;
    assert_eq!(desk.sent(), ["You said: Hello"]);
}

#[tokio::test]
async fn a_paused_conversation_is_answered_again_from_the_next_message_after_resuming() {
    let desk = Desk::open().await;
    let conversation = desk.text("Hello").await;
    for _ in 0..3 {
        desk.people.pause(&desk.scope, conversation).await.unwrap();
    }
    desk.text_and_wait("Anybody?").await;
    for _ in 0..3 {
        desk.people.resume(&desk.scope, conversation).await.unwrap();
    }
    desk.drain().await;
    assert_eq!(desk.sent(), [""; 0], "what a person had in hand stays with the person");
    desk.text_and_wait("Still there?").await;
    assert_eq!(desk.sent(), ["You said: Still there?"]);
    assert_eq!(desk.model.requests()[0].transcript.len(), 3);
}

#[tokio::test]
async fn stop_while_a_person_answers_opts_out_and_is_confirmed() {
    let desk = Desk::open().await;
    let conversation = desk.text_and_wait("Hello").await;
    desk.people.answer_in_person(&desk.scope, conversation, "Yes?").await.unwrap();
    desk.work().await;
    desk.text_and_wait("STOP").await;
    assert!(desk.consent().await.is_opted_out());
    assert!(desk.sent()[2].starts_with("You have opted out"));
}

#[tokio::test]
async fn an_empty_answer_of_a_person_is_no_answer() {
    let desk = Desk::open().await;
    let conversation = desk.text_and_wait("Hello").await;
    for text in ["", "  \n", "\0\u{7}"] {
        let refused = desk.people.answer_in_person(&desk.scope, conversation, text).await;
        assert!(matches!(refused, Err(ConversationError::Invalid { field: "text", .. })), "{text:?}");
    }
    let owner = desk.people.get(&desk.scope, conversation).await.unwrap().conversation.owner;
    assert_eq!(owner, Owner::Bot);
}

#[tokio::test]
async fn a_long_answer_of_a_person_leaves_in_several_messages_in_order() {
    let desk = Desk::open().await;
    let conversation = desk.text_and_wait("Hello").await;
    let text = format!("{} {}", "a".repeat(1_500), "b".repeat(1_500));
    let written = desk.people.answer_in_person(&desk.scope, conversation, &text).await.unwrap();
    desk.drain().await;
    assert_eq!(written.len(), 2);
    assert_eq!(desk.sent()[1..], ["a".repeat(1_500), "b".repeat(1_500)]);
}
