//! What the database itself keeps of prompts: the platform's for its role alone, one in production, and nobody else's rows.

use std::collections::BTreeMap;

use harness::postgres::Database;
use prompt::{
    PromptChannel, Publication, RecordedAnswer, Recording, VersionStep,
    testing::{PromptStores, at, draft, example, profile, result},
};
use tenancy::TenantScope;

use crate::{
    row_level_security::{as_app, as_platform},
    seeded::{count, tables},
    support, two_prompts,
};

/// Brings a version into production for the scope's tenant, and returns it.
async fn publish(stores: &PromptStores, scope: &TenantScope, number: u32, channel: PromptChannel) {
    let mut version = stores.prompts.insert(scope, &draft(number, channel)).await.unwrap();
    version.submit(at(100)).unwrap();
    stores.prompts.save(scope, &version, VersionStep::Submitted).await.unwrap();
    version = version.saved();
    version.publish(at(200)).unwrap();
    stores.prompts.publish(scope, &version, Publication::Published).await.unwrap();
}

/// Brings a version of the platform into production.
async fn publish_base(stores: &PromptStores, number: u32, channel: PromptChannel) {
    let mut version = stores.prompts.insert_base(&stores.platform, &draft(number, channel)).await.unwrap();
    version.submit(at(100)).unwrap();
    stores.prompts.save_base(&stores.platform, &version, VersionStep::Submitted).await.unwrap();
    version = version.saved();
    version.publish(at(200)).unwrap();
    stores.prompts.publish_base(&stores.platform, &version, Publication::Published).await.unwrap();
}

/// Fills every table of prompts, for both tenants.
async fn fill(stores: &PromptStores) {
    for (number, channel) in [(1, PromptChannel::All), (2, PromptChannel::Sms)] {
        publish_base(stores, number, channel).await;
    }
    for (scope, first) in [(&stores.tenant, 10), (&stores.other, 20)] {
        publish(stores, scope, first, PromptChannel::Sms).await;
        publish(stores, scope, first + 1, PromptChannel::Voice).await;
        let tried = stores.prompts.insert(scope, &draft(first + 2, PromptChannel::Sms)).await.unwrap();
        stores.profiles.insert(scope, &profile(scope, first)).await.unwrap();
        let example = example(scope, first, PromptChannel::All);
        stores.examples.insert(scope, &example).await.unwrap();
        let result = result(first, &example, &tried, 5);
        stores.examples.save_result(scope, &result).await.unwrap();
        let answer = RecordedAnswer::Rehearsed(result.answer.unwrap());
        let recording = Recording { digest: "question".into(), answer, at: at(5) };
        stores.examples.save_recording(scope, &recording).await.unwrap();
    }
}

async fn filled() -> (PromptStores, Database) {
    let (stores, database) = support::stores().await;
    let both = two_prompts::two(&stores, Box::new(())).await;
    fill(&both).await;
    (both, database)
}

/// Returns every row of every table, byte for byte, without those that a condition names.
fn rows(database: &Database, except: &[(&str, String)]) -> BTreeMap<String, String> {
    let read = |table: String| {
        let gone = except.iter().find(|(name, _)| *name == table).map_or("false", |(_, condition)| condition);
        let sql = format!("SELECT t::text FROM {table} t WHERE NOT ({gone}) ORDER BY 1");
        let lines = database.query(&sql).unwrap();
        (table, lines)
    };
    tables(database).into_iter().map(read).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn publishing_leaves_every_other_row_byte_for_byte_as_it_was() {
    let (both, database) = filled().await;
    let tenant = format!("tenant_id = '{}'", both.tenant.tenant_id());
    // What is published, what it retires, the lines of the audit log, and the events that tell of it.
    let own = [
        ("prompt_versions", format!("{tenant} AND channel = 'sms'")),
        ("audit_log", tenant.clone()),
        ("events", tenant),
    ];
    let before = (rows(&database, &[]), rows(&database, &own));
    assert_eq!(
        before.1["base_prompt_versions"].lines().filter(|line| line.contains("production")).count(),
        2
    );

    publish(&both, &both.tenant, 30, PromptChannel::Sms).await;

    let after = (rows(&database, &[]), rows(&database, &own));
    assert_ne!(before.0, after.0, "something was published");
    assert_eq!(before.1, after.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_reads_what_the_platform_has_published_and_nothing_else_of_it() {
    let (both, database) = filled().await;
    both.prompts.insert_base(&both.platform, &draft(40, PromptChannel::Chat)).await.unwrap();
    let all = "SELECT count(*) FROM base_prompt_versions";
    assert_eq!(count(&as_app(&database, Some(&both.tenant), all).unwrap()), 2);
    assert_eq!(count(&as_platform(&database, all).unwrap()), 3);
    for sql in [
        "UPDATE base_prompt_versions SET note = 'x'",
        "DELETE FROM base_prompt_versions",
        "INSERT INTO base_prompt_versions SELECT * FROM base_prompt_versions",
    ] {
        let refused = as_app(&database, Some(&both.tenant), sql).unwrap_err();
        assert!(refused.contains("permission denied"), "{sql}: {refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_than_one_is_in_production_or_the_default_whoever_writes() {
    let (both, database) = filled().await;
    let tenant = both.tenant.tenant_id();
    database
        .query(&format!("UPDATE ai_profiles SET is_default = true WHERE tenant_id = '{tenant}'"))
        .unwrap();
    both.profiles.insert(&both.tenant, &profile(&both.tenant, 50)).await.unwrap();
    publish_base(&both, 60, PromptChannel::Sms).await;
    for (sql, index) in [
        ("UPDATE prompt_versions SET status = 'production'", "prompt_versions_in_production"),
        ("UPDATE base_prompt_versions SET status = 'production'", "base_prompt_versions_in_production"),
        ("UPDATE ai_profiles SET is_default = true", "ai_profiles_default"),
        ("UPDATE prompt_versions SET number = 1", "prompt_versions_tenant_id_channel_number_key"),
    ] {
        let refused = format!("{:#}", database.query(sql).unwrap_err());
        assert!(refused.contains(index), "{sql}: {refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_versions_owner_channel_and_number_are_for_ever() {
    let (both, database) = filled().await;
    for column in ["tenant_id = tenant_id", "channel = 'chat'", "number = 9", "based_on = 1"] {
        let sql = format!("UPDATE prompt_versions SET {column}");
        let refused = as_app(&database, Some(&both.tenant), &sql).unwrap_err();
        assert!(refused.contains("permission denied"), "{sql}: {refused}");
    }
    let refused = as_app(&database, Some(&both.tenant), "DELETE FROM prompt_versions").unwrap_err();
    assert!(refused.contains("permission denied"), "{refused}");
}
