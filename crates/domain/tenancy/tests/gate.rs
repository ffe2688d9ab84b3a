//! Who is let in, and as whom.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails as a test does")]

mod down;

use std::sync::Arc;

use chrono::TimeDelta;
use down::Down;
use kernel::{
    Clock as _, TenantId,
    testing::{CountingEntropy, CountingIds, ManualClock},
};
use tenancy::{
    AccessError, Actor, Address, BusinessProfile, Channel, ChannelBinding, Gate, GateStores, KeyKind,
    ManageChannels, ManageCredentials, NewApiKey, OpenVisitorSession, OperatorAccess, OperatorCredentials,
    Plan, Principal, Provider, SecretDigest, Tenant, TenantScope, TenantStatus,
    testing::{PlainTokenSigner, TenancyStores, platform, scope},
};

const NUMBER: &str = "+15551230000";

fn gate_stores(stores: &TenancyStores) -> GateStores {
    GateStores {
        tenants: Arc::clone(&stores.tenants),
        credentials: Arc::clone(&stores.credentials),
        channels: Arc::clone(&stores.channels),
        members: Arc::clone(&stores.members),
        admin_sessions: Arc::clone(&stores.admin_sessions),
    }
}

fn gate(stores: &TenancyStores, clock: &Arc<ManualClock>) -> Gate {
    let operator = OperatorCredentials {
        key: Some(SecretDigest::of("the admin key")),
        login: None,
        tokens: Some(Arc::new(PlainTokenSigner)),
        trusts_business_id: false,
    };
    Gate::new(gate_stores(stores), Arc::new(PlainTokenSigner), operator, clock.clone())
}

/// A gate that the operator has told nothing.
fn bare_gate(stores: GateStores) -> Gate {
    let clock = Arc::new(ManualClock::default());
    Gate::new(stores, Arc::new(PlainTokenSigner), OperatorCredentials::default(), clock)
}

/// A gate before stores of fakes, and what fills them.
struct World {
    gate: Gate,
    stores: TenancyStores,
    credentials: ManageCredentials,
    channels: ManageChannels,
    clock: Arc<ManualClock>,
}

impl World {
    fn new() -> Self {
        let stores = TenancyStores::memory();
        let clock = Arc::new(ManualClock::default());
        let ids = Arc::new(CountingIds::default());
        let entropy = Arc::new(CountingEntropy::default());
        let (credentials, channels) = (Arc::clone(&stores.credentials), Arc::clone(&stores.channels));
        Self {
            gate: gate(&stores, &clock),
            credentials: ManageCredentials::new(
                credentials,
                Arc::clone(&channels),
                clock.clone(),
                ids.clone(),
                entropy,
            ),
            channels: ManageChannels::new(channels, clock.clone(), ids),
            stores,
            clock,
        }
    }

    async fn tenant(&self, number: u128) -> TenantScope {
        let id = TenantId::new(uuid::Uuid::from_u128(number));
        let tenant =
            Tenant::create(id, "Bristol Plumbing", Plan::Starter, ManualClock::default().now()).unwrap();
        self.stores.tenants.insert(&platform(), &tenant, &BusinessProfile::default()).await.unwrap();
        scope(id)
    }

    async fn set_status(&self, scope: &TenantScope, status: TenantStatus) {
        let mut tenant = self.stores.tenants.find(&platform(), scope.tenant_id()).await.unwrap().unwrap();
        tenant.set_status(status).unwrap();
        self.stores.tenants.save(&platform(), &tenant, ManualClock::default().now()).await.unwrap();
    }

    async fn api_key(&self, scope: &TenantScope) -> String {
        let minted = self.credentials.mint_api_key(scope, NewApiKey::named("till")).await.unwrap();
        minted.secret.expose().to_owned()
    }

    async fn widget_token(&self, scope: &TenantScope, origins: &[&str]) -> String {
        let origins: Vec<String> = origins.iter().map(|&origin| origin.to_owned()).collect();
        let minted = self.credentials.mint_widget_token(scope, "page", &origins, None).await.unwrap();
        minted.secret.expose().to_owned()
    }

