//! After STOP nothing leaves but one confirmation.

use conversation::{ConsentAction, ConsentSource, DeliveryState, InboundIntent, JobKind, RefusalReason};
use kernel::PageRequest;
use tenancy::Address;

use crate::desk::{BUSINESS, CUSTOMER, Desk, WINDOW};

const CONFIRMATION: &str =
    "You have opted out of messages from Bristol Plumbing and will get no more. Reply START to opt in again.";

#[tokio::test]
async fn row_58_every_spelling_of_stop_opts_out_and_is_confirmed_once() {
    for text in [
        "STOP",
        "SToP",
        " stop. ",
        "stopall",
        "Stop all",
        "UNSUBSCRIBE",
        "cancel",
        "End",
        "quit!",
        "revoke",
        "optout",
        "OPT OUT",
        "opt-out",
        "stop texting me",
        "please stop texting me",
    ] {
        let desk = Desk::open().await;
        desk.text(text).await;
        desk.drain().await;
        assert!(desk.consent().await.is_opted_out(), "{text}");
        assert_eq!(desk.sent(), [CONFIRMATION], "{text}");
        assert_eq!(desk.model.requests(), [], "{text}");
    }
    assert!(CONFIRMATION.contains(BUSINESS));
}

#[tokio::test]
async fn row_58_dont_stop_and_words_that_hold_a_keyword_are_answered() {
    for text in
        ["don't stop", "see you at the weekend", "my bus stop is closed", "please cancel my appointment"]
    {
        let desk = Desk::open().await;
        desk.text(text).await;
        desk.drain().await;
        assert!(!desk.consent().await.is_opted_out(), "{text}");
        assert_eq!(desk.sent(), [format!("You said: {text}")]);
    }
}

#[tokio::test]
async fn an_opt_out_is_written_to_the_ledger_with_its_words() {
    let desk = Desk::open().await;
    let (_, message) = desk.take_in(desk.inbound("Stop!")).await;
    let address = Address::from_carrier(CUSTOMER);
    let ledger =
        desk.contacts.list_ledger(&desk.scope, &address, &PageRequest::default()).await.unwrap().items;
    assert_eq!(ledger.len(), 1);
    let change = &ledger[0].change;
    assert_eq!((change.action, change.source), (ConsentAction::OptOut, ConsentSource::Message));
    assert_eq!((change.evidence.as_str(), change.message_id), ("Stop!", Some(message)));
}

#[tokio::test]
async fn a_queued_reply_that_has_not_begun_is_not_sent_after_stop() {
    let desk = Desk::open().await;
    desk.model.then_says("We open at nine.");
    let conversation = desk.text("When do you open?").await;
    desk.take_turn(conversation).await;
    desk.text("STOP").await;
    desk.drain().await;
    assert_eq!(desk.sent(), [CONFIRMATION]);
    assert_eq!(desk.states(conversation).await, [DeliveryState::Refused, DeliveryState::Sent]);
    assert_eq!(desk.refused(conversation).await, [(RefusalReason::OptedOut, "We open at nine.".into())]);
}

#[tokio::test]
async fn a_reply_that_the_model_writes_while_stop_comes_is_not_sent() {
    let desk = Desk::open().await;
    let go = desk.model.then_waits();
    desk.model.then_says("We open at nine.");
    let conversation = desk.text("When do you open?").await;
    desk.pass(WINDOW);
    tokio::join!(desk.work(), async {
        desk.model.asked().await;
        desk.text("STOP").await;
        go.notify_one();
    });
    desk.drain().await;
    assert_eq!(desk.sent(), [CONFIRMATION]);
    assert_eq!(desk.refused(conversation).await, [(RefusalReason::OptedOut, "We open at nine.".into())]);
}

#[tokio::test]
async fn stop_just_before_a_claimed_message_leaves_refuses_it() {
    let desk = Desk::open().await;
    let conversation = desk.text("When do you open?").await;
    desk.take_turn(conversation).await;
    let claim = desk.claim(JobKind::Delivery, conversation).await.unwrap();
    desk.text("STOP").await;
    desk.deliver.deliver(&claim).await.unwrap();
    assert_eq!(desk.sent(), [""; 0]);
    assert_eq!(
        desk.refused(conversation).await,
        [(RefusalReason::OptedOut, "You said: When do you open?".into())]
    );
}

#[tokio::test]
async fn what_the_carrier_has_confirmed_itself_is_not_confirmed_again() {
    let desk = Desk::open().await;
    let mut stop = desk.inbound("STOP");
    stop.carrier_answered = true;
    desk.take_in(stop).await;
    desk.drain().await;
    assert!(desk.consent().await.is_opted_out());
    assert_eq!(desk.sent(), [""; 0]);
}

