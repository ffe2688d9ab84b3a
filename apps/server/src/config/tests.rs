//! What each environment needs, and how faults are told.

use std::net::SocketAddr;
use std::time::Duration;

use tenancy::SecretText;

use super::{Config, ConfigFaults, Database, Environment, LogFormat};

fn read(vars: &[(&str, &str)]) -> Result<Config, ConfigFaults> {
    Config::from_env(vars.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
}

fn read_production(changes: &[(&str, &str)]) -> Result<Config, ConfigFaults> {
    let whole = [
        ("APP_ENV", "production"),
        ("BIND", "0.0.0.0:8080"),
        ("PUBLIC_BASE_URL", "https://chat.example.com/"),
        ("PII_ENCRYPTION_KEY", "1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
        ("ADMIN_API_KEY", "0123456789abcdef"),
        ("JWT_SECRET_KEY", "0123456789abcdef0123456789abcdef"),
        ("DATABASE_URL", "sqlite:///data/cheetah.db"),
    ];
    read(&[&whole, changes].concat())
}

fn faulty_variables(result: Result<Config, ConfigFaults>) -> Vec<&'static str> {
    result.unwrap_err().list().iter().map(|fault| fault.variable).collect()
}

#[test]
fn a_local_start_needs_no_variable() {
    let config = read(&[]).unwrap();
    assert_eq!(config.environment, Environment::Local);
    assert_eq!(config.bind, SocketAddr::from(([127, 0, 0, 1], 8080)));
    assert_eq!(config.database, Database::Sqlite("./data/cheetah.db".into()));
    assert_eq!(config.public_base_url.as_str(), "http://127.0.0.1:8080");
    assert_eq!(config.debounce, Duration::from_secs(2));
    assert_eq!(config.log_format, LogFormat::Text);
    assert!(config.verify_twilio_signatures);
    assert!(!config.access.trust_business_id);
}

#[test]
fn production_names_all_that_is_missing_at_once() {
    let missing = faulty_variables(read(&[("APP_ENV", "production")]));
    assert_eq!(
        missing,
        ["PUBLIC_BASE_URL", "PII_ENCRYPTION_KEY", "ADMIN_API_KEY", "JWT_SECRET_KEY", "DATABASE_URL"]
    );
}

#[test]
fn staging_needs_what_production_needs() {
    assert_eq!(faulty_variables(read(&[("APP_ENV", "staging")])).len(), 5);
}

#[test]
fn a_whole_production_environment_is_accepted() {
    let config = read_production(&[]).unwrap();
    assert_eq!(config.public_base_url.as_str(), "https://chat.example.com");
    assert_eq!(config.database, Database::Sqlite("/data/cheetah.db".into()));
    assert_eq!(config.log_format, LogFormat::Json);
}

#[test]
fn a_fault_says_what_is_wrong_and_how_to_mend_it() {
    let shown = read(&[("DEBOUNCE_MS", "60001")]).unwrap_err().to_string();
    assert_eq!(
        shown,
        "the configuration cannot be used:\n  DEBOUNCE_MS is `60001`: write milliseconds from 0 to 60000"
    );
    let shown = read_production(&[("PII_ENCRYPTION_KEY", "")]).unwrap_err().to_string();
    assert!(shown.contains("openssl rand -base64 32"), "{shown}");
}

#[test]
fn every_value_that_is_not_understood_is_a_fault() {
    for (name, value) in [
        ("APP_ENV", "prod"),
        ("BIND", "localhost"),
        ("PORT", "http"),
        ("PUBLIC_BASE_URL", "ftp://example.com"),
        ("PUBLIC_BASE_URL", "https://example.com/?a=b"),
        ("TWILIO_PHONE_NUMBER", "5551230000"),
        ("TWILIO_API_BASE", "api.twilio.com"),
        ("VERIFY_TWILIO_SIGNATURES", "maybe"),
        ("DEBOUNCE_MS", "-1"),
        ("DEBOUNCE_MS", "2s"),
        ("LLM_PROVIDER", "claude"),
        ("GEMINI_API_BASE", "generativelanguage"),
        ("OPENAI_API_BASE", "ftp://models.internal"),
        ("OPENAI_MODEL", "a model"),
        ("LOG_FORMAT", "xml"),
        ("RUST_LOG", "server=loud"),
        ("TRUST_BUSINESS_ID", "2"),
        ("TRUSTED_PROXIES", "10.0.0.0/8, proxy.internal"),
        ("DATABASE_URL", "postgres://u:p@h"),
        ("DATABASE_URL", "mysql://u:p@h/db"),
        ("DATABASE_URL", "sqlite::memory:"),
        ("DATABASE_POOL_WEBHOOKS", "1"),
        ("DATABASE_POOL_CHAT", "few"),
        ("DATABASE_POOL_API", "-6"),
        ("DATABASE_POOL_WORKER", "1001"),
    ] {
        assert_eq!(faulty_variables(read(&[(name, value)])), [name], "{name}={value}");
    }
}

#[test]
fn production_refuses_what_only_a_local_start_may_have() {
    for (name, value) in [
        ("PUBLIC_BASE_URL", "http://chat.example.com"),
        ("VERIFY_TWILIO_SIGNATURES", "false"),
        ("ADMIN_API_KEY", "short"),
        ("JWT_SECRET_KEY", "0123456789abcdef"),
        ("ADMIN_PASSWORD", "eleven char"),
        ("ADMIN_PRIVATE_KEY", "0123456789abcdef"),
        ("DATABASE_URL", "memory:"),
    ] {
        assert_eq!(faulty_variables(read_production(&[(name, value)])), [name], "{name}={value}");
    }
    assert!(!read(&[("VERIFY_TWILIO_SIGNATURES", "false")]).unwrap().verify_twilio_signatures);
}

#[test]
fn half_a_carrier_account_is_a_fault() {
    assert_eq!(faulty_variables(read(&[("TWILIO_ACCOUNT_SID", "AC1")])), ["TWILIO_AUTH_TOKEN"]);
    assert_eq!(faulty_variables(read(&[("TWILIO_AUTH_TOKEN", "t")])), ["TWILIO_ACCOUNT_SID"]);
    let whole = read(&[("TWILIO_ACCOUNT_SID", "AC1"), ("TWILIO_AUTH_TOKEN", "t")]).unwrap();
    assert_eq!(whole.twilio.unwrap().account_sid, "AC1");
    assert_eq!(read(&[("TWILIO_PHONE_NUMBER", "+15551230000")]).unwrap().twilio, None);
}

#[test]
fn an_empty_variable_counts_as_unset() {
    assert!(read(&[("ADMIN_API_KEY", ""), ("DEBOUNCE_MS", "  ")]).unwrap().access.admin_api_key.is_none());
}

#[test]
fn the_platforms_port_is_obeyed() {
    let of = |vars: &[(&str, &str)]| read(vars).unwrap().bind.to_string();
    assert_eq!(of(&[("PORT", "9000")]), "127.0.0.1:9000");
    assert_eq!(of(&[("APP_ENV", "development"), ("PORT", "9000")]), "0.0.0.0:9000");
    assert_eq!(of(&[("BIND", "10.0.0.1:1"), ("PORT", "9000")]), "10.0.0.1:9000");
}

#[test]
fn a_postgres_url_names_a_database_and_hides_its_password() {
    for text in ["postgres://u:hush@h/db", "postgresql://u:hush@h:5433/db?sslmode=require"] {
        let config = read(&[("DATABASE_URL", text), ("DATABASE_MIGRATION_URL", text)]).unwrap();
        assert_eq!(config.database, Database::Postgres(SecretText::new(text)));
        assert_eq!(config.migration_database_url, Some(SecretText::new(text)));
        assert!(!format!("{config:?}").contains("hush"), "{config:?}");
    }
}

#[test]
fn a_database_is_a_path_or_a_sqlite_url() {
    let of = |text| read(&[("DATABASE_URL", text)]).unwrap().database;
    for text in ["data/x.db", "sqlite://data/x.db", "sqlite:data/x.db", "sqlite://data/x.db?mode=rwc"] {
        assert_eq!(of(text), Database::Sqlite("data/x.db".into()), "{text}");
    }
    assert_eq!(of("memory:"), Database::Memory);
}

#[test]
fn what_names_a_database_in_another_way_is_no_path_and_is_not_shown() {
    for text in [
        "host=db user=owner password=hush dbname=x",
        "password=hush",
        "host=db password='hush:7'",
        "db owner hush",
        "User ID=owner;Password=hush",
    ] {
        let faults = read(&[("DATABASE_URL", text), ("DATABASE_MIGRATION_URL", text)]).unwrap_err();
        let said = faults.to_string();
        assert!(!said.contains("hush"), "{said}");
        assert!(said.contains("postgres://") && said.contains("sqlite:"), "{said}");
        assert_eq!(faulty_variables(Err(faults)), ["DATABASE_URL", "DATABASE_MIGRATION_URL"], "{text}");
        assert_eq!(faulty_variables(read_production(&[("DATABASE_URL", text)])), ["DATABASE_URL"], "{text}");
    }
    let named = read(&[("DATABASE_URL", "sqlite:my data/a=b.db")]).unwrap();
    assert_eq!(named.database, Database::Sqlite("my data/a=b.db".into()));
}

#[test]
fn no_secret_is_shown_in_faults_or_debug_output() {
    let secrets = [
        ("PII_ENCRYPTION_KEY", "1:hushhushhushhushhushhushhushhushhushhushhush"),
        ("ADMIN_API_KEY", "hush-admin"),
        ("JWT_SECRET_KEY", "hush-jwt"),
        ("ADMIN_PASSWORD", "hush-password"),
        ("ADMIN_PRIVATE_KEY", "hush-private"),
        ("TWILIO_AUTH_TOKEN", "hush-token"),
        ("DATABASE_URL", "mysql://u:hush-password@h/db"),
    ];
    let faults = read(&[&secrets[..], &[("APP_ENV", "production")]].concat()).unwrap_err();
    assert!(!faults.to_string().contains("hush"), "{faults}");
    let config = read(&[&secrets[..6], &[("TWILIO_ACCOUNT_SID", "AC1")]].concat()).unwrap();
    assert!(!format!("{config:?}").contains("hush"), "{config:?}");
}

#[test]
fn a_key_of_no_use_is_named_with_the_other_faults_and_not_shown() {
    let faults = read(&[("PII_ENCRYPTION_KEY", "1:short"), ("DEBOUNCE_MS", "-1")]).unwrap_err();
    let said = faults.to_string();
    assert!(said.contains("PII_ENCRYPTION_KEY") && said.contains("DEBOUNCE_MS"), "{said}");
    assert!(!said.contains("1:short"), "{said}");
}

#[test]
fn where_something_is_may_hold_a_password_and_is_not_shown() {
    for (name, value) in [
        ("PUBLIC_BASE_URL", "http://somebody:hush@example.com"),
        ("TWILIO_API_BASE", "user=somebody password=hush"),
        ("GEMINI_API_BASE", "hush"),
        ("OPENAI_API_BASE", "api.example.com?key=hush"),
        ("REDIS_URL", "redis.internal:6379,password=hush,ssl=True"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318?token=hush"),
    ] {
        let said = read(&[(name, value)]).unwrap_err().to_string();
        assert!(said.contains(name) && !said.contains("hush"), "{said}");
    }
}

#[test]
fn how_a_server_is_watched_has_defaults_and_faults_are_named_without_passwords() {
    let operations = read(&[]).unwrap().operations;
    assert_eq!((operations.metrics_bind, operations.metrics_tenants), (None, 1_000));
    assert_eq!((operations.drain, operations.redis, operations.otlp_endpoint), (Duration::ZERO, None, None));
    let unusable = [
        ("METRICS_BIND", "9464"),
        ("METRICS_TENANTS", "many"),
        ("DRAIN_MS", "60001"),
        ("REDIS_URL", "http://:hush@redis.internal"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318"),
    ];
    let faults = read(&unusable).unwrap_err();
    let named: Vec<_> = faults.list().iter().map(|fault| fault.variable).collect();
    for (name, _) in unusable {
        assert!(named.contains(&name), "{name}: {faults}");
    }
    assert!(!faults.to_string().contains("hush"), "{faults}");
}

#[test]
fn redis_goes_by_either_name_and_can_be_switched_off() {
    for name in ["REDIS_URL", "REDIS_CONN_URL"] {
        let given = (name, "redis://:secret@redis.internal:6379/0");
        assert!(read(&[given]).unwrap().operations.redis.is_some(), "{name}");
        assert!(read(&[given, ("REDIS_ENABLED", "false")]).unwrap().operations.redis.is_none(), "{name}");
    }
}

/// Returns who is asked for words, in order.
fn order(vars: &[(&str, &str)]) -> Vec<&'static str> {
    read(vars).unwrap().models.order().into_iter().map(kernel::ModelProvider::as_str).collect()
}

#[test]
fn models_are_asked_in_an_order_that_ends_in_the_box() {
    let (gemini, google) = (("GEMINI_API_KEY", "key"), ("GOOGLE_API_KEY", "key"));
    let (openai, own) = (("OPENAI_API_KEY", "key"), ("OPENAI_API_BASE", "http://127.0.0.1:11434/v1"));
    assert_eq!(order(&[]), ["offline"]);
    assert_eq!(order(&[gemini]), ["gemini", "offline"]);
    assert_eq!(order(&[google]), ["gemini", "offline"]);
    assert_eq!(order(&[openai]), ["openai", "offline"]);
    assert_eq!(order(&[own]), ["openai", "offline"]);
    assert_eq!(order(&[gemini, openai]), ["gemini", "openai", "offline"]);
    assert_eq!(order(&[gemini, openai, ("LLM_PROVIDER", "openai")]), ["openai", "gemini", "offline"]);
    assert_eq!(order(&[gemini, openai, ("LLM_PROVIDER", "offline")]), ["offline"]);
}

#[test]
fn what_is_said_of_models_tells_which_one_is_asked_and_where_and_no_key() {
    let said = |vars: &[(&str, &str)]| read(vars).unwrap().models.described();
    let key = ("GEMINI_API_KEY", "secret-key");
    assert_eq!(said(&[]), "offline");
    let usual = said(&[key]);
    assert_eq!(usual, "gemini https://generativelanguage.googleapis.com/ gemini-2.5-flash, offline");
    assert_ne!(said(&[key, ("GEMINI_MODEL", "gemini-2.5-pro")]), usual);
    assert_ne!(said(&[key, ("GEMINI_API_BASE", "http://127.0.0.1:9")]), usual);
    assert_ne!(said(&[key, ("OPENAI_API_KEY", "key")]), usual);
}

#[test]
fn a_model_that_is_asked_for_needs_what_lets_us_in() {
    for (provider, variable) in [("gemini", "GEMINI_API_KEY"), ("openai", "OPENAI_API_KEY")] {
        assert_eq!(faulty_variables(read(&[("LLM_PROVIDER", provider)])), [variable]);
    }
}

#[test]
fn models_may_take_as_long_as_is_said_and_no_part_longer_than_the_whole() {
    let millis = |vars: &[(&str, &str)]| {
        let timeouts = read(vars).unwrap().models.timeouts;
        [timeouts.connect, timeouts.first_token, timeouts.total].map(|one| one.as_millis())
    };
    let (connect, first, total) =
        ("MODEL_CONNECT_TIMEOUT_MS", "MODEL_FIRST_TOKEN_TIMEOUT_MS", "MODEL_TOTAL_TIMEOUT_MS");
    assert_eq!(millis(&[]), [5_000, 15_000, 45_000]);
    assert_eq!(millis(&[(connect, "250"), (first, "2000"), (total, "30000")]), [250, 2_000, 30_000]);
    for unusable in ["0", "600001", "2s", "-1"] {
        assert_eq!(faulty_variables(read(&[(connect, unusable)])), [connect], "{unusable}");
    }
    assert_eq!(faulty_variables(read(&[(total, "4000")])), [connect, first]);
}