    async fn binding(&self, scope: &TenantScope) -> ChannelBinding {
        let address = Address::from_carrier(NUMBER);
        self.channels.bind(scope, Channel::Sms, Provider::Twilio, address).await.unwrap()
    }

    async fn called(&self, owner: Option<TenantId>) -> Option<(TenantId, ChannelBinding)> {
        let address = Address::from_carrier(NUMBER);
        let called = self.gate.by_channel(Channel::Sms, &address, owner).await.unwrap();
        called.map(|(scope, binding)| {
            assert_eq!(*scope.actor(), Actor::Carrier);
            (scope.tenant_id(), binding)
        })
    }
}

fn unauthorized<T>(outcome: &Result<T, AccessError>) -> bool {
    matches!(outcome, Err(AccessError::Unauthorized))
}

#[test]
fn the_admin_key_lets_the_operator_in_and_another_does_not() {
    let gate = World::new().gate;
    assert!(gate.by_admin_key("the admin key").is_ok());
    for wrong in ["", "the admin key ", "The admin key", "another"] {
        assert!(unauthorized(&gate.by_admin_key(wrong)), "{wrong}");
    }
}

#[test]
fn without_an_admin_key_nobody_is_the_operator() {
    let gate = bare_gate(gate_stores(&TenancyStores::memory()));
    for presented in ["", "the admin key"] {
        assert!(unauthorized(&gate.by_admin_key(presented)), "{presented}");
    }
}

#[tokio::test]
async fn an_api_key_lets_its_own_tenant_in() {
    let world = World::new();
    let ours = world.tenant(1).await;
    let theirs = world.tenant(2).await;
    let key = world.api_key(&ours).await;
    let their_key = world.api_key(&theirs).await;
    assert_eq!(world.gate.by_api_key(&key).await.unwrap().tenant_id(), ours.tenant_id());
    assert_eq!(world.gate.by_api_key(&their_key).await.unwrap().tenant_id(), theirs.tenant_id());
}

#[tokio::test]
async fn an_unknown_api_key_lets_nobody_in() {
    let world = World::new();
    let scope = world.tenant(1).await;
    let token = world.widget_token(&scope, &["*"]).await;
    for presented in ["", "cc_live_", "cc_live_AAAA", &token] {
        assert!(unauthorized(&world.gate.by_api_key(presented).await), "{presented}");
    }
}

#[tokio::test]
async fn a_revoked_api_key_lets_nobody_in() {
    let world = World::new();
    let scope = world.tenant(1).await;
    let minted = world.credentials.mint_api_key(&scope, NewApiKey::named("till")).await.unwrap();
    let other = world.api_key(&scope).await;
    world.credentials.revoke_api_key(&scope, KeyKind::Program, minted.credential.id).await.unwrap();
    assert!(unauthorized(&world.gate.by_api_key(minted.secret.expose()).await));
    assert!(world.gate.by_api_key(&other).await.is_ok());
}

#[tokio::test]
async fn a_suspended_tenant_is_told_so() {
    let world = World::new();
    let scope = world.tenant(1).await;
    let key = world.api_key(&scope).await;
    let token = world.widget_token(&scope, &["*"]).await;
    world.set_status(&scope, TenantStatus::Suspended).await;
    assert!(matches!(world.gate.by_api_key(&key).await, Err(AccessError::Suspended)));
    assert!(matches!(world.gate.by_widget_token(&token, None).await, Err(AccessError::Suspended)));
    world.set_status(&scope, TenantStatus::Active).await;
    assert_eq!(world.gate.by_api_key(&key).await.unwrap().tenant_id(), scope.tenant_id());
}

#[tokio::test]
async fn a_deleted_tenants_credentials_are_as_good_as_none() {
    let world = World::new();
    let scope = world.tenant(1).await;
    let key = world.api_key(&scope).await;
    let token = world.widget_token(&scope, &["*"]).await;
    world.set_status(&scope, TenantStatus::Deleted).await;
    assert!(unauthorized(&world.gate.by_api_key(&key).await));
    assert!(unauthorized(&world.gate.by_widget_token(&token, None).await));
}

