//! Production: it starts with everything it needs, or says all that is missing and does not start.

use std::{
    path::Path,
    process::{Command, Output},
    time::Duration,
};

use harness::{ServerSpec, run_to_end};
use serde_json::Value;

/// How long a refusal may take.
const SECONDS: Duration = Duration::from_secs(10);
const PII_KEY: &str = "1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const OTHER_PII_KEY: &str = "1:IB8eHRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQQDAgE=";
const ADMIN_KEY: &str = "an-admin-key-of-32-characters-00";
const JWT_KEY: &str = "a-jwt-secret-key-of-38-characters-0000";

fn production(folder: &Path) -> ServerSpec {
    ServerSpec::serve(env!("CARGO_BIN_EXE_cheetah"), folder)
        .with("APP_ENV", "production")
        .with("RUST_LOG", "info")
        .with("PUBLIC_BASE_URL", "https://chat.example.com")
        .with("PII_ENCRYPTION_KEY", PII_KEY)
        .with("ADMIN_API_KEY", ADMIN_KEY)
        .with("JWT_SECRET_KEY", JWT_KEY)
        .with("DATABASE_URL", folder.join("cheetah.db").display().to_string())
}

fn refusal(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "it did not refuse: {said}");
    assert!(output.stdout.is_empty(), "a refusal is no output");
    said
}

#[test]
fn without_its_variables_it_names_them_all_with_what_to_write_and_exits() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_cheetah"));
    command.arg("serve").env_clear().env("APP_ENV", "production").current_dir(folder.path());
    let said = refusal(&run_to_end(&mut command, SECONDS).unwrap());
    for name in ["PUBLIC_BASE_URL", "PII_ENCRYPTION_KEY", "ADMIN_API_KEY", "JWT_SECRET_KEY", "DATABASE_URL"] {
        let line = said.lines().find(|line| line.trim_start().starts_with(name));
        assert!(line.is_some_and(|line| line.contains(": write ")), "{name}: {said}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing was begun");
}

#[test]
fn a_refusal_prints_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let secrets = ["short-admin", "short-jwt", "lonely-token", "database-password"];
    let spec = production(folder.path())
        .with("ADMIN_API_KEY", secrets[0])
        .with("JWT_SECRET_KEY", secrets[1])
        .with("TWILIO_AUTH_TOKEN", secrets[2])
        .with("DATABASE_URL", format!("mysql://cheetah:{}@localhost/cheetah", secrets[3]));
    let said = refusal(&spec.run_to_end(SECONDS).unwrap());
    for name in ["ADMIN_API_KEY", "JWT_SECRET_KEY", "TWILIO_ACCOUNT_SID", "DATABASE_URL"] {
        assert!(said.contains(name), "{name} is not named: {said}");
    }
    for secret in secrets.iter().chain(&[PII_KEY]) {
        assert!(!said.contains(secret), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_its_variables_it_serves_and_makes_nothing_up() {
    let folder = tempfile::tempdir().unwrap();
    let server = production(folder.path()).start_until_logged("serving at ").unwrap();
    let http = reqwest::Client::builder().no_proxy().timeout(SECONDS).build().unwrap();
    let get = |path: &str| http.get(format!("{}{path}", server.base_url()));
    assert_eq!(get("/healthz").send().await.unwrap().status().as_u16(), 200);
    let tenants = get("/api/v1/tenants").header("X-Admin-API-Key", ADMIN_KEY);
    let tenants: Value = tenants.send().await.unwrap().json().await.unwrap();
    assert_eq!(tenants["items"].as_array().unwrap().len(), 0, "no demo tenant");
    assert_eq!(get("/api/v1/tenants").send().await.unwrap().status().as_u16(), 401);
    let carrier = get("/fake-carrier/2010-04-01/Accounts/AC/Messages.json").send().await.unwrap();
    assert_eq!(carrier.status().as_u16(), 404, "no carrier in a box");
    let keys = folder.path().join("keys");
    assert_eq!(std::fs::read_dir(keys).map_or(0, Iterator::count), 0, "no key is made up");
    let log = server.log().unwrap();
    for line in log.lines() {
        assert!(serde_json::from_str::<Value>(line).is_ok_and(|line| line.is_object()), "not JSON: {line}");
    }
    for secret in [PII_KEY, ADMIN_KEY, JWT_KEY] {
        assert!(!log.contains(secret), "a secret is logged");
    }
    server.stop().unwrap();
}

#[test]
fn another_key_than_the_databases_own_is_refused_at_start() {
    let folder = tempfile::tempdir().unwrap();
    let right = production(folder.path());
    right.start_until_logged("serving at ").unwrap().kill().unwrap();
    let wrong = production(folder.path()).with("PII_ENCRYPTION_KEY", OTHER_PII_KEY);
    let said = refusal(&wrong.run_to_end(SECONDS).unwrap());
    assert!(said.contains("PII_ENCRYPTION_KEY"), "{said}");
    assert!(!said.contains(OTHER_PII_KEY) && !said.contains(PII_KEY), "{said}");
    right.start_until_logged("serving at ").unwrap().kill().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgres_it_serves_once_its_owner_has_migrated_and_says_so_before() {
    let folder = tempfile::tempdir().unwrap();
    let database = harness::postgres::server().unwrap().empty_database().unwrap();
    let login = format!("serves_{}", database.name());
    database.query(&format!("CREATE ROLE {login} LOGIN")).unwrap();
    let url = database.url().replace("postgres://postgres@", &format!("postgres://{login}@"));
    let spec =
        production(folder.path()).with("DATABASE_URL", url).with("DATABASE_MIGRATION_URL", database.url());

    let said = refusal(&spec.run_to_end(SECONDS).unwrap());
    assert!(said.contains("run `cheetah migrate`"), "{said}");
    let migrated = spec.clone().command("migrate").run_to_end(SECONDS).unwrap();
    assert!(migrated.status.success(), "{}", String::from_utf8_lossy(&migrated.stderr));
    let said = refusal(&spec.run_to_end(SECONDS).unwrap());
    assert!(said.contains("__diesel_schema_migrations") || said.contains("cheetah_app"), "{said}");
    database.query(&format!("GRANT cheetah_app, cheetah_platform TO {login}")).unwrap();

    let server = spec.start_until_logged("serving at ").unwrap();
    let answer = reqwest::get(format!("{}/readyz", server.base_url())).await.unwrap();
    assert_eq!(answer.status().as_u16(), 200, "{}", answer.text().await.unwrap());
    server.stop().unwrap();
    database.query(&format!("DROP ROLE {login}")).unwrap();
}
