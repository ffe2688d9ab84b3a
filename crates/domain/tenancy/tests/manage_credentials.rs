//! Minting, listing and revoking API keys and widget tokens.

use std::sync::Arc;

use chrono::TimeDelta;
use kernel::{
    ApiKeyId, BoxError, Entropy, TenantId, WidgetTokenId,
    testing::{CountingEntropy, CountingIds, ManualClock},
};
use tenancy::{
    Address, Channel, KeyMode, ManageCredentials, SecretDigest, TenancyError, TenantScope,
    testing::{TenancyStores, platform, scope},
};
use uuid::Uuid;

struct World {
    stores: TenancyStores,
    clock: Arc<ManualClock>,
    manage: ManageCredentials,
}

impl World {
    fn new() -> Self {
        Self::with(Arc::new(CountingEntropy::default()))
    }

    fn with(entropy: Arc<dyn Entropy>) -> Self {
        let stores = TenancyStores::memory();
        let clock = Arc::new(ManualClock::default());
        let manage = ManageCredentials::new(
            Arc::clone(&stores.credentials),
            Arc::clone(&stores.channels),
            clock.clone(),
            Arc::new(CountingIds::default()),
            entropy,
        );
        Self { stores, clock, manage }
    }
}

fn tenant(number: u128) -> TenantScope {
    scope(TenantId::new(Uuid::from_u128(number)))
}

#[tokio::test]
async fn an_api_keys_secret_is_shown_once_and_only_its_digest_is_kept() {
    let world = World::new();
    let minted = world.manage.mint_api_key(&tenant(1), "till", KeyMode::Live).await.unwrap();
    let secret = minted.secret.expose();
    assert_eq!(minted.credential.digest, SecretDigest::of(secret));
    let kept = world.manage.list_api_keys(&tenant(1)).await.unwrap();
    assert_eq!(kept, std::slice::from_ref(&minted.credential));
    assert!(!format!("{kept:?} {minted:?}").contains(secret), "debug output shows the secret");
    let found = world.stores.credentials.find_api_key(&platform(), &SecretDigest::of(secret)).await.unwrap();
    assert_eq!(found, Some(minted.credential));
}

#[tokio::test]
async fn a_secrets_prefix_tells_what_it_is() {
    let manage = World::new().manage;
    let live = manage.mint_api_key(&tenant(1), "till", KeyMode::Live).await.unwrap();
    let test = manage.mint_api_key(&tenant(1), "till", KeyMode::Test).await.unwrap();
    let widget = manage.mint_widget_token(&tenant(1), "page", &[]).await.unwrap();
    for (secret, prefix) in
        [(live.secret, "cc_live_"), (test.secret, "cc_test_"), (widget.secret, "cc_widget_")]
    {
        let random = secret.expose().strip_prefix(prefix).unwrap();
        assert_eq!(random.len(), 43, "256 bits in base64, in {prefix}");
    }
}

#[tokio::test]
async fn two_secrets_differ() {
    let manage = World::new().manage;
    let one = manage.mint_api_key(&tenant(1), "till", KeyMode::Live).await.unwrap();
    let other = manage.mint_api_key(&tenant(1), "till", KeyMode::Live).await.unwrap();
    assert_ne!(one.secret.expose(), other.secret.expose());
    assert_ne!(one.credential.id, other.credential.id);
}

#[tokio::test]
async fn a_credential_without_a_usable_name_is_not_minted() {
    let manage = World::new().manage;
    for name in ["", "  ", "two\nlines", &"x".repeat(101)] {
        let outcome = manage.mint_api_key(&tenant(1), name, KeyMode::Live).await;
        assert!(matches!(outcome, Err(TenancyError::Invalid { field: "name", .. })), "{name}");
        let outcome = manage.mint_widget_token(&tenant(1), name, &[]).await;
        assert!(matches!(outcome, Err(TenancyError::Invalid { field: "name", .. })), "{name}");
    }
    assert_eq!(manage.list_api_keys(&tenant(1)).await.unwrap(), []);
    assert_eq!(manage.list_widget_tokens(&tenant(1)).await.unwrap(), []);
}

#[tokio::test]
async fn origins_are_kept_in_one_spelling() {
    let manage = World::new().manage;
    let origins = [" HTTPS://Example.com/ ".to_owned(), "http://localhost:8080".to_owned()];
    let minted = manage.mint_widget_token(&tenant(1), "page", &origins).await.unwrap();
    assert_eq!(minted.credential.allowed_origins, ["https://example.com", "http://localhost:8080"]);
}

