//! That a message is stored once, however often and however many at once it comes.

use kernel::{ConversationId, MessageId, PageRequest};
use tenancy::Provider;

use super::{case::Case, checks::at_once};
use crate::{
    ConsentAction, ConversationFilter, ConversationStatus, JobKind, NewInbound, Owner, Received,
    testing::ConversationStores,
};

pub async fn a_repeated_message_is_a_duplicate_and_writes_nothing(stores: &ConversationStores) {
    let case = Case::of(stores);
    let first = case.inbound("STOP");
    let (conversation_id, message_id) = case.receive(&first).await;
    let before = case.conversation(conversation_id).await;
    let claim = case.claim(JobKind::Turn, conversation_id).await;
    case.samples.pass(5);
    let consent = Some(case.samples.consent_change(ConsentAction::OptOut));
    let again =
        NewInbound { provider_message_id: first.provider_message_id, consent, ..case.inbound("STOP") };
    let received = case.conversations.receive(&case.tenant, &again).await.unwrap();
    assert_eq!(received, Received::Duplicate { conversation_id, message_id, same_body: true });
    assert_eq!(case.messages(conversation_id).await.len(), 1);
    assert_eq!(case.conversation(conversation_id).await, before);
    assert_eq!(case.contacts.consent(&case.tenant, &first.from).await.unwrap().version, 0);
    case.finish(&claim).await;
    assert_eq!(case.try_claim(JobKind::Turn, conversation_id).await, None);
}

pub async fn of_two_bodies_under_one_carrier_id_the_first_stays(stores: &ConversationStores) {
    let case = Case::of(stores);
    let first = case.inbound("Hello");
    let (conversation_id, message_id) = case.receive(&first).await;
    let again = NewInbound { provider_message_id: first.provider_message_id, ..case.inbound("Goodbye") };
    let received = case.conversations.receive(&case.tenant, &again).await.unwrap();
    assert_eq!(received, Received::Duplicate { conversation_id, message_id, same_body: false });
    assert_eq!(case.message(conversation_id, message_id).await.body, first.body);
}

pub async fn a_message_stays_a_duplicate_after_its_conversation_is_over(stores: &ConversationStores) {
    let case = Case::of(stores);
    let inbound = case.inbound("Hello");
    let (conversation_id, message_id) = case.receive(&inbound).await;
    case.set(conversation_id, ConversationStatus::Archived, Owner::Bot).await;
    case.samples.pass(86_400);
    let received = case.conversations.receive(&case.tenant, &inbound).await.unwrap();
    assert_eq!(received, Received::Duplicate { conversation_id, message_id, same_body: true });
}

pub async fn one_carrier_id_of_two_providers_is_two_messages(stores: &ConversationStores) {
    let case = Case::of(stores);
    let text = case.inbound("Hello");
    let chat = NewInbound {
        provider_message_id: text.provider_message_id.clone(),
        ..case.samples.inbound(&case.web_binding, "Hello")
    };
    assert_eq!((text.provider, chat.provider), (Provider::Twilio, Provider::BuiltIn));
    case.receive(&text).await;
    case.receive(&chat).await;
}

pub async fn one_message_fifty_times_at_once_is_stored_once(stores: &ConversationStores) {
    let case = Case::of(stores);
    let inbound = case.inbound("Hello");
    let received = at_once(50, &case.conversations, |store, _| {
        // A carrier's repeat is a request of its own, so all but the carrier's id and words is new.
        let repeat =
            NewInbound { provider_message_id: inbound.provider_message_id.clone(), ..case.inbound("Hello") };
        let tenant = case.tenant.clone();
        async move { store.receive(&tenant, &repeat).await.unwrap() }
    })
    .await;
    let new = received.iter().filter(|one| matches!(one, Received::Stored { .. })).count();
    assert_eq!(new, 1);
    let places: Vec<_> = received.iter().map(place).collect();
    assert!(places.iter().all(|one| *one == places[0]), "{places:?}");
    assert_eq!(case.messages(places[0].0).await.len(), 1);
}

pub async fn twenty_first_messages_at_once_open_one_conversation(stores: &ConversationStores) {
    let case = Case::of(stores);
    let received = at_once(20, &case.conversations, |store, number| {
        let (tenant, inbound) = (case.tenant.clone(), case.inbound(&format!("Part {number}")));
        async move { store.receive(&tenant, &inbound).await.unwrap() }
    })
    .await;
    let id = place(&received[0]).0;
    assert!(received.iter().all(|one| place(one).0 == id), "{received:?}");
    assert_eq!(case.messages(id).await.len(), 20);
    let page = PageRequest::default();
    let found = case.conversations.list(&case.tenant, &ConversationFilter::default(), &page).await.unwrap();
    assert_eq!(found.items.len(), 1);
    assert_eq!(case.contacts.list(&case.tenant, &page).await.unwrap().items.len(), 1);
    assert_eq!(case.context(id).await.unanswered.len(), 20);
}

fn place(received: &Received) -> (ConversationId, MessageId) {
    let (Received::Stored { conversation_id, message_id }
    | Received::Duplicate { conversation_id, message_id, .. }) = received;
    (*conversation_id, *message_id)
}
