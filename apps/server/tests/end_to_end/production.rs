//! Production: it starts with everything it needs, or says all that is missing and does not start.

use std::process::Command;

use harness::ServerSpec;

fn production(folder: &std::path::Path) -> ServerSpec {
    ServerSpec::serve(env!("CARGO_BIN_EXE_cheetah"), folder)
        .with("APP_ENV", "production")
        .with("RUST_LOG", "info")
        .with("PUBLIC_BASE_URL", "https://chat.example.com")
        .with("PII_ENCRYPTION_KEY", "1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
        .with("ADMIN_API_KEY", "an-admin-key-of-32-characters-00")
        .with("JWT_SECRET_KEY", "a-jwt-secret-key-of-38-characters-0000")
        .with("DATABASE_URL", folder.join("cheetah.db").display().to_string())
}

#[test]
fn without_its_variables_it_names_them_all_and_exits() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_cheetah"))
        .env_clear()
        .env("APP_ENV", "production")
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    for name in ["PUBLIC_BASE_URL", "PII_ENCRYPTION_KEY", "ADMIN_API_KEY", "JWT_SECRET_KEY", "DATABASE_URL"] {
        assert!(said.contains(name), "{name} is not named: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_its_variables_it_serves_and_makes_nothing_up() {
    let folder = tempfile::tempdir().unwrap();
    let server = production(folder.path()).start_until_logged("serving at ").unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let get = |path: &str| http.get(format!("{}{path}", server.base_url()));
    assert_eq!(get("/healthz").send().await.unwrap().status().as_u16(), 200);
    let tenants = get("/api/v1/tenants").header("X-Admin-API-Key", "an-admin-key-of-32-characters-00");
    let tenants: serde_json::Value = tenants.send().await.unwrap().json().await.unwrap();
    assert_eq!(tenants["items"].as_array().unwrap().len(), 0, "no demo tenant");
    assert_eq!(get("/api/v1/tenants").send().await.unwrap().status().as_u16(), 401);
    let carrier = get("/fake-carrier/2010-04-01/Accounts/AC/Messages.json").send().await.unwrap();
    assert_eq!(carrier.status().as_u16(), 404, "no carrier in a box");
    for line in server.log().unwrap().lines() {
        assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "not a JSON line: {line}");
    }
    server.stop().unwrap();
}

#[test]
fn another_key_than_the_databases_own_is_refused_at_start() {
    let folder = tempfile::tempdir().unwrap();
    production(folder.path()).start_until_logged("serving at ").unwrap().stop().unwrap();
    let other = production(folder.path())
        .with("PII_ENCRYPTION_KEY", "1:IB8eHRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQQDAgE=");
    let refusal = other.start_until_logged("serving at ").unwrap_err().to_string();
    assert!(refusal.contains("PII_ENCRYPTION_KEY"), "{refusal}");
}

#[test]
fn migrate_says_what_it_ran_and_then_that_all_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let migrate = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cheetah"));
        command.arg("migrate").env_clear().env("DATA_DIR", folder.path()).current_dir(folder.path());
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    assert!(migrate().starts_with("ran 2026"));
    assert_eq!(migrate(), "the database is up to date\n");
}
