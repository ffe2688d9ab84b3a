//! What lies in the database file of prompts and examples: sealed where it may name somebody, and untouched by others.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, also in what makes its stores")]

use std::{collections::BTreeMap, path::Path};

use diesel::{
    Connection as _, QueryableByName, RunQueryDsl as _, SqliteConnection, sql_query, sql_types::Text,
};
use prompt::{
    PromptChannel, Publication, RecordedAnswer, Recording, VersionStep,
    testing::{PromptStores, at, draft, example, profile, result},
};
use sqlite::Stores;
use tenancy::TenantScope;

mod prompts;
mod support;

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

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Returns every row of every table, byte for byte, without those that a condition names.
fn rows(path: &Path, except: &[(&str, String)]) -> BTreeMap<String, Vec<String>> {
    let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    let mut read = |sql: String| {
        let lines = sql_query(sql).load::<Line>(&mut conn).unwrap();
        lines.into_iter().map(|found| found.line).collect::<Vec<_>>()
    };
    let tables = read("SELECT name AS line FROM sqlite_master WHERE type = 'table' ORDER BY 1".into());
    let mut found = BTreeMap::new();
    for table in tables {
        let columns =
            read(format!("SELECT 'quote(' || name || ')' AS line FROM pragma_table_info('{table}')"));
        let gone = except.iter().find(|(name, _)| *name == table).map_or("0", |(_, condition)| condition);
        let all = columns.join(" || '|' || ");
        let lines = read(format!("SELECT {all} AS line FROM {table} WHERE NOT ({gone}) ORDER BY 1"));
        found.insert(table, lines);
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn publishing_leaves_every_other_row_byte_for_byte_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cheetah.db");
    let stores = prompts::two(&Stores::open(&path, support::vault()).unwrap(), Box::new(())).await;
    fill(&stores).await;
    let tenant = format!("tenant_id = x'{}'", stores.tenant.tenant_id().uuid().simple());
    // What is published, what it retires, the lines of the audit log, and the events that tell of it.
    let own = [
        ("prompt_versions", format!("{tenant} AND channel = 'sms'")),
        ("audit_log", tenant.clone()),
        ("events", tenant),
        ("sqlite_sequence", "name = 'events'".to_owned()),
    ];
    let before = (rows(&path, &[]), rows(&path, &own));
    assert!(before.1["base_prompt_versions"].len() == 2 && before.1["prompt_versions"].len() == 4);

    publish(&stores, &stores.tenant, 30, PromptChannel::Sms).await;

    let after = (rows(&path, &[]), rows(&path, &own));
    assert_ne!(before.0, after.0, "something was published");
    assert_eq!(before.1, after.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_example_says_and_what_is_answered_is_not_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let stores = Stores::open(&folder.path().join("cheetah.db"), support::vault()).unwrap();
    fill(&prompts::two(&stores, Box::new(())).await).await;
    let files = std::fs::read_dir(folder.path()).unwrap();
    let bytes: Vec<u8> = files.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect();
    let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    for plain in ["Be kind.", "You answer for"] {
        assert!(holds(plain), "what is not personal is there, so the right files were read: {plain}");
    }
    for sealed in ["Leak 10", "My pipe leaks", "plumber", "It is kind", "because – so", "A plumber comes"] {
        assert!(!holds(sealed), "{sealed}");
    }
}
