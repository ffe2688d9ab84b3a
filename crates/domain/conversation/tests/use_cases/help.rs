//! HELP is answered, whatever stands.

use conversation::InboundIntent;

use crate::desk::Desk;

const HELP: &str =
    "This is the assistant of Bristol Plumbing. Write what you need and we will help. Reply STOP to opt out.";

#[tokio::test]
async fn help_is_answered_without_the_model() {
    for word in ["HELP", "info", "Help?"] {
        let desk = Desk::open().await;
        desk.text_and_wait(word).await;
        assert_eq!(desk.sent(), [HELP], "{word}");
        assert_eq!(desk.model.requests(), []);
    }
}

#[tokio::test]
async fn help_is_answered_to_who_has_opted_out() {
    let desk = Desk::open().await;
    desk.text_and_wait("STOP").await;
    desk.text_and_wait("HELP").await;
    assert_eq!(desk.sent()[1..], [HELP]);
    assert!(desk.consent().await.is_opted_out());
}

#[tokio::test]
async fn help_that_the_carrier_has_answered_is_not_answered_again() {
    let desk = Desk::open().await;
    let mut help = desk.inbound("HELP");
    help.carrier_answered = true;
    let (conversation, _) = desk.take_in(help).await;
    desk.drain().await;
    assert_eq!(desk.sent(), [""; 0]);
    assert_eq!(desk.refused(conversation).await, []);
    assert!(desk.messages(conversation).await[0].turn_id.is_some());
}

#[tokio::test]
async fn what_the_carrier_understood_as_help_is_not_answered_again_whatever_its_words() {
    let desk = Desk::open().await;
    desk.take_in_understood("aide", InboundIntent::Help).await;
    desk.drain().await;
    assert_eq!(desk.sent(), [""; 0]);
    assert_eq!(desk.model.requests(), []);
}

#[tokio::test]
async fn help_is_answered_while_a_person_answers() {
    let desk = Desk::open().await;
    let conversation = desk.text_and_wait("Hello").await;
    desk.people.pause(&desk.scope, conversation).await.unwrap();
    desk.text_and_wait("HELP").await;
    assert_eq!(desk.sent()[1..], [HELP]);
}

#[tokio::test]
async fn help_and_a_question_in_one_turn_are_both_answered() {
    let desk = Desk::open().await;
    desk.text("HELP").await;
    desk.text("Do you fix boilers?").await;
    desk.model.then_says("Yes, we do.");
    desk.drain().await;
    assert_eq!(desk.sent(), [HELP, "Yes, we do."]);
}
