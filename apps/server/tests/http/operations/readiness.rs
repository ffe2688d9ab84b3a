//! `/readyz` and `/health`

use std::{net::TcpListener, sync::Arc};

use conversation::ModelTimeouts;
use fake_carrier::{FakeCarrier, FakeCarrierConfig, RunningFakeCarrier};
use kernel::ModelProvider::{self, Gemini, Offline, OpenAi};
use model_fakes::FakeModelServer;
use serde_json::{Value, json};
use server::{
    compose::ModelCheck,
    config::{ModelServer, ModelsConfig},
};
use tenancy::SecretText;
use url::Url;

use crate::support::{BrokenStore, Call, PLATFORM_SID, PLATFORM_TOKEN, World};

async fn carrier() -> RunningFakeCarrier {
    let config = FakeCarrierConfig::new(PLATFORM_SID, PLATFORM_TOKEN);
    FakeCarrier::new(config).unwrap().start().await.unwrap()
}

fn with_carrier(base: &Url, token: &str) -> World {
    World::with(|settings, ports| {
        ports.messenger = None;
        settings.platform_accounts[0].api_base = base.clone();
        settings.platform_accounts[0].auth_token = SecretText::new(token);
    })
}

fn check<'a>(body: &'a Value, name: &str) -> &'a Value {
    let found = body["checks"].as_array().unwrap().iter().find(|check| check["name"] == name);
    found.unwrap_or_else(|| panic!("{name}: {body}"))
}

#[actix_web::test]
async fn a_server_that_has_all_it_needs_is_ready() {
    let carrier = carrier().await;
    let body = with_carrier(carrier.base_url(), PLATFORM_TOKEN).get("/readyz").send().await.expect(200);
    assert_eq!(body["status"], "ready");
    for (name, required) in [("database", true), ("carrier", false)] {
        assert_eq!(check(&body, name), &json!({"name": name, "status": "ok", "required": required}));
    }
}

#[actix_web::test]
async fn without_its_database_it_is_not_ready_and_shows_nothing_of_the_reason() {
    let world = World::with(|_, ports| ports.stores.tenants = Arc::new(BrokenStore));
    let answer = world.get("/readyz").send().await;
    let body = answer.expect(503);
    assert_eq!((&body["status"], answer.header("content-type")), (&json!("unready"), "application/json"));
    assert_eq!(check(&body, "database")["detail"], "does not answer");
    assert!(!answer.text().contains(BrokenStore::REASON), "{body}");
    let people = world.get("/health").send().await.expect(200);
    assert_eq!(people["status"], "unready", "people get the same answer with a 200");
    world.get("/healthz").send().await.expect(200);
}

#[actix_web::test]
async fn without_its_carrier_it_still_takes_messages_in() {
    let running = carrier().await;
    let wrong = with_carrier(running.base_url(), "another-token").get("/readyz").send().await;
    assert_eq!(wrong.expect(200)["status"], "degraded");
    assert_eq!(check(&wrong.json(), "carrier")["detail"], "refuses the account's token");
    assert!(!wrong.text().contains("another-token") && !wrong.text().contains(PLATFORM_SID));
    let base = running.base_url().clone();
    running.stop().await;
    let body = with_carrier(&base, PLATFORM_TOKEN).get("/readyz").send().await.expect(200);
    assert_eq!(check(&body, "carrier")["detail"], "cannot be reached");
}

/// A model server as it is configured.
struct Configured {
    provider: ModelProvider,
    base: Url,
    key: &'static str,
    model: &'static str,
}

impl Configured {
    fn new(provider: ModelProvider, server: &FakeModelServer) -> Self {
        let base = if provider == Gemini { server.gemini_base() } else { server.openai_base() };
        Self { provider, base, key: "key", model: "gemini-2.5-flash" }
    }

    fn config(self) -> ModelsConfig {
        let Self { provider, base: api_base, key, model } = self;
        let server = ModelServer { api_base, api_key: Some(SecretText::new(key)), model: model.to_owned() };
        let of = |one| (one == provider).then(|| server.clone());
        let (gemini, openai) = (of(Gemini), of(OpenAi));
        ModelsConfig { gemini, openai, first: provider, prices: None, timeouts: ModelTimeouts::default() }
    }

    /// Asks a server whose model this is whether it is ready, and returns what it says of the model.
    async fn asked(self) -> (Value, Value) {
        readiness(self.config()).await
    }
}

async fn readiness(config: ModelsConfig) -> (Value, Value) {
    let world = World::with(|_, ports| ports.checks.push(Arc::new(ModelCheck::new(&config).unwrap())));
    let answer = world.get("/readyz").send().await;
    let body = answer.expect(200);
    assert!(!answer.text().contains("127.0.0.1") && !answer.text().contains("wrong"), "{body}");
    (body["status"].clone(), check(&body, "model").clone())
}

#[actix_web::test]
async fn a_server_whose_model_can_be_asked_is_ready_and_asks_for_no_words() {
    let model = FakeModelServer::start().await.unwrap();
    for provider in [Gemini, OpenAi] {
        let (status, said) = Configured::new(provider, &model).asked().await;
        let well = json!({"name": "model", "status": "ok", "required": false});
        assert_eq!((status, said), (json!("ready"), well), "{provider:?}");
    }
    assert_eq!(model.requests().len(), 0, "words cost money");
}

#[actix_web::test]
async fn without_its_model_it_still_takes_messages_in_and_says_what_is_wrong() {
    let model = FakeModelServer::start().await.unwrap();
    let nobody = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    for provider in [Gemini, OpenAi] {
        let configured = || Configured::new(provider, &model);
        let closed = Url::parse(&format!("http://{nobody}")).unwrap();
        for (broken, detail) in [
            (Configured { base: closed, ..configured() }, "cannot be reached"),
            (Configured { key: "wrong", ..configured() }, "does not take the key"),
        ] {
            let (status, said) = broken.asked().await;
            assert_eq!((status, &said["status"]), (json!("degraded"), &json!("failed")), "{said}");
            assert_eq!((&said["detail"], &said["required"]), (&json!(detail), &json!(false)), "{provider:?}");
        }
    }
}

#[actix_web::test]
async fn a_model_that_gemini_does_not_know_is_missed_and_elsewhere_not_every_server_tells() {
    let model = FakeModelServer::start().await.unwrap();
    let unknown = |provider| Configured { model: "nonexistent", ..Configured::new(provider, &model) };
    let (status, said) = unknown(Gemini).asked().await;
    assert_eq!((status, &said["detail"]), (json!("degraded"), &json!("does not know the model")));
    assert_eq!(unknown(OpenAi).asked().await.0, "ready");
}

#[actix_web::test]
async fn whoever_wants_the_model_in_the_box_first_misses_no_other() {
    let model = FakeModelServer::start().await.unwrap();
    let mut config = Configured { key: "wrong", ..Configured::new(Gemini, &model) }.config();
    config.first = Offline;
    assert_eq!(readiness(config).await.0, "ready");
}

#[actix_web::test]
async fn a_server_that_was_told_to_stop_sends_requests_elsewhere() {
    let world = World::new();
    world.services.operations.readiness.stop();
    assert_eq!(world.get("/readyz").send().await.expect(503)["status"], "stopping");
    world.get("/healthz").send().await.expect(200);
}

#[actix_web::test]
async fn a_balancer_may_ask_for_the_head_only() {
    let world = World::new();
    for path in ["/readyz", "/health"] {
        assert_eq!(Call::new(&world, "HEAD", path).send().await.status, 200);
    }
}
