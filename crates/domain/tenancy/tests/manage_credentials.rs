//! Minting, listing and revoking API keys and widget tokens.

use std::sync::Arc;

use chrono::TimeDelta;
use kernel::{
    ApiKeyId, BoxError, Clock as _, Entropy, MemberId, SessionId, TenantId, WidgetTokenId,
    testing::{CountingEntropy, CountingIds, ManualClock},
};
use tenancy::{
    AccessError, Actor, Address, Channel, KeyKind, KeyMode, ManageCredentials, NewApiKey, Permission,
    Permissions, Role, SecretDigest, TenancyError, TenantScope,
    testing::{TenancyStores, platform, scope, scope_of},
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

fn any_page() -> [String; 1] {
    ["*".to_owned()]
}

#[tokio::test]
async fn an_api_keys_secret_is_shown_once_and_only_its_digest_is_kept() {
    let world = World::new();
    let minted = world.manage.mint_api_key(&tenant(1), NewApiKey::named("till")).await.unwrap();
    let secret = minted.secret.expose();
    assert_eq!(minted.credential.digest, SecretDigest::of(secret));
    let kept = world.manage.list_api_keys(&tenant(1), KeyKind::Program).await.unwrap();
    assert_eq!(kept, std::slice::from_ref(&minted.credential));
    assert!(!format!("{kept:?} {minted:?}").contains(secret), "debug output shows the secret");
    let found = world.stores.credentials.find_api_key(&platform(), &SecretDigest::of(secret)).await.unwrap();
    assert_eq!(found, Some(minted.credential));
}

#[tokio::test]
async fn a_secrets_prefix_tells_what_it_is() {
    let manage = World::new().manage;
    let live = manage.mint_api_key(&tenant(1), NewApiKey::named("till")).await.unwrap();
    let test = manage
        .mint_api_key(&tenant(1), NewApiKey { mode: KeyMode::Test, ..NewApiKey::named("till") })
        .await
        .unwrap();
    let widget = manage.mint_widget_token(&tenant(1), "page", &any_page(), None).await.unwrap();
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
    let one = manage.mint_api_key(&tenant(1), NewApiKey::named("till")).await.unwrap();
    let other = manage.mint_api_key(&tenant(1), NewApiKey::named("till")).await.unwrap();
    assert_ne!(one.secret.expose(), other.secret.expose());
    assert_ne!(one.credential.id, other.credential.id);
}

#[tokio::test]
async fn a_credential_without_a_usable_name_is_not_minted() {
    let manage = World::new().manage;
    for name in ["", "  ", "two\nlines", &"x".repeat(101)] {
        let outcome = manage.mint_api_key(&tenant(1), NewApiKey::named(name)).await;
        assert!(matches!(outcome, Err(TenancyError::Invalid { field: "name", .. })), "{name}");
        let outcome = manage.mint_widget_token(&tenant(1), name, &any_page(), None).await;
        assert!(matches!(outcome, Err(TenancyError::Invalid { field: "name", .. })), "{name}");
    }
    assert_eq!(manage.list_api_keys(&tenant(1), KeyKind::Program).await.unwrap(), []);
    assert_eq!(manage.list_widget_tokens(&tenant(1)).await.unwrap(), []);
}

#[tokio::test]
async fn origins_are_kept_in_one_spelling() {
    let manage = World::new().manage;
    for (written, kept) in [
        (" HTTPS://Example.com/ ", "https://example.com"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("https://example.com:443", "https://example.com"),
        ("http://a.com:80/", "http://a.com"),
        ("http://a.com:443", "http://a.com:443"),
        ("https://Bücher.example", "https://xn--bcher-kva.example"),
        ("http://[0:0::1]:8080", "http://[::1]:8080"),
    ] {
        let minted = manage.mint_widget_token(&tenant(1), "page", &[written.to_owned()], None).await.unwrap();
        assert_eq!(minted.credential.allowed_origins, [kept]);
        assert!(minted.credential.allows(Some(kept)), "{written}");
    }
}

#[tokio::test]
async fn what_is_no_origin_is_refused() {
    let manage = World::new().manage;
    for origin in [
        "",
        "**",
        "example.com",
        "https://",
        "https://*.example.com",
        "https://a.com/x",
        "ftp://a.com",
        "https://a.com?x",
        "https://a.com#x",
        "https://ann@a.com",
        "https://a.com:x",
    ] {
        let outcome = manage.mint_widget_token(&tenant(1), "page", &[origin.to_owned()], None).await;
        assert!(matches!(outcome, Err(TenancyError::Invalid { field: "allowed_origins", .. })), "{origin}");
    }
    let outcome = manage.mint_widget_token(&tenant(1), "page", &[], None).await;
    assert!(matches!(outcome, Err(TenancyError::Invalid { field: "allowed_origins", .. })), "{outcome:?}");
    assert_eq!(manage.list_widget_tokens(&tenant(1)).await.unwrap(), []);
}

#[tokio::test]
async fn the_first_widget_token_opens_the_web_chat_and_the_next_finds_it_open() {
    let world = World::new();
    world.manage.mint_widget_token(&tenant(1), "page", &any_page(), None).await.unwrap();
    world.manage.mint_widget_token(&tenant(1), "other page", &any_page(), None).await.unwrap();
    let bindings = world.stores.channels.list(&tenant(1)).await.unwrap();
    assert_eq!(bindings.len(), 1);
    assert_eq!(bindings[0].channel(), Channel::WebChat);
    assert_eq!(*bindings[0].address(), Address::Session(tenant(1).tenant_id().to_string()));
}

#[tokio::test]
async fn each_tenant_has_a_web_chat_of_its_own() {
    let world = World::new();
    for scope in [tenant(1), tenant(2)] {
        world.manage.mint_widget_token(&scope, "page", &any_page(), None).await.unwrap();
        assert_eq!(world.stores.channels.list(&scope).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_revoked_credential_keeps_its_first_time() {
    let world = World::new();
    let key = world.manage.mint_api_key(&tenant(1), NewApiKey::named("till")).await.unwrap().credential;
    let token =
        world.manage.mint_widget_token(&tenant(1), "page", &any_page(), None).await.unwrap().credential;
    for _ in 0..2 {
        world.clock.advance(TimeDelta::hours(1));
        world.manage.revoke_api_key(&tenant(1), KeyKind::Program, key.id).await.unwrap();
        world.manage.revoke_widget_token(&tenant(1), token.id).await.unwrap();
    }
    let first = Some(key.created_at + TimeDelta::hours(1));
    assert_eq!(world.manage.list_api_keys(&tenant(1), KeyKind::Program).await.unwrap()[0].revoked_at, first);
    assert_eq!(world.manage.list_widget_tokens(&tenant(1)).await.unwrap()[0].revoked_at, first);
}

#[tokio::test]
async fn another_tenants_credential_is_not_found_as_one_that_never_was() {
    let manage = World::new().manage;
    let key = manage.mint_api_key(&tenant(1), NewApiKey::named("till")).await.unwrap().credential;
    let token = manage.mint_widget_token(&tenant(1), "page", &any_page(), None).await.unwrap().credential;
    for id in [key.id, ApiKeyId::new(Uuid::from_u128(99))] {
        let outcome = manage.revoke_api_key(&tenant(2), KeyKind::Program, id).await;
        assert!(matches!(outcome, Err(TenancyError::NotFound { what: "api key" })), "{outcome:?}");
    }
    for id in [token.id, WidgetTokenId::new(Uuid::from_u128(99))] {
        let outcome = manage.revoke_widget_token(&tenant(2), id).await;
        assert!(matches!(outcome, Err(TenancyError::NotFound { what: "widget token" })), "{outcome:?}");
    }
    assert_eq!(manage.list_api_keys(&tenant(2), KeyKind::Program).await.unwrap(), []);
    assert_eq!(manage.list_api_keys(&tenant(1), KeyKind::Program).await.unwrap(), [key]);
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
    let outcome = manage.mint_api_key(&tenant(1), NewApiKey::named("till")).await;
    assert!(matches!(outcome, Err(TenancyError::Entropy(_))), "{outcome:?}");
    assert_eq!(manage.list_api_keys(&tenant(1), KeyKind::Program).await.unwrap(), []);
}

fn member(role: Role) -> TenantScope {
    let (id, session) = (MemberId::new(Uuid::nil()), SessionId::new(Uuid::nil()));
    scope_of(tenant(1).tenant_id(), Actor::Member { id, session, role })
}

#[tokio::test]
async fn a_key_has_all_that_its_maker_may_give_unless_told_otherwise() {
    let manage = World::new().manage;
    let by_server = manage.mint_api_key(&tenant(1), NewApiKey::named("till")).await.unwrap();
    assert_eq!(by_server.credential.scopes, Permissions::of_programs());
    let by_owner = manage.mint_api_key(&member(Role::Owner), NewApiKey::named("till")).await.unwrap();
    assert_eq!(by_owner.credential.scopes, Permissions::of_programs());
    let one: Permissions = [Permission::ConversationsRead].into_iter().collect();
    let asked = NewApiKey { scopes: Some(one), ..NewApiKey::named("till") };
    assert_eq!(manage.mint_api_key(&member(Role::Admin), asked).await.unwrap().credential.scopes, one);
}

#[tokio::test]
async fn nobody_gives_a_key_what_they_may_not_do_themselves() {
    let manage = World::new().manage;
    let read: Permissions = [Permission::ConversationsRead].into_iter().collect();
    let write: Permissions = [Permission::ConversationsWrite].into_iter().collect();
    let id = ApiKeyId::new(Uuid::nil());
    let key = scope_of(tenant(1).tenant_id(), Actor::ApiKey { id, scopes: read, expires_at: None });
    let asked = NewApiKey { scopes: Some(write), ..NewApiKey::named("till") };
    let refused = manage.mint_api_key(&key, asked.clone()).await.unwrap_err();
    let lacks = TenancyError::Access(AccessError::Lacks(Permission::ConversationsWrite));
    assert_eq!(refused.to_string(), lacks.to_string());
    let others: Permissions = [Permission::MembersWrite].into_iter().collect();
    let asked = NewApiKey { scopes: Some(others), ..asked };
    manage.mint_api_key(&member(Role::Owner), asked).await.unwrap_err();
    let unsaid = manage.mint_api_key(&key, NewApiKey::named("till")).await.unwrap();
    assert_eq!(unsaid.credential.scopes, read);
    let strong = manage.mint_api_key(&tenant(1), NewApiKey::named("strong")).await.unwrap().credential;
    manage.rotate_api_key(&key, strong.id, TimeDelta::zero()).await.unwrap_err();
}

#[tokio::test]
async fn who_may_not_see_all_that_an_owner_token_sees_mints_none() {
    let manage = World::new().manage;
    let id = ApiKeyId::new(Uuid::nil());
    let write: Permissions = [Permission::CredentialsWrite].into_iter().collect();
    let all_but_one = Permissions::of_programs().beyond([Permission::AuditRead].into_iter().collect());
    for (scopes, lacking) in [(write, Permission::TenantRead), (all_but_one, Permission::AuditRead)] {
        let key = scope_of(tenant(1).tenant_id(), Actor::ApiKey { id, scopes, expires_at: None });
        let refused = manage.mint_owner_token(&key, "owner", None).await.unwrap_err();
        let lacks = TenancyError::Access(AccessError::Lacks(lacking));
        assert_eq!(refused.to_string(), lacks.to_string());
    }
    assert_eq!(manage.list_api_keys(&tenant(1), KeyKind::Owner).await.unwrap(), []);
    manage.mint_owner_token(&member(Role::Admin), "owner", None).await.unwrap();
    let key = Actor::ApiKey { id, scopes: Permissions::of_programs(), expires_at: None };
    manage.mint_owner_token(&scope_of(tenant(1).tenant_id(), key), "owner", None).await.unwrap();
}

#[tokio::test]
async fn what_a_key_makes_ends_with_it_at_the_latest() {
    let World { manage, clock, .. } = World::new();
    let in_hours = |hours| Some(clock.now() + TimeDelta::hours(hours));
    let (scopes, id, day) = (Permissions::of_programs(), ApiKeyId::new(Uuid::nil()), in_hours(24));
    let key = scope_of(tenant(1).tenant_id(), Actor::ApiKey { id, scopes, expires_at: day });
    let endless = manage.mint_api_key(&tenant(1), NewApiKey::named("endless")).await.unwrap().credential;
    for (asked, given) in [(None, day), (in_hours(48), day), (in_hours(1), in_hours(1))] {
        let new = NewApiKey { expires_at: asked, ..NewApiKey::named("till") };
        assert_eq!(manage.mint_api_key(&key, new).await.unwrap().credential.expires_at, given);
        let token = manage.mint_owner_token(&key, "owner", asked).await.unwrap();
        assert_eq!(token.credential.expires_at, given);
        let token = manage.mint_widget_token(&key, "page", &any_page(), asked).await.unwrap();
        assert_eq!(token.credential.expires_at, given);
    }
    let rotated = manage.rotate_api_key(&key, endless.id, TimeDelta::zero()).await.unwrap();
    assert_eq!(rotated.credential.expires_at, day);
}

#[tokio::test]
async fn a_key_without_scopes_or_one_that_has_expired_before_it_began_is_refused() {
    let world = World::new();
    let asked = NewApiKey { scopes: Some(Permissions::NONE), ..NewApiKey::named("till") };
    let outcome = world.manage.mint_api_key(&tenant(1), asked).await;
    assert!(matches!(outcome, Err(TenancyError::Invalid { field: "scopes", .. })), "{outcome:?}");
    let past = Some(world.clock.now());
    let asked = NewApiKey { expires_at: past, ..NewApiKey::named("till") };
    let outcome = world.manage.mint_api_key(&tenant(1), asked).await;
    assert!(matches!(outcome, Err(TenancyError::Invalid { field: "expires_at", .. })), "{outcome:?}");
    let outcome = world.manage.mint_owner_token(&tenant(1), "owner", past).await;
    assert!(matches!(outcome, Err(TenancyError::Invalid { field: "expires_at", .. })), "{outcome:?}");
    let outcome = world.manage.mint_widget_token(&tenant(1), "page", &any_page(), past).await;
    assert!(matches!(outcome, Err(TenancyError::Invalid { field: "expires_at", .. })), "{outcome:?}");
}

#[tokio::test]
async fn a_rotated_key_works_beside_the_new_one_for_the_overlap() {
    let world = World::new();
    let old = world.manage.mint_api_key(&tenant(1), NewApiKey::named("till")).await.unwrap().credential;
    let new = world.manage.rotate_api_key(&tenant(1), old.id, TimeDelta::hours(1)).await.unwrap();
    assert_eq!((&new.credential.name, new.credential.scopes), (&old.name, old.scopes));
    assert!(new.secret.expose().starts_with("cc_live_"));
    let kept = world.manage.list_api_keys(&tenant(1), KeyKind::Program).await.unwrap();
    assert!(kept[0].is_live(world.clock.now()) && kept[1].is_live(world.clock.now()));
    world.clock.advance(TimeDelta::hours(1));
    assert!(!kept[0].is_live(world.clock.now()) && kept[1].is_live(world.clock.now()));
    let again = world.manage.rotate_api_key(&tenant(1), old.id, TimeDelta::zero()).await;
    assert!(matches!(again, Err(TenancyError::NotFound { .. })), "{again:?}");
    for overlap in [TimeDelta::seconds(-1), TimeDelta::days(7) + TimeDelta::seconds(1)] {
        let refused = world.manage.rotate_api_key(&tenant(1), new.credential.id, overlap).await;
        assert!(
            matches!(refused, Err(TenancyError::Invalid { field: "overlap_seconds", .. })),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn a_key_is_rotated_once_and_then_the_one_that_took_its_place() {
    let world = World::new();
    let old = world.manage.mint_api_key(&tenant(1), NewApiKey::named("till")).await.unwrap().credential;
    let new = world.manage.rotate_api_key(&tenant(1), old.id, TimeDelta::hours(1)).await.unwrap().credential;
    let again = world.manage.rotate_api_key(&tenant(1), old.id, TimeDelta::hours(1)).await;
    assert!(matches!(again, Err(TenancyError::KeyRotated)), "{again:?}");
    let next = world.manage.rotate_api_key(&tenant(1), new.id, TimeDelta::hours(1)).await.unwrap();
    assert_eq!(next.credential.expires_at, None);
}

#[tokio::test]
async fn owner_tokens_and_api_keys_do_not_stand_for_one_another() {
    let manage = World::new().manage;
    let token = manage.mint_owner_token(&tenant(1), "owner", None).await.unwrap();
    assert!(token.secret.expose().starts_with("cc_owner_"));
    assert_eq!(manage.list_api_keys(&tenant(1), KeyKind::Program).await.unwrap(), []);
    manage.revoke_api_key(&tenant(1), KeyKind::Program, token.credential.id).await.unwrap_err();
    manage.rotate_api_key(&tenant(1), token.credential.id, TimeDelta::zero()).await.unwrap_err();
    manage.revoke_api_key(&tenant(1), KeyKind::Owner, token.credential.id).await.unwrap();
}
