//! A database in which two tenants have a row in every table, or more.

use conversation::testing::{ConversationStores, Samples};
use harness::postgres::Database;
use tenancy::TenantScope;

use crate::{support, tenants};

/// The tables in which no tenant has a part.
pub(crate) const OF_NOBODY: &[&str] = &["admin_sessions", "platform_audit_log"];

/// The platform's tables of which every tenant sees the same rows.
pub(crate) const OF_EVERYBODY: &[&str] = &["base_prompt_versions"];

/// What the stores of a message and of a tenant do not write. `TENANT` stands for the tenant's id.
const ROWS: &[&str] = &[
    "INSERT INTO api_keys (tenant_id, id, name, digest, created_at) \
     VALUES ('TENANT', gen_random_uuid(), 'key', sha256('key TENANT'), now())",
    "INSERT INTO widget_tokens (tenant_id, id, name, digest, allowed_origins, created_at) \
     VALUES ('TENANT', gen_random_uuid(), 'token', sha256('token TENANT'), '', now())",
    "INSERT INTO provider_accounts (tenant_id, id, provider, account_sid, token_sealed, created_at) \
     VALUES ('TENANT', gen_random_uuid(), 'twilio', 'AC TENANT', 'sealed', now())",
    "INSERT INTO consents (tenant_id, address_index, state, changed_at, version) \
     VALUES ('TENANT', 'index', 'opted_out', now(), 1)",
    "INSERT INTO consent_ledger (tenant_id, id, address_index, action, source, evidence_sealed, at) \
     VALUES ('TENANT', gen_random_uuid(), 'index', 'opt_out', 'message', 'sealed', now())",
    "INSERT INTO turns (tenant_id, id, conversation_id, outcome, started_at, committed_at) \
     SELECT tenant_id, gen_random_uuid(), id, 'replied', now(), now() FROM conversations WHERE tenant_id = 'TENANT'",
    "INSERT INTO refused_sends (tenant_id, id, conversation_id, reason, text_sealed, at) \
     SELECT tenant_id, gen_random_uuid(), id, 'opted_out', 'sealed', now() FROM conversations WHERE tenant_id = 'TENANT'",
    "INSERT INTO handoffs (tenant_id, id, conversation_id, reason, summary_sealed, at) \
     SELECT tenant_id, gen_random_uuid(), id, 'asked', 'sealed', now() FROM conversations WHERE tenant_id = 'TENANT'",
    "INSERT INTO events (tenant_id, id, name, version, at, facts) \
     VALUES ('TENANT', gen_random_uuid(), 'turn.committed', 1, now(), '{}')",
    "INSERT INTO usage_days (tenant_id, day, model, turns, messages_in, messages_out, tokens_in, tokens_out) \
     VALUES ('TENANT', 20000, '', 1, 1, 1, 0, 0)",
    "INSERT INTO tenant_limits (tenant_id, turns_per_month, changed_at) VALUES ('TENANT', 5, now())",
    "INSERT INTO idempotency_keys (owner_id, caller, key_digest, fingerprint, attempt, lease_until, status, body_sealed, \
     created_at) VALUES ('TENANT', 'caller', 'digest', 'print', 1, now(), 201, 'sealed', now())",
    "INSERT INTO members (tenant_id, id, email_sealed, email_index, name_sealed, role, status, password_sealed, \
     created_at, version) \
     VALUES ('TENANT', gen_random_uuid(), 'sealed', 'index', 'sealed', 'owner', 'active', 'sealed', now(), 1)",
    "INSERT INTO member_sessions (tenant_id, id, member_id, token_digest, created_at, expires_at) \
     SELECT tenant_id, gen_random_uuid(), id, 'digest', now(), now() FROM members WHERE tenant_id = 'TENANT'",
    "INSERT INTO feature_flags (tenant_id, flag, is_on, changed_at) VALUES ('TENANT', 'flag', true, now())",
    "INSERT INTO leads (tenant_id, id, status, source, score, created_at, changed_at, version, document_sealed) \
     VALUES ('TENANT', gen_random_uuid(), 'new', 'sms', 25, now(), now(), 0, 'sealed')",
    "INSERT INTO lead_identities (tenant_id, kind, value_index, lead_id) \
     SELECT tenant_id, 'phone', 'index', id FROM leads WHERE tenant_id = 'TENANT'",
    "INSERT INTO lead_conversations (tenant_id, conversation_id, lead_id) \
     SELECT tenant_id, gen_random_uuid(), id FROM leads WHERE tenant_id = 'TENANT'",
    "INSERT INTO lead_tags (tenant_id, lead_id, tag_index) SELECT tenant_id, id, 'index' FROM leads WHERE tenant_id = 'TENANT'",
    "INSERT INTO lead_events_handled (tenant_id, event_id, at) VALUES ('TENANT', gen_random_uuid(), now())",
    "INSERT INTO audit_log (tenant_id, id, at, actor, action, resource_id) \
     VALUES ('TENANT', gen_random_uuid(), now(), 'operator', 'tenant.created', 'TENANT')",
    "INSERT INTO prompt_versions (tenant_id, id, channel, number, status, sections, note, created_at, changed_at, revision) \
     VALUES ('TENANT', gen_random_uuid(), 'all', 1, 'draft', '[]', '', now(), now(), 0)",
    "INSERT INTO ai_profiles (tenant_id, id, name, role, providers, system_prompt, is_default, created_at, version) \
     VALUES ('TENANT', gen_random_uuid(), 'profile', 'sales', '', 'prompt', true, now(), 0)",
    "INSERT INTO prompt_examples (tenant_id, id, channel, weight, content_sealed, created_at, version) \
     VALUES ('TENANT', gen_random_uuid(), 'all', 'blocking', 'sealed', now(), 0)",
    "INSERT INTO example_results (tenant_id, run_id, example_id, example_version, prompt_version_id, content_digest, \
     verdict, outcome_sealed, at) SELECT e.tenant_id, gen_random_uuid(), e.id, 0, p.id, 'digest', 'green', 'sealed', now() \
     FROM prompt_examples e JOIN prompt_versions p USING (tenant_id) WHERE tenant_id = 'TENANT'",
    "INSERT INTO example_recordings (tenant_id, digest, id, answer_sealed, at) \
     VALUES ('TENANT', 'digest', gen_random_uuid(), 'sealed', now())",
];

