//! What a ledger must make of carriers' reports, which come late, twice, out of order, or before the answer.

use std::time::Duration;

use kernel::MessageId;

use super::{case::Case, checks::at_once};
use crate::{
    AttemptEnd, DeliveryReport, DeliveryState,
    testing::{ConversationStores, Samples},
};

pub async fn a_report_raises_the_state(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.accepted().await;
    for state in [DeliveryState::Delivered, DeliveryState::Read] {
        assert!(case.report(&Samples::report("SM1", state)).await);
        assert_eq!(case.state(id, message).await, state);
    }
}

pub async fn a_report_late_or_repeated_never_lowers_the_state(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.accepted().await;
    let states = [
        (DeliveryState::Sent, DeliveryState::Sent),
        (DeliveryState::Delivered, DeliveryState::Delivered),
        (DeliveryState::Sent, DeliveryState::Delivered),
        (DeliveryState::Queued, DeliveryState::Delivered),
        (DeliveryState::Undelivered, DeliveryState::Delivered),
        (DeliveryState::Delivered, DeliveryState::Delivered),
        (DeliveryState::Read, DeliveryState::Read),
        (DeliveryState::Failed, DeliveryState::Read),
    ];
    for (reported, expected) in states {
        assert!(case.report(&Samples::report("SM1", reported)).await);
        assert_eq!(case.state(id, message).await, expected, "after {reported:?}");
    }
}

pub async fn reports_at_once_end_at_the_highest_state(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.accepted().await;
    let states = [DeliveryState::Sent, DeliveryState::Read, DeliveryState::Delivered, DeliveryState::Queued];
    at_once(12, &case.ledger, |ledger, number| {
        let (tenant, now) = (case.tenant.clone(), case.samples.now());
        let report = Samples::report("SM1", states[number % states.len()]);
        async move { ledger.report(&tenant, &report, now).await.unwrap() }
    })
    .await;
    assert_eq!(case.state(id, message).await, DeliveryState::Read);
}

pub async fn a_report_by_our_id_gives_an_unknown_message_its_carrier_id(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.begun("Hi").await;
    let end = AttemptEnd::Unknown { look_up_at: case.samples.now() };
    case.end(message, end).await;
    let by_id = DeliveryReport { message_id: Some(message), ..Samples::report("SM1", DeliveryState::Sent) };
    assert!(case.report(&by_id).await);
    let after = case.message(id, message).await;
    assert_eq!(after.delivery_state, DeliveryState::Sent);
    assert_eq!(after.provider_message_id.as_deref(), Some("SM1"));
    assert_eq!(case.open_attempts(id).await, []);
    // From now on the carrier's id is enough.
    assert!(case.report(&Samples::report("SM1", DeliveryState::Delivered)).await);
    assert_eq!(case.state(id, message).await, DeliveryState::Delivered);
}

pub async fn a_report_before_the_carriers_answer_is_kept(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.begun("Hi").await;
    let by_id =
        DeliveryReport { message_id: Some(message), ..Samples::report("SM1", DeliveryState::Delivered) };
    assert!(case.report(&by_id).await);
    let end = AttemptEnd::Accepted { provider_message_id: "SM1".into(), state: DeliveryState::Sent };
    case.end(message, end).await;
    let after = case.message(id, message).await;
    assert_eq!(after.delivery_state, DeliveryState::Delivered);
    assert_eq!(after.provider_message_id.as_deref(), Some("SM1"));
}

pub async fn a_report_while_the_send_ends_is_kept(stores: &ConversationStores) {
    let case = Case::of(stores);
    for number in 0..20 {
        let (id, message) = case.begun("Hi").await;
        let sid = format!("SMrace{number}");
        let by_id =
            DeliveryReport { message_id: Some(message), ..Samples::report(&sid, DeliveryState::Delivered) };
        let end = AttemptEnd::Accepted { provider_message_id: sid.clone(), state: DeliveryState::Sent };
        // Each time a little later, so that it comes between all of the send's last steps.
        let reporting = async {
            tokio::time::sleep(Duration::from_micros(100) * number).await;
            case.report(&by_id).await
        };
        let (is_ours, ()) = tokio::join!(reporting, case.end(message, end));
        assert!(is_ours, "in round {number}");
        assert_eq!(case.state(id, message).await, DeliveryState::Delivered, "in round {number}");
    }
}

pub async fn a_message_that_is_reported_on_waits_no_more(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.begun("Hi").await;
    let unknown = AttemptEnd::Unknown { look_up_at: case.samples.now() };
    for end in [unknown, case.not_taken()] {
        case.end(message, end).await;
    }
    // The look-ups were wrong: the carrier had taken it after all.
    let by_id = DeliveryReport { message_id: Some(message), ..Samples::report("SM1", DeliveryState::Sent) };
    assert!(case.report(&by_id).await);
    assert_eq!(case.next(id).await, None);
    assert_eq!(case.open_attempts(id).await, []);
}

pub async fn a_report_of_failure_keeps_its_state_and_why(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.accepted().await;
    let failed = DeliveryReport {
        error_code: Some("30003".into()),
        ..Samples::report("SM1", DeliveryState::Undelivered)
    };
    assert!(case.report(&failed).await);
    assert!(case.report(&Samples::report("SM1", DeliveryState::Sent)).await);
    let after = case.message(id, message).await;
    assert_eq!(
        (after.delivery_state, after.error_code.as_deref()),
        (DeliveryState::Undelivered, Some("30003"))
    );
}

pub async fn a_message_that_was_read_after_all_says_no_more_why_it_failed(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.begun("Hi").await;
    case.end(message, AttemptEnd::Failed { code: "never_accepted".into() }).await;
    let late = DeliveryReport { message_id: Some(message), ..Samples::report("SM1", DeliveryState::Read) };
    assert!(case.report(&late).await);
    let after = case.message(id, message).await;
    assert_eq!((after.delivery_state, after.error_code), (DeliveryState::Read, None));
}

pub async fn a_report_of_an_unknown_message_means_none(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.accepted().await;
    let by_name = Samples::report("SM99", DeliveryState::Delivered);
    let by_id = DeliveryReport { message_id: Some(case.samples.id(MessageId::new)), ..by_name.clone() };
    for unknown in [by_name, by_id] {
        assert!(!case.report(&unknown).await);
    }
    assert_eq!(case.state(id, message).await, DeliveryState::Sent);
}

pub async fn a_report_means_the_message_that_has_its_carrier_id(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (of_accepted, accepted) = case.accepted().await;
    let (of_begun, begun) = case.begun("Hi").await;
    let report = Samples::report("SM1", DeliveryState::Delivered);
    assert!(case.report(&DeliveryReport { message_id: Some(begun), ..report }).await);
    assert_eq!(case.state(of_accepted, accepted).await, DeliveryState::Delivered);
    assert_eq!(case.state(of_begun, begun).await, DeliveryState::Queued);
}

pub async fn a_report_under_another_carrier_id_is_not_of_a_message_that_has_one(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.accepted().await;
    let report = Samples::report("SM2", DeliveryState::Delivered);
    assert!(!case.report(&DeliveryReport { message_id: Some(message), ..report }).await);
    assert_eq!(case.state(id, message).await, DeliveryState::Sent);
    assert_eq!(case.message(id, message).await.provider_message_id.as_deref(), Some("SM1"));
}