#[tokio::test]
async fn a_widget_token_serves_the_origins_on_its_list() {
    let world = World::new();
    let scope = world.tenant(1).await;
    let token = world.widget_token(&scope, &["https://example.com", "http://localhost:8080"]).await;
    for origin in
        [None, Some("https://example.com"), Some("HTTPS://EXAMPLE.COM"), Some("http://localhost:8080")]
    {
        assert_eq!(
            world.gate.by_widget_token(&token, origin).await.unwrap().tenant_id(),
            scope.tenant_id(),
            "{origin:?}"
        );
    }
    for origin in ["https://example.org", "http://example.com", "https://example.com.evil.org", "null", ""] {
        let outcome = world.gate.by_widget_token(&token, Some(origin)).await;
        assert!(matches!(outcome, Err(AccessError::ForeignOrigin)), "{origin}");
    }
}

#[tokio::test]
async fn a_widget_token_serves_every_origin_where_its_list_says_so_and_none_without_a_list() {
    let world = World::new();
    let scope = world.tenant(1).await;
    let token = world.widget_token(&scope, &["*"]).await;
    let there = Some("https://example.org");
    let acting = world.gate.by_widget_token(&token, there).await.unwrap();
    assert_eq!(acting.tenant_id(), scope.tenant_id());
    let mut unlisted = world.credentials.list_widget_tokens(&scope).await.unwrap().remove(0);
    assert!(unlisted.allows(there));
    unlisted.allowed_origins.clear();
    assert!(!unlisted.allows(there) && unlisted.allows(None));
}

#[tokio::test]
async fn an_unknown_or_revoked_widget_token_lets_nobody_in() {
    let world = World::new();
    let scope = world.tenant(1).await;
    let key = world.api_key(&scope).await;
    for presented in ["", "cc_widget_AAAA", &key] {
        assert!(unauthorized(&world.gate.by_widget_token(presented, None).await), "{presented}");
    }
    let origins = ["https://example.com".to_owned()];
    let minted = world.credentials.mint_widget_token(&scope, "page", &origins, None).await.unwrap();
    world.credentials.revoke_widget_token(&scope, minted.credential.id).await.unwrap();
    let presented = minted.secret.expose();
    assert!(unauthorized(&world.gate.by_widget_token(presented, None).await));
    // Nor does a stranger's page learn that the token once was good.
    assert!(unauthorized(&world.gate.by_widget_token(presented, Some("https://example.org")).await));
}

#[tokio::test]
async fn the_called_number_names_the_tenant() {
    let world = World::new();
    let scope = world.tenant(1).await;
    let binding = world.binding(&scope).await;
    assert_eq!(world.called(None).await, Some((scope.tenant_id(), binding.clone())));
    assert_eq!(world.called(Some(scope.tenant_id())).await, Some((scope.tenant_id(), binding)));
}

#[tokio::test]
async fn an_unknown_number_names_nobody() {
    let world = World::new();
    let scope = world.tenant(1).await;
    assert_eq!(world.called(None).await, None);
    world.binding(&scope).await;
    let address = Address::from_carrier(NUMBER);
    assert_eq!(world.gate.by_channel(Channel::Voice, &address, None).await.unwrap(), None);
}

#[tokio::test]
async fn a_number_that_is_switched_off_names_the_tenant_all_the_same() {
    let world = World::new();
    let scope = world.tenant(1).await;
    let binding = world.binding(&scope).await;
    world.channels.set_active(&scope, binding.id(), false).await.unwrap();
    for owner in [None, Some(scope.tenant_id())] {
        let (tenant, binding) = world.called(owner).await.unwrap();
        assert_eq!((tenant, binding.is_active()), (scope.tenant_id(), false));
    }
}

#[tokio::test]
async fn a_number_of_another_tenant_than_the_accounts_owner_names_nobody() {
    let world = World::new();
    let ours = world.tenant(1).await;
    let theirs = world.tenant(2).await;
    world.binding(&ours).await;
    assert_eq!(world.called(Some(theirs.tenant_id())).await, None);
}

#[tokio::test]
async fn a_suspended_tenants_number_still_names_it() {
    let world = World::new();
    let scope = world.tenant(1).await;
    world.binding(&scope).await;
    world.set_status(&scope, TenantStatus::Suspended).await;
    assert_eq!(world.called(None).await.map(|(tenant, _)| tenant), Some(scope.tenant_id()));
}