/// Makes a database in which two tenants have been written to and have a row in every table, and its stores.
pub(crate) async fn two_tenants() -> (ConversationStores, Database) {
    let (stores, database) = support::stores().await;
    let both = tenants::two(&stores, Box::new(())).await;
    let samples = Samples::default();
    for (scope, binding) in [(&both.tenant, &both.binding), (&both.other, &both.other_binding)] {
        let inbound = samples.inbound(binding, "My kitchen is flooding");
        both.conversations.receive(scope, &inbound).await.unwrap();
        for row in ROWS {
            database.query(&row.replace("TENANT", &scope.tenant_id().to_string())).unwrap();
        }
    }
    database
        .query(
            "INSERT INTO admin_sessions (digest, expires_at) VALUES ('digest', now()); \
             INSERT INTO platform_audit_log (id, at, actor, action, resource_id) \
             VALUES (gen_random_uuid(), now(), 'operator:key', 'prompt.drafted', 'prompt'); \
             INSERT INTO base_prompt_versions (id, channel, number, status, sections, note, created_at, changed_at, revision) \
             VALUES (gen_random_uuid(), 'all', 1, 'draft', '[]', '', now(), now(), 0)",
        )
        .unwrap();
    (both, database)
}

/// Returns every table.
pub(crate) fn tables(database: &Database) -> Vec<String> {
    let sql = "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace \
               AND relname <> '__diesel_schema_migrations' ORDER BY 1";
    database.query(sql).unwrap().lines().map(str::to_owned).collect()
}

/// Returns every table in which tenants have rows, and the column that names the tenant.
pub(crate) fn tables_of_tenants(database: &Database) -> Vec<(String, &'static str)> {
    let is_of_tenants = |table: &String| ![OF_NOBODY, OF_EVERYBODY].concat().contains(&table.as_str());
    let of_tenants = tables(database).into_iter().filter(is_of_tenants);
    let column = |table: &str| match table {
        "tenants" => "id",
        "vault_keys" | "idempotency_keys" => "owner_id",
        _ => "tenant_id",
    };
    of_tenants.map(|table| (table.clone(), column(&table))).collect()
}

/// Counts a tenant's rows in a table, as the tables' owner.
pub(crate) fn rows_of(database: &Database, scope: &TenantScope, (table, column): (&str, &str)) -> u64 {
    let sql = format!("SELECT count(*) FROM {table} WHERE {column} = '{}'", scope.tenant_id());
    count(&database.query(&sql).unwrap())
}

/// Returns the number that a count printed.
pub(crate) fn count(printed: &str) -> u64 {
    printed
        .lines()
        .find_map(|line| line.trim().parse().ok())
        .unwrap_or_else(|| panic!("no number in {printed}"))
}
