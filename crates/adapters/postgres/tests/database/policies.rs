//! The policies of row-level security, word for word: who sees and writes which rows; and for whom plans are made.

use crate::{seeded::tables_of_tenants, support};

/// What the platform may do with which rows, beside what grants say: table, policy, command, rows seen, rows written.
const OF_THE_PLATFORM: &[(&str, &str, &str, &str, &str)] = &[
    ("admin_sessions", "all_rows", "ALL", "true", "true"),
    ("api_keys", "all_rows", "ALL", "true", "true"),
    ("audit_log", "new_lines", "INSERT", "", "true"),
    ("base_prompt_versions", "all_rows", "ALL", "true", "true"),
    ("channel_bindings", "all_rows", "ALL", "true", "true"),
    ("events", "all_rows", "ALL", "true", "true"),
    ("idempotency_keys", "old_requests_are_seen", "SELECT", OLD, ""),
    ("idempotency_keys", "old_requests_go", "DELETE", OLD, ""),
    ("idempotency_keys", "own_requests", "ALL", OPERATORS, OPERATORS),
    ("jobs", "all_rows", "ALL", "true", "true"),
    ("member_sessions", "all_rows", "SELECT", "true", ""),
    ("members", "all_rows", "SELECT", "true", ""),
    ("platform_audit_log", "all_rows", "ALL", "true", "true"),
    ("provider_accounts", "all_rows", "ALL", "true", "true"),
    ("tenants", "all_rows", "ALL", "true", "true"),
    ("vault_keys", "all_rows", "ALL", "true", "true"),
    ("widget_tokens", "all_rows", "ALL", "true", "true"),
];
const OLD: &str = "(created_at < (now() - '23:00:00'::interval))";
const OPERATORS: &str = "(owner_id = '00000000-0000-0000-0000-000000000000'::uuid)";

/// The rows of the tenant that the transaction has named.
fn own(column: &str) -> String {
    format!(
        "({column} = ( SELECT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid AS \"nullif\"))"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn every_policy_says_what_it_should() {
    let database = support::database().await;
    let found = database
        .query("SELECT tablename, policyname, permissive, roles, cmd, qual, with_check FROM pg_policies")
        .unwrap();
    let mut found: Vec<_> = found.lines().map(str::to_owned).collect();
    let of_app = tables_of_tenants(&database).into_iter().map(|(table, column)| {
        let own = own(column);
        format!("{table}|own_rows|PERMISSIVE|{{cheetah_app}}|ALL|{own}|{own}")
    });
    let of_platform = OF_THE_PLATFORM.iter().map(|(table, policy, command, seen, written)| {
        format!("{table}|{policy}|PERMISSIVE|{{cheetah_platform}}|{command}|{seen}|{written}")
    });
    let published =
        "base_prompt_versions|in_production|PERMISSIVE|{cheetah_app}|SELECT|(status = 'production'::text)|";
    let mut expected: Vec<_> = of_app.chain(of_platform).chain([published.to_owned()]).collect();
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_tables_plans_are_made_for_a_tenant_who_has_much_of_it() {
    let database = support::database().await;
    let of_average = "SELECT a.attrelid::regclass FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid \
                      WHERE a.attname = 'tenant_id' AND c.relkind = 'r' \
                      AND c.relnamespace = current_schema()::regnamespace \
                      AND a.attoptions IS DISTINCT FROM '{n_distinct=100}'";
    assert_eq!(database.query(of_average).unwrap().trim(), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_function_is_in_a_language_that_plans_it_at_every_call() {
    let database = support::database().await;
    let of_plain_sql = "SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang \
                        WHERE p.pronamespace = current_schema()::regnamespace AND l.lanname <> 'plpgsql'";
    assert_eq!(database.query(of_plain_sql).unwrap().trim(), "");
}
