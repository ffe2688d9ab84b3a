//! How a message is found again after an attempt whose outcome is not known.

use std::time::Duration;

use chrono::TimeDelta;
use conversation::{DeliveryState, Messenger as _, OpenAttempt, SendOutcome};
use fake_carrier::{CustomerText, Fault};
use kernel::{Clock as _, GatewayError, ProviderAccountId, testing::ManualClock};
use tenancy::ProviderAccount;
use uuid::Uuid;

use crate::fixture::{
    BUSINESS, CUSTOMER, Desk, IMPATIENT, PATIENT, SID, TOKEN, carrier_and_desk, json_answer, nowhere,
    own_account, platform_account, scripted_server, sid_of, start_carrier, tenant, text, text_to,
};

#[tokio::test]
async fn a_message_that_was_taken_without_our_knowing_is_found() {
    let (running, desk) = carrier_and_desk(PATIENT).await;
    running.carrier().script(vec![Fault::AcceptThenDrop]);
    desk.send(&text("Hello")).await.unwrap_err();
    let found = desk.look_up(&text("Hello"), &[]).await.unwrap();
    let sid = running.carrier().messages()[0].sid.clone();
    let expected = SendOutcome::Accepted { provider_message_id: sid, state: DeliveryState::Sent };
    assert_eq!(found, Some(expected));
}

#[tokio::test]
async fn a_message_that_was_not_taken_is_not_found() {
    let (running, desk) = carrier_and_desk(PATIENT).await;
    running.carrier().script(vec![Fault::Status { status: 503, code: 20503, retry_after: None }]);
    desk.send(&text("Hello")).await.unwrap_err();
    assert_eq!(desk.look_up(&text("Hello"), &[]).await.unwrap(), None);
}

#[tokio::test]
async fn other_words_and_other_people_are_not_found() {
    let (_running, desk) = carrier_and_desk(PATIENT).await;
    desk.send(&text("Hello!")).await.unwrap();
    desk.send(&text_to("+15550002222", "Hello")).await.unwrap();
    assert_eq!(desk.look_up(&text("Hello"), &[]).await.unwrap(), None);
}

#[tokio::test]
async fn what_the_customer_wrote_is_not_found() {
    let (running, desk) = carrier_and_desk(PATIENT).await;
    let webhook = scripted_server(json_answer("200 OK", ""));
    // Somebody texts the very words, and from the number that we look for as a sender.
    let echo = CustomerText::new(BUSINESS, CUSTOMER, "Hello");
    running.carrier().text(webhook.as_str(), &echo).await.unwrap();
    assert_eq!(desk.look_up(&text("Hello"), &[]).await.unwrap(), None);
}

#[tokio::test]
async fn a_message_that_is_known_as_another_is_passed_over() {
    let (_running, desk) = carrier_and_desk(PATIENT).await;
    let first = sid_of(&desk.send(&text("Hello")).await.unwrap());
    assert_eq!(desk.look_up(&text("Hello"), std::slice::from_ref(&first)).await.unwrap(), None);
    let second = desk.send(&text("Hello")).await.unwrap();
    assert_eq!(desk.look_up(&text("Hello"), &[first]).await.unwrap(), Some(second));
}

#[tokio::test]
async fn of_two_that_can_be_it_the_oldest_is_taken() {
    let (_running, desk) = carrier_and_desk(PATIENT).await;
    let attempted_at = desk.clock.now();
    let first = desk.send(&text("Hello")).await.unwrap();
    desk.send(&text("Hello")).await.unwrap();
    desk.seconds_pass(3);
    desk.send(&text("Hello")).await.unwrap();
    assert_eq!(desk.look_up_since(&text("Hello"), attempted_at, &[]).await.unwrap(), Some(first));
}

#[tokio::test]
async fn what_was_sent_long_before_the_attempt_is_not_found() {
    let (_running, desk) = carrier_and_desk(PATIENT).await;
    desk.send(&text("Hello")).await.unwrap();
    desk.seconds_pass(15 * 60 + 1);
    assert_eq!(desk.look_up(&text("Hello"), &[]).await.unwrap(), None);
}

#[tokio::test]
async fn a_clock_that_is_ten_minutes_ahead_does_no_harm() {
    let (_running, desk) = carrier_and_desk(PATIENT).await;
    let sent = desk.send(&text("Hello")).await.unwrap();
    let ahead = desk.clock.now() + TimeDelta::minutes(10);
    assert_eq!(desk.look_up_since(&text("Hello"), ahead, &[]).await.unwrap(), Some(sent));
}

#[tokio::test]
async fn a_message_is_found_on_a_later_page() {
    let (_running, desk) = carrier_and_desk(PATIENT).await;
    let attempted_at = desk.clock.now();
    let sent = desk.send(&text("Hello")).await.unwrap();
    for number in 0..60 {
        desk.send(&text(&format!("Number {number}"))).await.unwrap();
    }
    assert_eq!(desk.look_up_since(&text("Hello"), attempted_at, &[]).await.unwrap(), Some(sent));
}

