//! What a newer program has written, which runs beside this one, is read as far as this one knows it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, also in what makes its stores")]

use diesel::{Connection as _, RunQueryDsl as _, SqliteConnection, sql_query};
use kernel::{ApiKeyId, Clock as _, PageRequest, TenantId, testing::ManualClock};
use sqlite::Stores;
use tenancy::{
    AdminSessionStore, ApiKey, AuditFilter, AuditLog, BusinessProfile, CredentialStore, KeyKind, Permission,
    Permissions, Plan, SecretDigest, Tenant, TenantStore, testing::operator,
};
use uuid::Uuid;

mod support;

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_scope_gives_nothing_and_an_unknown_action_is_shown_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cheetah.db");
    let stores = Stores::open(&path, support::vault()).unwrap();
    let now = ManualClock::default().now();
    let tenant = Tenant::create(TenantId::new(Uuid::now_v7()), "Somebody", Plan::Starter, now).unwrap();
    TenantStore::insert(&stores, &operator(), &tenant, &BusinessProfile::default()).await.unwrap();
    AdminSessionStore::open(&stores, &operator(), &SecretDigest::of("x"), now, now).await.unwrap();
    let (scope, scopes) = (operator().tenant(tenant.id()), [Permission::LeadsRead].into_iter());
    let key = ApiKey {
        id: ApiKeyId::new(Uuid::now_v7()),
        tenant_id: tenant.id(),
        kind: KeyKind::Program,
        name: "till".to_owned(),
        digest: SecretDigest::of("cc_live_1"),
        scopes: scopes.collect::<Permissions>(),
        created_at: now,
        expires_at: None,
        revoked_at: None,
    };
    stores.insert_api_key(&scope, &key).await.unwrap();
    let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    for sql in [
        "UPDATE api_keys SET scopes = 'moon:write ' || scopes || ' moon:read'",
        "INSERT INTO audit_log (tenant_id, id, at, actor, action, resource_id) \
         SELECT tenant_id, randomblob(16), at + 1, actor, 'moon.landed', resource_id FROM audit_log LIMIT 1",
        "INSERT INTO platform_audit_log (id, at, actor, action, resource_id) \
         SELECT randomblob(16), at + 1, actor, 'moon.landed', resource_id FROM platform_audit_log LIMIT 1",
    ] {
        sql_query(sql).execute(&mut conn).unwrap();
    }
    assert_eq!(stores.list_api_keys(&scope).await.unwrap(), std::slice::from_ref(&key));
    assert_eq!(stores.find_api_key(&operator(), &key.digest).await.unwrap(), Some(key));
    let (all, first) = (AuditFilter::default(), PageRequest::new(1, None).unwrap());
    for lines in [
        AuditLog::list(&stores, &scope, &all, &first).await.unwrap(),
        stores.list_platform(&operator(), &all, &first).await.unwrap(),
    ] {
        let line = &lines.items[0];
        assert_eq!((line.action.as_str(), line.resource()), ("moon.landed", "moon"));
    }
}