#[tokio::test]
async fn a_deleted_tenants_number_names_nobody() {
    let world = World::new();
    let scope = world.tenant(1).await;
    world.binding(&scope).await;
    world.set_status(&scope, TenantStatus::Deleted).await;
    assert_eq!(world.called(None).await, None);
    assert_eq!(world.called(Some(scope.tenant_id())).await, None);
}

#[tokio::test]
async fn a_number_of_our_own_names_its_tenant_even_when_it_is_switched_off() {
    let world = World::new();
    let scope = world.tenant(1).await;
    let binding = world.binding(&scope).await;
    world.channels.set_active(&scope, binding.id(), false).await.unwrap();
    let found = world.gate.by_own_address(Channel::Sms, binding.address()).await.unwrap();
    assert_eq!(found.map(|scope| scope.tenant_id()), Some(scope.tenant_id()));
    let strange = Address::from_carrier("+15551239999");
    assert_eq!(world.gate.by_own_address(Channel::Sms, &strange).await.unwrap(), None);
}

#[tokio::test]
async fn the_operator_selects_tenants_that_exist() {
    let world = World::new();
    let ours = world.tenant(1).await;
    let (selected, tenant) = world.gate.select(&platform(), ours.tenant_id()).await.unwrap().unwrap();
    assert_eq!((selected.tenant_id(), tenant.id()), (ours.tenant_id(), ours.tenant_id()));
    let unknown = TenantId::new(uuid::Uuid::from_u128(99));
    assert!(world.gate.select(&platform(), unknown).await.unwrap().is_none());
}

#[tokio::test]
async fn a_store_that_is_away_lets_nobody_in() {
    let stores = gate_stores(&TenancyStores::memory());
    let gate = bare_gate(GateStores {
        tenants: Arc::new(Down),
        credentials: Arc::new(Down),
        channels: Arc::new(Down),
        ..stores
    });
    let address = Address::from_carrier(NUMBER);
    assert!(matches!(gate.by_api_key("cc_live_A").await, Err(AccessError::Store(_))));
    assert!(matches!(gate.by_widget_token("cc_widget_A", None).await, Err(AccessError::Store(_))));
    assert!(matches!(gate.by_channel(Channel::Sms, &address, None).await, Err(AccessError::Store(_))));
    let tenant = TenantId::new(uuid::Uuid::from_u128(1));
    assert!(matches!(gate.select(&platform(), tenant).await, Err(AccessError::Store(_))));
}

#[tokio::test]
async fn nobody_is_let_in_or_named_while_the_tenant_cannot_be_looked_up() {
    let world = World::new();
    let scope = world.tenant(1).await;
    let key = world.api_key(&scope).await;
    let binding = world.binding(&scope).await;
    let gate = bare_gate(GateStores { tenants: Arc::new(Down), ..gate_stores(&world.stores) });
    assert!(matches!(gate.by_api_key(&key).await, Err(AccessError::Store(_))));
    let called = gate.by_channel(Channel::Sms, binding.address(), None).await;
    assert!(matches!(called, Err(AccessError::Store(_))));
}

#[tokio::test]
async fn every_credential_names_who_acts() {
    let world = World::new();
    let scope = world.tenant(1).await;
    let key = world.credentials.mint_api_key(&scope, NewApiKey::named("till")).await.unwrap();
    let acting = world.gate.by_api_key(key.secret.expose()).await.unwrap();
    assert_eq!(*acting.actor(), key.credential.actor());
    let token = world.credentials.mint_owner_token(&scope, "owner", None).await.unwrap();
    let acting = world.gate.by_owner_token(token.secret.expose()).await.unwrap();
    assert_eq!(*acting.actor(), Actor::OwnerToken { id: token.credential.id });
    let operator = world.gate.by_admin_key("the admin key").unwrap();
    assert_eq!(*operator.actor(), Actor::Operator(OperatorAccess::Key));
    let selected = world.gate.select(&operator, scope.tenant_id()).await.unwrap().unwrap().0;
    assert_eq!(selected.actor(), operator.actor());
}

