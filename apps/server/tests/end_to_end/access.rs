//! Who is let into the real program, by what its environment says: members, the operator, and whoever names a business.

use std::{path::Path, sync::Arc, time::Duration};

use cheetah_jwt::JwtSigner;
use diesel::{
    Connection as _, QueryableByName, RunQueryDsl as _, SqliteConnection,
    sql_types::{Binary, Integer},
};
use harness::{ServerProcess, ServerSpec};
use kernel::{Clock as _, TenantId};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use server::system::{OsEntropy, SystemClock};
use tenancy::{Place, Sealed, SecretText, TokenSigner as _, Vault as _, WrappedKey};
use uuid::Uuid;
use vault::{EnvelopeVault, KeyRing};

const PATIENCE: Duration = Duration::from_secs(60);
const PII_KEY: &str = "1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const ADMIN_KEY: &str = "an-admin-key-of-32-characters-00";
const JWT_KEY: &str = "a-jwt-secret-key-of-38-characters-0000";
const ADMIN_PASSWORD: &str = "the operator's own password";
const ADMIN_PRIVATE_KEY: &str = "a-private-key-of-the-command-line-0000";
const MEMBER: (&str, &str) = ("ann@example.com", "four words of no sentence");

/// An installation on the embedded database, all of whose secrets differ.
fn spec(folder: &Path) -> ServerSpec {
    ServerSpec::serve(env!("CARGO_BIN_EXE_cheetah"), folder)
        .with("PII_ENCRYPTION_KEY", PII_KEY)
        .with("ADMIN_API_KEY", ADMIN_KEY)
        .with("JWT_SECRET_KEY", JWT_KEY)
        .with("ADMIN_USERNAME", "boss")
        .with("ADMIN_PASSWORD", ADMIN_PASSWORD)
        .with("ADMIN_PRIVATE_KEY", ADMIN_PRIVATE_KEY)
}

/// A running server, and somebody who calls it.
struct Door {
    server: ServerProcess,
    http: Client,
}

impl Door {
    fn open(spec: &ServerSpec) -> Self {
        let http = Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        Self { server: spec.start().unwrap(), http }
    }

    fn get(&self, path: &str) -> RequestBuilder {
        self.http.get(format!("{}{path}", self.server.base_url()))
    }

    fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        self.http.post(format!("{}{path}", self.server.base_url())).json(body)
    }

    async fn new_tenant(&self) -> Uuid {
        let made =
            self.post("/api/v1/tenants", &json!({"name": "Bristol"})).header("X-Admin-API-Key", ADMIN_KEY);
        id_of(&answered(made, 201).await)
    }
}

async fn status(request: RequestBuilder) -> u16 {
    request.send().await.unwrap().status().as_u16()
}

async fn answered(request: RequestBuilder, status: u16) -> Value {
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status().as_u16(), status, "{}", answer.text().await.unwrap());
    answer.json().await.unwrap()
}

fn id_of(shown: &Value) -> Uuid {
    Uuid::parse_str(shown["id"].as_str().unwrap()).unwrap()
}

#[derive(QueryableByName)]
struct KeptPassword {
    #[diesel(sql_type = Integer)]
    kek_version: i32,
    #[diesel(sql_type = Binary)]
    wrapped: Vec<u8>,
    #[diesel(sql_type = Binary)]
    password_sealed: Vec<u8>,
}

