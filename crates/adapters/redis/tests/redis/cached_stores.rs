//! What is revoked, suspended, switched off or made in one process is so in the other.

use std::{sync::Arc, time::Duration};

use caches::{CacheLimits, CachedChannelStore, CachedCredentialStore, CachedFlagStore, CachedTenantStore};
use kernel::{ApiKeyId, BindingId, Clock as _, PhoneNumber, Timestamp, WidgetTokenId, testing::ManualClock};
use tenancy::Invalidations;
use tenancy::{
    Address, ApiKey, BusinessProfile, Channel, ChannelBinding, ChannelStore, CredentialStore, FeatureFlag,
    FlagStore, KeyKind, Permissions, Plan, Provider, SecretDigest, Tenant, TenantScope, TenantStatus,
    TenantStore, WidgetToken,
    testing::{TenancyStores, platform, scope},
};
use uuid::Uuid;

use crate::support::{RedisServer, ask, client, eventually, heard, listen, running, tenant};

/// The cached stores of one process, before a database that all share.
struct Process {
    tenants: CachedTenantStore,
    credentials: CachedCredentialStore,
    channels: CachedChannelStore,
    flags: CachedFlagStore,
    invalidations: Arc<dyn Invalidations>,
}

/// Starts two processes that hear each other. Nothing is forgotten by itself within a test.
async fn two_processes(server: &RedisServer) -> [Process; 2] {
    let database = TenancyStores::memory();
    let hour = Duration::from_secs(3600);
    let limits = CacheLimits { known_for: hour, unknown_for: hour, ..CacheLimits::default() };
    let processes = [1, 2].map(|number| {
        let invalidations = listen(&client(server.url()), number);
        Process {
            tenants: CachedTenantStore::new(Arc::clone(&database.tenants), &invalidations, limits),
            credentials: CachedCredentialStore::new(
                Arc::clone(&database.credentials),
                &invalidations,
                limits,
            ),
            flags: CachedFlagStore::new(Arc::clone(&database.flags), &invalidations, limits),
            channels: CachedChannelStore::new(Arc::clone(&database.channels), &invalidations, limits),
            invalidations,
        }
    });
    for process in &processes {
        heard(&process.invalidations).await;
    }
    processes
}

fn now() -> Timestamp {
    ManualClock::default().now()
}

fn ours() -> TenantScope {
    scope(tenant(1))
}

fn a_tenant() -> Tenant {
    Tenant::create(tenant(1), "Bristol Plumbing", Plan::Starter, now()).unwrap()
}

fn an_api_key() -> ApiKey {
    ApiKey {
        id: ApiKeyId::new(Uuid::from_u128(7)),
        tenant_id: tenant(1),
        kind: KeyKind::Program,
        name: "till".into(),
        digest: SecretDigest::of("cc_live_1"),
        scopes: Permissions::of_programs(),
        created_at: now(),
        expires_at: None,
        revoked_at: None,
    }
}

fn a_widget_token() -> WidgetToken {
    WidgetToken {
        id: WidgetTokenId::new(Uuid::from_u128(8)),
        tenant_id: tenant(1),
        name: "site".into(),
        digest: SecretDigest::of("cc_widget_1"),
        allowed_origins: Vec::new(),
        created_at: now(),
        expires_at: None,
        revoked_at: None,
    }
}

fn address() -> Address {
    Address::Phone(PhoneNumber::parse("+15551230000").unwrap())
}

fn a_binding() -> ChannelBinding {
    let id = BindingId::new(Uuid::from_u128(9));
    ChannelBinding::bind(&ours(), id, Channel::Sms, Provider::Twilio, address(), now()).unwrap()
}

#[tokio::test]
async fn an_api_key_works_in_the_other_process_and_stops_there_when_it_is_revoked() {
    let server = running();
    let [one, other] = two_processes(&server).await;
    let key = an_api_key();
    let find = || async { other.credentials.find_api_key(&platform(), &key.digest).await.unwrap() };
    assert_eq!(find().await, None);
    one.credentials.insert_api_key(&ours(), &key).await.unwrap();
    eventually("the key is known", || async { find().await.as_ref() == Some(&key) }).await;
    assert!(one.credentials.revoke_api_key(&ours(), key.id, now()).await.unwrap());
    eventually("the key is revoked", || async { find().await.unwrap().revoked_at == Some(now()) }).await;
}

#[tokio::test]
async fn a_widget_token_works_in_the_other_process_and_stops_there_when_it_is_revoked() {
    let server = running();
    let [one, other] = two_processes(&server).await;
    let token = a_widget_token();
    let find = || async { other.credentials.find_widget_token(&platform(), &token.digest).await.unwrap() };
    assert_eq!(find().await, None);
    one.credentials.insert_widget_token(&ours(), &token).await.unwrap();
    eventually("the token is known", || async { find().await.as_ref() == Some(&token) }).await;
    assert!(one.credentials.revoke_widget_token(&ours(), token.id, now()).await.unwrap());
    eventually("the token is revoked", || async { find().await.unwrap().revoked_at == Some(now()) }).await;
}

