//! When a turn is due: messages that follow push it back, but not for ever.

use chrono::TimeDelta;
use kernel::{ConversationId, Timestamp};

use super::case::{Case, LEASE};
use crate::{
    JobKind, NewInbound,
    testing::{ConversationStores, Samples},
};

pub async fn a_message_that_follows_pushes_the_turn_back(stores: &ConversationStores) {
    let case = Case::of(stores);
    case.said("Hello").await;
    let at = case.samples.pass(1);
    let (id, _) = case.said("are you").await;
    assert_turn_is_due_at(&case, id, at + Samples::WINDOW).await;
}

pub async fn each_message_wants_the_turn_once_more(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.said("Hello").await;
    case.said("are you").await;
    case.said("open?").await;
    assert_eq!(case.claim(JobKind::Turn, id).await.wanted, 3);
}

pub async fn patience_caps_how_far_a_turn_is_pushed_back(stores: &ConversationStores) {
    let case = Case::of(stores);
    let first = case.inbound("0");
    let (id, _) = case.receive(&first).await;
    for number in 1..=9 {
        case.samples.pass(1);
        case.said(&number.to_string()).await;
    }
    assert_turn_is_due_at(&case, id, first.answer_at + Samples::PATIENCE).await;
}

pub async fn the_first_messages_patience_counts(stores: &ConversationStores) {
    let case = Case::of(stores);
    let first = NewInbound { patience: TimeDelta::zero(), ..case.inbound("Hello") };
    let (id, _) = case.receive(&first).await;
    case.samples.pass(1);
    case.said("are you").await;
    assert_turn_is_due_at(&case, id, first.answer_at).await;
}

pub async fn a_message_that_cannot_wait_pulls_the_turn_forward(stores: &ConversationStores) {
    let case = Case::of(stores);
    case.said("Hello").await;
    let answer_at = case.samples.pass(1);
    let (id, _) = case.receive(&NewInbound { answer_at, ..case.inbound("STOP") }).await;
    assert_turn_is_due_at(&case, id, answer_at).await;
}

pub async fn a_message_after_the_turn_has_a_window_of_its_own(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.said("Hello").await;
    case.samples.pass(2);
    case.reply(id, &[]).await;
    case.samples.pass(60);
    let next = case.inbound("Are you open?");
    case.receive(&next).await;
    assert_turn_is_due_at(&case, id, next.answer_at).await;
}

pub async fn a_message_during_a_turn_has_a_window_of_its_own(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.said("Hello").await;
    case.samples.pass(2);
    let claim = case.claim(JobKind::Turn, id).await;
    let commit = case.turn(id, &[]).await;
    // The model thinks for longer than the first message's patience reaches.
    case.samples.pass(20);
    let next = case.inbound("Are you open?");
    case.receive(&next).await;
    case.commit(&claim, &commit).await.unwrap();
    assert_turn_is_due_at(&case, id, next.answer_at).await;
}

pub async fn a_turn_that_was_given_back_rests_whatever_is_said_meanwhile(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.said("Hello").await;
    case.samples.pass(2);
    let claim = case.claim(JobKind::Turn, id).await;
    let again_at = case.samples.now() + TimeDelta::seconds(8);
    case.jobs.release(&claim, again_at).await.unwrap();
    case.said("Are you there?").await;
    let answer_at = case.samples.pass(1);
    case.receive(&NewInbound { answer_at, ..case.inbound("HELP") }).await;
    assert_turn_is_due_at(&case, id, again_at).await;
}

async fn assert_turn_is_due_at(case: &Case<'_>, id: ConversationId, expected: Timestamp) {
    let early = expected - TimeDelta::microseconds(1);
    let got = case.jobs.claim(&case.platform, early, LEASE, 10).await.unwrap();
    assert_eq!((got.claims, got.next_due), (Vec::new(), Some(expected)));
    let due = case.jobs.claim(&case.platform, expected, LEASE, 10).await.unwrap().claims;
    let [claim] = due.as_slice() else { panic!("{due:?}") };
    assert_eq!((claim.kind, claim.conversation_id), (JobKind::Turn, id));
}
