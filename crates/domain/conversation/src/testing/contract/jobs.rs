//! What claiming a job must do: one holder at a time, in the order in which they are due.

use chrono::TimeDelta;

use super::{
    case::{Case, LEASE},
    checks::{at_once, conversations},
};
use crate::{JobKind, testing::ConversationStores};

pub async fn an_empty_queue_has_nothing_due(stores: &ConversationStores) {
    let case = Case::of(stores);
    let got = case.claim_due().await;
    assert_eq!((got.claims, got.next_due), (Vec::new(), None));
}

pub async fn a_job_is_claimed_when_it_is_due_and_not_before(stores: &ConversationStores) {
    let case = Case::of(stores);
    let inbound = case.inbound("Hello");
    let (id, _) = case.receive(&inbound).await;
    let early = inbound.answer_at - TimeDelta::microseconds(1);
    let got = case.jobs.claim(&case.platform, early, LEASE, 10).await.unwrap();
    assert_eq!((got.claims, got.next_due), (Vec::new(), Some(inbound.answer_at)));
    let got = case.jobs.claim(&case.platform, inbound.answer_at, LEASE, 10).await.unwrap();
    let [claim] = got.claims.as_slice() else { panic!("{:?}", got.claims) };
    assert_eq!((&claim.scope, claim.kind, claim.conversation_id), (&case.tenant, JobKind::Turn, id));
    assert_eq!((claim.wanted, claim.attempts), (1, 0));
}

pub async fn what_is_due_next_is_told_without_claiming_it(stores: &ConversationStores) {
    let case = Case::of(stores);
    assert_eq!(case.jobs.next_due(&case.platform).await.unwrap(), None);
    let later = case.due_in(0, 30).await;
    let sooner = case.due_in(1, 10).await;
    let due = case.jobs.next_due(&case.platform).await.unwrap().unwrap();
    let now = case.samples.pass(35);
    assert!(due < now && now - due > TimeDelta::seconds(20), "{due} is not the sooner one, at {now}");
    assert_eq!(conversations(&case.due().await), [sooner, later], "both are there to be claimed");
    let held = case.jobs.next_due(&case.platform).await.unwrap();
    assert!(held.is_some_and(|free| free > now), "what is held is not due: {held:?}");
}

pub async fn jobs_are_claimed_in_the_order_in_which_they_are_due(stores: &ConversationStores) {
    let case = Case::of(stores);
    let mut ids = Vec::new();
    for (number, seconds) in [(0, 30), (1, 10), (2, 20), (3, 40)] {
        ids.push(case.due_in(number, seconds).await);
    }
    case.samples.pass(35);
    assert_eq!(conversations(&case.due().await), [ids[1], ids[2], ids[0]]);
}

pub async fn no_more_jobs_are_claimed_than_asked_for(stores: &ConversationStores) {
    let case = Case::of(stores);
    let mut ids = Vec::new();
    for number in 0..5 {
        ids.push(case.due_in(number, i64::try_from(number).unwrap()).await);
    }
    let now = case.samples.pass(10);
    let first = case.jobs.claim(&case.platform, now, LEASE, 2).await.unwrap();
    assert_eq!(conversations(&first.claims), ids[..2]);
    assert_eq!(first.next_due, None, "whoever has got some looks again");
    assert_eq!(conversations(&case.due().await), ids[2..]);
}

pub async fn jobs_of_all_tenants_are_claimed_each_with_its_scope(stores: &ConversationStores) {
    let case = Case::of(stores);
    let ours = case.inbound("Hello");
    let theirs = case.samples.inbound(&case.other_binding, "Hello");
    case.receive(&ours).await;
    case.conversations.receive(&case.other, &theirs).await.unwrap();
    case.samples.pass(10);
    let due = case.due().await;
    assert_eq!(due.len(), 2);
    for (scope, id) in [(&case.tenant, ours.conversation_id), (&case.other, theirs.conversation_id)] {
        assert!(due.iter().any(|claim| claim.scope == *scope && claim.conversation_id == id), "{due:?}");
    }
}

