//! What is learnt by asking for an account: reach, token, standing and time.

use std::time::Duration;

use cheetah_twilio::{
    AccountAnswer, AccountStanding, PlatformAccount, Timeouts, ask_for_account, http_client,
};
use kernel::GatewayError;
use reqwest::Url;
use tenancy::SecretText;

use crate::fixture::{PATIENT, carrier_and_desk, json_answer, platform_account, scripted_server};

async fn ask(account: &PlatformAccount, timeouts: Timeouts) -> Result<AccountAnswer, GatewayError> {
    ask_for_account(&http_client(timeouts).unwrap(), account).await
}

async fn standing_where(status: &str, body: &str) -> AccountStanding {
    let base = scripted_server(json_answer(status, body));
    ask(&platform_account(&base), PATIENT).await.unwrap().standing
}

#[tokio::test]
async fn the_carrier_shows_an_account_to_who_knows_its_token_and_says_what_time_it_is() {
    let (running, _desk) = carrier_and_desk(PATIENT).await;
    let answer = ask(&platform_account(running.base_url()), PATIENT).await.unwrap();
    assert_eq!(answer.standing, AccountStanding::Active);
    assert!(answer.carrier_time.is_some());
}

#[tokio::test]
async fn another_token_is_told_apart_from_a_carrier_that_is_down() {
    let (running, _desk) = carrier_and_desk(PATIENT).await;
    let right = platform_account(running.base_url());
    let wrong = PlatformAccount { auth_token: SecretText::new("another"), ..right.clone() };
    assert_eq!(ask(&wrong, PATIENT).await.unwrap().standing, AccountStanding::WrongToken);
    running.stop().await;
    assert!(matches!(ask(&right, PATIENT).await, Err(GatewayError::Unavailable(_))));
}

#[tokio::test]
async fn every_answer_is_read_for_what_it_says() {
    for (status, body, standing) in [
        ("200 OK", r#"{"status":"suspended"}"#, AccountStanding::Suspended),
        ("200 OK", r#"{"status":"closed"}"#, AccountStanding::Closed),
        ("200 OK", r#"{"status":"new word"}"#, AccountStanding::Unclear(200)),
        ("200 OK", "<html>a captive portal</html>", AccountStanding::Unclear(200)),
        ("404 Not Found", "{}", AccountStanding::Unknown),
        ("503 Service Unavailable", "{}", AccountStanding::Unclear(503)),
    ] {
        assert_eq!(standing_where(status, body).await, standing, "{status} {body}");
    }
}

#[tokio::test]
async fn a_carrier_that_does_not_answer_is_given_up_in_time() {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let base = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let impatient = Timeouts { connect: Duration::from_secs(5), total: Duration::from_millis(200) };
    let outcome = ask(&platform_account(&base), impatient).await;
    assert!(matches!(outcome, Err(GatewayError::TimedOut)), "{outcome:?}");
}
