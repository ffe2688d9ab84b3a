//! Answering: one reply to what was said, one turn at a time.

use chrono::TimeDelta;
use conversation::{Author, DeliveryState, JobKind, TurnOutcome, TurnResult};
use kernel::Clock as _;
use tenancy::Channel;

use crate::desk::{BUSINESS, Desk, WINDOW};

#[tokio::test]
async fn a_message_is_answered_once() {
    let desk = Desk::open().await;
    desk.model.then_says("Yes, we fix boilers.");
    let conversation = desk.text_and_wait("Do you fix boilers?").await;
    desk.drain().await;
    desk.pass(3_600);
    desk.work().await;
    assert_eq!(desk.sent(), ["Yes, we fix boilers."]);
    assert_eq!(desk.states(conversation).await, [DeliveryState::Sent]);
}

#[tokio::test]
async fn a_reply_goes_from_the_number_that_was_written_to_back_to_who_wrote() {
    let desk = Desk::open().await;
    let conversation = desk.text_and_wait("Hello").await;
    let sent = desk.carrier.sent().remove(0);
    let reply = desk.outbound(conversation).await.remove(0);
    assert_eq!(sent.tenant, desk.scope.tenant_id());
    assert_eq!((&sent.text.from, sent.text.to.as_str()), (desk.number.address(), crate::desk::CUSTOMER));
    assert_eq!((sent.text.id, reply.provider_message_id.as_deref()), (reply.id, Some("SM1")));
}

#[tokio::test]
async fn inbound_and_reply_carry_the_same_turn() {
    let desk = Desk::open().await;
    let conversation = desk.text_and_wait("Hello").await;
    let messages = desk.messages(conversation).await;
    assert!(messages[0].turn_id.is_some());
    assert_eq!(messages[0].turn_id, messages[1].turn_id);
}

#[tokio::test]
async fn the_model_sees_what_was_said_before_and_what_is_to_be_answered() {
    let desk = Desk::open().await;
    desk.model.then_says("Yes, we do.");
    desk.text_and_wait("Do you fix boilers?").await;
    desk.text_and_wait("And on Sundays?").await;
    let request = desk.model.requests().remove(1);
    let lines: Vec<_> = request.transcript.iter().map(|line| (line.author, line.text.as_str())).collect();
    assert_eq!(
        lines,
        [
            (Author::Contact, "Do you fix boilers?"),
            (Author::Bot, "Yes, we do."),
            (Author::Contact, "And on Sundays?"),
        ]
    );
    assert_eq!((request.unanswered, request.channel), (1, Channel::Sms));
    assert_eq!(request.business_name, BUSINESS);
}

#[tokio::test]
async fn a_second_claim_of_a_turn_is_impossible_while_the_first_is_held() {
    let desk = Desk::open().await;
    let conversation = desk.text("Hello").await;
    let first = desk.claim(JobKind::Turn, conversation).await;
    assert!(first.is_some());
    desk.text("Are you there?").await;
    assert!(desk.claim(JobKind::Turn, conversation).await.is_none());
    desk.pass(WINDOW);
    desk.work().await;
    assert_eq!(desk.model.requests(), []);
}

#[tokio::test]
async fn a_message_that_comes_during_a_turn_gets_a_turn_of_its_own() {
    let desk = Desk::open().await;
    let go = desk.model.then_waits();
    desk.model.then_says("To the first.");
    desk.model.then_says("To the second.");
    let conversation = desk.text("First").await;
    desk.pass(WINDOW);
    tokio::join!(desk.work(), async {
        desk.model.asked().await;
        desk.text("Second").await;
        go.notify_one();
    });
    assert_eq!(desk.sent(), ["To the first."]);
    desk.drain().await;
    assert_eq!(desk.sent(), ["To the first.", "To the second."]);
    let inbound: Vec<_> =
        desk.messages(conversation).await.into_iter().filter(|m| m.author == Author::Contact).collect();
    assert_ne!(inbound[0].turn_id, inbound[1].turn_id);
    let request = desk.model.requests().remove(1);
    let lines: Vec<_> = request.transcript.iter().map(|line| line.text.as_str()).collect();
    assert_eq!((request.unanswered, lines), (1, vec!["First", "To the first.", "Second"]));
}

#[tokio::test]
async fn a_claim_with_nothing_to_answer_ends_the_job_in_silence() {
    let desk = Desk::open().await;
    let conversation = desk.text("Hello").await;
    let slow = desk.claim(JobKind::Turn, conversation).await.unwrap();
    desk.pass(60);
    let result = desk.take_turn(conversation).await;
    assert!(
        matches!(result, TurnResult::Committed(turn) if turn.outcome == TurnOutcome::Replied),
        "{result:?}"
    );
    assert_eq!(desk.turns.take(&slow).await.unwrap(), TurnResult::NothingToAnswer);
    assert!(desk.claim(JobKind::Turn, conversation).await.is_none());
}

#[tokio::test]
async fn a_turn_tells_how_long_the_customer_waited_for_each_of_its_stages() {
    let desk = Desk::open().await;
    let asked_at = desk.clock.now();
    let conversation = desk.text("Hello").await;
    desk.pass(1);
    desk.text("Are you there?").await;
    desk.pass(59);
    let TurnResult::Committed(turn) = desk.take_turn(conversation).await else {
        panic!("it was not committed")
    };
    assert_eq!(turn.asked_at, asked_at, "the oldest message counts");
    assert_eq!(turn.claimed_at, asked_at + TimeDelta::seconds(60));
    assert!(turn.claimed_at <= turn.generated_at && turn.generated_at <= turn.committed_at, "{turn:?}");
    desk.pass(30);
    let claim = desk.claim(JobKind::Delivery, conversation).await.unwrap();
    let delivered = desk.deliver.deliver(&claim).await.unwrap();
    let [taken] = delivered.taken.as_slice() else { panic!("{delivered:?}") };
    assert_eq!((taken.written_at, taken.taken_at), (turn.generated_at, asked_at + TimeDelta::seconds(90)));
}

#[tokio::test]
async fn two_customers_are_answered_apart() {
    let desk = Desk::open().await;
    let first = desk.text("I am Ann").await;
    let mut other = desk.inbound("I am Bob");
    other.from = tenancy::Address::from_carrier("+15550009999");
    let (second, _) = desk.take_in(other).await;
    desk.drain().await;
    assert_eq!(desk.replies(first).await, ["You said: I am Ann"]);
    assert_eq!(desk.replies(second).await, ["You said: I am Bob"]);
}
