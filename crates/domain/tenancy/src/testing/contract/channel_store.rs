//! What a store of channel bindings must do.

use kernel::{BindingId, PhoneNumber, StoreError};

use super::samples::{at, id, tenant};
use crate::{
    Address, Channel, ChannelBinding, Provider, TenantScope,
    testing::{TenancyStores, platform},
};

pub async fn a_binding_is_found_as_it_was_written(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    let sms = sms(&scope, 10, "+15551230000", 0);
    let name = Address::from_session("Ann's visit ✓").unwrap();
    let web_chat = binding(&scope, 11, (Channel::WebChat, Provider::BuiltIn, name), 1);
    for written in [&sms, &web_chat] {
        stores.channels.insert(&scope, written).await.unwrap();
        let by_id = stores.channels.find(&scope, written.id()).await.unwrap();
        assert_eq!(by_id.as_ref(), Some(written));
        assert_eq!(by_address(stores, written).await.as_ref(), Some(written));
    }
    assert_eq!(stores.channels.list(&scope).await.unwrap(), [sms, web_chat]);
}

pub async fn an_unknown_binding_is_not_found(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    insert(stores, &scope, 10, "+15551230000", 0).await;
    assert_eq!(stores.channels.find(&scope, BindingId::new(id(99))).await.unwrap(), None);
    assert_eq!(by_address(stores, &sms(&scope, 11, "+15551230001", 0)).await, None);
}

pub async fn a_binding_of_another_tenant_is_not_inserted(stores: &TenancyStores) {
    let ours = tenant(stores, 1).await;
    let theirs = tenant(stores, 2).await;
    let foreign = sms(&theirs, 10, "+15551230000", 0);
    let outcome = stores.channels.insert(&ours, &foreign).await;
    assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
    assert_eq!(by_address(stores, &foreign).await, None);
}

pub async fn an_address_is_taken_for_every_tenant(stores: &TenancyStores) {
    let ours = tenant(stores, 1).await;
    let theirs = tenant(stores, 2).await;
    let first = insert(stores, &ours, 10, "+15551230000", 0).await;
    for scope in [&ours, &theirs] {
        let outcome = stores.channels.insert(scope, &sms(scope, 11, "+15551230000", 5)).await;
        assert!(matches!(outcome, Err(StoreError::Duplicate)), "{outcome:?}");
    }
    assert_eq!(by_address(stores, &first).await, Some(first));
    assert_eq!(stores.channels.list(&theirs).await.unwrap(), []);
}

pub async fn an_inactive_binding_still_holds_its_address(stores: &TenancyStores) {
    let ours = tenant(stores, 1).await;
    let theirs = tenant(stores, 2).await;
    let first = insert(stores, &ours, 10, "+15551230000", 0).await;
    assert!(stores.channels.set_active(&ours, first.id(), false, at(9)).await.unwrap());
    let outcome = stores.channels.insert(&theirs, &sms(&theirs, 11, "+15551230000", 5)).await;
    assert!(matches!(outcome, Err(StoreError::Duplicate)), "{outcome:?}");
    let found = by_address(stores, &first).await.unwrap();
    assert_eq!((found.tenant_id(), found.is_active()), (ours.tenant_id(), false));
}

pub async fn of_two_tenants_that_bind_an_address_at_once_one_gets_it(stores: &TenancyStores) {
    let ours = tenant(stores, 1).await;
    let theirs = tenant(stores, 2).await;
    let our_binding = sms(&ours, 10, "+15551230000", 0);
    let their_binding = sms(&theirs, 11, "+15551230000", 0);
    let (one, other) = tokio::join!(
        stores.channels.insert(&ours, &our_binding),
        stores.channels.insert(&theirs, &their_binding)
    );
    let winner = match (one, other) {
        (Ok(()), Err(StoreError::Duplicate)) => our_binding,
        (Err(StoreError::Duplicate), Ok(())) => their_binding,
        outcome => panic!("{outcome:?}"),
    };
    assert_eq!(by_address(stores, &winner).await, Some(winner));
}

pub async fn a_bindings_id_that_exists_is_a_duplicate(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    let first = insert(stores, &scope, 10, "+15551230000", 0).await;
    let outcome = stores.channels.insert(&scope, &sms(&scope, 10, "+15551230001", 5)).await;
    assert!(matches!(outcome, Err(StoreError::Duplicate)), "{outcome:?}");
    assert_eq!(stores.channels.list(&scope).await.unwrap(), [first]);
}

pub async fn one_address_may_be_bound_on_two_channels(stores: &TenancyStores) {
    let ours = tenant(stores, 1).await;
    let theirs = tenant(stores, 2).await;
    let sms = insert(stores, &ours, 10, "+15551230000", 0).await;
    let voice = binding(&theirs, 11, (Channel::Voice, Provider::Twilio, phone("+15551230000")), 0);
    stores.channels.insert(&theirs, &voice).await.unwrap();
    assert_eq!(by_address(stores, &sms).await, Some(sms));
    assert_eq!(by_address(stores, &voice).await, Some(voice));
}

