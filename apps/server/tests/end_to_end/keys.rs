//! A new key-encryption key takes over from an old one while texts flow, and after being killed in the middle.

use std::{
    fmt::Write as _,
    io::{BufRead as _, BufReader, Read as _},
    path::Path,
    process::{Child, ChildStdout, Command, Output, Stdio},
    sync::Arc,
    time::Duration,
};

use harness::ServerSpec;
use kernel::TenantId;
use serde_json::{Value, json};
use server::system::OsEntropy;
use tenancy::{Vault as _, WrappedKey};
use uuid::Uuid;
use vault::{EnvelopeVault, KeyRing};

use crate::{
    databases,
    rig::{Rig, spec},
};

/// How long a command may take.
const PATIENCE: Duration = Duration::from_secs(60);
const OLD: &str = "1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const NEW: &str = "2:IB8eHRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQQDAgE=";
const BOTH: &str =
    "1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=,2:IB8eHRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQQDAgE=";
const NEXT: &str =
    "2:IB8eHRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQQDAgE=,3:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";
/// So many that a rotation is not over before it is killed.
const MANY: u128 = 5_000;

fn with_old(spec: ServerSpec) -> ServerSpec {
    spec.with("PII_ENCRYPTION_KEY", OLD)
}

fn with_both(spec: ServerSpec) -> ServerSpec {
    spec.with("PII_ENCRYPTION_KEY", BOTH)
}

fn with_new(spec: ServerSpec) -> ServerSpec {
    spec.with("PII_ENCRYPTION_KEY", NEW)
}

/// Runs `cheetah keys …` on a folder's database.
fn keys(folder: &Path, ring: &str, arguments: &[&str]) -> Output {
    let spec = spec(folder).with("PII_ENCRYPTION_KEY", ring).command("keys");
    arguments.iter().fold(spec, |spec, one| spec.argument(one)).run_to_end(PATIENCE).unwrap()
}

