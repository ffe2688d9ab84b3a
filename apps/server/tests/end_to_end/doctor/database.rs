//! The database, its schema, its keys and its jobs.

use std::{net::TcpListener, path::Path};

use diesel::{Connection as _, RunQueryDsl as _, SqliteConnection};
use fake_carrier::{CustomerText, build_webhook};
use harness::postgres::{Durability, PostgresCluster};
use server::{compose::BOXED_ACCOUNT_SID, demo::BUSINESS_NUMBER};

use super::{OTHER_PII_KEY, PATIENCE, PII_KEY, examine, local, production};

/// Starts and stops a server, so that the folder holds a whole installation.
fn begin(folder: &Path) {
    production(folder).start_until_logged("serving at ").unwrap().stop().unwrap();
}

fn execute(folder: &Path, statement: &str) -> usize {
    let path = folder.join("cheetah.db").display().to_string();
    let mut database = SqliteConnection::establish(&path).unwrap();
    diesel::sql_query(statement).execute(&mut database).unwrap()
}

#[test]
fn set_up_4_a_database_file_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "").unwrap();
    for (path, why) in [("file/cheetah.db", "is no folder"), ("", "is a folder")] {
        let url = folder.path().join(path).display().to_string();
        let found = examine(&production(folder.path()).with("DATABASE_URL", url));
        found.assert_fails("database", why, "set DATABASE_URL to a file");
        found.assert_is("skip", "worker");
    }
}

#[test]
fn a_file_that_is_no_database_is_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("cheetah.db"), "Dear diary, today I was not a database.\n".repeat(100))
        .unwrap();
    examine(&production(folder.path())).assert_fails("database", "cannot be used", "DATABASE_URL");
}

#[test]
fn a_database_that_a_newer_program_has_migrated_is_well_and_named() {
    let folder = tempfile::tempdir().unwrap();
    begin(folder.path());
    execute(folder.path(), "INSERT INTO __diesel_schema_migrations (version) VALUES ('29991231000000')");
    let found = examine(&production(folder.path()));
    let newer = "a newer program has migrated it, and this one serves on: 29991231000000";
    found.assert_warns("database", newer, "replace this program");
    found.assert_is("ok", "database");
    found.assert_is("ok", "worker");
    let said = found.report.to_string();
    assert!(
        !said.contains("restore") && found.of("database").iter().all(|one| one["status"] != "fail"),
        "{said}"
    );
}

#[test]
fn a_database_that_lacks_a_migration_is_named() {
    let folder = tempfile::tempdir().unwrap();
    begin(folder.path());
    let last = "version = (SELECT max(version) FROM __diesel_schema_migrations)";
    assert_eq!(execute(folder.path(), &format!("DELETE FROM __diesel_schema_migrations WHERE {last}")), 1);
    examine(&production(folder.path())).assert_warns("database", "lacks 1 of", "cheetah migrate");
}

#[test]
fn set_up_6_a_key_of_another_installation_is_named() {
    let folder = tempfile::tempdir().unwrap();
    begin(folder.path());
    let found = examine(&production(folder.path()).with("PII_ENCRYPTION_KEY", OTHER_PII_KEY));
    found.assert_fails("database", "made with other keys", "the key that this database was made with");
}

#[test]
fn old_versions_of_the_key_that_are_still_in_use_and_those_that_are_missing_are_named() {
    let folder = tempfile::tempdir().unwrap();
    begin(folder.path());
    let second = OTHER_PII_KEY.replacen("1:", "2:", 1);
    let both = production(folder.path()).with("PII_ENCRYPTION_KEY", format!("{PII_KEY},{second}"));
    examine(&both).assert_warns("keys", "version 1 still wraps 1 key", "cheetah keys rotate");
    assert!(both.command("keys").argument("rotate").run_to_end(PATIENCE).unwrap().status.success());
    let found = examine(&production(folder.path()).with("PII_ENCRYPTION_KEY", second));
    found.assert_is("ok", "keys");
    found.assert_is("ok", "database");
    let found = examine(&production(folder.path()));
    found.assert_fails("database", "its keys need version 2", "add the key of this version");
}

#[test]
fn set_up_5_keys_that_are_lost_while_the_data_is_there_are_named() {
    let folder = tempfile::tempdir().unwrap();
    local(folder.path()).start().unwrap().stop().unwrap();
    std::fs::remove_dir_all(folder.path().join("keys")).unwrap();
    let found = examine(&local(folder.path()));
    found.assert_fails("database", "the keys that open it are not there", "restore DATA_DIR/keys");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_nobody_works_on_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let server = local(folder.path()).with("DEBOUNCE_MS", "60000").start().unwrap();
    let token = std::fs::read_to_string(folder.path().join("keys/fake-carrier-token")).unwrap();
    let url = format!("{}/webhooks/twilio/sms", server.base_url());
    let text = CustomerText::new("+15555550960", BUSINESS_NUMBER, "Hello");
    let webhook = build_webhook((BOXED_ACCOUNT_SID, &token), &url, &text, "SMwaiting", None);
    let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
    let request = webhook
        .headers
        .into_iter()
        .fold(http.post(url), |request, (name, value)| request.header(name, value));
    assert_eq!(request.body(webhook.body).send().await.unwrap().status().as_u16(), 200);
    server.kill().unwrap();
    examine(&local(folder.path())).assert_is("ok", "worker");
    // Ten minutes go by.
    assert_eq!(execute(folder.path(), "UPDATE jobs SET run_at = run_at - 600000000"), 1);
    examine(&local(folder.path())).assert_fails("worker", "nobody works", "cheetah worker");
}

#[test]
fn a_postgres_that_cannot_be_reached_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let nobody = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let url = format!("postgres://serves:the-wrong-token@{nobody}/cheetah");
    let found = examine(&production(folder.path()).with("DATABASE_URL", url));
    found.assert_fails(
        "database",
        "cannot be used",
        "see that the database runs and that DATABASE_URL names",
    );
}

#[test]
fn on_postgres_tables_that_are_not_there_and_a_role_that_sees_too_much_are_named() {
    let cluster = PostgresCluster::start(Durability::Off).unwrap();
    let database = cluster.server().empty_database().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let spec = production(folder.path()).with("DATABASE_URL", database.url());
    examine(&spec).assert_fails("database", "lacks", "cheetah migrate");
    assert!(spec.clone().command("migrate").run_to_end(PATIENCE).unwrap().status.success());
    let well = examine(&spec);
    well.assert_is("ok", "database");
    well.assert_is("ok", "worker");
    well.assert_warns("database login", "superuser", "DATABASE_MIGRATION_URL");
    database.query("CREATE ROLE serves LOGIN; GRANT cheetah_app, cheetah_platform TO serves").unwrap();
    let serves = database.url().replace("postgres://postgres@", "postgres://serves@");
    let serving = spec.clone().with("DATABASE_URL", serves).with("DATABASE_MIGRATION_URL", database.url());
    let found = examine(&serving);
    found.assert_is("ok", "database");
    assert!(found.of("database login").is_empty(), "{:#}", found.report);
    database.query("ALTER TABLE feature_flags OWNER TO serves").unwrap();
    examine(&serving).assert_warns("database login", "it owns the tables", "a login of its own");
    database.query("ALTER TABLE feature_flags OWNER TO postgres").unwrap();
    database.query("ALTER ROLE cheetah_app BYPASSRLS").unwrap();
    examine(&spec).assert_fails("database", "tenants are not kept apart", "neither superuser nor owner");
}