pub async fn a_job_is_claimed_by_one_of_ten(stores: &ConversationStores) {
    let case = Case::of(stores);
    case.due_in(0, 0).await;
    let now = case.samples.now();
    let got = at_once(10, &case.jobs, |jobs, _| {
        let platform = case.platform.clone();
        async move { jobs.claim(&platform, now, LEASE, 10).await.unwrap().claims.len() }
    })
    .await;
    assert_eq!(got.iter().sum::<usize>(), 1);
}

pub async fn one_job_is_claimed_by_one_of_ten(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, now) = (case.due_in(0, 30).await, case.samples.now());
    let got = at_once(10, &case.jobs, |jobs, _| {
        let tenant = case.tenant.clone();
        async move { jobs.claim_one(&tenant, JobKind::Turn, id, now, LEASE).await.unwrap() }
    })
    .await;
    assert_eq!(got.iter().flatten().count(), 1);
}

pub async fn many_jobs_are_each_claimed_once(stores: &ConversationStores) {
    let case = Case::of(stores);
    for number in 0..9 {
        case.due_in(number, 0).await;
    }
    let now = case.samples.now();
    let got = at_once(6, &case.jobs, |jobs, _| {
        let platform = case.platform.clone();
        async move { jobs.claim(&platform, now, LEASE, 3).await.unwrap().claims }
    })
    .await;
    let mut ids = conversations(&got.concat());
    ids.sort();
    ids.dedup();
    assert_eq!((got.concat().len(), ids.len()), (9, 9));
}

pub async fn one_job_is_claimed_due_or_not_unless_somebody_holds_it(stores: &ConversationStores) {
    let case = Case::of(stores);
    let id = case.due_in(0, 3_600).await;
    let claim = case.claim(JobKind::Turn, id).await;
    assert_eq!((&claim.scope, claim.conversation_id, claim.wanted, claim.attempts), (&case.tenant, id, 1, 0));
    assert_eq!(case.try_claim(JobKind::Turn, id).await, None);
    case.release(&claim).await;
    assert!(case.try_claim(JobKind::Turn, id).await.is_some());
}

pub async fn one_job_that_rests_is_not_claimed_before_its_time(stores: &ConversationStores) {
    let case = Case::of(stores);
    let id = case.due_in(0, 0).await;
    let claim = case.claim(JobKind::Turn, id).await;
    case.jobs.release(&claim, case.samples.now() + TimeDelta::seconds(8)).await.unwrap();
    case.samples.pass(7);
    assert_eq!(case.try_claim(JobKind::Turn, id).await, None);
    case.samples.pass(1);
    assert_eq!(case.claim(JobKind::Turn, id).await.attempts, 1);
}

pub async fn a_conversations_jobs_of_two_kinds_are_apart(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.queued("Hi").await;
    case.said("Thanks").await;
    let delivery = case.claim(JobKind::Delivery, id).await;
    let turn = case.claim(JobKind::Turn, id).await;
    assert_eq!(case.try_claim(JobKind::Reconciliation, id).await, None);
    case.finish(&delivery).await;
    assert_eq!(case.try_claim(JobKind::Turn, id).await, None);
    case.release(&turn).await;
    assert!(case.try_claim(JobKind::Turn, id).await.is_some());
}

pub async fn a_job_is_held_until_its_lease_ends(stores: &ConversationStores) {
    let case = Case::of(stores);
    let id = case.due_in(0, 0).await;
    let first = case.claim(JobKind::Turn, id).await;
    case.samples.pass(59);
    assert_eq!(case.due().await, []);
    assert_eq!(case.try_claim(JobKind::Turn, id).await, None);
    case.samples.pass(1);
    let due = case.due().await;
    let [second] = due.as_slice() else { panic!("{due:?}") };
    assert!(second.fence > first.fence);
    assert_eq!((first.attempts, second.attempts), (0, 1));
}

pub async fn a_lease_that_ended_counts_as_an_attempt_for_one_job_too(stores: &ConversationStores) {
    let case = Case::of(stores);
    let id = case.due_in(0, 0).await;
    for attempts in 0..3 {
        assert_eq!(case.claim(JobKind::Turn, id).await.attempts, attempts);
        case.samples.pass(61);
    }
}
