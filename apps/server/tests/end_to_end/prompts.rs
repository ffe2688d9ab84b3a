//! What a business publishes is its own: nothing of the platform's and of other businesses' changes by a byte.

use serde_json::{Value, json};

use crate::rig::Rig;

const TABLES: [&str; 6] = [
    "prompt_versions",
    "base_prompt_versions",
    "ai_profiles",
    "prompt_examples",
    "example_results",
    "example_recordings",
];

/// Whoever has prompts: a tenant, or the platform.
struct Author<'a> {
    rig: &'a Rig,
    prompts: String,
}

impl Author<'_> {
    async fn post(&self, path: &str, body: &Value) -> Value {
        let request = self.rig.http.post(self.rig.url(path)).header("X-Admin-API-Key", &self.rig.admin_key);
        let answer = request.json(body).send().await.unwrap();
        let status = answer.status();
        let body = answer.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {body}");
        serde_json::from_str(&body).unwrap()
    }

    async fn step(&self, id: &str, step: &str) {
        self.post(&format!("{}/{id}/{step}", self.prompts), &json!({})).await;
    }

    async fn drafted(&self, channel: &str, content: &str) -> String {
        let body = json!({"channel": channel, "sections": [{"key": "tone", "order": 1, "content": content}]});
        self.post(&self.prompts, &body).await["id"].as_str().unwrap().to_owned()
    }

    async fn published(&self, channel: &str, content: &str) -> String {
        let id = self.drafted(channel, content).await;
        self.step(&id, "submit").await;
        self.step(&id, "publish").await;
        id
    }
}

/// Gives a tenant something of everything that prompts have, under the path of its own.
async fn furnish(author: &Author<'_>, tenant: &str) {
    author.published("sms", "Be brief.").await;
    author.published("sms", "Be briefer.").await;
    author.drafted("chat", "Be {{ business.name }}.").await;
    let profile =
        json!({"name": "Front", "role": "receptionist", "system_prompt": "Be kind.", "is_default": true});
    author.post(&format!("{tenant}/ai-profiles"), &profile).await;
    let example = json!({
        "name": "Hours", "weight": "informing", "transcript": [{"author": "contact", "text": "When do you open?"}],
        "expectations": [{"kind": "must_not_mention", "text": "never"}]
    });
    author.post(&format!("{tenant}/examples"), &example).await;
    let id = author.published("voice", "Be clear.").await;
    author.post(&format!("{}/{id}/runs", author.prompts), &json!({"mode": "recorded"})).await;
}

/// Returns the rows of all tables of prompts: those of a tenant's versions on a channel, and all others.
fn dump(rig: &Rig, tenant: &str, channel: &str) -> (Vec<String>, Vec<String>) {
    let tenant = tenant.replace('-', "");
    let rows = TABLES.iter().flat_map(|table| {
        let rows = rig.rows(table);
        assert!(!rows.is_empty(), "{table} is empty, so it proves nothing");
        rows.into_iter().map(move |row| format!("{table}: {row}"))
    });
    rows.partition(|row| {
        let plain = row.replace('-', "").to_lowercase();
        row.starts_with("prompt_versions: ") && plain.contains(&tenant) && plain.contains(channel)
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn publishing_and_rolling_back_leave_every_other_row_of_prompts_as_it_is_byte_for_byte() {
    let rig = Rig::start();
    let operator = Author { rig: &rig, prompts: "/api/v1/admin/prompts".into() };
    operator.published("all", "Be formal.").await;
    operator.published("chat", "Be swift.").await;
    operator.drafted("chat", "Be swifter.").await;
    let made = operator.post("/api/v1/tenants", &json!({"name": "Exeter"})).await;
    let own = rig.demo["tenant_id"].as_str().unwrap().to_owned();
    for tenant in [own.as_str(), made["id"].as_str().unwrap()] {
        let path = format!("/api/v1/tenants/{tenant}");
        furnish(&Author { rig: &rig, prompts: format!("{path}/prompts") }, &path).await;
    }
    let author = Author { rig: &rig, prompts: format!("/api/v1/tenants/{own}/prompts") };
    let first = author.published("whatsapp", "Answer in rhymes.").await;
    let second = author.drafted("whatsapp", "Answer in prose.").await;
    let (mut own_rows, others) = dump(&rig, &own, "whatsapp");
    assert_eq!(own_rows.len(), 2, "{own_rows:?}");
    for (id, step) in
        [(&second, "submit"), (&second, "publish"), (&first, "roll-back"), (&second, "roll-back")]
    {
        author.step(id, step).await;
        let (own_rows_now, others_now) = dump(&rig, &own, "whatsapp");
        assert_ne!(own_rows_now, own_rows, "{step} changes what it is for");
        assert_eq!(others_now, others, "{step}");
        own_rows = own_rows_now;
    }
}
