//! What keeping consent and its ledger must do.

use kernel::{LedgerEntryId, MessageId, PageRequest};
use tenancy::Address;

use super::{
    case::Case,
    checks::{at_once, walk},
};
use crate::{
    Consent, ConsentAction, ConsentChange, ConsentSource, ConsentState, JobKind, LedgerEntry, NewInbound,
    TurnCommit, testing::ConversationStores,
};

pub async fn where_nobody_has_said_consent_is_unknown(stores: &ConversationStores) {
    let case = Case::of(stores);
    let inbound = case.inbound("Hello");
    case.receive(&inbound).await;
    assert_eq!(case.contacts.consent(&case.tenant, &inbound.from).await.unwrap(), Consent::default());
    let page = PageRequest::default();
    assert_eq!(case.contacts.list_ledger(&case.tenant, &inbound.from, &page).await.unwrap().items, []);
}

pub async fn consent_is_kept_for_an_address_without_a_contact(stores: &ConversationStores) {
    let case = Case::of(stores);
    for text in ["+15550009999", "12345"] {
        let address = Address::from_carrier(text);
        let change = case.samples.consent_change(ConsentAction::OptOut);
        let now = case.contacts.change_consent(&case.tenant, &address, &change).await.unwrap();
        let expected = Consent {
            state: ConsentState::OptedOut,
            changed_at: Some(change.at),
            confirmed_at: None,
            version: 1,
        };
        assert_eq!(now, expected);
        assert_eq!(case.contacts.consent(&case.tenant, &address).await.unwrap(), expected);
        assert_eq!(case.contacts.find_by_address(&case.tenant, &address).await.unwrap(), None);
    }
    assert_eq!(case.contacts.list(&case.tenant, &PageRequest::default()).await.unwrap().items, []);
}

pub async fn consent_outlives_the_first_message(stores: &ConversationStores) {
    let case = Case::of(stores);
    let inbound = case.inbound("Hello");
    let change = case.samples.consent_change(ConsentAction::OptOut);
    let said = case.contacts.change_consent(&case.tenant, &inbound.from, &change).await.unwrap();
    case.receive(&inbound).await;
    assert_eq!(case.contacts.consent(&case.tenant, &inbound.from).await.unwrap(), said);
}

pub async fn the_last_change_stands_and_each_raises_the_version(stores: &ConversationStores) {
    let case = Case::of(stores);
    let address = Address::from_carrier("+15550009999");
    let changes = [
        (ConsentAction::OptOut, ConsentState::OptedOut),
        (ConsentAction::OptOut, ConsentState::OptedOut),
        (ConsentAction::OptIn, ConsentState::OptedIn),
        (ConsentAction::OptOut, ConsentState::OptedOut),
    ];
    for (version, (action, state)) in (1..).zip(changes) {
        let changed_at = Some(case.samples.pass(1));
        let change = case.samples.consent_change(action);
        let now = case.contacts.change_consent(&case.tenant, &address, &change).await.unwrap();
        assert_eq!(now, Consent { state, changed_at, confirmed_at: None, version });
        assert_eq!(case.contacts.consent(&case.tenant, &address).await.unwrap(), now);
    }
}

pub async fn a_change_keeps_when_a_confirmation_was_last_written(stores: &ConversationStores) {
    let case = Case::of(stores);
    let consent = Some(case.samples.consent_change(ConsentAction::OptOut));
    let inbound = NewInbound { consent, ..case.inbound("STOP") };
    let (id, _) = case.receive(&inbound).await;
    let claim = case.claim(JobKind::Turn, id).await;
    let commit = TurnCommit { confirms_consent: true, ..case.turn(id, &["You are out"]).await };
    case.commit(&claim, &commit).await.unwrap();
    case.samples.pass(60);
    let change = case.samples.consent_change(ConsentAction::OptOut);
    let now = case.contacts.change_consent(&case.tenant, &inbound.from, &change).await.unwrap();
    assert_eq!((now.version, now.confirmed_at), (2, Some(commit.turn.committed_at)));
    assert_eq!(case.contacts.consent(&case.tenant, &inbound.from).await.unwrap(), now);
}

pub async fn twenty_changes_at_once_are_all_in_the_ledger(stores: &ConversationStores) {
    let case = Case::of(stores);
    let address = Address::from_carrier("+15550009999");
    let mut versions = at_once(20, &case.contacts, |store, _| {
        let (tenant, address) = (case.tenant.clone(), address.clone());
        let change = case.samples.consent_change(ConsentAction::OptOut);
        async move { store.change_consent(&tenant, &address, &change).await.unwrap().version }
    })
    .await;
    versions.sort_unstable();
    assert_eq!(versions, (1..=20).collect::<Vec<_>>());
    let page = PageRequest::default();
    assert_eq!(case.contacts.list_ledger(&case.tenant, &address, &page).await.unwrap().items.len(), 20);
}

pub async fn the_ledger_reads_back_as_it_was_written(stores: &ConversationStores) {
    let case = Case::of(stores);
    let address = Address::from_carrier("+15550009999");
    let mut written = Vec::new();
    for (source, evidence, message) in [
        (ConsentSource::Message, "no more texts 🙏 e\u{301}", Some(case.samples.id(MessageId::new))),
        (ConsentSource::Carrier, "", None),
        (ConsentSource::Person, "asked\non the phone", None),
    ] {
        let change = ConsentChange {
            source,
            evidence: evidence.into(),
            message_id: message,
            ..case.samples.consent_change(ConsentAction::OptOut)
        };
        case.contacts.change_consent(&case.tenant, &address, &change).await.unwrap();
        written.push(LedgerEntry { address: address.clone(), change });
        case.samples.pass(1);
    }
    let page = PageRequest::default();
    let ledger = case.contacts.list_ledger(&case.tenant, &address, &page).await.unwrap().items;
    assert_eq!(ledger, written);
}

pub async fn a_ledger_is_of_one_address(stores: &ConversationStores) {
    let case = Case::of(stores);
    let addresses = ["+15550000001", "+15550000002"].map(Address::from_carrier);
    for address in &addresses {
        let change = case.samples.consent_change(ConsentAction::OptOut);
        case.contacts.change_consent(&case.tenant, address, &change).await.unwrap();
    }
    for address in &addresses {
        let page = PageRequest::default();
        let ledger = case.contacts.list_ledger(&case.tenant, address, &page).await.unwrap().items;
        assert_eq!(ledger.iter().map(|entry| &entry.address).collect::<Vec<_>>(), [address]);
    }
}

pub async fn pages_walk_every_ledger_entry_once_at_equal_times(stores: &ConversationStores) {
    let case = Case::of(stores);
    let address = Address::from_carrier("+15550009999");
    let mut ids: Vec<LedgerEntryId> = Vec::new();
    for _ in 0..7 {
        let change = case.samples.consent_change(ConsentAction::OptIn);
        case.contacts.change_consent(&case.tenant, &address, &change).await.unwrap();
        ids.push(change.entry_id);
    }
    for limit in [1, 3, 7] {
        let seen =
            walk(limit, async |page| case.contacts.list_ledger(&case.tenant, &address, &page).await).await;
        assert_eq!(seen.iter().map(|entry| entry.change.entry_id).collect::<Vec<_>>(), ids, "{limit} a page");
    }
}
