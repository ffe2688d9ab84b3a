//! What a business publishes on one server is what its next turn is told on every other, and nobody else's.

use std::time::Duration;

use harness::redis::RedisServer;
use model_fakes::FakeModelServer;
use serde_json::{Value, json};

use crate::installation::{Installation, phones};

/// How long a reply may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// The server on which everything is published.
const FIRST: usize = 0;
/// The server on which visitors write, which takes their turns in the request.
const SECOND: usize = 1;

/// Two servers whose model is the fake one, and the operator.
struct Platform {
    installation: Installation,
    model: FakeModelServer,
    admin_key: String,
    _redis: RedisServer,
}

/// A business, with what its page shows to be let in.
struct Business {
    tenant: String,
    widget_token: String,
}

impl Platform {
    async fn start() -> Self {
        let (model, redis) = (FakeModelServer::start().await.unwrap(), RedisServer::start().unwrap());
        let base = model.gemini_base();
        let installation = Installation::start_with(|spec| {
            let spec = spec.with("GEMINI_API_KEY", "key").with("GEMINI_API_BASE", base.as_str());
            spec.with("REDIS_URL", redis.url())
        })
        .await;
        let key = installation.folder.path().join("keys/admin-api-key");
        let admin_key = std::fs::read_to_string(key).unwrap();
        Self { installation, model, admin_key, _redis: redis }
    }

    fn url(&self, server: usize, path: &str) -> String {
        format!("{}{path}", self.installation.servers[server].as_ref().unwrap().base_url())
    }

    /// Posts to the first server as the operator.
    async fn post(&self, path: &str, body: &Value) -> Value {
        let request = self.installation.http.post(self.url(FIRST, path)).json(body);
        let answer = request.header("X-Admin-API-Key", &self.admin_key).send().await.unwrap();
        let status = answer.status();
        let body = answer.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {body}");
        serde_json::from_str(&body).unwrap()
    }

    /// Returns the business that texts go to.
    fn demo(&self) -> Business {
        let file = self.installation.folder.path().join("keys/demo.json");
        let demo: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        let text = |name: &str| demo[name].as_str().unwrap().to_owned();
        Business { tenant: text("tenant_id"), widget_token: text("widget_token") }
    }

    async fn another(&self) -> Business {
        let made = self.post("/api/v1/tenants", &json!({"name": "Exeter"})).await;
        let tenant = made["id"].as_str().unwrap().to_owned();
        let token = json!({"name": "site", "allowed_origins": ["*"]});
        let token = self.post(&format!("/api/v1/tenants/{tenant}/widget-tokens"), &token).await;
        Business { tenant, widget_token: token["token"].as_str().unwrap().to_owned() }
    }

    async fn publish(&self, business: &Business, content: &str) {
        let prompts = format!("/api/v1/tenants/{}/prompts", business.tenant);
        let sections = json!([{"key": "tone", "order": 1, "content": content}]);
        let draft = self.post(&prompts, &json!({"channel": "all", "sections": sections})).await;
        for step in ["submit", "publish"] {
            self.post(&format!("{prompts}/{}/{step}", draft["id"].as_str().unwrap()), &json!({})).await;
        }
    }

    /// Lets a visitor write to the second server, and returns what its model was told.
    async fn told_on_the_second(&self, business: &Business) -> String {
        let before = self.model.requests().len();
        let request = self.installation.http.post(self.url(SECOND, "/api/v1/chat"));
        let request = request.header("X-Widget-Token", &business.widget_token);
        let body = json!({"session_id": "visitor-1", "text": "Do you fix boilers?"});
        assert_eq!(request.json(&body).send().await.unwrap().status().as_u16(), 200);
        assert_eq!(self.model.requests().len(), before + 1);
        self.told()
    }

    /// Returns what the model was told last.
    fn told(&self) -> String {
        self.model.requests().pop().unwrap().body["systemInstruction"].to_string()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_turn_on_another_server_is_told_what_was_just_published_and_nothing_of_another_business() {
    let platform = Platform::start().await;
    let (own, other) = (platform.demo(), platform.another().await);
    // Whatever a server keeps of prompts, it has by now.
    for business in [&own, &other] {
        assert!(!platform.told_on_the_second(business).await.contains("Answer in"));
    }
    platform.publish(&other, "Answer in prose.").await;
    let mut last = None;
    for tone in ["Answer in rhymes.", "Answer in song."] {
        platform.publish(&own, tone).await;
        let told = platform.told_on_the_second(&own).await;
        assert!(told.contains(tone) && !told.contains("in prose"), "{told}");
        assert!(last.is_none_or(|last| !told.contains(last)), "{told}");
        let others = platform.told_on_the_second(&other).await;
        assert!(others.contains("Answer in prose.") && !others.contains(tone), "{others}");
        last = Some(tone);
    }
    // Whichever process takes this turn.
    assert_eq!(platform.installation.text_to(SECOND, &phones(1)[0], "SMtone").await, Some(200));
    platform.installation.carrier.carrier().wait_for_count(1, PATIENCE).await.unwrap();
    let told = platform.told();
    assert!(told.contains("Answer in song.") && !told.contains("in prose"), "{told}");
}
