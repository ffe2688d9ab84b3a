//! What becomes of a message that is sent, well and badly.

use std::{net::TcpListener, time::Duration};

use conversation::{DeliveryState, OutboundText, SendOutcome};
use fake_carrier::Fault;
use kernel::{GatewayError, testing::ManualClock};
use reqwest::Url;
use tenancy::{Channel, Provider};

use crate::fixture::{
    BUSINESS, CUSTOMER, Desk, IMPATIENT, PATIENT, SID, carrier_and_desk, json_answer, nowhere, own_account,
    scripted_server, sid_of, start_carrier, tenant, text, text_to,
};

#[tokio::test]
async fn a_message_is_taken_and_its_id_comes_back() {
    let (running, desk) = carrier_and_desk(PATIENT).await;
    let hello = text("Hello & \u{1f600} welcome");
    let outcome = desk.send(&hello).await.unwrap();
    let taken = running.carrier().messages();
    let expected =
        SendOutcome::Accepted { provider_message_id: taken[0].sid.clone(), state: DeliveryState::Sent };
    assert_eq!(outcome, expected);
    assert_eq!(
        (taken[0].from.as_str(), taken[0].to.as_str(), taken[0].body.as_str()),
        (BUSINESS, CUSTOMER, "Hello & \u{1f600} welcome")
    );
    let callback = format!("https://answers.example/webhooks/twilio/status?message={}", hello.id);
    assert_eq!(taken[0].status_callback.as_deref(), Some(callback.as_str()));
}

#[tokio::test]
async fn a_recipient_who_has_opted_out_is_told_apart() {
    let (running, desk) = carrier_and_desk(PATIENT).await;
    assert_eq!(desk.send(&text_to("+15005550004", "Hello")).await.unwrap(), SendOutcome::OptedOut);
    running.carrier().script(vec![Fault::OptedOut]);
    assert_eq!(desk.send(&text("Hello")).await.unwrap(), SendOutcome::OptedOut);
    assert!(running.carrier().messages().is_empty());
}

#[tokio::test]
async fn a_rate_limit_says_how_long_to_wait() {
    let (running, desk) = carrier_and_desk(PATIENT).await;
    for asked in [Some(Duration::from_secs(7)), None] {
        running.carrier().script(vec![Fault::Status { status: 429, code: 20429, retry_after: asked }]);
        let result = desk.send(&text("Hello")).await;
        assert!(
            matches!(result, Err(GatewayError::RateLimited { retry_after }) if retry_after == asked),
            "{result:?}"
        );
    }
    assert!(running.carrier().messages().is_empty());
}

#[tokio::test]
async fn a_refusal_has_the_code_and_nothing_personal() {
    let (running, desk) = carrier_and_desk(PATIENT).await;
    let result = desk.send(&text_to("12345", "the secret words")).await;
    let Err(GatewayError::Rejected { code, detail }) = result else { panic!("{result:?}") };
    assert_eq!((code.as_str(), detail.as_str()), ("21211", "Twilio refused with HTTP status 400"));
    assert!(running.carrier().messages().is_empty());
}

#[tokio::test]
async fn a_refusal_without_a_code_has_its_status() {
    let base = scripted_server(json_answer("403 Forbidden", "no"));
    let result = Desk::at(&base, PATIENT).await.send(&text("Hello")).await;
    assert!(matches!(&result, Err(GatewayError::Rejected { code, .. }) if code == "http_403"), "{result:?}");
}

#[tokio::test]
async fn a_wrong_token_is_a_refusal() {
    let running = start_carrier(ManualClock::default().into()).await;
    let own = own_account(tenant(1), SID, "another token");
    let desk = Desk::with_accounts(running.base_url(), PATIENT, vec![], &[own]).await;
    let result = desk.send(&text("Hello")).await;
    assert!(matches!(&result, Err(GatewayError::Rejected { code, .. }) if code == "20003"), "{result:?}");
}

#[tokio::test]
async fn an_error_of_the_carrier_leaves_the_outcome_unknown() {
    let (running, desk) = carrier_and_desk(PATIENT).await;
    running.carrier().script(vec![Fault::Status { status: 500, code: 20500, retry_after: None }]);
    assert!(matches!(desk.send(&text("Hello")).await, Err(GatewayError::Ambiguous(_))));
    assert!(running.carrier().messages().is_empty());
}