#[tokio::test]
async fn a_list_without_end_is_no_proof_that_nothing_was_taken() {
    let page = format!(
        r#"{{"messages": [{{"sid": "SM1", "to": "{CUSTOMER}", "from": "{BUSINESS}", "body": "Other",
            "status": "sent", "direction": "outbound-api", "date_created": "Mon, 02 Nov 2026 15:00:00 +0000"}}],
            "next_page_uri": "/2010-04-01/again"}}"#
    );
    let desk = Desk::at(&scripted_server(json_answer("200 OK", &page)), PATIENT).await;
    let result = desk.look_up(&text("Hello"), &[]).await;
    assert!(matches!(result, Err(GatewayError::Unavailable(_))), "{result:?}");
}

#[tokio::test]
async fn the_text_of_an_account_on_trial_is_recognised() {
    let page = format!(
        r#"{{"messages": [{{"sid": "SM1", "to": "{CUSTOMER}", "from": "{BUSINESS}",
            "body": "Sent from your Twilio trial account - Hello", "status": "undelivered",
            "direction": "outbound-api", "date_created": "Mon, 02 Nov 2026 15:00:00 +0000"}}],
            "next_page_uri": null}}"#
    );
    let desk = Desk::at(&scripted_server(json_answer("200 OK", &page)), PATIENT).await;
    let expected =
        SendOutcome::Accepted { provider_message_id: "SM1".into(), state: DeliveryState::Undelivered };
    assert_eq!(desk.look_up(&text("Hello"), &[]).await.unwrap(), Some(expected));
}

#[tokio::test]
async fn a_carrier_that_cannot_say_is_an_error() {
    let (running, desk) = carrier_and_desk(PATIENT).await;
    let wait = Some(Duration::from_secs(9));
    running.carrier().script_look_ups(vec![
        Fault::Status { status: 429, code: 20429, retry_after: wait },
        Fault::Status { status: 500, code: 20500, retry_after: None },
        Fault::Status { status: 403, code: 20403, retry_after: None },
        Fault::Garbage,
    ]);
    let hello = text("Hello");
    let limited = desk.look_up(&hello, &[]).await;
    assert!(matches!(limited, Err(GatewayError::RateLimited { retry_after }) if retry_after == wait));
    assert!(matches!(desk.look_up(&hello, &[]).await, Err(GatewayError::Unavailable(_))));
    let refused = desk.look_up(&hello, &[]).await;
    assert!(matches!(&refused, Err(GatewayError::Rejected { code, .. }) if code == "20403"), "{refused:?}");
    assert!(matches!(desk.look_up(&hello, &[]).await, Err(GatewayError::Unavailable(_))));
}

#[tokio::test]
async fn a_question_without_an_answer_times_out() {
    let (running, desk) = carrier_and_desk(IMPATIENT).await;
    running.carrier().script_look_ups(vec![Fault::Hang(Duration::from_secs(60))]);
    assert!(matches!(desk.look_up(&text("Hello"), &[]).await, Err(GatewayError::TimedOut)));
}

#[tokio::test]
async fn the_account_of_the_attempt_is_asked_though_the_tenant_has_another_now() {
    let running = start_carrier(ManualClock::default().into()).await;
    let platform = platform_account(running.base_url());
    let before = Desk::with_accounts(running.base_url(), PATIENT, vec![platform.clone()], &[]).await;
    let sent = before.send(&text("Hello")).await.unwrap();
    let own = own_account(tenant(1), "AC00000000000000000000000000000002", "its token");
    let now = Desk::with_accounts(running.base_url(), PATIENT, vec![platform], &[own]).await;
    assert!(matches!(now.look_up(&text("Hello"), &[]).await, Err(GatewayError::Rejected { .. })));
    let attempt = OpenAttempt { account_sid: Some(SID.into()), ..now.attempt(&text("Hello")) };
    assert_eq!(now.messenger.look_up(&now.scope, &attempt).await.unwrap(), Some(sent));
}

#[tokio::test]
async fn a_tenants_account_that_is_not_its_first_is_asked_too() {
    let running = start_carrier(ManualClock::default().into()).await;
    let own = own_account(tenant(1), SID, TOKEN);
    let before =
        Desk::with_accounts(running.base_url(), PATIENT, vec![nowhere()], std::slice::from_ref(&own)).await;
    let sent = before.send(&text("Hello")).await.unwrap();
    let older = ProviderAccount {
        id: ProviderAccountId::new(Uuid::from_u128(7)),
        ..own_account(tenant(1), "AC00000000000000000000000000000002", "its token")
    };
    let now = Desk::with_accounts(running.base_url(), PATIENT, vec![nowhere()], &[older, own]).await;
    let attempt = OpenAttempt { account_sid: Some(SID.into()), ..now.attempt(&text("Hello")) };
    assert_eq!(now.messenger.look_up(&now.scope, &attempt).await.unwrap(), Some(sent));
}

#[tokio::test]
async fn an_account_that_is_gone_says_nothing_of_what_it_sent() {
    let running = start_carrier(ManualClock::default().into()).await;
    let desk = Desk::at(running.base_url(), PATIENT).await;
    let gone = Some("AC00000000000000000000000000000002".into());
    let attempt = OpenAttempt { account_sid: gone, ..desk.attempt(&text("Hello")) };
    let result = desk.messenger.look_up(&desk.scope, &attempt).await;
    assert!(
        matches!(&result, Err(GatewayError::Rejected { code, .. }) if code == "account_gone"),
        "{result:?}"
    );
}