pub async fn one_text_may_be_two_kinds_of_address(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    let text = "+15551230000";
    let by_phone = binding(&scope, 10, (Channel::WebChat, Provider::BuiltIn, phone(text)), 0);
    let session = Address::from_session(text).unwrap();
    let by_session = binding(&scope, 11, (Channel::WebChat, Provider::BuiltIn, session), 0);
    for written in [&by_phone, &by_session] {
        stores.channels.insert(&scope, written).await.unwrap();
    }
    assert_eq!(by_address(stores, &by_phone).await, Some(by_phone));
    assert_eq!(by_address(stores, &by_session).await, Some(by_session));
}

pub async fn bindings_are_listed_oldest_first(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    let newest = insert(stores, &scope, 10, "+15551230000", 30).await;
    let later_id = insert(stores, &scope, 12, "+15551230001", 20).await;
    let earlier_id = insert(stores, &scope, 11, "+15551230002", 20).await;
    let oldest = insert(stores, &scope, 13, "+15551230003", 10).await;
    assert_eq!(stores.channels.list(&scope).await.unwrap(), [oldest, earlier_id, later_id, newest]);
}

pub async fn bindings_of_another_tenant_are_neither_found_nor_listed(stores: &TenancyStores) {
    let ours = tenant(stores, 1).await;
    let theirs = tenant(stores, 2).await;
    let foreign = insert(stores, &theirs, 10, "+15551230000", 0).await;
    assert_eq!(stores.channels.find(&ours, foreign.id()).await.unwrap(), None);
    assert_eq!(stores.channels.list(&ours).await.unwrap(), []);
}

pub async fn a_binding_is_switched_off_and_on(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    let switched = insert(stores, &scope, 10, "+15551230000", 0).await;
    let other = insert(stores, &scope, 11, "+15551230001", 1).await;
    for is_active in [false, false, true, true] {
        assert!(stores.channels.set_active(&scope, switched.id(), is_active, at(9)).await.unwrap());
        let found = by_address(stores, &switched).await.unwrap();
        assert_eq!(found.is_active(), is_active);
    }
    assert!(stores.channels.set_active(&scope, switched.id(), false, at(9)).await.unwrap());
    assert_eq!(by_address(stores, &other).await, Some(other));
}

pub async fn an_unknown_binding_is_not_switched(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    assert!(!stores.channels.set_active(&scope, BindingId::new(id(99)), true, at(9)).await.unwrap());
}

pub async fn a_binding_of_another_tenant_is_not_switched(stores: &TenancyStores) {
    let ours = tenant(stores, 1).await;
    let theirs = tenant(stores, 2).await;
    let foreign = insert(stores, &theirs, 10, "+15551230000", 0).await;
    assert!(!stores.channels.set_active(&ours, foreign.id(), false, at(9)).await.unwrap());
    assert_eq!(by_address(stores, &foreign).await, Some(foreign));
}

pub async fn an_address_is_known_as_soon_as_a_tenant_has_it(stores: &TenancyStores) {
    let (ours, theirs) = (tenant(stores, 1).await, tenant(stores, 2).await);
    let has = async |channel, number| {
        stores.channels.has_address(&platform(), channel, &phone(number)).await.unwrap()
    };
    for (scope, binding, number) in [(&ours, 10, "+15551230000"), (&theirs, 11, "+15551230001")] {
        assert!(!has(Channel::Sms, number).await);
        let bound = insert(stores, scope, binding, number, 0).await;
        assert!(has(Channel::Sms, number).await);
        assert!(!has(Channel::WhatsApp, number).await);
        assert!(stores.channels.set_active(scope, bound.id(), false, at(9)).await.unwrap());
        assert!(has(Channel::Sms, number).await, "a number that is switched off is still somebody's");
    }
}

fn phone(number: &str) -> Address {
    Address::Phone(PhoneNumber::parse(number).unwrap())
}

/// Builds a binding, also for channels that this version does not serve: the store does not judge them.
fn binding(
    scope: &TenantScope,
    number: u32,
    way: (Channel, Provider, Address),
    seconds: i64,
) -> ChannelBinding {
    ChannelBinding::from_stored(BindingId::new(id(number)), scope.tenant_id(), way, true, at(seconds))
}

fn sms(scope: &TenantScope, number: u32, address: &str, seconds: i64) -> ChannelBinding {
    binding(scope, number, (Channel::Sms, Provider::Twilio, phone(address)), seconds)
}

pub(super) async fn insert(
    stores: &TenancyStores,
    scope: &TenantScope,
    number: u32,
    address: &str,
    seconds: i64,
) -> ChannelBinding {
    let binding = sms(scope, number, address, seconds);
    stores.channels.insert(scope, &binding).await.unwrap();
    binding
}

async fn by_address(stores: &TenancyStores, binding: &ChannelBinding) -> Option<ChannelBinding> {
    stores.channels.find_by_address(&platform(), binding.channel(), binding.address()).await.unwrap()
}
