//! What finding and saving conversations must do.

use kernel::{ConversationId, PageRequest, StoreError};

use super::{
    case::Case,
    checks::{assert_conflict, at_once, change_of},
};
use crate::{
    Author, ConversationChange, ConversationStatus, DeliveryState, JobKind, NewOutbound, Owner, Purpose,
    testing::ConversationStores,
};

pub async fn an_unknown_conversation_is_not_found(stores: &ConversationStores) {
    let case = Case::of(stores);
    case.said("Hello").await;
    let (unknown, page) = (case.samples.id(ConversationId::new), PageRequest::default());
    assert_eq!(case.conversations.find(&case.tenant, unknown).await.unwrap(), None);
    assert_eq!(case.conversations.list_messages(&case.tenant, unknown, &page).await.unwrap().items, []);
    assert_eq!(case.conversations.list_refused_sends(&case.tenant, unknown, &page).await.unwrap().items, []);
}

pub async fn a_save_writes_status_and_owner_and_raises_the_version(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.said("Hello").await;
    for status in ConversationStatus::ALL {
        for owner in Owner::ALL {
            let before = case.conversation(id).await;
            case.set(id, *status, *owner).await;
            let after = case.conversation(id).await;
            assert_eq!((after.status, after.owner, after.version), (*status, *owner, before.version + 1));
            assert_eq!(after.last_message_at, before.last_message_at);
        }
    }
}

pub async fn a_stale_save_conflicts_and_writes_nothing(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.said("Hello").await;
    let read = case.conversation(id).await;
    case.set(id, ConversationStatus::Open, Owner::Human).await;
    let before = case.conversation(id).await;
    let stale = ConversationChange {
        status: ConversationStatus::Closed,
        outbound: vec![case.samples.outbound("Hi")],
        ..change_of(&read)
    };
    assert_conflict(&case.save(&stale).await);
    assert_eq!(case.conversation(id).await, before);
    assert_eq!(case.messages(id).await.len(), 1);
    assert_eq!(case.try_claim(JobKind::Delivery, id).await, None);
}

pub async fn of_ten_saves_at_once_one_is_written(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.said("Hello").await;
    let read = case.conversation(id).await;
    let outcomes = at_once(10, &case.conversations, |store, _| {
        let outbound = vec![case.samples.outbound("Ann here")];
        let change = ConversationChange { owner: Owner::Human, outbound, ..change_of(&read) };
        let (tenant, now) = (case.tenant.clone(), case.samples.now());
        async move { store.save(&tenant, &change, now).await }
    })
    .await;
    let (saved, failed): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!(saved.len(), 1);
    failed.iter().for_each(assert_conflict);
    assert_eq!(case.messages(id).await.len(), 2);
}

pub async fn a_save_of_an_unknown_conversation_conflicts(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.said("Hello").await;
    let known = change_of(&case.conversation(id).await);
    let change = ConversationChange { id: case.samples.id(ConversationId::new), ..known };
    assert_conflict(&case.save(&change).await);
}

pub async fn a_person_answers_and_takes_over_in_one_save(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.said("Hello").await;
    let at = case.samples.pass(5);
    let reply = NewOutbound { purpose: Purpose::PersonReply, ..case.samples.outbound("Ann here") };
    let change = case.conversation(id).await.answer_in_person(vec![reply.clone()]).unwrap();
    case.conversations.save(&case.tenant, &change, at).await.unwrap();
    let conversation = case.conversation(id).await;
    assert_eq!((conversation.owner, conversation.last_message_at), (Owner::Human, at));
    let message = case.message(id, reply.id).await;
    assert_eq!((message.author, message.turn_id), (Author::Human, None));
    assert_eq!((message.body.text, message.created_at), (reply.text, at));
    assert_eq!(message.delivery_state, DeliveryState::Queued);
    let due = case.due().await;
    assert!(
        due.iter().any(|claim| claim.kind == JobKind::Delivery && claim.conversation_id == id),
        "{due:?}"
    );
    assert_eq!(case.context(id).await.unanswered.len(), 1);
}

pub async fn a_conversation_that_is_over_can_be_reopened(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.said("Hello").await;
    case.set(id, ConversationStatus::Closed, Owner::Human).await;
    let change = case.conversation(id).await.reopen().unwrap();
    case.save(&change).await.unwrap();
    assert_eq!(case.said("More").await.0, id);
}

pub async fn reopening_beside_an_open_conversation_is_a_duplicate(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (closed, _) = case.said("Hello").await;
    case.set(closed, ConversationStatus::Closed, Owner::Bot).await;
    let (open, _) = case.said("Hello again").await;
    let before = case.conversation(closed).await;
    let outbound = vec![case.samples.outbound("Hi")];
    let change = ConversationChange { outbound, ..before.reopen().unwrap() };
    let outcome = case.save(&change).await;
    assert!(matches!(outcome, Err(StoreError::Duplicate)), "{outcome:?}");
    assert_eq!(case.conversation(closed).await, before);
    assert_eq!(case.messages(closed).await.len(), 1);
    assert_eq!(case.conversation(open).await.status, ConversationStatus::Open);
}
