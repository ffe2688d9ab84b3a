//! The fake carrier's answers, read by models that are generated from Twilio's own description: what agrees
//! with them is not merely what the two of us have agreed on.

use cheetah_twilio::http_client;
use reqwest::{Client, Url};
use serde_json::Value;
use twilio::model::{ApiV2010Account, ApiV2010AccountMessage};

use crate::fixture::{PATIENT, SID, TOKEN, carrier_and_desk, sid_of, text};

fn client() -> Client {
    http_client(PATIENT).unwrap()
}

async fn get(base: &Url, path: &str) -> Value {
    let url = base.join(path).unwrap();
    let answer = client().get(url).basic_auth(SID, Some(TOKEN)).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.json().await.unwrap()
}

/// Reads a message by Twilio's description; whatever that does not describe would be lost, and is not.
fn assert_described(message: &Value) -> ApiV2010AccountMessage {
    let described: ApiV2010AccountMessage = serde_json::from_value(message.clone()).unwrap();
    let fields = message.as_object().unwrap().iter().filter(|(_, value)| !value.is_null());
    let given: serde_json::Map<_, _> = fields.map(|(name, value)| (name.clone(), value.clone())).collect();
    assert_eq!(serde_json::to_value(&described).unwrap(), Value::Object(given));
    described
}

#[tokio::test]
async fn a_fetched_message_is_as_twilio_describes_it() {
    let (running, desk) = carrier_and_desk(PATIENT).await;
    let sid = sid_of(&desk.send(&text("Hello")).await.unwrap());
    let path = format!("/2010-04-01/Accounts/{SID}/Messages/{sid}.json");
    let message = assert_described(&get(running.base_url(), &path).await);
    assert_eq!(message.sid.as_deref(), Some(sid.as_str()));
    assert_eq!(message.uri.as_deref(), Some(path.as_str()));
    assert_eq!(message.status.as_deref(), Some("queued"));
    assert_eq!(message.date_created.as_deref(), Some("Mon, 02 Nov 2026 15:00:00 +0000"));
}

#[tokio::test]
async fn the_account_is_as_twilio_describes_it() {
    let (running, _desk) = carrier_and_desk(PATIENT).await;
    let account = get(running.base_url(), &format!("/2010-04-01/Accounts/{SID}.json")).await;
    let described: ApiV2010Account = serde_json::from_value(account.clone()).unwrap();
    assert_eq!(serde_json::to_value(&described).unwrap(), account, "something is not described");
    assert_eq!((described.sid.as_deref(), described.status.as_deref()), (Some(SID), Some("active")));
}

#[tokio::test]
async fn an_answer_to_a_send_is_as_twilio_describes_it() {
    let (running, _desk) = carrier_and_desk(PATIENT).await;
    let url = running.base_url().join(&format!("/2010-04-01/Accounts/{SID}/Messages.json")).unwrap();
    let form = [("To", "+15550001111"), ("From", "+15005550006"), ("Body", "Hello")];
    let request = client().post(url).basic_auth(SID, Some(TOKEN)).form(&form);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 201);
    let message = assert_described(&answer.json().await.unwrap());
    assert_eq!(message.direction.as_deref(), Some("outbound-api"));
    assert_eq!(message.num_segments.as_deref(), Some("1"));
}

#[tokio::test]
async fn listed_messages_are_as_twilio_describes_them() {
    let (running, desk) = carrier_and_desk(PATIENT).await;
    for words in ["One", "Two", "Three"] {
        desk.send(&text(words)).await.unwrap();
    }
    let list = get(running.base_url(), &format!("/2010-04-01/Accounts/{SID}/Messages.json?PageSize=2")).await;
    let bodies: Vec<_> =
        list["messages"].as_array().unwrap().iter().map(|one| assert_described(one).body.unwrap()).collect();
    assert_eq!(bodies, ["Three", "Two"]);
    let next = get(running.base_url(), list["next_page_uri"].as_str().unwrap()).await;
    assert_eq!(next["messages"][0]["body"], "One");
    assert_eq!(next["next_page_uri"], Value::Null);
}