#[tokio::test]
async fn what_the_carrier_understood_as_stop_opts_out_whatever_its_words() {
    let desk = Desk::open().await;
    let conversation = desk.take_in_understood("arret", InboundIntent::OptOut).await;
    desk.text_and_wait("Do you fix boilers?").await;
    assert!(desk.consent().await.is_opted_out());
    let address = Address::from_carrier(CUSTOMER);
    let ledger =
        desk.contacts.list_ledger(&desk.scope, &address, &PageRequest::default()).await.unwrap().items;
    assert_eq!(ledger[0].change.evidence, "arret");
    assert_eq!(desk.sent(), [""; 0]);
    assert_eq!(desk.refused(conversation).await, [(RefusalReason::OptedOut, String::new())]);
    assert_eq!(desk.model.requests(), []);
}

#[tokio::test]
async fn stop_in_free_words_is_not_confirmed_just_after_the_carrier_has_confirmed_one() {
    let desk = Desk::open().await;
    desk.take_in_understood("arret", InboundIntent::OptOut).await;
    desk.drain().await;
    desk.pass(240);
    desk.text_and_wait("please stop texting me").await;
    assert_eq!(desk.sent(), [""; 0]);
    desk.pass(301);
    desk.text_and_wait("please stop texting me").await;
    assert_eq!(desk.sent(), [CONFIRMATION]);
}

#[tokio::test]
async fn a_second_stop_within_five_minutes_is_not_confirmed_again() {
    let desk = Desk::open().await;
    for _ in 0..3 {
        desk.text("STOP").await;
        desk.drain().await;
        desk.pass(90);
    }
    assert_eq!(desk.sent(), [CONFIRMATION]);
}

#[tokio::test]
async fn a_confirmation_that_is_late_by_more_than_five_minutes_does_not_leave() {
    let desk = Desk::open().await;
    let conversation = desk.text("STOP").await;
    desk.take_turn(conversation).await;
    desk.pass(301);
    desk.drain().await;
    assert_eq!(desk.sent(), [""; 0]);
    assert_eq!(desk.refused(conversation).await, [(RefusalReason::OptedOut, CONFIRMATION.into())]);
}

#[tokio::test]
async fn an_opt_out_whose_turn_comes_too_late_is_not_confirmed() {
    let desk = Desk::open().await;
    let conversation = desk.text("STOP").await;
    desk.pass(301);
    desk.drain().await;
    assert_eq!(desk.sent(), [""; 0]);
    assert_eq!(desk.messages(conversation).await.len(), 1);
}

#[tokio::test]
async fn an_ordinary_text_after_stop_is_stored_and_refused() {
    let desk = Desk::open().await;
    desk.text_and_wait("STOP").await;
    let conversation = desk.text_and_wait("Do you fix boilers?").await;
    assert_eq!(desk.sent(), [CONFIRMATION]);
    assert_eq!(desk.refused(conversation).await, [(RefusalReason::OptedOut, String::new())]);
    assert_eq!(desk.model.requests(), []);
}

#[tokio::test]
async fn a_persons_reply_is_refused_after_stop() {
    let desk = Desk::open().await;
    let conversation = desk.text_and_wait("STOP").await;
    desk.people.answer_in_person(&desk.scope, conversation, "Please come back").await.unwrap();
    desk.drain().await;
    assert_eq!(desk.sent(), [CONFIRMATION]);
    assert_eq!(desk.refused(conversation).await, [(RefusalReason::OptedOut, "Please come back".into())]);
}

#[tokio::test]
async fn the_stop_of_an_unknown_sender_counts_for_later_conversations() {
    let desk = Desk::open().await;
    let first = desk.text_and_wait("STOP").await;
    desk.people.close(&desk.scope, first).await.unwrap();
    desk.pass(30 * 24 * 60 * 60);
    let second = desk.text_and_wait("Hello again").await;
    assert_ne!(first, second);
    assert_eq!(desk.refused(second).await, [(RefusalReason::OptedOut, String::new())]);
    assert_eq!(desk.sent(), [CONFIRMATION]);
}

#[tokio::test]
async fn the_stop_of_one_number_silences_no_other() {
    let desk = Desk::open().await;
    desk.text_and_wait("STOP").await;
    let mut other = desk.inbound("Hello");
    other.from = Address::from_carrier("+15550009999");
    desk.take_in(other).await;
    desk.drain().await;
    assert_eq!(desk.sent(), [CONFIRMATION, "You said: Hello"]);
}
