//! When a turn must not be committed, and that nothing is written then.

use kernel::ConversationId;
use tenancy::Address;

use super::{case::Case, checks::assert_conflict};
use crate::{
    ContactName, ConversationStatus, Direction, JobKind, NameSource, Owner, RefusalReason, TurnCommit,
    testing::ConversationStores,
};

pub async fn a_commit_with_an_old_fence_writes_nothing(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.said("Hello").await;
    let old = case.claim(JobKind::Turn, id).await;
    case.samples.pass(61);
    let new = case.claim(JobKind::Turn, id).await;
    let commit = full_commit(&case, id).await;
    assert_conflict(&case.commit(&old, &commit).await);
    assert_nothing_is_written(&case, id).await;
    case.commit(&new, &commit).await.unwrap();
}

pub async fn a_commit_with_a_claim_of_a_job_that_ended_writes_nothing(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.said("Hello").await;
    let old = case.claim(JobKind::Turn, id).await;
    case.samples.pass(61);
    case.reply(id, &[]).await;
    let commit = case.turn(id, &["Hi"]).await;
    assert_conflict(&case.commit(&old, &commit).await);
    assert_eq!(case.messages(id).await.len(), 1);
}

pub async fn a_commit_with_a_claim_from_before_the_job_came_again_writes_nothing(
    stores: &ConversationStores,
) {
    let case = Case::of(stores);
    let (id, _) = case.said("Hello").await;
    let old = case.claim(JobKind::Turn, id).await;
    case.samples.pass(61);
    case.reply(id, &[]).await;
    case.said("Anybody there?").await;
    case.claim(JobKind::Turn, id).await;
    let commit = full_commit(&case, id).await;
    assert_conflict(&case.commit(&old, &commit).await);
    assert_nothing_is_written(&case, id).await;
}

pub async fn a_commit_after_a_person_took_over_writes_nothing(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.said("Hello").await;
    let claim = case.claim(JobKind::Turn, id).await;
    let commit = full_commit(&case, id).await;
    case.set(id, ConversationStatus::Open, Owner::Human).await;
    assert_conflict(&case.commit(&claim, &commit).await);
    assert_nothing_is_written(&case, id).await;
    // The claim is still good: the turn may look again and fall silent.
    let silent = case.turn(id, &[]).await;
    case.commit(&claim, &silent).await.unwrap();
}

pub async fn of_two_commits_with_one_claim_one_is_written(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.said("Hello").await;
    let claim = case.claim(JobKind::Turn, id).await;
    let (first, second) = (case.turn(id, &["Hi"]).await, case.turn(id, &["Hi again"]).await);
    case.commit(&claim, &first).await.unwrap();
    assert_conflict(&case.commit(&claim, &second).await);
    assert_eq!(case.messages(id).await.len(), 2);
}

/// Makes a turn that writes everything a turn can write.
async fn full_commit(case: &Case<'_>, id: ConversationId) -> TurnCommit {
    TurnCommit {
        refused: Some(case.samples.refused(None, RefusalReason::OptedOut)),
        contact_name: ContactName::new("Ann", NameSource::Person),
        ..case.turn(id, &["Hi"]).await
    }
}

async fn assert_nothing_is_written(case: &Case<'_>, id: ConversationId) {
    let messages = case.messages(id).await;
    assert!(messages.iter().all(|message| message.direction == Direction::Inbound), "{messages:?}");
    assert_eq!(case.context(id).await.unanswered.len(), 1);
    assert_eq!(case.refused(id).await, []);
    let address = Address::from_carrier("+15557654321");
    let contact = case.contacts.find_by_address(&case.tenant, &address).await.unwrap().unwrap();
    assert_eq!(contact.name, None);
    assert_eq!(case.try_claim(JobKind::Delivery, id).await, None);
}
