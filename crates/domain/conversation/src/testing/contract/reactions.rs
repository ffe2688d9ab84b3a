//! What becomes of events that other domains are to react to.

use kernel::{EventId, StoreError};

use super::case::Case;
use crate::{Claim, JobKind, Owner, PendingEvent, TurnCommit, testing::ConversationStores, tools::Language};

async fn pending(case: &Case<'_>, id: kernel::ConversationId) -> Vec<PendingEvent> {
    case.reactions.pending(&case.tenant, id, 100).await.unwrap()
}

async fn commit_with_events(case: &Case<'_>, names: &[&'static str]) -> (kernel::ConversationId, TurnCommit) {
    let (id, _) = case.said("Hello").await;
    let claim = case.claim(JobKind::Turn, id).await;
    let events = names.iter().map(|name| case.samples.event(name)).collect();
    let commit = TurnCommit { events, ..case.turn(id, &[]).await };
    case.commit(&claim, &commit).await.unwrap();
    (id, commit)
}

fn ids(commit: &TurnCommit) -> Vec<EventId> {
    commit.events.iter().map(|event| event.id).collect()
}

async fn reaction(case: &Case<'_>, id: kernel::ConversationId) -> Option<Claim> {
    let due = case.due().await;
    due.into_iter().find(|claim| claim.kind == JobKind::Reaction && claim.conversation_id == id)
}

pub async fn an_event_with_a_private_part_waits_for_a_reaction_that_is_due_at_once(
    stores: &ConversationStores,
) {
    let case = Case::of(stores);
    let (id, commit) = commit_with_events(&case, &["turn.committed", "turn.committed"]).await;
    let conversation = case.conversation(id).await;
    let expected: Vec<_> = commit
        .events
        .iter()
        .map(|event| PendingEvent {
            id: event.id,
            name: event.name.name.to_owned(),
            at: event.at,
            conversation_id: id,
            contact_id: conversation.contact_id,
            channel: conversation.channel,
            private: event.private.clone().unwrap(),
        })
        .collect();
    assert_eq!(pending(&case, id).await, expected);
    assert_eq!(case.reactions.pending(&case.tenant, id, 1).await.unwrap(), expected[..1]);
    assert!(reaction(&case, id).await.is_some());
}

pub async fn an_event_without_a_private_part_waits_for_nobody(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.said("Hello").await;
    let claim = case.claim(JobKind::Turn, id).await;
    let mut event = case.samples.event("handoff.requested");
    event.private = None;
    let commit = TurnCommit { events: vec![event], ..case.turn(id, &[]).await };
    case.commit(&claim, &commit).await.unwrap();
    assert_eq!(pending(&case, id).await, []);
    assert!(reaction(&case, id).await.is_none());
}

pub async fn what_is_settled_waits_no_more_and_ends_the_job(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, commit) = commit_with_events(&case, &["turn.committed"]).await;
    let claim = reaction(&case, id).await.unwrap();
    case.reactions.settle(&claim, &ids(&commit)).await.unwrap();
    assert_eq!(pending(&case, id).await, []);
    case.samples.pass(3_600);
    assert!(reaction(&case, id).await.is_none());
}

pub async fn what_is_left_keeps_the_job(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, commit) = commit_with_events(&case, &["turn.committed", "turn.committed"]).await;
    let claim = reaction(&case, id).await.unwrap();
    case.reactions.settle(&claim, &ids(&commit)[..1]).await.unwrap();
    let left: Vec<_> = pending(&case, id).await.iter().map(|event| event.id).collect();
    assert_eq!(left, ids(&commit)[1..]);
    assert!(reaction(&case, id).await.is_some());
}

pub async fn a_claim_that_is_lost_settles_nothing(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, commit) = commit_with_events(&case, &["turn.committed"]).await;
    let lost = reaction(&case, id).await.unwrap();
    case.samples.pass(3_600);
    let claim = reaction(&case, id).await.unwrap();
    let settled = case.reactions.settle(&lost, &ids(&commit)).await;
    assert!(matches!(settled, Err(StoreError::Conflict)), "{settled:?}");
    assert_eq!(pending(&case, id).await.len(), 1);
    case.reactions.settle(&claim, &ids(&commit)).await.unwrap();
}

pub async fn events_of_another_tenant_and_of_another_conversation_stay(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, commit) = commit_with_events(&case, &["turn.committed"]).await;
    assert_eq!(case.reactions.pending(&case.other, id, 100).await.unwrap(), []);
    let (elsewhere, _) = case.receive(&case.inbound_from(2)).await;
    assert_eq!(pending(&case, elsewhere).await, []);
    let claim = case.claim(JobKind::Turn, elsewhere).await;
    let turn =
        TurnCommit { events: vec![case.samples.event("turn.committed")], ..case.turn(elsewhere, &[]).await };
    case.commit(&claim, &turn).await.unwrap();
    let due = case.due().await;
    let other =
        due.iter().find(|one| one.kind == JobKind::Reaction && one.conversation_id == elsewhere).unwrap();
    case.reactions.settle(other, &ids(&commit)).await.unwrap();
    assert_eq!(pending(&case, id).await.len(), 1);
    assert_eq!(pending(&case, elsewhere).await.len(), 1);
}

pub async fn a_handoff_gives_the_conversation_to_a_person_and_raises_the_version(
    stores: &ConversationStores,
) {
    let case = Case::of(stores);
    let (id, _) = case.said("A person please").await;
    let before = case.conversation(id).await;
    let claim = case.claim(JobKind::Turn, id).await;
    let handoff = case.samples.handoff();
    let commit = TurnCommit { handoff: Some(handoff.clone()), ..case.turn(id, &["One moment"]).await };
    case.commit(&claim, &commit).await.unwrap();
    let after = case.conversation(id).await;
    assert_eq!((after.owner, after.version), (Owner::Human, before.version + 1));
    let listed =
        case.conversations.list_handoffs(&case.tenant, &kernel::PageRequest::default()).await.unwrap();
    assert_eq!(listed.items, [(id, handoff)]);
    let others =
        case.conversations.list_handoffs(&case.other, &kernel::PageRequest::default()).await.unwrap();
    assert_eq!(others.items, []);
}

pub async fn a_language_is_kept_for_the_contact_until_it_changes(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.said("Hola").await;
    assert_eq!(case.context(id).await.language, None);
    for (told, known) in [("es", "es"), ("pt-BR", "pt-BR")] {
        case.said("Hola").await;
        let claim = case.claim(JobKind::Turn, id).await;
        let commit = TurnCommit { language: Language::from_tag(told), ..case.turn(id, &[]).await };
        case.commit(&claim, &commit).await.unwrap();
        assert_eq!(case.context(id).await.language.unwrap().as_str(), known);
        case.said("Hola").await;
        case.reply(id, &[]).await;
        assert_eq!(case.context(id).await.language.unwrap().as_str(), known);
    }
    let contact = case.conversation(id).await.contact_id;
    let contact = case.contacts.find(&case.tenant, contact).await.unwrap().unwrap();
    assert_eq!(contact.language.unwrap().as_str(), "pt-BR");
}
