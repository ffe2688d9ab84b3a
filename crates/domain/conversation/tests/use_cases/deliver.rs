//! Bringing out what is queued: what each of the carrier's answers leads to.

use std::time::Duration;

use conversation::{
    ConsentSource, ConsentState, DeliveryState, JobKind, RefusalReason, SendOutcome, testing::account_of,
};
use kernel::{GatewayError, PageRequest};
use tenancy::Address;

use crate::desk::{CUSTOMER, Desk};

#[tokio::test]
async fn what_the_carrier_takes_is_sent_under_the_carriers_id() {
    let desk = Desk::open().await;
    let accepted = SendOutcome::Accepted { provider_message_id: "SM42".into(), state: DeliveryState::Sent };
    desk.carrier.then_sends(Ok(accepted));
    let conversation = desk.text_and_wait("Hello").await;
    let reply = desk.outbound(conversation).await.remove(0);
    assert_eq!(
        (reply.delivery_state, reply.provider_message_id.as_deref()),
        (DeliveryState::Sent, Some("SM42"))
    );
}

#[tokio::test]
async fn a_message_leaves_by_the_account_of_its_attempt_which_is_the_one_that_is_asked() {
    let desk = Desk::open().await;
    desk.carrier.then_leaves_by(Ok(account_of("AC2")));
    desk.carrier.then_sends(Err(GatewayError::Ambiguous("no answer".into())));
    desk.text_and_wait("Hello").await;
    assert_eq!(desk.carrier.sent()[0].account_sid, "AC2");
    while desk.carrier.looked_up().is_empty() {
        desk.pass(crate::desk::LOOK_UP);
        desk.work().await;
    }
    assert_eq!(desk.carrier.looked_up()[0].account_sid.as_deref(), Some("AC2"));
}

#[tokio::test]
async fn a_message_that_no_account_carries_has_failed_and_says_so() {
    let desk = Desk::open().await;
    let none = GatewayError::Rejected { code: "no_account".into(), detail: "add one".into() };
    desk.carrier.then_leaves_by(Err(none));
    let conversation = desk.text_and_wait("Hello").await;
    desk.drain().await;
    assert_eq!((desk.states(conversation).await, desk.sent().len()), (vec![DeliveryState::Failed], 0));
    assert_eq!(desk.outbound(conversation).await[0].error_code.as_deref(), Some("no_account"));
}

#[tokio::test]
async fn a_message_waits_while_its_account_cannot_be_found_out() {
    let desk = Desk::open().await;
    desk.carrier.then_leaves_by(Err(GatewayError::Unavailable("the store is away".into())));
    let conversation = desk.text_and_wait("Hello").await;
    assert_eq!((desk.states(conversation).await, desk.sent().len()), (vec![DeliveryState::Queued], 0));
    desk.pass(2);
    desk.work().await;
    assert_eq!(desk.states(conversation).await, [DeliveryState::Sent]);
}

#[tokio::test]
async fn the_carriers_21610_records_the_opt_out_and_refuses_the_message() {
    let desk = Desk::open().await;
    desk.carrier.then_sends(Ok(SendOutcome::OptedOut));
    let conversation = desk.text_and_wait("Hello").await;
    assert_eq!(desk.states(conversation).await, [DeliveryState::Refused]);
    assert_eq!(desk.refused(conversation).await, [(RefusalReason::OptedOut, "You said: Hello".into())]);
    assert_eq!(desk.consent().await.state, ConsentState::OptedOut);
    let address = Address::from_carrier(CUSTOMER);
    let ledger =
        desk.contacts.list_ledger(&desk.scope, &address, &PageRequest::default()).await.unwrap().items;
    assert_eq!(ledger[0].change.source, ConsentSource::Carrier);
    desk.text_and_wait("Are you there?").await;
    assert_eq!(desk.sent().len(), 1, "nothing is offered to the carrier any more");
}

#[tokio::test]
async fn what_waits_behind_a_21610_does_not_leave_either() {
    let desk = Desk::open().await;
    desk.carrier.then_sends(Ok(SendOutcome::OptedOut));
    desk.model.then_says(&"A long story about boilers. ".repeat(100));
    let conversation = desk.text_and_wait("Hello").await;
    desk.drain().await;
    assert_eq!(desk.sent().len(), 1);
    assert_eq!(desk.states(conversation).await, [DeliveryState::Refused; 2]);
}

#[tokio::test]
async fn a_rejected_message_has_failed_and_is_not_offered_again() {
    let desk = Desk::open().await;
    let rejected = GatewayError::Rejected { code: "21617".into(), detail: "too long".into() };
    desk.carrier.then_sends(Err(rejected));
    let conversation = desk.text_and_wait("Hello").await;
    desk.drain().await;
    assert_eq!(desk.states(conversation).await, [DeliveryState::Failed]);
    assert_eq!(desk.sent().len(), 1);
}

