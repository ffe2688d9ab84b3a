//! Two machines stop by themselves; people never notice.

use conversation::RefusalReason;
use tenancy::Address;

use crate::desk::Desk;

#[tokio::test]
async fn row_57_an_echo_is_halted() {
    let desk = Desk::open().await;
    let conversation = desk.text_and_wait("Hello").await;
    for _ in 0..10 {
        let ours = desk.sent().pop().unwrap();
        desk.text_and_wait(&ours).await;
    }
    assert!(desk.sent().len() <= 3, "{} replies to an echo", desk.sent().len());
    assert_eq!(desk.refused(conversation).await[0], (RefusalReason::LoopGuard, String::new()));
}

#[tokio::test]
async fn row_57_an_auto_responder_is_halted() {
    let desk = Desk::open().await;
    let conversation = desk.text("").await;
    for reply in 0..20 {
        desk.model.then_says(&format!("Answer number {reply}"));
        desk.text_and_wait("I am driving and will get back to you soon.").await;
        desk.pass(600);
    }
    assert!(desk.sent().len() <= 6, "{} replies to an auto-responder", desk.sent().len());
    assert_eq!(desk.refused(conversation).await[0].0, RefusalReason::LoopGuard);
}

#[tokio::test]
async fn row_57_two_bots_looping_halt_by_themselves() {
    let (ours, theirs) = (Desk::open().await, Desk::open().await);
    let mut said = "Hello".to_owned();
    for round in 0..100 {
        ours.model.then_says(&format!("Thank you, noted ({round})."));
        ours.text_and_wait(&said).await;
        if ours.sent().len() <= round {
            break;
        }
        theirs.model.then_says(&format!("You are welcome ({round})."));
        let mut inbound = theirs.inbound(&ours.sent()[round]);
        inbound.from = Address::from_carrier("+15551230000");
        theirs.take_in(inbound).await;
        theirs.drain().await;
        said = theirs.sent().get(round).cloned().unwrap_or_default();
    }
    assert!(ours.sent().len() <= 20, "{} replies to a bot", ours.sent().len());
}

#[tokio::test]
async fn a_rapid_machine_is_halted() {
    let desk = Desk::open().await;
    let mut conversation = None;
    for message in 0..60 {
        conversation = Some(desk.text_and_wait(&format!("Alert number {message}")).await);
        desk.pass(3);
    }
    assert_eq!(desk.sent().len(), 20);
    assert_eq!(desk.refused(conversation.unwrap()).await.len(), 40);
}

#[tokio::test]
async fn after_a_quiet_while_a_machine_that_was_rapid_is_heard_again() {
    let desk = Desk::open().await;
    for message in 0..25 {
        desk.text_and_wait(&format!("Alert number {message}")).await;
    }
    desk.pass(600);
    desk.text_and_wait("Sorry, that was my alarm system. Are you open?").await;
    assert_eq!(desk.sent().len(), 21);
}

#[tokio::test]
async fn help_over_and_over_is_halted_too() {
    let desk = Desk::open().await;
    for _ in 0..60 {
        desk.text_and_wait("HELP").await;
    }
    assert!(desk.sent().len() <= 20, "{} answers to HELP", desk.sent().len());
}

#[tokio::test]
async fn a_patient_human_is_not_halted() {
    let desk = Desk::open().await;
    for day in 0..30 {
        desk.text_and_wait(&format!("Good morning, any news on day {day}?")).await;
        desk.text_and_wait("ok").await;
        desk.pass(24 * 60 * 60);
    }
    assert_eq!(desk.sent().len(), 60);
}

#[tokio::test]
async fn a_human_who_says_yes_to_seven_questions_is_not_halted() {
    let desk = Desk::open().await;
    for question in 0..7 {
        desk.model.then_says(&format!("Question number {question}?"));
        desk.text_and_wait("Yes").await;
        desk.pass(20);
    }
    assert_eq!(desk.sent().len(), 7);
}

#[tokio::test]
async fn an_impatient_human_who_repeats_before_an_answer_is_not_halted() {
    let desk = Desk::open().await;
    for text in ["Hi", "My boiler leaks", "Bristol", "Ann"] {
        desk.text_and_wait(text).await;
    }
    for _ in 0..6 {
        desk.text("Is anybody there to help me?").await;
    }
    desk.drain().await;
    assert_eq!(desk.sent().len(), 5);
}

#[tokio::test]
async fn a_reply_in_several_messages_counts_once() {
    let desk = Desk::open().await;
    for question in 0..8 {
        desk.model.then_says(&"A long story about boilers. ".repeat(150));
        desk.text_and_wait(&format!("And then, number {question}?")).await;
        desk.pass(30);
    }
    assert_eq!(desk.sent().len(), 8 * 3);
}