#[tokio::test]
async fn an_api_key_is_no_owner_token_nor_the_other_way_round() {
    let world = World::new();
    let scope = world.tenant(1).await;
    let key = world.api_key(&scope).await;
    let token = world.credentials.mint_owner_token(&scope, "owner", None).await.unwrap().secret;
    assert!(unauthorized(&world.gate.by_owner_token(&key).await));
    assert!(unauthorized(&world.gate.by_api_key(token.expose()).await));
}

#[tokio::test]
async fn what_has_expired_lets_nobody_in() {
    let world = World::new();
    let scope = world.tenant(1).await;
    let soon = Some(world.clock.now() + TimeDelta::hours(1));
    let new = NewApiKey { expires_at: soon, ..NewApiKey::named("till") };
    let key = world.credentials.mint_api_key(&scope, new).await.unwrap().secret;
    let token =
        world.credentials.mint_widget_token(&scope, "page", &["*".to_owned()], soon).await.unwrap().secret;
    let now = world.clock.now();
    let admin = PlainTokenSigner::admin_token("ann", now, now + TimeDelta::hours(1));
    assert!(world.gate.by_api_key(key.expose()).await.is_ok());
    assert!(world.gate.by_widget_token(token.expose(), None).await.is_ok());
    let Principal::Platform(platform) = world.gate.by_bearer(admin.expose()).await.unwrap() else {
        panic!("the operator acts for the platform")
    };
    let named = OperatorAccess::Token { subject: "ann".into() };
    assert_eq!(*platform.actor(), Actor::Operator(named));
    world.clock.advance(TimeDelta::hours(1));
    assert!(unauthorized(&world.gate.by_api_key(key.expose()).await));
    assert!(unauthorized(&world.gate.by_widget_token(token.expose(), None).await));
    assert!(unauthorized(&world.gate.by_bearer(admin.expose()).await));
}

#[tokio::test]
async fn a_business_id_counts_only_where_the_operator_trusts_it() {
    let world = World::new();
    let scope = world.tenant(1).await;
    assert!(unauthorized(&world.gate.by_business_id(scope.tenant_id()).await));
    let operator = OperatorCredentials { trusts_business_id: true, ..OperatorCredentials::default() };
    let stores = gate_stores(&world.stores);
    let gate = Gate::new(stores, Arc::new(PlainTokenSigner), operator, world.clock.clone());
    assert_eq!(*gate.by_business_id(scope.tenant_id()).await.unwrap().actor(), Actor::TrustedCaller);
    let unknown = TenantId::new(uuid::Uuid::from_u128(99));
    assert!(matches!(gate.by_business_id(unknown).await, Err(AccessError::UnknownTenant)));
}

#[tokio::test]
async fn a_visitor_goes_on_while_the_page_may() {
    let world = World::new();
    let scope = world.tenant(1).await;
    let origins = ["https://example.com".to_owned()];
    let minted = world.credentials.mint_widget_token(&scope, "page", &origins, None).await.unwrap();
    let visitors = OpenVisitorSession::new(
        Arc::new(PlainTokenSigner),
        world.clock.clone(),
        Arc::new(CountingEntropy::default()),
    );
    assert!(visitors.open(&scope).is_err(), "nobody but a visitor opens a visitor's session");
    let page = world.gate.by_widget_token(minted.secret.expose(), None).await.unwrap();
    let session = visitors.open(&page).unwrap();
    let token = session.token.expose();
    let (acting, visitor) = world.gate.by_visitor_token(token, Some("https://example.com")).await.unwrap();
    assert_eq!((acting.actor(), visitor), (page.actor(), session.visitor));
    let foreign = world.gate.by_visitor_token(token, Some("https://example.org")).await;
    assert!(matches!(foreign, Err(AccessError::ForeignOrigin)));
    assert!(unauthorized(&world.gate.by_bearer(token).await), "a visitor's token is no member's");
    world.credentials.revoke_widget_token(&scope, minted.credential.id).await.unwrap();
    assert!(unauthorized(&world.gate.by_visitor_token(token, None).await));
    let other = visitors.open(&page).unwrap();
    world.clock.advance(OpenVisitorSession::SESSION);
    assert!(unauthorized(&world.gate.by_visitor_token(other.token.expose(), None).await));
}