#[tokio::test]
async fn a_rejected_message_does_not_hold_up_the_next() {
    let desk = Desk::open().await;
    let rejected = GatewayError::Rejected { code: "30006".into(), detail: "landline".into() };
    desk.carrier.then_sends(Err(rejected));
    desk.text_and_wait("Hello").await;
    let conversation = desk.text_and_wait("Hello again").await;
    assert_eq!(desk.states(conversation).await, [DeliveryState::Failed, DeliveryState::Sent]);
}

#[tokio::test]
async fn a_rate_limited_message_waits_as_long_as_asked_and_is_sent() {
    for asked in [17, 900] {
        let desk = Desk::open().await;
        desk.carrier
            .then_sends(Err(GatewayError::RateLimited { retry_after: Some(Duration::from_secs(asked)) }));
        let conversation = desk.text_and_wait("Hello").await;
        assert_eq!(desk.states(conversation).await, [DeliveryState::Queued]);
        desk.pass(i64::try_from(asked).unwrap() - 1);
        desk.work().await;
        assert_eq!(desk.sent().len(), 1, "{asked}");
        desk.pass(1);
        desk.work().await;
        assert_eq!(desk.sent().len(), 2, "{asked}");
        assert_eq!(desk.states(conversation).await, [DeliveryState::Sent]);
    }
}

#[tokio::test]
async fn a_rate_limit_without_a_time_is_waited_out_longer_each_time() {
    let desk = Desk::open().await;
    for _ in 0..3 {
        desk.carrier.then_sends(Err(GatewayError::RateLimited { retry_after: None }));
    }
    desk.text_and_wait("Hello").await;
    for (wait, sent) in [(1, 2), (1, 2), (1, 3), (3, 3), (1, 4)] {
        desk.pass(wait);
        desk.work().await;
        assert_eq!(desk.sent().len(), sent);
    }
}

#[tokio::test]
async fn a_carrier_that_asks_for_a_thousand_years_is_asked_again_within_the_hour() {
    let desk = Desk::open().await;
    desk.carrier.then_sends(Err(GatewayError::RateLimited { retry_after: Some(Duration::MAX) }));
    desk.text_and_wait("Hello").await;
    desk.pass(3_600);
    desk.work().await;
    assert_eq!(desk.sent().len(), 2);
}

#[tokio::test]
async fn a_carrier_that_cannot_be_reached_is_tried_eight_times_and_then_the_message_has_failed() {
    let desk = Desk::open().await;
    for _ in 0..10 {
        desk.carrier.then_sends(Err(GatewayError::Unavailable("no route".into())));
    }
    let conversation = desk.text("Hello").await;
    desk.drain().await;
    assert_eq!(desk.sent().len(), 8);
    assert_eq!(desk.states(conversation).await, [DeliveryState::Failed]);
}

#[tokio::test]
async fn stop_while_a_message_waits_for_its_next_attempt_refuses_it() {
    let desk = Desk::open().await;
    desk.carrier.then_sends(Err(GatewayError::Unavailable("no route".into())));
    let conversation = desk.text_and_wait("Hello").await;
    let mut stop = desk.inbound("STOP");
    stop.carrier_answered = true;
    desk.take_in(stop).await;
    desk.drain().await;
    assert_eq!(desk.sent().len(), 1);
    assert_eq!(desk.states(conversation).await, [DeliveryState::Refused]);
}

#[tokio::test]
async fn an_ambiguous_send_becomes_unknown_and_is_not_repeated_blindly() {
    for error in [GatewayError::Ambiguous("no answer".into()), GatewayError::TimedOut] {
        let desk = Desk::open().await;
        desk.carrier.then_sends(Err(error));
        let conversation = desk.text_and_wait("Hello").await;
        desk.pass(crate::desk::LOOK_UP - 1);
        desk.work().await;
        assert_eq!(desk.states(conversation).await, [DeliveryState::Unknown]);
        assert_eq!((desk.sent().len(), desk.carrier.looked_up().len()), (1, 0));
    }
}

#[tokio::test]
async fn a_delivery_tells_why_it_sent_nothing() {
    let desk = Desk::open().await;
    desk.carrier.then_sends(Ok(SendOutcome::OptedOut));
    let conversation = desk.text("Hello").await;
    desk.pass(60);
    desk.take_turn(conversation).await;
    let claim = desk.claim(JobKind::Delivery, conversation).await.unwrap();
    let delivered = desk.deliver.deliver(&claim).await.unwrap();
    assert_eq!((delivered.taken, delivered.refused), (Vec::new(), vec![RefusalReason::OptedOut]));
}
