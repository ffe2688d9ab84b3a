//! Variables, keys, files and Redis.

use std::{net::TcpListener, os::unix::fs::PermissionsExt, process::Command};

use harness::{ServerSpec, redis::RedisServer, run_to_end};

use super::{PATIENCE, examine, local, production};

#[test]
fn set_up_1_variables_that_production_lacks_are_all_named_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_cheetah"));
    command.arg("doctor").env_clear().env("APP_ENV", "production").current_dir(folder.path());
    let output = run_to_end(&mut command, PATIENCE).unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    for name in ["PUBLIC_BASE_URL", "PII_ENCRYPTION_KEY", "ADMIN_API_KEY", "JWT_SECRET_KEY", "DATABASE_URL"] {
        let line = said.lines().find(|line| line.starts_with("fail") && line.contains(name));
        assert!(line.is_some_and(|line| line.contains(": write ")), "{name}: {said}");
    }
}

#[test]
fn set_up_2_a_key_of_no_use_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let no_base64 = format!("1:{}", "!".repeat(44));
    let found = examine(&production(folder.path()).with("PII_ENCRYPTION_KEY", no_base64));
    found.assert_fails("keys", "PII_ENCRYPTION_KEY cannot be used", "openssl rand -base64 32");
}

#[test]
fn keys_that_others_on_the_machine_can_read_are_named() {
    let folder = tempfile::tempdir().unwrap();
    local(folder.path()).start().unwrap().stop().unwrap();
    let key = folder.path().join("keys/pii-encryption-key");
    std::fs::set_permissions(&key, PermissionsExt::from_mode(0o644)).unwrap();
    examine(&local(folder.path())).assert_fails("keys", "others on this machine can read", "chmod 600");
}

#[test]
fn a_folder_of_files_that_is_none_is_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "").unwrap();
    let data_dir = folder.path().join("file/data").display().to_string();
    let found = examine(&production(folder.path()).with("DATA_DIR", data_dir));
    found.assert_fails("disk", "is needed as a folder and is a file", "set DATA_DIR");
}

#[test]
fn set_up_3_a_redis_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    // Nobody listens where somebody has just stopped to listen.
    let address = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let found = examine(&local(folder.path()).with("REDIS_URL", format!("redis://{address}/0")));
    found.assert_fails("redis", "cannot be reached", "REDIS_URL");
}

#[test]
fn a_redis_that_is_there_is_asked_for_its_version_and_for_what_it_throws_away() {
    let (folder, redis) = (tempfile::tempdir().unwrap(), RedisServer::start().unwrap());
    let found = examine(&local(folder.path()).with("REDIS_CONN_URL", redis.url()));
    found.assert_is("ok", "redis");
    let wrong = redis.url().replace("redis://", "redis://nobody:the-wrong-token@");
    examine(&local(folder.path()).with("REDIS_URL", wrong)).assert_fails("redis", "refuses", "password");
    let tls = redis.url().replace("redis://", "rediss://");
    // A Redis without TLS lets the greeting of TLS lie.
    examine(&local(folder.path()).with("REDIS_URL", tls)).assert_fails("redis", "in time", "REDIS_URL");
    let off = local(folder.path()).with("REDIS_URL", "redis://127.0.0.1:1").with("REDIS_ENABLED", "false");
    assert!(examine(&off).of("redis").is_empty(), "what is switched off is not looked at");
}

#[test]
fn a_business_that_is_believed_by_name_is_warned_of_in_production_alone() {
    let folder = tempfile::tempdir().unwrap();
    let trusting = |spec: ServerSpec| examine(&spec.with("TRUST_BUSINESS_ID", "true"));
    trusting(production(folder.path())).assert_warns("access", "TRUST_BUSINESS_ID is true", "API key");
    for found in [trusting(local(folder.path())), examine(&production(folder.path()))] {
        assert!(found.of("access").is_empty(), "{:#}", found.report);
    }
}

#[test]
fn a_database_over_a_network_without_tls_is_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    let at = |url: &str| examine(&production(folder.path()).with("DATABASE_URL", url));
    at("postgres://u@db.example.invalid/x").assert_warns("database login", "without TLS", "sslmode=require");
    let found = at("postgres://u@db.example.invalid/x?sslmode=require");
    assert!(found.of("database login").is_empty(), "{:#}", found.report);
}
