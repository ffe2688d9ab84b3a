//! What a test lets go wrong, and how it waits for what goes right.

use std::time::Duration;

use fake_carrier::Fault;

use crate::fixture::{BUSINESS, CUSTOMER, PATIENCE, carrier, client, get, post, send, start};

const FORM: [(&str, &str); 3] = [("To", CUSTOMER), ("From", BUSINESS), ("Body", "Hello")];

#[tokio::test]
async fn a_fault_meets_one_request() {
    let running = start().await;
    let wait = Some(Duration::from_secs(3));
    running
        .carrier()
        .script(vec![Fault::Status { status: 429, code: 20429, retry_after: wait }, Fault::OptedOut]);
    assert_eq!(running.carrier().faults_left(), 2);
    let limited = send(&running, "Hello").await;
    assert_eq!((limited.status().as_u16(), &limited.headers()["retry-after"]), (429, &"3".parse().unwrap()));
    assert_eq!(running.carrier().faults_left(), 1);
    assert_eq!(send(&running, "Hello").await.status().as_u16(), 400);
    assert_eq!(running.carrier().faults_left(), 0);
    assert_eq!(send(&running, "Hello").await.status().as_u16(), 201);
    assert_eq!(running.carrier().messages().len(), 1);
}

#[tokio::test]
async fn a_question_does_not_use_up_a_fault_of_sending() {
    let running = start().await;
    running.carrier().script(vec![Fault::OptedOut]);
    assert_eq!(get(&running, "Messages.json").await.0, 200);
    assert_eq!(send(&running, "Hello").await.status().as_u16(), 400);
}

#[tokio::test]
async fn what_breaks_after_it_was_taken_was_taken() {
    let running = start().await;
    running.carrier().script(vec![Fault::AcceptThenDrop]);
    let answer = match post(&running, &FORM).await {
        Ok(answer) => answer.bytes().await.map(|_| ()),
        Err(error) => Err(error),
    };
    assert!(answer.is_err());
    running.carrier().script(vec![Fault::Garbage, Fault::AcceptThenStatus(502)]);
    let garbage = send(&running, "Hello").await;
    assert_eq!(garbage.status().as_u16(), 201);
    assert!(garbage.json::<serde_json::Value>().await.is_err());
    assert_eq!(send(&running, "Hello").await.status().as_u16(), 502);
    assert_eq!(running.carrier().messages().len(), 3);
}

#[tokio::test]
async fn slow_answers_are_slow_and_differ_in_what_was_done() {
    let running = start().await;
    let moment = Duration::from_millis(20);
    running.carrier().script(vec![Fault::Hang(moment), Fault::AcceptThenHang(moment)]);
    assert_eq!(send(&running, "Hello").await.status().as_u16(), 503);
    assert_eq!(send(&running, "Hello").await.status().as_u16(), 201);
    assert_eq!(running.carrier().messages().len(), 1);
}

#[tokio::test]
async fn waiting_ends_with_what_is_waited_for() {
    let running = start().await;
    let waiting = running.carrier().clone();
    let waiter = tokio::spawn(async move { waiting.wait_for_count(2, PATIENCE).await });
    send(&running, "one").await;
    send(&running, "two").await;
    assert_eq!(waiter.await.unwrap().unwrap().len(), 2);
}

#[tokio::test]
async fn waiting_in_vain_says_how_much_there_was() {
    let error = carrier().wait_for_count(1, Duration::from_millis(1)).await.unwrap_err();
    assert_eq!(error.sent, 0);
}

#[tokio::test]
async fn a_stopped_carrier_is_gone() {
    let running = start().await;
    let url = running.base_url().clone();
    running.stop().await;
    let error = client().get(url).send().await.unwrap_err();
    assert!(error.is_connect());
}
