//! What the database itself refuses, whatever the program asks: no row without a tenant, none of another's.

use harness::postgres::Database;
use tenancy::TenantScope;

use crate::{
    seeded::{OF_NOBODY, count, rows_of, tables, tables_of_tenants, two_tenants},
    support,
};

/// Runs SQL as the role that works for tenants, in one transaction that names this tenant, or none.
pub(crate) fn as_app(database: &Database, tenant: Option<&TenantScope>, sql: &str) -> Result<String, String> {
    let named =
        tenant.map_or(String::new(), |scope| format!("SET LOCAL app.tenant_id = '{}';", scope.tenant_id()));
    let sql = format!("BEGIN; SET LOCAL ROLE cheetah_app; {named} {sql}; ROLLBACK");
    database.query(&sql).map_err(|error| format!("{error:#}"))
}

/// Runs SQL as the role that works for the platform.
pub(crate) fn as_platform(database: &Database, sql: &str) -> Result<String, String> {
    let sql = format!("BEGIN; SET LOCAL ROLE cheetah_platform; {sql}; ROLLBACK");
    database.query(&sql).map_err(|error| format!("{error:#}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn both_tenants_have_rows_in_every_table_that_is_looked_at_here() {
    let (both, database) = two_tenants().await;
    for (table, column) in tables_of_tenants(&database) {
        for scope in [&both.tenant, &both.other] {
            assert_ne!(
                rows_of(&database, scope, (&table, column)),
                0,
                "{table} needs a row in seeded/mod.rs"
            );
        }
    }
    for table in OF_NOBODY {
        assert_ne!(count(&database.query(&format!("SELECT count(*) FROM {table}")).unwrap()), 0, "{table}");
    }
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
    assert!(tables(&database).len() >= 22, "the tables were found at all");
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
        "base_prompt_versions base_prompt_versions_channel_number_key",
        "base_prompt_versions base_prompt_versions_pkey",
        "channel_bindings channel_bindings_channel_address_index_key",
        "idempotency_keys idempotency_keys_pkey",
        "platform_audit_log platform_audit_log_pkey",
        "provider_accounts provider_accounts_provider_account_sid_key",
        "tenants tenants_pkey",
        "vault_keys vault_keys_pkey",
        "widget_tokens widget_tokens_digest_key",
    ];
    assert_eq!(found, known);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_tenant_no_table_shows_a_row() {
    let (_both, database) = two_tenants().await;
    for (table, _) in tables_of_tenants(&database) {
        let printed = as_app(&database, None, &format!("SELECT count(*) FROM {table}")).unwrap();
        assert_eq!(count(&printed), 0, "{table}");
    }
    for table in OF_NOBODY {
        let refused = as_app(&database, None, &format!("SELECT count(*) FROM {table}")).unwrap_err();
        assert!(refused.contains("permission denied"), "{table}: {refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_sees_its_own_rows_in_every_table_and_no_others() {
    let (both, database) = two_tenants().await;
    for (table, column) in tables_of_tenants(&database) {
        let seen = as_app(&database, Some(&both.tenant), &format!("SELECT count(*) FROM {table}")).unwrap();
        assert_eq!(count(&seen), rows_of(&database, &both.tenant, (&table, column)), "{table}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenants_rows_are_neither_written_nor_moved_nor_removed() {
    let (both, database) = two_tenants().await;
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
    let (both, database) = two_tenants().await;
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
    let (both, database) = two_tenants().await;
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
    // What must be found before a tenant is known, though part of it is sealed, and what is the platform's own too.
    let found = ["channel_bindings", "events", "idempotency_keys", "members", "provider_accounts"];
    let (_both, database) = two_tenants().await;
    let sealed = "SELECT DISTINCT table_name FROM information_schema.columns WHERE table_schema = 'public' \
                  AND (column_name LIKE '%\\_sealed' OR column_name = 'key_wrapped')";
    let sealed = database.query(sealed).unwrap();
    let unsealed = ["conversations", "consents", "turns"];
    for table in sealed.lines().map(str::trim).chain(unsealed).filter(|table| !found.contains(table)) {
        let refused = as_platform(&database, &format!("SELECT count(*) FROM {table}")).unwrap_err();
        assert!(refused.contains("permission denied"), "{table}: {refused}");
    }
    assert!(sealed.lines().count() >= 10, "the tables were found at all: {sealed}");
    // Whose events there are, and nothing of them.
    as_platform(&database, "SELECT tenant_id, xid, position FROM events").unwrap();
    for column in ["id", "name", "version", "at", "facts", "conversation_id", "private_sealed"] {
        let refused = as_platform(&database, &format!("SELECT {column} FROM events")).unwrap_err();
        assert!(refused.contains("permission denied"), "{column}: {refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_platforms_role_sees_a_tenants_stored_answers_only_when_they_are_old_enough_to_go() {
    let (_both, database) = two_tenants().await;
    let own = "INSERT INTO idempotency_keys (owner_id, caller, key_digest, fingerprint, attempt, lease_until, created_at) \
               VALUES ('00000000-0000-0000-0000-000000000000', 'operator', '', '', 1, now(), now())";
    let count_after = |sql: &str, table: &str| {
        count(&as_platform(&database, &format!("{sql}; SELECT count(*) FROM {table}")).unwrap())
    };
    assert_eq!(count_after(own, "idempotency_keys"), 1, "its own");
    let gone = "WITH gone AS (DELETE FROM idempotency_keys RETURNING 1) SELECT count(*) FROM gone";
    assert_eq!(count(&as_platform(&database, gone).unwrap()), 0);
    database.query("UPDATE idempotency_keys SET created_at = now() - interval '24 hours'").unwrap();
    assert_eq!(count(&as_platform(&database, gone).unwrap()), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_roles_cannot_rewrite_what_is_append_only() {
    let (both, database) = two_tenants().await;
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
    for sql in ["UPDATE platform_audit_log SET actor = 'x'", "DELETE FROM platform_audit_log"] {
        let refused = as_platform(&database, sql).unwrap_err();
        assert!(refused.contains("permission denied"), "{sql}: {refused}");
    }
}
