//! What the database itself refuses, whatever the program asks: no row without a tenant, none of another's.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, also in what makes its stores"
)]

use conversation::testing::{ConversationStores, Samples};
use harness::postgres::Database;
use postgres::{Connection, OpenError, PoolSettings, Stores};
use tenancy::TenantScope;

mod support;
mod tenants;

/// A database in which two tenants have been written to, and their stores.
async fn two_busy_tenants() -> (ConversationStores, Database) {
    let (stores, database) = support::stores().await;
    let both = tenants::two(&stores, Box::new(())).await;
    let samples = Samples::default();
    for (scope, binding) in [(&both.tenant, &both.binding), (&both.other, &both.other_binding)] {
        let inbound = samples.inbound(binding, "My kitchen is flooding");
        both.conversations.receive(scope, &inbound).await.unwrap();
    }
    (both, database)
}

/// Runs SQL as the role that works for tenants, in one transaction that names this tenant, or none.
fn as_app(database: &Database, tenant: Option<&TenantScope>, sql: &str) -> Result<String, String> {
    let named =
        tenant.map_or(String::new(), |scope| format!("SET LOCAL app.tenant_id = '{}';", scope.tenant_id()));
    let sql = format!("BEGIN; SET LOCAL ROLE cheetah_app; {named} {sql}; ROLLBACK");
    database.query(&sql).map_err(|error| format!("{error:#}"))
}

fn tables(database: &Database) -> Vec<String> {
    let sql = "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace \
               AND relname <> '__diesel_schema_migrations' ORDER BY 1";
    database.query(sql).unwrap().lines().map(str::to_owned).collect()
}

