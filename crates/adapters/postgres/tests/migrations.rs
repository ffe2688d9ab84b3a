//! Bringing a database to the newest schema: once, by one of many, and never to one that is behind.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, also in what makes its database")]

use std::time::Duration;

use harness::postgres::Database;
use postgres::{Connection, MigrateError, Migrator, OpenError, PoolSettings, Stores};
use tokio::time::timeout;
use tokio_postgres::NoTls;

mod support;

async fn empty() -> (Connection, Database) {
    let made = || harness::postgres::server().unwrap().empty_database().unwrap();
    let database = tokio::task::spawn_blocking(made).await.unwrap();
    (database.url().parse().unwrap(), database)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_database_lacks_everything_and_then_nothing() {
    let (connection, _database) = empty().await;
    let migrator = Migrator::new(connection);
    let before = migrator.status().await.unwrap();
    assert!(before.applied.is_empty() && !before.pending.is_empty(), "{before:?}");
    assert_eq!(migrator.run().await.unwrap(), before.pending);
    let after = migrator.status().await.unwrap();
    assert_eq!((after.applied, after.pending), (before.pending, Vec::new()));
    assert!(migrator.run().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_that_migrate_at_once_one_does_it_and_all_succeed() {
    let (connection, _database) = empty().await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..5 {
        let migrator = Migrator::new(connection.clone());
        tasks.spawn(async move { migrator.run().await.unwrap() });
    }
    let runs = tasks.join_all().await;
    assert_eq!(runs.iter().filter(|run| !run.is_empty()).count(), 1, "{runs:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_behind_does_not_open() {
    let (connection, _database) = empty().await;
    let refused = Stores::open(connection, PoolSettings::default(), support::vault()).await.err().unwrap();
    assert!(matches!(&refused, OpenError::Schema(MigrateError::Behind(_))), "{refused}");
    assert!(refused.to_string().contains("run `cheetah migrate`"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_a_newer_program_has_migrated_opens_and_names_what_is_unknown() {
    let (_older, database) = support::stores().await;
    database.query("INSERT INTO __diesel_schema_migrations (version) VALUES ('99991231000001')").unwrap();
    let status = Migrator::new(database.url().parse().unwrap()).status().await.unwrap();
    assert_eq!(status.unknown, ["99991231000001"]);
    support::stores_on(&database).await.ping().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_widget_token_that_was_open_to_every_origin_says_so_once_an_owner_who_is_nobody_else_has_migrated()
{
    let (_stores, database) = support::stores().await;
    let up = include_str!("../../../../migrations/postgres/2026-11-28-000004_widget_origins/up.sql");
    let (tenant, other) = ("00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002");
    // The owner is made for this transaction: roles belong to the whole cluster.
    let rows = database.query(&format!(
        r#"BEGIN;
        INSERT INTO tenants VALUES ('{tenant}', 'Bristol', 'active', 'starter', now(), 0);
        INSERT INTO widget_tokens (tenant_id, id, name, digest, allowed_origins, created_at) VALUES
            ('{tenant}', '{tenant}', 'open', '1', '[]', now()),
            ('{tenant}', '{other}', 'listed', '2', '["https://a.example"]', now());
        CREATE ROLE owner_of_{name};
        ALTER TABLE widget_tokens OWNER TO owner_of_{name};
        SET LOCAL ROLE owner_of_{name};
        {up}
        RESET ROLE;
        SELECT string_agg(allowed_origins, ' ' ORDER BY id) || ' ' || relforcerowsecurity
            FROM widget_tokens, pg_class WHERE relname = 'widget_tokens' GROUP BY relforcerowsecurity;
        ROLLBACK;"#,
        name = database.name()
    ));
    let rows = rows.unwrap();
    assert!(rows.contains(r#"["*"] ["https://a.example"] true"#), "{rows}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_used_before_there_were_prices_is_unpriced_and_answered_whoever_owns_the_tables() {
    let (_stores, database) = support::stores().await;
    let up = include_str!("../../../../migrations/postgres/2026-11-28-000010_usage/up.sql");
    let down = include_str!("../../../../migrations/postgres/2026-11-28-000010_usage/down.sql");
    let tenant = "00000000-0000-0000-0000-000000000001";
    let rows = database.query(&format!(
        "BEGIN;
        {down}
        INSERT INTO tenants VALUES ('{tenant}', 'Bristol', 'active', 'starter', now(), 0);
        INSERT INTO usage_days (tenant_id, day, model, turns, messages_in, messages_out, tokens_in, tokens_out)
            VALUES ('{tenant}', 1, '', 3, 3, 3, 5, 5), ('{tenant}', 1, 'gpt-4.1', 2, 2, 2, 30, 12);
        CREATE ROLE owner_of_{name};
        GRANT CREATE ON SCHEMA public TO owner_of_{name};
        GRANT REFERENCES ON tenants TO owner_of_{name};
        ALTER TABLE usage_days OWNER TO owner_of_{name};
        SET LOCAL ROLE owner_of_{name};
        {up}
        RESET ROLE;
        SELECT string_agg(concat_ws(' ', turns_answered, cost_micros, unpriced_tokens), ', ' ORDER BY model) || ' '
            || relforcerowsecurity FROM usage_days, pg_class WHERE relname = 'usage_days' GROUP BY relforcerowsecurity;
        ROLLBACK;",
        name = database.name()
    ));
    let rows = rows.unwrap();
    assert!(rows.contains("3 0 0, 2 0 42 true"), "{rows}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_cannot_have_a_table_soon_fails_and_changes_nothing() {
    let (connection, database) = empty().await;
    // As the library makes it; each migration writes to it last.
    database
        .query(
            "CREATE TABLE __diesel_schema_migrations (version varchar(50) PRIMARY KEY NOT NULL, \
             run_on timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP)",
        )
        .unwrap();
    let (holder, driver) = tokio_postgres::connect(database.url(), NoTls).await.unwrap();
    tokio::spawn(driver);
    holder.batch_execute("BEGIN; LOCK TABLE __diesel_schema_migrations IN SHARE MODE").await.unwrap();
    let migrator = Migrator::new(connection);
    let refused = timeout(Duration::from_secs(30), migrator.run()).await.expect("it waits without end");
    assert!(matches!(refused, Err(MigrateError::Failed(_))), "{refused:?}");
    let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(database.query(tables).unwrap().trim(), "1", "nothing was made");
    holder.batch_execute("ROLLBACK").await.unwrap();
    assert!(!migrator.run().await.unwrap().is_empty());
}
