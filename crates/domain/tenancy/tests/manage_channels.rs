//! Binding a tenant's addresses and switching them on and off.

use std::sync::Arc;

use kernel::{
    BindingId, TenantId,
    testing::{CountingIds, ManualClock},
};
use tenancy::{
    Address, Channel, ManageChannels, Provider, TenancyError, TenantScope,
    testing::{MemoryChannelStore, scope},
};
use uuid::Uuid;

fn manage() -> ManageChannels {
    let clock = Arc::new(ManualClock::default());
    ManageChannels::new(Arc::new(MemoryChannelStore::default()), clock, Arc::new(CountingIds::default()))
}

fn tenant(number: u128) -> TenantScope {
    scope(TenantId::new(Uuid::from_u128(number)))
}

fn number() -> Address {
    Address::from_carrier("+15551230000")
}

#[tokio::test]
async fn a_bound_number_is_active_and_the_tenants() {
    let manage = manage();
    let bound = manage.bind(&tenant(1), Channel::Sms, Provider::Twilio, number()).await.unwrap();
    assert!(bound.is_active());
    assert_eq!((bound.tenant_id(), bound.address()), (tenant(1).tenant_id(), &number()));
    assert_eq!(manage.list(&tenant(1)).await.unwrap(), [bound]);
    assert_eq!(manage.list(&tenant(2)).await.unwrap(), []);
}

#[tokio::test]
async fn a_number_that_any_tenant_has_is_taken() {
    let manage = manage();
    manage.bind(&tenant(1), Channel::Sms, Provider::Twilio, number()).await.unwrap();
    for scope in [tenant(1), tenant(2)] {
        let outcome = manage.bind(&scope, Channel::Sms, Provider::Twilio, number()).await;
        assert!(matches!(outcome, Err(TenancyError::Taken { what: "channel address" })), "{outcome:?}");
    }
}

#[tokio::test]
async fn an_sms_channel_needs_a_phone_number() {
    let manage = manage();
    for text in ["12345", "ACME", "(555) 123-0000"] {
        let address = Address::from_carrier(text);
        let outcome = manage.bind(&tenant(1), Channel::Sms, Provider::Twilio, address).await;
        assert!(matches!(outcome, Err(TenancyError::Invalid { field: "address", .. })), "{text}");
    }
}

#[tokio::test]
async fn a_channel_that_is_not_served_is_refused() {
    let manage = manage();
    for (channel, provider) in [(Channel::Sms, Provider::BuiltIn), (Channel::WebChat, Provider::Twilio)] {
        let outcome = manage.bind(&tenant(1), channel, provider, number()).await;
        assert!(matches!(outcome, Err(TenancyError::Invalid { field: "channel", .. })), "{channel:?}");
    }
}

#[tokio::test]
async fn a_binding_is_switched_off_and_on() {
    let manage = manage();
    let id = manage.bind(&tenant(1), Channel::Sms, Provider::Twilio, number()).await.unwrap().id();
    for is_active in [false, true] {
        let switched = manage.set_active(&tenant(1), id, is_active).await.unwrap();
        assert_eq!((switched.id(), switched.is_active()), (id, is_active));
    }
}

#[tokio::test]
async fn another_tenants_binding_is_not_found_as_one_that_never_was() {
    let manage = manage();
    let bound = manage.bind(&tenant(1), Channel::Sms, Provider::Twilio, number()).await.unwrap();
    for id in [bound.id(), BindingId::new(Uuid::from_u128(99))] {
        let outcome = manage.set_active(&tenant(2), id, false).await;
        assert!(matches!(outcome, Err(TenancyError::NotFound { what: "channel" })), "{outcome:?}");
    }
    assert_eq!(manage.list(&tenant(1)).await.unwrap(), [bound]);
}