#[tokio::test]
async fn what_is_no_origin_is_refused() {
    let manage = World::new().manage;
    for origin in
        ["", "*", "example.com", "https://", "https://*.example.com", "https://a.com/x", "ftp://a.com"]
    {
        let outcome = manage.mint_widget_token(&tenant(1), "page", &[origin.to_owned()]).await;
        assert!(matches!(outcome, Err(TenancyError::Invalid { field: "allowed_origins", .. })), "{origin}");
    }
    assert_eq!(manage.list_widget_tokens(&tenant(1)).await.unwrap(), []);
}

#[tokio::test]
async fn the_first_widget_token_opens_the_web_chat_and_the_next_finds_it_open() {
    let world = World::new();
    world.manage.mint_widget_token(&tenant(1), "page", &[]).await.unwrap();
    world.manage.mint_widget_token(&tenant(1), "other page", &[]).await.unwrap();
    let bindings = world.stores.channels.list(&tenant(1)).await.unwrap();
    assert_eq!(bindings.len(), 1);
    assert_eq!(bindings[0].channel(), Channel::WebChat);
    assert_eq!(*bindings[0].address(), Address::Session(tenant(1).tenant_id().to_string()));
}

#[tokio::test]
async fn each_tenant_has_a_web_chat_of_its_own() {
    let world = World::new();
    for scope in [tenant(1), tenant(2)] {
        world.manage.mint_widget_token(&scope, "page", &[]).await.unwrap();
        assert_eq!(world.stores.channels.list(&scope).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_revoked_credential_keeps_its_first_time() {
    let world = World::new();
    let key = world.manage.mint_api_key(&tenant(1), "till", KeyMode::Live).await.unwrap().credential;
    let token = world.manage.mint_widget_token(&tenant(1), "page", &[]).await.unwrap().credential;
    for _ in 0..2 {
        world.clock.advance(TimeDelta::hours(1));
        world.manage.revoke_api_key(&tenant(1), key.id).await.unwrap();
        world.manage.revoke_widget_token(&tenant(1), token.id).await.unwrap();
    }
    let first = Some(key.created_at + TimeDelta::hours(1));
    assert_eq!(world.manage.list_api_keys(&tenant(1)).await.unwrap()[0].revoked_at, first);
    assert_eq!(world.manage.list_widget_tokens(&tenant(1)).await.unwrap()[0].revoked_at, first);
}

#[tokio::test]
async fn another_tenants_credential_is_not_found_as_one_that_never_was() {
    let manage = World::new().manage;
    let key = manage.mint_api_key(&tenant(1), "till", KeyMode::Live).await.unwrap().credential;
    let token = manage.mint_widget_token(&tenant(1), "page", &[]).await.unwrap().credential;
    for id in [key.id, ApiKeyId::new(Uuid::from_u128(99))] {
        let outcome = manage.revoke_api_key(&tenant(2), id).await;
        assert!(matches!(outcome, Err(TenancyError::NotFound { what: "api key" })), "{outcome:?}");
    }
    for id in [token.id, WidgetTokenId::new(Uuid::from_u128(99))] {
        let outcome = manage.revoke_widget_token(&tenant(2), id).await;
        assert!(matches!(outcome, Err(TenancyError::NotFound { what: "widget token" })), "{outcome:?}");
    }
    assert_eq!(manage.list_api_keys(&tenant(2)).await.unwrap(), []);
    assert_eq!(manage.list_api_keys(&tenant(1)).await.unwrap(), [key]);
    assert_eq!(manage.list_widget_tokens(&tenant(1)).await.unwrap(), [token]);
}

#[tokio::test]
async fn without_randomness_nothing_is_minted() {
    struct Dry;
    impl Entropy for Dry {
        fn fill(&self, _: &mut [u8]) -> Result<(), BoxError> {
            Err("dry".into())
        }
    }
    let manage = World::with(Arc::new(Dry)).manage;
    let outcome = manage.mint_api_key(&tenant(1), "till", KeyMode::Live).await;
    assert!(matches!(outcome, Err(TenancyError::Entropy(_))), "{outcome:?}");
    assert_eq!(manage.list_api_keys(&tenant(1)).await.unwrap(), []);
}
