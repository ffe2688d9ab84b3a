//! What finding and listing contacts must do.

use kernel::{ContactId, PageRequest};
use tenancy::Address;

use super::{case::Case, checks::walk};
use crate::testing::ConversationStores;

pub async fn a_contact_is_found_by_id_and_by_address(stores: &ConversationStores) {
    let case = Case::of(stores);
    let inbound = case.inbound("Hello");
    case.receive(&inbound).await;
    let by_id = case.contacts.find(&case.tenant, inbound.contact_id).await.unwrap();
    let by_address = case.contacts.find_by_address(&case.tenant, &inbound.from).await.unwrap();
    assert!(by_id.is_some());
    assert_eq!(by_id, by_address);
}

pub async fn an_unknown_contact_is_not_found(stores: &ConversationStores) {
    let case = Case::of(stores);
    case.said("Hello").await;
    let unknown = case.samples.id(ContactId::new);
    assert_eq!(case.contacts.find(&case.tenant, unknown).await.unwrap(), None);
    let address = Address::from_carrier("+15550009999");
    assert_eq!(case.contacts.find_by_address(&case.tenant, &address).await.unwrap(), None);
}

pub async fn the_newest_contact_is_listed_first(stores: &ConversationStores) {
    let case = Case::of(stores);
    let mut ids = Vec::new();
    for number in 0..3 {
        let inbound = case.inbound_from(number);
        case.receive(&inbound).await;
        ids.insert(0, inbound.contact_id);
        case.samples.pass(1);
    }
    // Whoever writes again is no newer for it.
    case.receive(&case.inbound_from(0)).await;
    let listed = case.contacts.list(&case.tenant, &PageRequest::default()).await.unwrap().items;
    assert_eq!(listed.iter().map(|contact| contact.id).collect::<Vec<_>>(), ids);
}

pub async fn pages_walk_every_contact_once_at_equal_times(stores: &ConversationStores) {
    let case = Case::of(stores);
    let mut ids = Vec::new();
    for number in 0..7 {
        let inbound = case.inbound_from(number);
        case.receive(&inbound).await;
        ids.insert(0, inbound.contact_id);
    }
    for limit in [1, 3, 7, 200] {
        let seen = walk(limit, async |page| case.contacts.list(&case.tenant, &page).await).await;
        assert_eq!(seen.iter().map(|contact| contact.id).collect::<Vec<_>>(), ids, "{limit} a page");
    }
}
