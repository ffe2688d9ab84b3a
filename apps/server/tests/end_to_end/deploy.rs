//! What lies in `deploy/`: its files fit one another and the program, and the login that it makes can serve and no more.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use harness::{ServerSpec, postgres::PostgresServer, run_to_end};
use serde_norway::Value;
use server::config::Config;

const PATIENCE: Duration = Duration::from_secs(60);
const OWNERS_PASSWORD: &str = "the-password-of-the-owner";
const LOGINS_PASSWORD: &str = "the-password-of-the-login";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy")
}

fn read(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).unwrap()
}

/// Reads a file of variables, and fills in what is left empty there.
fn filled_in(name: &str) -> BTreeMap<String, String> {
    let lines = dotenvy::from_read_iter(std::io::Cursor::new(read(name)));
    let fill = |name: &str| match name {
        "PUBLIC_BASE_URL" => "https://chat.example.com",
        "PII_ENCRYPTION_KEY" => "1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "OWNER_DB_PASSWORD" => OWNERS_PASSWORD,
        "CHEETAH_DB_PASSWORD" => LOGINS_PASSWORD,
        "TWILIO_ACCOUNT_SID" => "AC0123456789abcdef0123456789abcdef",
        _ => "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    };
    lines
        .map(|line| line.unwrap())
        .map(
            |(name, value)| {
                if value.is_empty() { (name.clone(), fill(&name).to_owned()) } else { (name, value) }
            },
        )
        .collect()
}

fn service(name: &str) -> Value {
    let mut compose: Value = serde_norway::from_str(&read("compose.yml")).unwrap();
    compose.apply_merge().unwrap();
    compose["services"][name].clone()
}

/// Returns what a service gets, with `${NAME:-default}` and `${NAME:?message}` put in as compose does.
fn variables(service: &Value) -> BTreeMap<String, String> {
    let outer = filled_in(".env.example");
    let mut variables =
        if service["env_file"] == "cheetah.env" { filled_in("cheetah.env.example") } else { BTreeMap::new() };
    for (name, value) in service["environment"].as_mapping().unwrap() {
        let value = put_in(value.as_str().unwrap(), &outer);
        variables.insert(name.as_str().unwrap().to_owned(), value);
    }
    variables
}

fn put_in(text: &str, outer: &BTreeMap<String, String>) -> String {
    let Some((before, rest)) = text.split_once("${") else { return text.to_owned() };
    let (expression, after) = rest.split_once('}').unwrap();
    let (name, otherwise) = expression.split_once(':').unwrap();
    let value = outer.get(name).cloned().or_else(|| otherwise.strip_prefix('-').map(str::to_owned));
    format!("{before}{}{}", value.unwrap_or_else(|| panic!("{name} is in no file")), put_in(after, outer))
}

/// Adds what the image sets.
fn with_the_images(mut variables: BTreeMap<String, String>) -> BTreeMap<String, String> {
    let dockerfile = read("Dockerfile");
    let line = dockerfile.lines().find_map(|line| line.strip_prefix("ENV ")).unwrap();
    for (name, value) in line.split_whitespace().filter_map(|pair| pair.split_once('=')) {
        variables.entry(name.to_owned()).or_insert_with(|| value.to_owned());
    }
    variables
}

#[test]
fn the_example_files_filled_in_are_a_whole_configuration() {
    for name in ["migrate", "serve", "worker"] {
        let variables = with_the_images(variables(&service(name)));
        assert_eq!(variables["APP_ENV"], "production");
        let config = Config::from_env(variables).unwrap_or_else(|faults| panic!("{name}: {faults}"));
        assert!(config.operations.redis.is_some(), "{name}");
        assert_eq!(config.operations.metrics_bind.is_some(), name == "worker");
        assert_eq!(config.migration_database_url.is_some(), name == "migrate");
    }
}

#[test]
fn every_variable_of_the_examples_is_in_the_readme_or_used_by_compose() {
    let readme = std::fs::read_to_string(folder().join("../README.md")).unwrap();
    for name in filled_in("cheetah.env.example").keys() {
        assert!(readme.contains(&format!("`{name}`")), "{name} is not in README.md");
    }
    for name in filled_in(".env.example").keys() {
        assert!(read("compose.yml").contains(&format!("${{{name}:")), "compose.yml does not use {name}");
    }
}

#[test]
fn only_postgres_and_the_migration_get_the_owners_password() {
    for (name, gets_it) in [("postgres", true), ("migrate", true), ("serve", false), ("worker", false)] {
        let has = variables(&service(name)).values().any(|value| value.contains(OWNERS_PASSWORD));
        assert_eq!(has, gets_it, "{name}");
    }
}

#[test]
fn containers_ask_for_health_by_commands_that_there_are() {
    for (name, arguments) in [("serve", vec!["health"]), ("worker", vec!["health", "--worker"])] {
        let test: Vec<String> =
            serde_norway::from_value(service(name)["healthcheck"]["test"].clone()).unwrap();
        assert_eq!(test[..2], ["CMD", "/usr/local/bin/cheetah"], "the image has no shell");
        assert_eq!(test[2..], arguments);
    }
    assert!(read("Dockerfile").contains("/usr/local/bin/cheetah"));
}

#[test]
fn the_login_that_the_deployment_makes_serves_what_the_owner_has_migrated() {
    let cluster = PostgresServer::dedicated().unwrap();
    let server = cluster.server();
    server.query("postgres", "CREATE ROLE cheetah_owner SUPERUSER LOGIN").unwrap();
    server.query("postgres", "CREATE DATABASE cheetah OWNER cheetah_owner").unwrap();
    let mut script = Command::new("sh");
    script
        .arg(folder().join("postgres/10-login.sh"))
        .envs([("PGHOST", "127.0.0.1"), ("PGPORT", &cluster.port().to_string())])
        .envs([("POSTGRES_USER", "cheetah_owner"), ("POSTGRES_DB", "cheetah")])
        .env("CHEETAH_DB_PASSWORD", LOGINS_PASSWORD);
    let made = run_to_end(&mut script, PATIENCE).unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));

    let data = tempfile::tempdir().unwrap();
    let url = |login: &str| format!("postgres://{login}@127.0.0.1:{}/cheetah", cluster.port());
    let spec = ServerSpec::serve(env!("CARGO_BIN_EXE_cheetah"), data.path())
        .with("APP_ENV", "production")
        .with("DATABASE_URL", url("cheetah"));
    let spec = ["PUBLIC_BASE_URL", "PII_ENCRYPTION_KEY", "ADMIN_API_KEY", "JWT_SECRET_KEY"]
        .into_iter()
        .fold(spec, |spec, name| spec.with(name, filled_in("cheetah.env.example")[name].clone()));
    let migrate = spec.clone().command("migrate").with("DATABASE_MIGRATION_URL", url("cheetah_owner"));
    let migrated = migrate.run_to_end(PATIENCE).unwrap();
    assert!(migrated.status.success(), "{}", String::from_utf8_lossy(&migrated.stderr));
    spec.start_until_logged("serving at ").unwrap().stop().unwrap();
    let owned = "SELECT count(*) FROM pg_class WHERE relowner = 'cheetah'::regrole";
    assert_eq!(server.query("cheetah", owned).unwrap().trim(), "0");
}