/// Runs what must succeed, and returns what it printed.
fn printed(folder: &Path, ring: &str, arguments: &[&str]) -> String {
    let output = keys(folder, ring, arguments);
    assert!(output.status.success(), "{}{}", said(&output), complaint(&output));
    said(&output)
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn complaint(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Returns how many keys a version wraps.
fn wrapped_by(folder: &Path, version: &str) -> u128 {
    let status = printed(folder, BOTH, &["status"]);
    let line = status.lines().find(|line| line.split_whitespace().nth(1) == Some(version));
    line.map_or(0, |line| line.split_whitespace().nth(2).unwrap().parse().unwrap())
}

fn owner(number: u128) -> TenantId {
    TenantId::new(Uuid::from_u128((0x7 << 76) | (0x2 << 62) | number))
}

fn insert_keys(folder: &Path, keys: &[(TenantId, WrappedKey)]) {
    for some in keys.chunks(400) {
        let mut rows = Vec::new();
        for (owner, key) in some {
            let bytes = key.bytes.iter().fold(String::new(), |mut text, byte| {
                write!(text, "{byte:02x}").unwrap();
                text
            });
            rows.push(if databases::on_postgres() {
                format!("('{owner}', {}, '\\x{bytes}')", key.kek_version)
            } else {
                format!("(x'{}', {}, x'{bytes}')", owner.uuid().simple(), key.kek_version)
            });
        }
        let rows = rows.join(",");
        databases::execute(
            folder,
            &format!("INSERT INTO vault_keys (owner_id, kek_version, wrapped) VALUES {rows}"),
        );
    }
}

/// Makes a database with the old key in which many tenants have keys.
fn database_of_many(folder: &Path) {
    assert!(spec(folder).command("migrate").run_to_end(PATIENCE).unwrap().status.success());
    insert_many_keys(folder);
    // The first to open the database makes the platform's key.
    printed(folder, OLD, &["status"]);
}

/// Adds keys of many tenants, wrapped by the old key.
fn insert_many_keys(folder: &Path) {
    let vault = EnvelopeVault::new(KeyRing::parse(OLD).unwrap(), Arc::new(OsEntropy));
    let keys: Vec<_> =
        (0..MANY).map(|number| (owner(number), vault.mint_tenant_key(owner(number)).unwrap())).collect();
    insert_keys(folder, &keys);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_is_replaced_while_texts_flow_and_the_new_one_alone_opens_what_the_old_one_had_sealed() {
    let rig = Rig::start_with(with_old);
    let early = "+15555550970";
    rig.ask(early, "I'm Ann Lee").await;
    let rig = rig.stop_and_restart_with(with_both);
    let folder = rig.server.data_dir().to_owned();
    insert_many_keys(&folder);
    assert_eq!((wrapped_by(&folder, "1"), wrapped_by(&folder, "2")), (MANY + 2, 0));
    let phones: Vec<_> = (0..20).map(|number| format!("+155555597{number:02}")).collect();
    let mut rotation = begin_rotation(&folder);
    rig.text(&phones[0], "What are your hours?").await;
    let tenant = make_tenant(&rig).await;
    assert!(rotation.process.try_wait().unwrap().is_none(), "it was over before anything else was done");
    for phone in &phones[1..] {
        rig.text(phone, "What are your hours?").await;
    }
    let rotated = tokio::task::spawn_blocking(move || rotation.end()).await.unwrap();
    assert!(rotated.contains(&format!("wrapped {} keys by version 2", MANY + 2)), "{rotated}");
    for phone in &phones {
        rig.wait_for(phone, 1).await;
    }
    assert_eq!((wrapped_by(&folder, "1"), wrapped_by(&folder, "2")), (0, MANY + 3));
    let rig = rig.stop_and_restart_with(with_new);
    assert_eq!(description_of(&rig, &tenant).await, "Made meanwhile");
    let reply = rig.ask(early, "What is my name?").await;
    assert!(reply.contains("Ann"), "{reply}");
    assert_eq!(rig.messages(early).await[0]["text"], "I'm Ann Lee");
    let folder = rig.stop();
    let refused = with_old(spec(folder.path())).run_to_end(PATIENCE).unwrap();
    assert!(!refused.status.success());
    let why = complaint(&refused);
    assert!(why.contains("version 2 is not configured") && why.contains("PII_ENCRYPTION_KEY"), "{why}");
}

/// Makes a tenant with a profile, which its own key seals, and returns the profile's path.
async fn make_tenant(rig: &Rig) -> String {
    let tenants = rig.http.post(rig.url("/api/v1/tenants")).header("X-Admin-API-Key", &rig.admin_key);
    let made = tenants.json(&json!({"name": "Exeter"})).send().await.unwrap();
    let made: Value = made.error_for_status().unwrap().json().await.unwrap();
    let path = format!("/api/v1/tenants/{}/profile", made["id"].as_str().unwrap());
    let profile = rig.http.put(rig.url(&path)).header("X-Admin-API-Key", &rig.admin_key);
    let put = profile.json(&json!({"description": "Made meanwhile"})).send().await.unwrap();
    put.error_for_status().unwrap();
    path
}

async fn description_of(rig: &Rig, profile: &str) -> String {
    let shown = rig.http.get(rig.url(profile)).header("X-Admin-API-Key", &rig.admin_key).send().await;
    let shown: Value = shown.unwrap().error_for_status().unwrap().json().await.unwrap();
    shown["description"].as_str().unwrap().to_owned()
}

#[test]
fn a_rotation_that_was_killed_in_the_middle_is_ended_by_two_others_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    database_of_many(folder);
    kill_in_the_middle(folder);
    let done = wrapped_by(folder, "2");
    assert!((200..=MANY).contains(&done), "{done} keys were wrapped anew before the kill");
    let both = [(); 2].map(|()| {
        let folder = folder.to_owned();
        std::thread::spawn(move || printed(&folder, BOTH, &["rotate"]))
    });
    for rotation in both {
        assert!(rotation.join().unwrap().contains("no key needs an older version"));
    }
    assert_eq!((wrapped_by(folder, "1"), wrapped_by(folder, "2")), (0, MANY + 1));
    // With the old key gone every key opens, or this would fail and name it.
    let rehearsed = printed(folder, NEXT, &["rotate", "--dry-run"]);
    assert!(rehearsed.contains(&format!("would wrap {} keys by version 3", MANY + 1)), "{rehearsed}");
    assert_eq!(wrapped_by(folder, "3"), 0);
}

/// A rotation under way.
struct Rotation {
    process: Child,
    says: BufReader<ChildStdout>,
    /// What it has said first.
    first: String,
}

/// Begins a rotation, and returns as soon as it says that it has done some.
fn begin_rotation(folder: &Path) -> Rotation {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cheetah"));
    command.args(["keys", "rotate"]).env_clear().env("DATA_DIR", folder).env("PII_ENCRYPTION_KEY", BOTH);
    command.envs(databases::of(folder).map(|url| ("DATABASE_URL", url)));
    let mut process = command.current_dir(folder).stdout(Stdio::piped()).spawn().unwrap();
    let (mut says, mut first) = (BufReader::new(process.stdout.take().unwrap()), String::new());
    says.read_line(&mut first).unwrap();
    Rotation { process, says, first }
}

impl Rotation {
    /// Waits for its end, and returns the rest of what it says.
    fn end(mut self) -> String {
        let mut rest = String::new();
        self.says.read_to_string(&mut rest).unwrap();
        assert!(self.process.wait().unwrap().success(), "{rest}");
        rest
    }
}

/// Begins a rotation and kills it as soon as it says that it has done some.
fn kill_in_the_middle(folder: &Path) {
    let mut rotation = begin_rotation(folder);
    rotation.process.kill().unwrap();
    rotation.process.wait().unwrap();
    assert_eq!(rotation.first, format!("200 of {}\n", MANY + 1));
}

#[test]
fn keys_that_do_not_open_are_named_and_all_others_are_wrapped_anew() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    database_of_many(folder);
    let altered = WrappedKey { kek_version: 1, bytes: vec![1; 61] };
    insert_keys(folder, &[(owner(MANY), altered)]);
    for arguments in [["rotate", "--dry-run"].as_slice(), &["rotate"]] {
        let output = keys(folder, BOTH, arguments);
        assert_eq!(output.status.code(), Some(1));
        let named = format!("not wrapped anew: the key of tenant {}, by version 1", owner(MANY));
        assert_eq!(said(&output).matches("not wrapped anew").count(), 1);
        assert!(said(&output).contains(&named), "{}", said(&output));
        assert!(complaint(&output).contains("1 key did not open"), "{}", complaint(&output));
        let is_logged = complaint(&output).contains("tenants' keys were wrapped anew");
        assert_eq!(is_logged, arguments == ["rotate"], "{}", complaint(&output));
    }
    assert_eq!((wrapped_by(folder, "1"), wrapped_by(folder, "2")), (1, MANY + 1));
}

#[test]
fn a_ring_that_lacks_versions_in_use_is_told_which() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    database_of_many(folder);
    insert_keys(folder, &[(owner(MANY), WrappedKey { kek_version: 9, bytes: vec![1; 61] })]);
    let status = printed(folder, BOTH, &["status"]);
    assert!(status.lines().any(|line| line.starts_with("version 1 ") && line.contains("older")), "{status}");
    assert!(status.lines().any(|line| line.starts_with("version 9 ") && line.contains("NOT in")), "{status}");
    let refused = keys(folder, BOTH, &["rotate"]);
    assert!(!refused.status.success());
    assert!(complaint(&refused).contains("version 9 is in use already"), "{}", complaint(&refused));
    assert_eq!(wrapped_by(folder, "2"), 0, "nothing was changed");
}

#[test]
fn where_nothing_was_started_yet_there_is_nothing_to_rotate_and_nothing_is_made() {
    let folder = tempfile::tempdir().unwrap();
    databases::leave_unmigrated(folder.path());
    let without_ring = spec(folder.path()).command("keys").argument("rotate").run_to_end(PATIENCE).unwrap();
    assert!(complaint(&without_ring).contains("there are no keys yet"), "{}", complaint(&without_ring));
    let without_tables = keys(folder.path(), BOTH, &["rotate"]);
    assert!(complaint(&without_tables).contains("cheetah migrate"), "{}", complaint(&without_tables));
    for output in [without_ring, without_tables] {
        assert_eq!(output.status.code(), Some(1));
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
