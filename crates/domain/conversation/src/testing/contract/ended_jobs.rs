//! What giving a job back and ending it must do.

use chrono::TimeDelta;

use super::{case::Case, checks::conversations};
use crate::{JobKind, testing::ConversationStores};

pub async fn each_release_counts_as_an_attempt(stores: &ConversationStores) {
    let case = Case::of(stores);
    let id = case.due_in(0, 0).await;
    let mut fence = None;
    for attempts in 0..4 {
        let claim = case.claim(JobKind::Turn, id).await;
        assert_eq!(claim.attempts, attempts);
        assert!(fence.is_none_or(|fence| claim.fence > fence));
        fence = Some(claim.fence);
        case.release(&claim).await;
    }
}

pub async fn a_released_job_is_due_when_the_release_says(stores: &ConversationStores) {
    let case = Case::of(stores);
    let id = case.due_in(0, 0).await;
    let claim = case.claim(JobKind::Turn, id).await;
    let later = case.samples.now() + TimeDelta::seconds(30);
    case.jobs.release(&claim, later).await.unwrap();
    let got = case.claim_due().await;
    assert_eq!((got.claims, got.next_due), (Vec::new(), Some(later)));
    case.samples.pass(30);
    assert_eq!(conversations(&case.due().await), [id]);
}

pub async fn a_release_with_an_old_fence_does_nothing(stores: &ConversationStores) {
    let case = Case::of(stores);
    let id = case.due_in(0, 0).await;
    let old = case.claim(JobKind::Turn, id).await;
    case.samples.pass(61);
    case.claim(JobKind::Turn, id).await;
    case.release(&old).await;
    assert_eq!(case.try_claim(JobKind::Turn, id).await, None);
}

pub async fn a_finished_job_is_gone(stores: &ConversationStores) {
    let case = Case::of(stores);
    let id = case.due_in(0, 0).await;
    let claim = case.claim(JobKind::Turn, id).await;
    case.finish(&claim).await;
    case.samples.pass(3_600);
    let got = case.claim_due().await;
    assert_eq!((got.claims, got.next_due), (Vec::new(), None));
    assert_eq!(case.try_claim(JobKind::Turn, id).await, None);
}

pub async fn a_finish_with_an_old_fence_does_nothing(stores: &ConversationStores) {
    let case = Case::of(stores);
    let id = case.due_in(0, 0).await;
    let old = case.claim(JobKind::Turn, id).await;
    case.samples.pass(61);
    let new = case.claim(JobKind::Turn, id).await;
    case.finish(&old).await;
    assert_eq!(case.try_claim(JobKind::Turn, id).await, None);
    case.release(&new).await;
    assert!(case.try_claim(JobKind::Turn, id).await.is_some());
}

pub async fn a_finished_job_that_was_wanted_again_is_due_when_that_asked_for(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.said("Hello").await;
    case.samples.pass(2);
    let claim = case.claim(JobKind::Turn, id).await;
    // Longer after the first message than its patience reaches: the second one has a window of its own.
    case.samples.pass(20);
    let again = case.inbound("One more thing");
    case.receive(&again).await;
    case.finish(&claim).await;
    let got = case.claim_due().await;
    assert_eq!((got.claims, got.next_due), (Vec::new(), Some(again.answer_at)));
    case.samples.pass(2);
    let due = case.due().await;
    let [next] = due.as_slice() else { panic!("{due:?}") };
    assert_eq!((next.conversation_id, next.attempts), (id, 0));
    assert!(next.fence > claim.fence && next.wanted > claim.wanted);
}

pub async fn a_claim_from_before_the_job_came_again_does_nothing(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.said("Hello").await;
    let old = case.claim(JobKind::Turn, id).await;
    case.samples.pass(61);
    let middle = case.claim(JobKind::Turn, id).await;
    case.finish(&middle).await;
    case.said("Hello again").await;
    let new = case.claim(JobKind::Turn, id).await;
    assert!(new.fence > middle.fence);
    assert_eq!(new.attempts, 0);
    case.finish(&old).await;
    case.release(&middle).await;
    assert_eq!(case.try_claim(JobKind::Turn, id).await, None);
    case.samples.pass(61);
    assert!(case.try_claim(JobKind::Turn, id).await.is_some());
}
