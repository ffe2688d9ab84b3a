//! That tenants' jobs and outgoing messages never meet: what is another's is like what does not exist.

use kernel::{ConversationId, MessageId, PageRequest};

use super::{
    case::{Case, LEASE},
    checks::assert_conflict,
    sends::first,
};
use crate::{
    AttemptEnd, Claim, ConsentAction, DeliveryReport, DeliveryState, JobKind, RefusalReason,
    testing::{ConversationStores, Samples},
};

pub async fn another_tenants_job_is_not_claimed(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.said("Hello").await;
    let now = case.samples.now();
    let claim = case.jobs.claim_one(&case.other, JobKind::Turn, id, now, LEASE).await.unwrap();
    assert_eq!(claim, None);
    assert!(case.try_claim(JobKind::Turn, id).await.is_some());
}

pub async fn another_tenants_claim_ends_no_job(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.said("Hello").await;
    let claim = case.claim(JobKind::Turn, id).await;
    let forged = Claim { scope: case.other.clone(), ..claim.clone() };
    case.finish(&forged).await;
    case.release(&forged).await;
    assert_eq!(case.try_claim(JobKind::Turn, id).await, None);
    case.samples.pass(61);
    assert!(case.try_claim(JobKind::Turn, id).await.is_some());
}

pub async fn another_tenants_message_does_not_leave(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.queued("Hi").await;
    let claim = case.claim(JobKind::Delivery, id).await;
    let forged = Claim { scope: case.other.clone(), ..claim.clone() };
    assert_conflict(&case.begin_next(&forged).await);
    let next = case.begin_next(&claim).await.unwrap().unwrap();
    assert_eq!((next.text.id, next.attempts), (message, 0));
    let end = AttemptEnd::Failed { code: "30006".into() };
    assert_conflict(&case.ledger.end_send(&forged, first(message), &end, case.samples.now()).await);
    assert_eq!(case.state(id, message).await, DeliveryState::Queued);
    assert_eq!(case.try_claim(JobKind::Delivery, id).await, None);
}

pub async fn what_is_recorded_of_another_tenants_message_changes_nothing(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.begun("Hi").await;
    let unknown = case.samples.id(MessageId::new);
    let before = (case.message(id, message).await, case.open_attempts(id).await);
    let end = AttemptEnd::Accepted { provider_message_id: "SM1".into(), state: DeliveryState::Sent };
    let now = case.samples.now();
    let mut outcomes = Vec::new();
    for message in [message, unknown] {
        let refused = case.samples.refused(Some(message), RefusalReason::OptedOut);
        let change = case.samples.consent_change(ConsentAction::OptOut);
        let ended = case.ledger.end_attempt(&case.other, first(message), &end, now).await;
        let counted = case.ledger.count_look_up(&case.other, first(message)).await;
        let noted = case.ledger.refuse(&case.other, first(message), &refused, Some(&change)).await;
        outcomes.push([ended, counted, noted].map(|outcome| outcome.is_ok()));
    }
    // Whether these are errors is the adapter's affair, as long as nobody can tell the two apart.
    assert_eq!(outcomes[0], outcomes[1]);
    assert_eq!(case.ledger.open_attempts(&case.other, id).await.unwrap(), []);
    let after = (case.message(id, message).await, case.open_attempts(id).await);
    assert_eq!(after, before);
    let address = case.conversation(id).await.address;
    for scope in [&case.tenant, &case.other] {
        assert_eq!(case.contacts.consent(scope, &address).await.unwrap().version, 0);
        let page = PageRequest::default();
        let refused = case.conversations.list_refused_sends(scope, id, &page).await;
        assert_eq!(refused.unwrap().items, []);
    }
}

pub async fn another_tenants_report_means_no_message(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.begun("Hi").await;
    let end = AttemptEnd::Accepted { provider_message_id: "SM1".into(), state: DeliveryState::Sent };
    let now = case.samples.now();
    case.end(message, end).await;
    let by_name = Samples::report("SM1", DeliveryState::Delivered);
    let by_id = DeliveryReport { message_id: Some(message), ..by_name.clone() };
    for report in [by_name, by_id] {
        assert!(!case.ledger.report(&case.other, &report, now).await.unwrap());
    }
    assert_eq!(case.state(id, message).await, DeliveryState::Sent);
}

pub async fn an_unknown_conversation_has_no_job_and_nothing_to_send(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.queued("Hi").await;
    let unknown = case.samples.id(ConversationId::new);
    for kind in JobKind::ALL {
        assert_eq!(case.try_claim(*kind, unknown).await, None);
    }
    let claim = case.claim(JobKind::Delivery, id).await;
    assert_conflict(&case.begin_next(&Claim { conversation_id: unknown, ..claim }).await);
    assert_eq!(case.ledger.open_attempts(&case.tenant, unknown).await.unwrap(), []);
}
