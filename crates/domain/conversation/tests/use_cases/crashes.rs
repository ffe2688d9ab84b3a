//! Workers die and lose their leases; what they leave behind is done once.

use chrono::TimeDelta;
use conversation::{DeliveryState, JobKind, TurnResult};
use kernel::Clock as _;

use crate::desk::{Desk, LEASE, WINDOW};

fn lease() -> i64 {
    i64::try_from(LEASE.as_secs()).unwrap()
}

#[tokio::test]
async fn a_turn_whose_worker_died_is_taken_by_another() {
    let desk = Desk::open().await;
    let conversation = desk.text("Hello").await;
    assert!(desk.claim(JobKind::Turn, conversation).await.is_some());
    desk.pass(WINDOW);
    desk.work().await;
    assert_eq!(desk.sent(), [""; 0], "the lease has not ended");
    desk.pass(lease());
    desk.work().await;
    assert_eq!(desk.sent(), ["You said: Hello"]);
}

#[tokio::test]
async fn the_late_commit_of_a_worker_that_lost_its_lease_changes_nothing() {
    let desk = Desk::open().await;
    let go = desk.model.then_waits();
    desk.model.then_says("From the second worker.");
    desk.model.then_says("From the late worker.");
    let conversation = desk.text("Hello").await;
    let late = desk.claim(JobKind::Turn, conversation).await.unwrap();
    let (result, ()) = tokio::join!(async { desk.turns.take(&late).await.unwrap() }, async {
        desk.model.asked().await;
        desk.pass(lease());
        desk.work().await;
        go.notify_one();
    });
    desk.drain().await;
    assert_eq!(result, TurnResult::NothingToAnswer);
    assert_eq!(desk.sent(), ["From the second worker."]);
    assert_eq!(desk.messages(conversation).await.len(), 2);
}

#[tokio::test]
async fn a_late_worker_does_not_write_over_one_that_is_still_at_work() {
    let desk = Desk::open().await;
    let conversation = desk.text("Hello").await;
    let late = desk.claim(JobKind::Turn, conversation).await.unwrap();
    desk.pass(lease());
    let current = desk.claim(JobKind::Turn, conversation).await.unwrap();
    assert_eq!(desk.turns.take(&late).await.unwrap(), TurnResult::LostClaim);
    assert_eq!(desk.messages(conversation).await.len(), 1);
    desk.model.then_says("From the worker that holds the claim.");
    desk.turns.take(&current).await.unwrap();
    desk.drain().await;
    assert_eq!(desk.sent(), ["From the worker that holds the claim."]);
}

#[tokio::test]
async fn a_late_worker_asks_the_model_no_second_time() {
    let desk = Desk::open().await;
    let conversation = desk.text("Hello").await;
    let late = desk.claim(JobKind::Turn, conversation).await.unwrap();
    desk.pass(lease());
    let _current = desk.claim(JobKind::Turn, conversation).await.unwrap();
    desk.turns.take(&late).await.unwrap();
    assert_eq!(desk.model.requests().len(), 1);
}

#[tokio::test]
async fn a_late_worker_whose_model_failed_does_not_give_the_job_back() {
    let desk = Desk::open().await;
    desk.model.then_fails(conversation::ModelError::TimedOut("the end"));
    let conversation = desk.text("Hello").await;
    let late = desk.claim(JobKind::Turn, conversation).await.unwrap();
    desk.pass(lease());
    let _current = desk.claim(JobKind::Turn, conversation).await.unwrap();
    desk.turns.take(&late).await.unwrap();
    assert!(desk.claim(JobKind::Turn, conversation).await.is_none(), "the job is still the other worker's");
}

#[tokio::test]
async fn a_crash_between_commit_and_delivery_loses_nothing() {
    let desk = Desk::open().await;
    let conversation = desk.text("Hello").await;
    desk.take_turn(conversation).await;
    assert_eq!(desk.sent(), [""; 0]);
    desk.work().await;
    assert_eq!(desk.sent(), ["You said: Hello"]);
}

#[tokio::test]
async fn a_delivery_whose_worker_died_before_it_began_is_done_by_another() {
    let desk = Desk::open().await;
    let conversation = desk.text("Hello").await;
    desk.take_turn(conversation).await;
    assert!(desk.claim(JobKind::Delivery, conversation).await.is_some());
    desk.pass(lease());
    desk.work().await;
    assert_eq!(desk.sent(), ["You said: Hello"]);
    assert_eq!(desk.states(conversation).await, [DeliveryState::Sent]);
}

#[tokio::test]
async fn two_workers_never_deliver_one_conversation_at_a_time() {
    let desk = Desk::open().await;
    let conversation = desk.text("Hello").await;
    desk.take_turn(conversation).await;
    let first = desk.claim(JobKind::Delivery, conversation).await.unwrap();
    assert!(desk.claim(JobKind::Delivery, conversation).await.is_none());
    desk.pass(lease());
    let second = desk.claim(JobKind::Delivery, conversation).await.unwrap();
    desk.deliver.deliver(&first).await.unwrap();
    assert_eq!(desk.sent(), [""; 0], "a lost lease begins nothing");
    desk.deliver.deliver(&second).await.unwrap();
    assert_eq!(desk.sent(), ["You said: Hello"]);
}

#[tokio::test]
async fn an_attempt_that_began_and_did_not_end_becomes_unknown_and_is_not_repeated() {
    let desk = Desk::open().await;
    let conversation = desk.text("Hello").await;
    desk.begin_and_die(conversation).await;
    assert_eq!(desk.states(conversation).await, [DeliveryState::Queued]);
    desk.pass(lease());
    desk.work().await;
    assert_eq!(desk.states(conversation).await, [DeliveryState::Unknown]);
    assert_eq!(desk.sent(), [""; 0]);
}

#[tokio::test]
async fn the_first_look_up_after_a_crash_waits_its_time() {
    let desk = Desk::open().await;
    let conversation = desk.text("Hello").await;
    desk.begin_and_die(conversation).await;
    let began = desk.clock.now();
    desk.pass(lease());
    while desk.carrier.looked_up().is_empty() {
        desk.work().await;
        desk.pass(1);
    }
    let asked = &desk.carrier.looked_up()[0];
    assert_eq!((asked.attempted_at, asked.text.text.as_str()), (began, "You said: Hello"));
    assert!(desk.clock.now() - began >= TimeDelta::seconds(crate::desk::LOOK_UP));
}
