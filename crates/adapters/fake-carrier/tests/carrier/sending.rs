//! What the carrier takes, and what it refuses with which code.

use fake_carrier::CustomerText;
use serde_json::{Value, json};

use crate::fixture::{BUSINESS, CUSTOMER, SID, TOKEN, client, get, post, send, start, url};

async fn refusal(form: &[(&str, &str)]) -> (u16, i64) {
    let running = start().await;
    let answer = post(&running, form).await.unwrap();
    let status = answer.status().as_u16();
    let said: Value = answer.json().await.unwrap();
    assert_eq!(said["status"], json!(status));
    assert_eq!(said["more_info"], json!(format!("https://www.twilio.com/docs/errors/{}", said["code"])));
    assert!(said["message"].is_string());
    assert!(running.carrier().messages().is_empty());
    (status, said["code"].as_i64().unwrap())
}

#[tokio::test]
async fn a_message_is_taken_and_shown_again() {
    let running = start().await;
    let answer = send(&running, "Hello").await;
    assert_eq!(answer.status().as_u16(), 201);
    let taken: Value = answer.json().await.unwrap();
    let sid = taken["sid"].as_str().unwrap();
    assert!(sid.len() == 34 && sid.starts_with("SM"), "{sid}");
    assert_eq!(taken["status"], "queued");
    assert_eq!(taken["date_sent"], Value::Null);
    assert_eq!(
        taken["subresource_uris"]["media"],
        format!("/2010-04-01/Accounts/{SID}/Messages/{sid}/Media.json")
    );
    assert_eq!(get(&running, &format!("Messages/{sid}.json")).await, (200, taken));
}

#[tokio::test]
async fn what_is_incomplete_or_wrong_is_refused_with_twilios_code() {
    let long = "x".repeat(1601);
    for (form, code) in [
        (vec![("From", BUSINESS), ("Body", "Hello")], 21604),
        (vec![("To", "12345"), ("From", BUSINESS), ("Body", "Hello")], 21211),
        (vec![("To", CUSTOMER), ("Body", "Hello")], 21603),
        (vec![("To", CUSTOMER), ("From", "ACME"), ("Body", "Hello")], 21212),
        (vec![("To", CUSTOMER), ("From", BUSINESS)], 21602),
        (vec![("To", CUSTOMER), ("From", BUSINESS), ("Body", long.as_str())], 21617),
        (vec![("To", CUSTOMER), ("From", BUSINESS), ("Body", "Hello"), ("StatusCallback", "/status")], 21609),
        (vec![("To", "+15005550004"), ("From", BUSINESS), ("Body", "Hello")], 21610),
    ] {
        assert_eq!(refusal(&form).await, (400, code), "{form:?}");
    }
}

#[tokio::test]
async fn the_longest_message_is_taken() {
    let running = start().await;
    let answer = send(&running, &"é".repeat(1600)).await;
    assert_eq!(answer.status().as_u16(), 201);
    let taken: Value = answer.json().await.unwrap();
    assert_eq!(taken["num_segments"], "11");
}

#[tokio::test]
async fn without_the_accounts_credentials_nothing_is_taken() {
    let running = start().await;
    let form = [("To", CUSTOMER), ("From", BUSINESS), ("Body", "Hello")];
    let other = url(&running, "Messages.json").replace(SID, "AC00000000000000000000000000000002");
    let good = url(&running, "Messages.json");
    let client = client();
    for request in [
        client.post(&good),
        client.post(&good).basic_auth(SID, Some("another")),
        client.post(&good).basic_auth("AC00000000000000000000000000000002", Some(TOKEN)),
        client.post(&good).bearer_auth(TOKEN),
        client.post(other).basic_auth(SID, Some(TOKEN)),
    ] {
        let answer = request.form(&form).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 401);
        assert_eq!(answer.json::<Value>().await.unwrap()["code"], 20003);
    }
    assert!(running.carrier().messages().is_empty());
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let running = start().await;
    for path in ["Messages/SM1.json", "Calls.json"] {
        let (status, said) = get(&running, path).await;
        assert_eq!((status, &said["code"]), (404, &json!(20404)), "{path}");
    }
}

#[tokio::test]
async fn a_customer_who_has_opted_out_gets_nothing_from_that_business() {
    let running = start().await;
    let mut business = crate::fixture::Business::open(200);
    let stop = CustomerText::new(CUSTOMER, BUSINESS, "STOP");
    running.carrier().text(&business.url, &stop).await.unwrap();
    business.next().await;
    let refused: Value = send(&running, "Hello").await.json().await.unwrap();
    assert_eq!(refused["code"], 21610);
    let other =
        post(&running, &[("To", CUSTOMER), ("From", "+15005550006"), ("Body", "Hello")]).await.unwrap();
    assert_eq!(other.status().as_u16(), 201);
    let start = CustomerText::new(CUSTOMER, BUSINESS, "start");
    running.carrier().text(&business.url, &start).await.unwrap();
    assert_eq!(send(&running, "Hello").await.status().as_u16(), 201);
}
