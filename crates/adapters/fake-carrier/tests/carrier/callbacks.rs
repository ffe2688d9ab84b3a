//! How the carrier reports on what it has taken.

use conversation::DeliveryState;
use fake_carrier::{FakeCarrier, FakeCarrierConfig, MessageStatus, StatusCallbacks};
use twilio::StatusUpdate;

use crate::fixture::{BUSINESS, Business, CUSTOMER, PATIENCE, TOKEN, config, post, send};

fn reporting() -> FakeCarrier {
    FakeCarrier::new(FakeCarrierConfig { status_callbacks: StatusCallbacks::Posted, ..config() }).unwrap()
}

#[tokio::test]
async fn a_message_is_reported_sent_and_then_delivered() {
    let mut business = Business::open(204);
    let running = reporting().start().await.unwrap();
    let form = [("To", CUSTOMER), ("From", BUSINESS), ("Body", "Hello"), ("StatusCallback", &business.url)];
    post(&running, &form).await.unwrap();
    let sid = running.carrier().messages()[0].sid.clone();
    for state in [DeliveryState::Sent, DeliveryState::Delivered] {
        let arrived = business.next().await;
        assert_eq!(arrived.check(TOKEN), Ok(()));
        let update = StatusUpdate::read(&arrived.form).unwrap();
        assert_eq!((update.provider_message_id.as_str(), update.state), (sid.as_str(), state));
    }
}

#[tokio::test]
async fn reports_come_out_of_order_and_twice_where_that_is_wanted() {
    use DeliveryState::{Delivered, Sent};

    let mut business = Business::open(204);
    let config = FakeCarrierConfig { status_callbacks: StatusCallbacks::OutOfOrder, ..config() };
    let running = FakeCarrier::new(config).unwrap().start().await.unwrap();
    let form = [("To", CUSTOMER), ("From", BUSINESS), ("Body", "Hello"), ("StatusCallback", &business.url)];
    post(&running, &form).await.unwrap();
    for state in [Delivered, Sent, Delivered, Sent] {
        let arrived = business.next().await;
        assert_eq!(StatusUpdate::read(&arrived.form).unwrap().state, state);
        assert_eq!(running.carrier().messages()[0].status, MessageStatus::Delivered);
    }
    let sid = running.carrier().messages()[0].sid.clone();
    assert!(running.carrier().acknowledged_deliveries().contains(&sid));
}

#[tokio::test]
async fn reports_that_nobody_takes_do_no_harm() {
    let running = reporting().start().await.unwrap();
    let form = [
        ("To", CUSTOMER),
        ("From", BUSINESS),
        ("Body", "Hello"),
        ("StatusCallback", "http://127.0.0.1:1/status"),
    ];
    post(&running, &form).await.unwrap();
    let is_delivered = |messages: &[fake_carrier::CarrierMessage]| {
        messages.iter().all(|message| message.status == MessageStatus::Delivered)
    };
    let messages = running.carrier().wait_for(PATIENCE, is_delivered).await.unwrap();
    assert_eq!(messages.len(), 1);
    assert!(messages[0].sent_at.is_some());
}

#[tokio::test]
async fn a_message_that_asks_for_no_report_is_delivered_all_the_same() {
    let running = reporting().start().await.unwrap();
    send(&running, "Hello").await;
    let is_delivered = |messages: &[fake_carrier::CarrierMessage]| {
        messages.iter().any(|message| message.status == MessageStatus::Delivered)
    };
    running.carrier().wait_for(PATIENCE, is_delivered).await.unwrap();
}
