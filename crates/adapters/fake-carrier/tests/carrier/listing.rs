//! How messages are found again by list.

use fake_carrier::CustomerText;
use serde_json::Value;

use crate::fixture::{BUSINESS, Business, CUSTOMER, get, post, send, start};

fn bodies(list: &Value) -> Vec<&str> {
    list["messages"].as_array().unwrap().iter().map(|message| message["body"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_newest_comes_first() {
    let running = start().await;
    for body in ["one", "two", "three"] {
        send(&running, body).await;
    }
    let (_, list) = get(&running, "Messages.json").await;
    assert_eq!(bodies(&list), ["three", "two", "one"]);
    assert_eq!((&list["page"], &list["page_size"], &list["end"]), (&0.into(), &50.into(), &2.into()));
    assert_eq!(list["next_page_uri"], Value::Null);
}

#[tokio::test]
async fn a_list_can_be_narrowed_down_by_its_ends() {
    let running = start().await;
    send(&running, "to the customer").await;
    post(&running, &[("To", "+15005550009"), ("From", BUSINESS), ("Body", "to another")]).await.unwrap();
    let (_, list) = get(&running, "Messages.json?To=%2B15550001111&From=%2B15551230000").await;
    assert_eq!(bodies(&list), ["to the customer"]);
    let (_, list) = get(&running, "Messages.json?From=%2B15005550006").await;
    assert!(bodies(&list).is_empty());
}

#[tokio::test]
async fn a_list_can_be_narrowed_down_by_day() {
    let running = start().await;
    send(&running, "on 2 November").await;
    for (query, found) in [
        ("DateSent%3E=2026-11-02", 1),
        ("DateSent>=2026-11-03", 0),
        ("DateSent<=2026-11-02T10:00:00Z", 1),
        ("DateSent%3C=2026-11-01", 0),
        ("DateSent=2026-11-02", 1),
        ("DateSent=2026-11-01", 0),
    ] {
        let (_, list) = get(&running, &format!("Messages.json?{query}")).await;
        assert_eq!(bodies(&list).len(), found, "{query}");
    }
}

#[tokio::test]
async fn pages_follow_one_another() {
    let running = start().await;
    for body in ["1", "2", "3", "4", "5"] {
        send(&running, body).await;
    }
    let mut path = "Messages.json?To=%2B15550001111&PageSize=2".to_owned();
    let mut pages = Vec::new();
    loop {
        let (_, list) = get(&running, &path).await;
        pages.push(bodies(&list).join(" "));
        let Some(next) = list["next_page_uri"].as_str() else {
            break;
        };
        path = next.rsplit('/').next().unwrap().to_owned();
    }
    assert_eq!(pages, ["5 4", "3 2", "1"]);
}

#[tokio::test]
async fn a_customers_texts_and_the_carriers_answers_are_listed_too() {
    let running = start().await;
    let business = Business::open(200);
    let help = CustomerText::new(CUSTOMER, BUSINESS, "HELP");
    running.carrier().text(&business.url, &help).await.unwrap();
    let (_, list) = get(&running, "Messages.json").await;
    let directions: Vec<_> = list["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| message["direction"].as_str().unwrap())
        .collect();
    assert_eq!(directions, ["outbound-reply", "inbound"]);
    assert!(running.carrier().messages().is_empty());
}
