//! A business with something of everything, and those who act for it.

use std::collections::BTreeMap;

use limits::Quota;
use serde_json::{Value, json};

use super::places::{At, Place};
use crate::support::{Answer, Business, Call, MEMBER_PASSWORD, Operation, World, ids_of, text, valid_body};

/// A world in which nobody is told to wait.
pub(super) fn world() -> World {
    World::with(|settings, _| {
        settings.limits.quotas.api.credential = Quota::per_minute(1_000_000);
        settings.limits.quotas.api.tenant = Quota::per_minute(1_000_000);
        settings.limits.quotas.sign_ins = Quota::per_hour(1_000_000);
    })
}

/// A business, and those who act for it.
pub(super) struct Party {
    pub(super) business: Business,
    pub(super) account_sid: String,
    pub(super) account_token: String,
    email: String,
    page: String,
    visitor: String,
    /// What its page calls a visitor's session.
    pub(super) session: String,
}

impl Party {
    /// Makes a business that uses its name in everything that it says.
    pub(super) async fn new(world: &World, name: &str, number: &str) -> Self {
        let business = world.business(&format!("{name} of Bristol"), number).await;
        let email = format!("{name}@example.com");
        let member = json!({"email": email, "name": name, "role": "owner", "password": MEMBER_PASSWORD});
        world.post(&business.path("/members")).operator().json(&member).send().await.expect(201);
        let account_token = format!("{name}-token");
        let account_sid = format!("AC{name}");
        let account = json!({"provider": "twilio", "account_sid": account_sid, "auth_token": account_token});
        let make = async |path: &str, body: Value| {
            let made = world.post(path).key(&business.key).json(&body).send().await;
            assert!(made.status < 300, "{path}: {}", made.text());
            made.json()
        };
        make(&business.path("/provider-accounts"), account).await;
        let widget = json!({"name": name, "allowed_origins": ["*"]});
        let page = text(&make(&business.path("/widget-tokens"), widget).await["token"]);
        let opened = world.post("/api/v1/chat/sessions").header("X-Widget-Token", &page).send().await;
        let visitor = text(&opened.expect(201)["visitor_token"]);
        let lead =
            make("/api/v1/leads", json!({"name": name, "email": format!("lead-{name}@example.com")})).await;
        make(&format!("/api/v1/leads/{}/notes", text(&lead["id"])), json!({"text": name})).await;
        let section = json!({"key": "tone", "order": 1, "content": name});
        make(&business.path("/prompts"), json!({"channel": "sms", "sections": [section]})).await;
        let session = format!("visit-{}", &number[number.len() - 4..]);
        let party = Self { business, account_sid, account_token, email, page, visitor, session };
        let profile = json!({"description": name, "greeting": name});
        let path = party.business.path("/profile");
        world.put(&path).key(&party.business.key).json(&profile).send().await.expect(200);
        let said = json!({"session_id": party.session, "text": name});
        party
            .by(world.post("/api/v1/chat"), "widget_token", world)
            .await
            .json(&said)
            .send()
            .await
            .expect(200);
        let said = json!({"text": name});
        party
            .by(world.post("/api/v1/chat"), "visitor_token", world)
            .await
            .json(&said)
            .send()
            .await
            .expect(200);
        assert_eq!(party.business.text_from_customer(world, &format!("SM{name}"), name).await, 200);
        party
    }

    /// Returns the ids of one of everything, made anew where they can be, and of a message that left.
    pub(super) async fn ids(&self, world: &World) -> BTreeMap<&'static str, String> {
        let mut ids = ids_of(world, &self.business).await;
        let conversation = format!("/api/v1/conversations/{}", ids["conversation_id"]);
        // An operation may have closed it.
        world.post(&format!("{conversation}/reopen")).key(&self.business.key).send().await;
        let path = format!("{conversation}/messages");
        let said = world.post(&path).key(&self.business.key).json(&json!({"text": "A person speaking"}));
        ids.insert("message_id", text(&said.send().await.expect(201)["id"]));
        ids
    }

    /// Presents what lets this party in where a scheme of the description is asked for.
    pub(super) async fn by<'world>(
        &self,
        call: Call<'world>,
        scheme: &str,
        world: &'world World,
    ) -> Call<'world> {
        match scheme {
            "member" => call.header("Authorization", &format!("Bearer {}", world.sign_in(&self.email).await)),
            "api_key" => call.key(&self.business.key),
            "widget_token" => call.header("X-Widget-Token", &self.page),
            "visitor_token" => call.header("X-Visitor-Token", &self.visitor),
            "nobody" => call,
            other => panic!("no party of this test presents {other}"),
        }
    }

    /// Calls an operation with its own ids but for what is said in one place.
    pub(super) async fn call(
        &self,
        world: &World,
        (operation, scheme): (&Operation, &str),
        own: &BTreeMap<&'static str, String>,
        said: Option<(&Place, &str)>,
    ) -> Answer {
        let at = |place: At| {
            said.filter(|(one, _)| one.at == place).map(|(one, value)| (one.name.as_str(), value))
        };
        let mut ids: BTreeMap<&str, String> = own.iter().map(|(name, id)| (*name, id.clone())).collect();
        ids.extend(at(At::Path).map(|(name, value)| (name, value.to_owned())));
        let mut path = operation.path_with(&ids);
        let mut query = self.needed(operation);
        if let Some((name, value)) = at(At::Query) {
            query.retain(|(known, _)| known != name);
            query.push((name.to_owned(), value.to_owned()));
        }
        if !query.is_empty() {
            let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
            path = format!("{path}?{query}");
        }
        let call = Call::new(world, &operation.method.to_uppercase(), &path);
        let mut call = self.by(call, scheme, world).await;
        if let Some((name, value)) = at(At::Header) {
            call = call.header(name, value);
        }
        if operation.description().get("requestBody").is_some() {
            let mut body = match operation.id() {
                "log_in" => json!({"email": self.email, "password": MEMBER_PASSWORD}),
                id => valid_body(id, &ids),
            };
            if let Some((name, value)) = at(At::Body) {
                body[name] = json!(value);
            }
            call = call.json(&body);
        }
        call.send().await
    }

    /// What the query must say.
    fn needed(&self, operation: &Operation) -> Vec<(String, String)> {
        let parameters = operation.description()["parameters"].as_array().into_iter().flatten();
        let needed = parameters.filter(|one| one["in"] == "query" && one["required"] == true);
        needed.map(|one| (text(&one["name"]), self.business.customer.clone())).collect()
    }
}