/// The number that a count printed.
fn count(printed: &str) -> u64 {
    printed
        .lines()
        .find_map(|line| line.trim().parse().ok())
        .unwrap_or_else(|| panic!("no number in {printed}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_table_forces_row_level_security_on_everybody() {
    let (_stores, database) = support::stores().await;
    let open = database
        .query(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace \
             AND relname <> '__diesel_schema_migrations' AND NOT (relrowsecurity AND relforcerowsecurity)",
        )
        .unwrap();
    assert_eq!(open.trim(), "");
    assert!(tables(&database).len() >= 16, "the tables were found at all");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_belong_to_a_tenant_begin_with_it() {
    let (_stores, database) = support::stores().await;
    // Unique over all tenants on purpose: what is found before the tenant is known.
    let others = database
        .query(
            "SELECT c.conrelid::regclass || ' ' || c.conname FROM pg_constraint c \
             JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] \
             WHERE c.contype IN ('p', 'u', 'f') AND c.connamespace = 'public'::regnamespace \
             AND a.attname <> 'tenant_id' ORDER BY 1",
        )
        .unwrap();
    let found: Vec<_> = others.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let known = [
        "__diesel_schema_migrations __diesel_schema_migrations_pkey",
        "admin_sessions admin_sessions_pkey",
        "api_keys api_keys_digest_key",
        "channel_bindings channel_bindings_channel_address_index_key",
        "idempotency_keys idempotency_keys_pkey",
        "provider_accounts provider_accounts_provider_account_sid_key",
        "tenants tenants_pkey",
        "vault_keys vault_keys_pkey",
        "widget_tokens widget_tokens_digest_key",
    ];
    assert_eq!(found, known);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_tenant_no_table_shows_a_row() {
    let (_both, database) = two_busy_tenants().await;
    for table in tables(&database) {
        // What the role may not read at all is refused, which is as good.
        if let Ok(printed) = as_app(&database, None, &format!("SELECT count(*) FROM {table}")) {
            assert_eq!(count(&printed), 0, "{table}");
        }
    }
    assert_eq!(
        count(&database.query("SELECT count(*) FROM messages").unwrap()),
        2,
        "there are rows to be seen"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_sees_its_own_rows_in_every_table_and_no_others() {
    let (both, database) = two_busy_tenants().await;
    let mut seen = 0;
    for table in tables(&database) {
        let column = match table.as_str() {
            "tenants" => "id",
            "vault_keys" | "idempotency_keys" => "owner_id",
            // No tenant has a part in it.
            "admin_sessions" => continue,
            _ => "tenant_id",
        };
        let all = count(&database.query(&format!("SELECT count(*) FROM {table}")).unwrap());
        let own = format!("SELECT count(*) FROM {table} WHERE {column} = '{}'", both.tenant.tenant_id());
        let own = count(&database.query(&own).unwrap());
        let Ok(printed) = as_app(&database, Some(&both.tenant), &format!("SELECT count(*) FROM {table}"))
        else {
            continue;
        };
        assert_eq!(count(&printed), own, "{table}");
        seen += u64::from(own > 0 && own < all);
    }
    assert!(seen >= 8, "only {seen} tables held rows of both");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenants_rows_are_neither_written_nor_moved_nor_removed() {
    let (both, database) = two_busy_tenants().await;
    let (ours, theirs) = (both.tenant.tenant_id(), both.other.tenant_id());
    let app = |sql: &str| as_app(&database, Some(&both.tenant), sql);
    let changed =
        app("WITH changed AS (UPDATE messages SET waits = true RETURNING 1) SELECT count(*) FROM changed");
    assert_eq!(count(&changed.unwrap()), 1, "its own row only");
    let gone = app(&format!(
        "WITH gone AS (DELETE FROM jobs WHERE tenant_id = '{theirs}' RETURNING 1) SELECT count(*) FROM gone"
    ));
    assert_eq!(count(&gone.unwrap()), 0);
    let moved = app(&format!("UPDATE conversations SET tenant_id = '{theirs}' WHERE tenant_id = '{ours}'"));
    assert!(moved.unwrap_err().contains("row-level security"), "it may not give a row away");
    let planted = app(&format!(
        "INSERT INTO contacts (tenant_id, id, key_wrapped, created_at) VALUES ('{theirs}', '{ours}', '', now())"
    ));
    assert!(planted.unwrap_err().contains("row-level security"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_key_tells_another_tenants_id_from_a_random_one_by_nothing() {
    let (both, database) = two_busy_tenants().await;
    let theirs = database
        .query(&format!("SELECT id FROM conversations WHERE tenant_id = '{}'", both.other.tenant_id()))
        .unwrap();
    let random = uuid::Uuid::now_v7().to_string();
    let refused = [theirs.trim(), &random].map(|conversation| {
        let sql = format!(
            "INSERT INTO turns (tenant_id, id, conversation_id, outcome, started_at, committed_at) \
             VALUES ('{}', gen_random_uuid(), '{conversation}', 'x', now(), now())",
            both.tenant.tenant_id()
        );
        as_app(&database, Some(&both.tenant), &sql).unwrap_err().replace(conversation, "ID")
    });
    assert!(refused[0].contains("foreign key"), "{}", refused[0]);
    assert_eq!(refused[0], refused[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_another_tenant_has_is_free() {
    let (both, database) = two_busy_tenants().await;
    let theirs = database
        .query(&format!("SELECT id FROM contacts WHERE tenant_id = '{}'", both.other.tenant_id()))
        .unwrap();
    let sql = format!(
        "INSERT INTO contacts (tenant_id, id, key_wrapped, created_at) VALUES ('{}', '{}', '', now())",
        both.tenant.tenant_id(),
        theirs.trim()
    );
    as_app(&database, Some(&both.tenant), &sql).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_platforms_role_reads_nothing_that_customers_say() {
    let (_both, database) = two_busy_tenants().await;
    for table in
        ["messages", "contacts", "contact_addresses", "conversations", "consents", "consent_ledger", "turns"]
    {
        let sql = format!("BEGIN; SET LOCAL ROLE cheetah_platform; SELECT count(*) FROM {table}; ROLLBACK");
        let refused = format!("{:#}", database.query(&sql).unwrap_err());
        assert!(refused.contains("permission denied"), "{table}: {refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_roles_cannot_rewrite_what_is_append_only() {
    let (both, database) = two_busy_tenants().await;
    for sql in [
        "UPDATE consent_ledger SET action = 'x'",
        "DELETE FROM consent_ledger",
        "DELETE FROM messages",
        "UPDATE audit_log SET actor = 'x'",
        "DELETE FROM audit_log",
    ] {
        let refused = as_app(&database, Some(&both.tenant), sql).unwrap_err();
        assert!(refused.contains("permission denied"), "{sql}: {refused}");
    }
}

async fn open_again(database: &Database) -> Result<Stores, OpenError> {
    let connection: Connection = database.url().parse().unwrap();
    Stores::open(connection, PoolSettings::default(), support::vault()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_that_a_superuser_owns_shows_nothing_or_keeps_the_server_from_starting() {
    let (both, database) = two_busy_tenants().await;
    database.query("CREATE VIEW everything AS SELECT * FROM messages").unwrap();
    let refused = as_app(&database, Some(&both.tenant), "SELECT count(*) FROM everything").unwrap_err();
    assert!(refused.contains("permission denied"), "{refused}");
    open_again(&database).await.unwrap();

    database.query("GRANT SELECT ON everything TO cheetah_app").unwrap();
    let refused = open_again(&database).await.err().unwrap();
    assert!(matches!(&refused, OpenError::OpenView { view } if view == "everything"), "{refused}");

    database.query("ALTER VIEW everything SET (security_invoker = true)").unwrap();
    open_again(&database).await.unwrap();
    let own = as_app(&database, Some(&both.tenant), "SELECT count(*) FROM everything").unwrap();
    assert_eq!(count(&own), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_could_see_everything_keeps_the_server_from_starting() {
    let cluster = tokio::task::spawn_blocking(|| harness::postgres::PostgresServer::dedicated().unwrap());
    let cluster = cluster.await.unwrap();
    let server = cluster.server().clone();
    let database = tokio::task::spawn_blocking(move || support::migrated_database(&server)).await.unwrap();
    database.query("ALTER ROLE cheetah_app BYPASSRLS").unwrap();
    let refused = open_again(&database).await.err().unwrap();
    assert!(matches!(refused, OpenError::Privileged { role: "cheetah_app" }), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_without_ownership_serves() {
    let (_stores, database) = support::stores().await;
    let login = format!("login_{}", database.name());
    database
        .query(&format!("CREATE ROLE {login} LOGIN; GRANT cheetah_app, cheetah_platform TO {login}"))
        .unwrap();
    let url = database.url().replace("postgres://postgres@", &format!("postgres://{login}@"));
    let opened = Stores::open(url.parse().unwrap(), PoolSettings::default(), support::vault()).await;
    opened.unwrap().ping().await.unwrap();
    database.query(&format!("DROP ROLE {login}")).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_was_granted_no_role_is_told_so() {
    let (_stores, database) = support::stores().await;
    let login = format!("stranger_{}", database.name());
    database
        .query(&format!("CREATE ROLE {login} LOGIN; GRANT SELECT ON __diesel_schema_migrations TO {login}"))
        .unwrap();
    let url = database.url().replace("postgres://postgres@", &format!("postgres://{login}@"));
    let refused =
        Stores::open(url.parse().unwrap(), PoolSettings::default(), support::vault()).await.err().unwrap();
    assert!(refused.to_string().contains("may not act as cheetah_app"), "{refused}");
    database.query(&format!("DROP OWNED BY {login}; DROP ROLE {login}")).unwrap();
}