#[tokio::test]
async fn a_tenant_that_is_made_and_suspended_is_so_in_the_other_process() {
    let server = running();
    let [one, other] = two_processes(&server).await;
    let find = || async { other.tenants.find(&platform(), tenant(1)).await.unwrap() };
    assert_eq!(find().await, None);
    one.tenants.insert(&platform(), &a_tenant(), &BusinessProfile::default()).await.unwrap();
    eventually("the tenant is known", || async { find().await.is_some() }).await;
    let mut suspended = a_tenant();
    suspended.set_status(TenantStatus::Suspended).unwrap();
    one.tenants.save(&platform(), &suspended, now()).await.unwrap();
    let is_suspended = || async { find().await.unwrap().status() == TenantStatus::Suspended };
    eventually("the tenant is suspended", is_suspended).await;
    let (tenant, _) = other.tenants.find_profile(&ours()).await.unwrap().unwrap();
    assert_eq!(tenant.status(), TenantStatus::Suspended);
}

#[tokio::test]
async fn a_suspension_is_seen_in_a_profile_that_was_kept() {
    let server = running();
    let [one, other] = two_processes(&server).await;
    one.tenants.insert(&platform(), &a_tenant(), &BusinessProfile::default()).await.unwrap();
    let status = || async { other.tenants.find_profile(&ours()).await.unwrap().unwrap().0.status() };
    assert_eq!(status().await, TenantStatus::Active);
    let mut suspended = a_tenant();
    suspended.set_status(TenantStatus::Suspended).unwrap();
    one.tenants.save(&platform(), &suspended, now()).await.unwrap();
    eventually("the profile's tenant is suspended", || async { status().await == TenantStatus::Suspended })
        .await;
}

#[tokio::test]
async fn a_profile_is_written_for_the_other_process_too() {
    let server = running();
    let [one, other] = two_processes(&server).await;
    one.tenants.insert(&platform(), &a_tenant(), &BusinessProfile::default()).await.unwrap();
    let greeting = || async { other.tenants.find_profile(&ours()).await.unwrap().unwrap().1.greeting };
    assert_eq!(greeting().await, "");
    let profile = BusinessProfile { greeting: "Hello".into(), ..BusinessProfile::default() };
    one.tenants.save_profile(&ours(), &profile, now()).await.unwrap();
    eventually("the greeting is the new one", || async { greeting().await == "Hello" }).await;
}

#[tokio::test]
async fn who_saved_a_stale_tenant_reads_a_fresh_one_next() {
    let server = running();
    let [one, other] = two_processes(&server).await;
    one.tenants.insert(&platform(), &a_tenant(), &BusinessProfile::default()).await.unwrap();
    let stale = other.tenants.find(&platform(), tenant(1)).await.unwrap().unwrap();
    one.tenants.save(&platform(), &a_tenant(), now()).await.unwrap();
    assert!(other.tenants.save(&platform(), &stale, now()).await.is_err());
    let fresh = other.tenants.find(&platform(), tenant(1)).await.unwrap().unwrap();
    other.tenants.save(&platform(), &fresh, now()).await.unwrap();
}

#[tokio::test]
async fn an_address_is_bound_and_switched_off_in_the_other_process() {
    let server = running();
    let [one, other] = two_processes(&server).await;
    let binding = a_binding();
    let find =
        || async { other.channels.find_by_address(&platform(), Channel::Sms, &address()).await.unwrap() };
    assert_eq!(find().await, None);
    one.channels.insert(&ours(), &binding).await.unwrap();
    eventually("the address is bound", || async { find().await.as_ref() == Some(&binding) }).await;
    assert!(one.channels.set_active(&ours(), binding.id(), false, now()).await.unwrap());
    eventually("the address is switched off", || async { !find().await.unwrap().is_active() }).await;
}

#[tokio::test]
async fn an_api_key_that_was_rotated_ends_in_the_other_process_too() {
    let server = running();
    let [one, other] = two_processes(&server).await;
    let key = an_api_key();
    one.credentials.insert_api_key(&ours(), &key).await.unwrap();
    let find = || async { other.credentials.find_api_key(&platform(), &key.digest).await.unwrap() };
    eventually("the key is known", || async { find().await.as_ref() == Some(&key) }).await;
    let (id, digest) = (ApiKeyId::new(Uuid::from_u128(70)), SecretDigest::of("cc_live_2"));
    let new = ApiKey { id, digest, ..key.clone() };
    assert!(one.credentials.rotate_api_key(&ours(), key.id, &new, now(), now()).await.unwrap());
    eventually("the key ends", || async { find().await.unwrap().expires_at == Some(now()) }).await;
}

#[tokio::test]
async fn a_flag_that_is_set_is_so_in_the_other_process() {
    let server = running();
    let [one, other] = two_processes(&server).await;
    let find = || async { other.flags.list(&ours()).await.unwrap() };
    assert_eq!(find().await, []);
    for value in [true, false] {
        one.flags.set(&ours(), FeatureFlag::EnableRag, value, now()).await.unwrap();
        eventually("the flag is set", || async { find().await == [(FeatureFlag::EnableRag, value)] }).await;
    }
}

#[tokio::test]
async fn nothing_is_kept_in_redis() {
    let server = running();
    let [one, other] = two_processes(&server).await;
    one.tenants.insert(&platform(), &a_tenant(), &BusinessProfile::default()).await.unwrap();
    one.credentials.insert_api_key(&ours(), &an_api_key()).await.unwrap();
    one.channels.insert(&ours(), &a_binding()).await.unwrap();
    other.tenants.find_profile(&ours()).await.unwrap().unwrap();
    let keys: usize = ask(&server, &["DBSIZE"]);
    assert_eq!(keys, 0);
}