#[tokio::test]
async fn what_was_taken_without_our_knowing_is_unknown_and_not_repeated() {
    for fault in [Fault::AcceptThenDrop, Fault::AcceptThenStatus(502), Fault::Garbage] {
        let (running, desk) = carrier_and_desk(PATIENT).await;
        running.carrier().script(vec![fault.clone()]);
        let result = desk.send(&text("Hello")).await;
        assert!(matches!(result, Err(GatewayError::Ambiguous(_))), "{fault:?}: {result:?}");
        assert_eq!(running.carrier().messages().len(), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn a_carrier_that_takes_too_long_leaves_the_outcome_unknown() {
    for (fault, taken) in
        [(Fault::Hang(Duration::from_secs(60)), 0), (Fault::AcceptThenHang(Duration::from_secs(60)), 1)]
    {
        let (running, desk) = carrier_and_desk(IMPATIENT).await;
        running.carrier().script(vec![fault.clone()]);
        let result = desk.send(&text("Hello")).await;
        assert!(matches!(result, Err(GatewayError::Ambiguous(_))), "{fault:?}: {result:?}");
        assert_eq!(running.carrier().messages().len(), taken, "{fault:?}");
    }
}

#[tokio::test]
async fn a_connection_that_breaks_before_the_answer_leaves_the_outcome_unknown() {
    let result = Desk::at(&scripted_server(""), PATIENT).await.send(&text("Hello")).await;
    assert!(matches!(result, Err(GatewayError::Ambiguous(_))), "{result:?}");
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_its_end() {
    let base = scripted_server(json_answer("201 Created", &" ".repeat(2 * 1024 * 1024)));
    let result = Desk::at(&base, PATIENT).await.send(&text("Hello")).await;
    assert!(matches!(result, Err(GatewayError::Ambiguous(_))), "{result:?}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = start_carrier(ManualClock::default().into()).await;
    let target = elsewhere.base_url();
    let base = scripted_server(format!(
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: {target}2010-04-01/Accounts/{SID}/Messages.json\r\n\
         content-length: 0\r\nconnection: close\r\n\r\n"
    ));
    let result = Desk::at(&base, PATIENT).await.send(&text("Hello")).await;
    assert!(matches!(result, Err(GatewayError::Ambiguous(_))), "{result:?}");
    assert!(elsewhere.carrier().messages().is_empty());
}

#[tokio::test]
async fn a_carrier_that_cannot_be_reached_has_taken_nothing() {
    let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let base = Url::parse(&format!("http://127.0.0.1:{port}")).unwrap();
    let result = Desk::at(&base, PATIENT).await.send(&text("Hello")).await;
    assert!(matches!(result, Err(GatewayError::Unavailable(_))), "{result:?}");
}

#[tokio::test]
async fn a_tenant_with_an_account_sends_by_it() {
    let clock = ManualClock::default();
    let running = start_carrier(clock.into()).await;
    let own = own_account(tenant(1), SID, crate::fixture::TOKEN);
    let desk = Desk::with_accounts(running.base_url(), PATIENT, vec![nowhere()], &[own]).await;
    let outcome = desk.send(&text("Hello")).await.unwrap();
    assert_eq!(running.carrier().messages()[0].sid, sid_of(&outcome));
}

#[tokio::test]
async fn another_tenants_account_is_never_used() {
    let running = start_carrier(ManualClock::default().into()).await;
    let theirs = own_account(tenant(2), SID, crate::fixture::TOKEN);
    let desk = Desk::with_accounts(running.base_url(), PATIENT, vec![], &[theirs]).await;
    let result = desk.send(&text("Hello")).await;
    assert!(
        matches!(&result, Err(GatewayError::Rejected { code, .. }) if code == "no_account"),
        "{result:?}"
    );
    assert!(running.carrier().messages().is_empty());
}

#[tokio::test]
async fn what_is_no_text_message_of_twilios_is_refused() {
    let (running, desk) = carrier_and_desk(PATIENT).await;
    for (channel, provider) in [(Channel::WebChat, Provider::BuiltIn), (Channel::Sms, Provider::BuiltIn)] {
        let other = OutboundText { channel, provider, ..text("Hello") };
        let result = desk.send(&other).await;
        assert!(
            matches!(&result, Err(GatewayError::Rejected { code, .. }) if code == "channel_not_served"),
            "{result:?}"
        );
    }
    assert!(running.carrier().messages().is_empty());
}
