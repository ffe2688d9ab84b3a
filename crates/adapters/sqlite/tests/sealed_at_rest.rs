//! What is personal or secret never reaches the database file in plain.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, also in what makes its stores")]

use std::{path::Path, sync::Arc, time::Duration};

use kernel::{
    BindingId, Clock as _, MemberId, PhoneNumber, ProviderAccountId, TenantId,
    testing::{CountingIds, ManualClock},
};
use lead::{Arrived, CaptureLead, Heard, ManageLeads, Tag};
use limits::{
    Begun, CallerId, Fingerprint, IdempotencyKey, IdempotencyOwner, IdempotencyStore, StoredAnswer,
};
use sqlite::Stores;
use tenancy::{
    Address, ApiKey, BusinessProfile, Channel, ChannelBinding, ChannelStore, CredentialStore, EmailAddress,
    KeyKind, Member, MemberStatus, MemberStore, OwnerContact, PasswordHash, Permissions, Plan, Provider,
    ProviderAccount, ProviderAccountStore, Role, SecretDigest, SecretText, Tenant, TenantScope, TenantStore,
    testing::{platform, scope},
};
use uuid::Uuid;

mod support;

const OWNER_PHONE: &str = "+15551230042";
const OWNER_EMAIL: &str = "owner@example.com";
const NUMBER: &str = "+15551230000";
const MEMBER_EMAIL: &str = "ann@example.com";
const MEMBER_NAME: &str = "Ann of the till";
const PASSWORD_HASH: &str = "$argon2id$of-a-password";
const LEAD_NAME: &str = "Zelda Quist";
const LEAD_PHONE: &str = "+15551230077";
const LEAD_EMAIL: &str = "zelda@example.com";
const LEAD_TAG: &str = "flooded cellar";
const LEAD_NOTE: &str = "Call before nine";
const TOKEN: &str = "the-carriers-auth-token";
const API_KEY: &str = "cc_live_the-secret-of-the-key";

async fn write_secrets(stores: &Stores, scope: &TenantScope) {
    let (id, now) = (Uuid::from_u128(1), ManualClock::default().now());
    let tenant = Tenant::create(scope.tenant_id(), "Bristol Plumbing", Plan::Starter, now).unwrap();
    let owner = OwnerContact {
        phone: Some(PhoneNumber::parse(OWNER_PHONE).unwrap()),
        email: EmailAddress::parse(OWNER_EMAIL),
    };
    let profile = BusinessProfile { owner, ..BusinessProfile::default() };
    TenantStore::insert(stores, &platform(), &tenant, &profile).await.unwrap();
    let number = Address::Phone(PhoneNumber::parse(NUMBER).unwrap());
    let binding =
        ChannelBinding::bind(scope, BindingId::new(id), Channel::Sms, Provider::Twilio, number, now).unwrap();
    ChannelStore::insert(stores, scope, &binding).await.unwrap();
    let account = ProviderAccount {
        id: ProviderAccountId::new(id),
        tenant_id: scope.tenant_id(),
        provider: Provider::Twilio,
        account_sid: "AC01".into(),
        auth_token: SecretText::new(TOKEN),
        created_at: now,
    };
    ProviderAccountStore::insert(stores, scope, &account).await.unwrap();
    let key = ApiKey {
        id: kernel::ApiKeyId::new(id),
        tenant_id: scope.tenant_id(),
        kind: KeyKind::Program,
        name: "till".into(),
        digest: SecretDigest::of(API_KEY),
        scopes: Permissions::of_programs(),
        created_at: now,
        expires_at: None,
        revoked_at: None,
    };
    stores.insert_api_key(scope, &key).await.unwrap();
    let member = Member {
        id: MemberId::new(id),
        tenant_id: scope.tenant_id(),
        email: EmailAddress::parse(MEMBER_EMAIL).unwrap(),
        name: MEMBER_NAME.into(),
        role: Role::Owner,
        status: MemberStatus::Active,
        password: PasswordHash::new(PASSWORD_HASH),
        created_at: now,
        version: 0,
    };
    MemberStore::insert(stores, scope, &member).await.unwrap();
    write_a_lead(stores, scope).await;
}

/// Lets a text message make a lead, and puts a tag and a note on it.
async fn write_a_lead(stores: &Stores, scope: &TenantScope) {
    let (store, samples) = (Arc::new(stores.clone()), lead::testing::Samples::seeded(5));
    let (clock, ids) = (Arc::new(ManualClock::default()), Arc::new(CountingIds::new(6)));
    let text = format!("My name is {LEAD_NAME}, write to {LEAD_EMAIL}");
    let heard = Heard { texts: vec![samples.said(&text)], ..samples.heard(Channel::Sms, LEAD_PHONE) };
    let arrived = CaptureLead::new(store.clone(), ids.clone()).hear(scope, &heard).await.unwrap();
    let Arrived::Captured(id) = arrived else { unreachable!("it is the first: {arrived:?}") };
    let manage = ManageLeads::new(store, clock, ids);
    manage.tag(scope, id, &Tag::parse(LEAD_TAG).unwrap()).await.unwrap();
    manage.note(scope, id, LEAD_NOTE).await.unwrap();
}

/// Answers a request with a secret that is shown once.
async fn answer_with_the_key(stores: &Stores, owner: IdempotencyOwner<'_>) {
    let (key, now) = (IdempotencyKey::parse("a-callers-key").unwrap(), ManualClock::default().now());
    let (caller, asked) = (CallerId::parse("member:1").unwrap(), Fingerprint::of("POST", "/api-keys", b"{}"));
    let lease = Duration::from_secs(30);
    let Begun::Started(attempt) = stores.begin(owner, &key, &caller, &asked, now, lease).await.unwrap()
    else {
        unreachable!("nobody else asks");
    };
    let answer = StoredAnswer { status: 201, content_type: None, location: None, body: API_KEY.into() };
    stores.finish(owner, &key, &caller, attempt, &answer, now).await.unwrap();
}

/// Reads the database and its write-ahead log.
fn bytes_at_rest(folder: &Path) -> Vec<u8> {
    let files = std::fs::read_dir(folder).unwrap();
    files.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_personal_or_secret_is_not_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let stores = Stores::open(&folder.path().join("cheetah.db"), support::vault()).unwrap();
    let tenant = scope(TenantId::new(Uuid::from_u128(1)));
    write_secrets(&stores, &tenant).await;
    answer_with_the_key(&stores, IdempotencyOwner::Tenant(&tenant)).await;
    answer_with_the_key(&stores, IdempotencyOwner::Platform(&platform())).await;
    let bytes = bytes_at_rest(folder.path());
    assert!(
        ["Bristol Plumbing", "member:1", "lead.captured"].iter().all(|text| holds(&bytes, text)),
        "what is not secret is there, so the right files were read"
    );
    let of_leads = [LEAD_NAME, LEAD_PHONE, LEAD_EMAIL, LEAD_TAG, LEAD_NOTE];
    let of_others =
        [OWNER_PHONE, OWNER_EMAIL, NUMBER, TOKEN, API_KEY, MEMBER_EMAIL, MEMBER_NAME, PASSWORD_HASH];
    for secret in of_others.into_iter().chain(of_leads) {
        for form in [secret, secret.trim_start_matches('+')] {
            assert!(!holds(&bytes, form), "{form}");
        }
    }
}
