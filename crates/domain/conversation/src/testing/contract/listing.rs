//! What listing conversations, messages and refused sends must do.

use kernel::{ConversationId, MessageId, PageRequest};
use tenancy::Address;

use super::{case::Case, checks::walk};
use crate::{
    ConversationFilter, ConversationStatus, JobKind, Owner, RefusalReason, TurnCommit,
    testing::ConversationStores,
};

pub async fn the_conversation_with_the_latest_message_is_listed_first(stores: &ConversationStores) {
    let case = Case::of(stores);
    let mut ids = Vec::new();
    for number in 0..3 {
        case.samples.pass(1);
        ids.push(case.receive(&case.inbound_from(number)).await.0);
    }
    case.samples.pass(1);
    case.receive(&case.inbound_from(0)).await;
    assert_eq!(listed(&case, ConversationFilter::default()).await, [ids[0], ids[2], ids[1]]);
    case.samples.pass(1);
    case.reply(ids[1], &["Hi"]).await;
    assert_eq!(listed(&case, ConversationFilter::default()).await, [ids[1], ids[0], ids[2]]);
}

pub async fn conversations_are_filtered_by_address_and_status(stores: &ConversationStores) {
    let case = Case::of(stores);
    let first = case.inbound_from(0);
    let (closed, _) = case.receive(&first).await;
    case.set(closed, ConversationStatus::Closed, Owner::Bot).await;
    let (open, _) = case.receive(&case.inbound_from(0)).await;
    let (another, _) = case.receive(&case.inbound_from(1)).await;
    let list = async |contact_address: Option<&Address>, status| {
        let contact_address = contact_address.cloned();
        listed(&case, ConversationFilter { contact_address, status }).await
    };
    let address = Some(&first.from);
    assert_eq!(list(address, None).await, [open, closed]);
    assert_eq!(list(None, Some(ConversationStatus::Open)).await, [another, open]);
    assert_eq!(list(address, Some(ConversationStatus::Closed)).await, [closed]);
    assert_eq!(list(address, Some(ConversationStatus::Archived)).await, []);
    assert_eq!(list(Some(&Address::from_carrier("+15550009999")), None).await, []);
}

pub async fn pages_walk_every_conversation_once_at_equal_times(stores: &ConversationStores) {
    let case = Case::of(stores);
    let mut ids = Vec::new();
    for number in 0..7 {
        ids.push(case.receive(&case.inbound_from(number)).await.0);
    }
    ids.sort();
    ids.reverse();
    for limit in [1, 3, 7, 200] {
        let filter = ConversationFilter::default();
        let seen =
            walk(limit, async |page| case.conversations.list(&case.tenant, &filter, &page).await).await;
        assert_eq!(seen.iter().map(|one| one.conversation.id).collect::<Vec<_>>(), ids, "{limit} a page");
    }
}

pub async fn pages_walk_every_message_once_at_equal_times(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (mut ids, mut conversation) = (Vec::new(), None);
    for number in 0..7 {
        if number == 4 {
            case.samples.pass(1);
        }
        let (id, message) = case.said("Hello").await;
        (conversation, ids) = (Some(id), [ids, vec![message]].concat());
    }
    let id = conversation.unwrap();
    for limit in [1, 3, 7, 200] {
        let seen =
            walk(limit, async |page| case.conversations.list_messages(&case.tenant, id, &page).await).await;
        assert_eq!(seen.iter().map(|message| message.id).collect::<Vec<MessageId>>(), ids, "{limit} a page");
    }
}

pub async fn pages_walk_every_refused_send_once_at_equal_times(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.said("Hello").await;
    let mut written = Vec::new();
    for _ in 0..5 {
        case.said("Hello").await;
        let claim = case.claim(JobKind::Turn, id).await;
        let refused = case.samples.refused(None, RefusalReason::OptedOut);
        let commit = TurnCommit { refused: Some(refused.clone()), ..case.turn(id, &[]).await };
        case.commit(&claim, &commit).await.unwrap();
        written.push(refused);
    }
    for limit in [2, 5] {
        let seen =
            walk(limit, async |page| case.conversations.list_refused_sends(&case.tenant, id, &page).await)
                .await;
        assert_eq!(seen, written, "{limit} a page");
    }
}

async fn listed(case: &Case<'_>, filter: ConversationFilter) -> Vec<ConversationId> {
    let page = case.conversations.list(&case.tenant, &filter, &PageRequest::default()).await.unwrap();
    page.items.into_iter().map(|one| one.conversation.id).collect()
}