/// Returns what the database keeps of a member's password, unsealed.
fn kept_password(folder: &Path, tenant: Uuid, member: Uuid) -> String {
    let path = folder.join("cheetah.db").display().to_string();
    let question = format!(
        "SELECT kek_version, wrapped, password_sealed FROM members JOIN vault_keys ON owner_id = tenant_id \
         WHERE id = x'{}'",
        member.simple()
    );
    let mut database = SqliteConnection::establish(&path).unwrap();
    let kept: KeptPassword = diesel::sql_query(question).get_result(&mut database).unwrap();
    let vault = EnvelopeVault::new(KeyRing::parse(PII_KEY).unwrap(), Arc::new(OsEntropy));
    let key = WrappedKey { kek_version: kept.kek_version, bytes: kept.wrapped };
    let vault = vault.unlock_tenant(TenantId::new(tenant), &key).unwrap();
    let place = Place { table: "members", column: "password_sealed", row: member };
    String::from_utf8(vault.open(place, &Sealed(kept.password_sealed)).unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_signs_in_with_a_password_that_is_kept_as_argon2id() {
    let folder = tempfile::tempdir().unwrap();
    let door = Door::open(&spec(folder.path()));
    let tenant = door.new_tenant().await;
    let member = json!({"email": MEMBER.0, "name": "Ann", "role": "owner", "password": MEMBER.1});
    let added = door.post(&format!("/api/v1/tenants/{tenant}/members"), &member);
    let member = id_of(&answered(added.header("X-Admin-API-Key", ADMIN_KEY), 201).await);
    let sign_in =
        |password: &str| door.post("/api/v1/auth/login", &json!({"email": MEMBER.0, "password": password}));
    assert_eq!(status(sign_in("five words of no sentence")).await, 401);
    let tokens = answered(sign_in(MEMBER.1), 200).await;
    let token = tokens["access_token"].as_str().unwrap();
    let me = answered(door.get("/api/v1/auth/me").bearer_auth(token), 200).await;
    assert_eq!(id_of(&me["member"]), member);
    assert_eq!(
        status(door.get("/api/v1/tenants").bearer_auth(token)).await,
        403,
        "a member is not the operator"
    );
    let read = JwtSigner::new(&SecretText::new(JWT_KEY)).verify_access(token, SystemClock.now());
    assert_eq!(read.unwrap().member.uuid(), member, "it is signed with JWT_SECRET_KEY");
    let kept = kept_password(folder.path(), tenant, member);
    assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
    door.server.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_signs_in_with_name_and_password_and_is_let_in_by_the_cookie() {
    let folder = tempfile::tempdir().unwrap();
    let door = Door::open(&spec(folder.path()));
    let sign_in = |name: &str, password: &str| {
        door.post("/api/v1/admin/auth", &json!({"username": name, "password": password}))
    };
    for (name, password) in [("admin", ADMIN_PASSWORD), ("boss", ADMIN_KEY), ("boss", ADMIN_PRIVATE_KEY)] {
        assert_eq!(status(sign_in(name, password)).await, 401, "{name}");
    }
    let answer = sign_in("boss", ADMIN_PASSWORD).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let shown = answered(door.get("/api/v1/admin/auth").header("Cookie", &cookie), 200).await;
    assert_eq!(shown["actor"], "operator:session");
    assert_eq!(status(door.get("/api/v1/tenants").header("Cookie", &cookie)).await, 200);
    door.server.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_command_line_signs_lets_the_operator_in_and_no_other_key_does() {
    let folder = tempfile::tempdir().unwrap();
    let spec = spec(folder.path());
    let door = Door::open(&spec);
    let print = |key: &str| {
        let command = spec.clone().with("ADMIN_PRIVATE_KEY", key).command("admin-token");
        let printed = command.argument("--subject").argument("ann").run_to_end(PATIENCE).unwrap();
        assert!(printed.status.success(), "{}", String::from_utf8_lossy(&printed.stderr));
        String::from_utf8(printed.stdout).unwrap().trim().to_owned()
    };
    let token = print(ADMIN_PRIVATE_KEY);
    let shown = answered(door.get("/api/v1/admin/auth").bearer_auth(&token), 200).await;
    assert_eq!(shown["actor"], "operator:token:ann");
    for key in [JWT_KEY, ADMIN_KEY] {
        assert_eq!(status(door.get("/api/v1/admin/auth").bearer_auth(print(key))).await, 401, "{key}");
    }
    door.server.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_named_business_is_believed_only_where_the_operator_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let spec = spec(folder.path());
    let door = Door::open(&spec);
    let tenant = door.new_tenant().await.to_string();
    let ask = |door: &Door| door.get("/api/v1/conversations").header("X-Business-ID", &tenant);
    assert_eq!(status(ask(&door)).await, 401);
    door.server.stop().unwrap();
    let door = Door::open(&spec.with("TRUST_BUSINESS_ID", "true"));
    assert_eq!(answered(ask(&door), 200).await["items"], json!([]));
    assert_eq!(status(door.get("/api/v1/tenants").header("X-Business-ID", &tenant)).await, 403);
    door.server.stop().unwrap();
}
