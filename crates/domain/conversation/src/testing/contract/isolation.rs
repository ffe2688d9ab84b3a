//! That tenants' conversations and contacts never meet: what is another's is like what does not exist.

use kernel::{MessageId, PageRequest};
use tenancy::Address;

use super::{
    case::Case,
    checks::{assert_conflict, change_of},
};
use crate::{
    Body, Claim, Consent, ConsentAction, ConsentState, ConversationChange, ConversationFilter,
    ConversationStatus, ConversationView, JobKind, NewInbound, Owner, Received, TurnCommit,
    testing::ConversationStores,
};

/// The same message, with the same ids, to another tenant.
fn twin(case: &Case<'_>, inbound: &NewInbound) -> NewInbound {
    NewInbound { binding_id: case.other_binding.id(), ..inbound.clone() }
}

pub async fn one_carrier_id_of_two_tenants_is_two_messages(stores: &ConversationStores) {
    let case = Case::of(stores);
    let ours = case.inbound("Hello");
    case.receive(&ours).await;
    let theirs = NewInbound {
        provider_message_id: ours.provider_message_id.clone(),
        ..case.samples.inbound(&case.other_binding, "Goodbye")
    };
    let received = case.conversations.receive(&case.other, &theirs).await.unwrap();
    let expected =
        Received::Stored { conversation_id: theirs.conversation_id, message_id: theirs.message_id };
    assert_eq!(received, expected);
}

pub async fn two_tenants_with_one_contact_and_the_same_ids_never_meet(stores: &ConversationStores) {
    let case = Case::of(stores);
    let ours = case.inbound("Hello");
    let theirs = NewInbound {
        body: Body { text: "Goodbye".into(), ..ours.body.clone() },
        consent: Some(case.samples.consent_change(ConsentAction::OptOut)),
        ..twin(&case, &ours)
    };
    let (id, _) = case.receive(&ours).await;
    case.conversations.receive(&case.other, &theirs).await.unwrap();
    let page = PageRequest::default();
    for (scope, text, state) in
        [(&case.tenant, "Hello", ConsentState::Unknown), (&case.other, "Goodbye", ConsentState::OptedOut)]
    {
        let messages = case.conversations.list_messages(scope, id, &page).await.unwrap().items;
        assert_eq!((messages.len(), messages[0].body.text.as_str()), (1, text));
        let all = ConversationFilter::default();
        let listed = case.conversations.list(scope, &all, &page).await.unwrap().items;
        assert_eq!(listed.len(), 1);
        assert_eq!(case.contacts.list(scope, &page).await.unwrap().items.len(), 1);
        assert_eq!(case.contacts.consent(scope, &ours.from).await.unwrap().state, state);
    }
}

pub async fn another_tenants_conversation_is_not_found(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.said("Hello").await;
    case.reply(id, &["Hi"]).await;
    let (other, page) = (&case.other, PageRequest::default());
    assert_eq!(case.conversations.find(other, id).await.unwrap(), None);
    let filter = ConversationFilter::default();
    assert_eq!(
        case.conversations.list(other, &filter, &page).await.unwrap().items,
        Vec::<ConversationView>::new()
    );
    assert_eq!(case.conversations.list_messages(other, id, &page).await.unwrap().items, []);
    assert_eq!(case.conversations.list_refused_sends(other, id, &page).await.unwrap().items, []);
    assert_eq!(case.conversations.load_turn(other, id, 60).await.unwrap(), None);
    assert_eq!(case.conversations.find_answer(other, message).await.unwrap(), None);
}

pub async fn another_tenants_conversation_is_not_saved(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.said("Hello").await;
    let before = case.conversation(id).await;
    let outbound = vec![case.samples.outbound("Hi")];
    let change = ConversationChange { owner: Owner::Human, outbound, ..change_of(&before) };
    assert_conflict(&case.conversations.save(&case.other, &change, case.samples.now()).await);
    assert_eq!(case.conversation(id).await, before);
    assert_eq!(case.messages(id).await.len(), 1);
}

pub async fn a_closed_conversation_reopens_beside_another_tenants_open_one(stores: &ConversationStores) {
    let case = Case::of(stores);
    let ours = case.inbound("Hello");
    let (id, _) = case.receive(&ours).await;
    case.set(id, ConversationStatus::Closed, Owner::Bot).await;
    case.conversations.receive(&case.other, &twin(&case, &ours)).await.unwrap();
    case.set(id, ConversationStatus::Open, Owner::Bot).await;
}

pub async fn another_tenants_claim_commits_nothing(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.said("Hello").await;
    let claim = case.claim(JobKind::Turn, id).await;
    let commit = case.turn(id, &["Hi"]).await;
    let forged = Claim { scope: case.other.clone(), ..claim.clone() };
    assert_conflict(&case.conversations.commit_turn(&case.other, &forged, &commit).await);
    assert_conflict(&case.conversations.commit_turn(&case.other, &claim, &commit).await);
    assert_eq!(case.messages(id).await.len(), 1);
    assert_eq!(case.message(id, message).await.turn_id, None);
    case.commit(&claim, &commit).await.unwrap();
}

pub async fn a_turn_answers_messages_of_its_own_conversation_only(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, ours) = case.said("Hello").await;
    let from = Address::from_carrier("+15550009999");
    let (neighbour, near) = case.receive(&NewInbound { from, ..case.inbound("Hello") }).await;
    let theirs = case.samples.inbound(&case.other_binding, "Hello");
    case.conversations.receive(&case.other, &theirs).await.unwrap();
    let claim = case.claim(JobKind::Turn, id).await;
    let unknown = case.samples.id(MessageId::new);
    let answered = vec![ours, near, theirs.message_id, unknown];
    let commit = TurnCommit { answered, ..case.turn(id, &[]).await };
    case.commit(&claim, &commit).await.unwrap();
    assert_eq!(case.message(id, ours).await.turn_id, Some(commit.turn.id));
    assert_eq!(case.message(neighbour, near).await.turn_id, None);
    let page = PageRequest::default();
    let foreign = case.conversations.list_messages(&case.other, theirs.conversation_id, &page).await.unwrap();
    assert_eq!(foreign.items[0].turn_id, None);
}

pub async fn another_tenants_contact_is_not_found(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.said("Hello").await;
    let conversation = case.conversation(id).await;
    assert_eq!(case.contacts.find(&case.other, conversation.contact_id).await.unwrap(), None);
    assert_eq!(case.contacts.find_by_address(&case.other, &conversation.address).await.unwrap(), None);
    assert_eq!(case.contacts.list(&case.other, &PageRequest::default()).await.unwrap().items, []);
}

pub async fn consent_is_kept_for_each_tenant_apart(stores: &ConversationStores) {
    let case = Case::of(stores);
    let address = case.inbound("Hello").from;
    let change = case.samples.consent_change(ConsentAction::OptOut);
    case.contacts.change_consent(&case.tenant, &address, &change).await.unwrap();
    assert_eq!(case.contacts.consent(&case.other, &address).await.unwrap(), Consent::default());
    let page = PageRequest::default();
    assert_eq!(case.contacts.list_ledger(&case.other, &address, &page).await.unwrap().items, []);
}
