//! A tenant with something of everything.

use serde_json::{Value, json};

use super::{Webhook, World};

/// A tenant with something of everything.
pub(crate) struct Business {
    pub(crate) id: String,
    pub(crate) key: String,
    pub(crate) number: String,
    /// The contact who has written.
    pub(crate) customer: String,
}

impl Business {
    pub(super) async fn create(world: &World, name: &str, number: &str) -> Self {
        let tenant =
            world.post("/api/v1/tenants").operator().json(&json!({"name": name})).send().await.expect(201);
        let id = text(&tenant["id"]);
        let path = format!("/api/v1/tenants/{id}/api-keys");
        let key = world.post(&path).operator().json(&json!({"name": "tests"})).send().await.expect(201);
        let body = json!({"channel": "sms", "provider": "twilio", "address": number});
        world.post(&format!("/api/v1/tenants/{id}/channels")).operator().json(&body).send().await.expect(201);
        let customer = number.replacen("+1555", "+1556", 1);
        let business = Self { id, key: text(&key["key"]), number: number.to_owned(), customer };
        let sid = format!("SM{}", business.number.trim_start_matches('+'));
        let arrived = business.text_from_customer(world, &sid, "Do you fix sinks?").await;
        assert_eq!(arrived, 200);
        business
    }

    /// Returns a path below the tenant's own.
    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/api/v1/tenants/{}{rest}", self.id)
    }

    /// Lets the contact write, and returns the webhook's status.
    pub(crate) async fn text_from_customer(&self, world: &World, sid: &str, text: &str) -> u16 {
        Webhook::sms(sid, &self.customer, &self.number, text).send(world).await.status
    }

    /// Returns the tenant's conversations.
    pub(crate) async fn conversations(&self, world: &World) -> Vec<Value> {
        self.items(world, "/api/v1/conversations").await
    }

    /// Returns the id of the tenant's only conversation.
    pub(crate) async fn conversation_id(&self, world: &World) -> String {
        let conversations = self.conversations(world).await;
        assert_eq!(conversations.len(), 1, "{conversations:?}");
        text(&conversations[0]["id"])
    }

    /// Returns the messages of the tenant's only conversation, oldest first.
    pub(crate) async fn messages(&self, world: &World) -> Vec<Value> {
        let id = self.conversation_id(world).await;
        self.items(world, &format!("/api/v1/conversations/{id}/messages")).await
    }

    /// Returns a list's items, as the tenant sees them.
    pub(crate) async fn items(&self, world: &World, path: &str) -> Vec<Value> {
        world.get(path).key(&self.key).send().await.expect(200)["items"].as_array().unwrap().clone()
    }
}

/// Returns a JSON string's text.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
