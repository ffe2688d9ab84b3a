//! What every store must tell of messages that were not sent.

use kernel::StoreError;
use serde_json::{Value, json};
use tenancy::RecordedEvent;

use super::{
    case::Case,
    sends::{self, unattempted},
};
use crate::{JobKind, RefusalReason, RefusedSend, SEND_REFUSED, TurnCommit, testing::ConversationStores};

/// How often a reader looks before it gives up: a writer that others know of may hold readers up for a moment.
const PATIENCE: usize = 20_000;

/// Reads until an event of this id is there.
async fn told_until(case: &Case<'_>, last: &RefusedSend) -> Vec<RecordedEvent> {
    for _ in 0..PATIENCE {
        let told = (case.told)(&case.tenant).await;
        if told.iter().any(|event| event.id.uuid() == last.id.uuid()) {
            return told;
        }
    }
    panic!("{last:?} is not told");
}

fn of_refusals(told: &[RecordedEvent]) -> Vec<&RecordedEvent> {
    told.iter().filter(|event| event.name == SEND_REFUSED.name).collect()
}

fn facts(event: &RecordedEvent) -> Value {
    serde_json::from_str(&event.facts).unwrap()
}

pub async fn a_refused_send_is_told_without_what_it_would_have_said(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.queued("Hi").await;
    let refused = case.samples.refused(Some(message), RefusalReason::PersonTookOver);
    case.ledger.refuse(&case.tenant, unattempted(message), &refused, None).await.unwrap();
    let told = told_until(&case, &refused).await;
    let [event] = of_refusals(&told)[..] else { panic!("{told:?}") };
    assert_eq!((event.version, event.at), (1, refused.at));
    let expected = json!({
        "refused_send_id": refused.id.uuid(),
        "conversation_id": id.uuid(),
        "message_id": message.uuid(),
        "reason": "person_took_over",
    });
    assert_eq!(facts(event), expected);
}

pub async fn a_refusal_that_comes_with_a_turn_is_told_after_the_turn(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.said("Hello").await;
    let refused = case.samples.refused(None, RefusalReason::LoopGuard);
    let events = vec![case.samples.event("turn.committed")];
    let commit = TurnCommit { refused: Some(refused.clone()), events, ..case.turn(id, &[]).await };
    let claim = case.claim(JobKind::Turn, id).await;
    case.samples.pass(61);
    let current = case.claim(JobKind::Turn, id).await;
    let stale = case.commit(&claim, &commit).await;
    assert!(matches!(stale, Err(StoreError::Conflict)), "{stale:?}");
    case.commit(&current, &commit).await.unwrap();
    let told = told_until(&case, &refused).await;
    let [event] = of_refusals(&told)[..] else { panic!("{told:?}") };
    let expected = json!({
        "refused_send_id": refused.id.uuid(),
        "conversation_id": id.uuid(),
        "reason": "loop_guard",
    });
    assert_eq!(facts(event), expected);
    let at = |name: &str| told.iter().position(|event| event.name == name).unwrap();
    assert!(at("turn.committed") < at("send.refused"), "{told:?}");
}

pub async fn a_refusal_of_what_has_left_or_was_refused_before_is_not_told(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (_, sent) = case.accepted().await;
    let (_, message) = case.queued("Hi").await;
    let [late, first, again] =
        [sent, message, message].map(|one| case.samples.refused(Some(one), RefusalReason::OptedOut));
    let [of_sent, waiting] = [sends::first(sent), unattempted(message)];
    for (attempt, refused) in [(of_sent, &late), (waiting, &first), (waiting, &again)] {
        case.ledger.refuse(&case.tenant, attempt, refused, None).await.unwrap();
    }
    // What comes after all of these, so that it shows whether one of them was told.
    let (_, message) = case.queued("Hi").await;
    let last = case.samples.refused(Some(message), RefusalReason::ConversationClosed);
    case.ledger.refuse(&case.tenant, unattempted(message), &last, None).await.unwrap();
    let told = told_until(&case, &last).await;
    let ids: Vec<_> = of_refusals(&told).iter().map(|event| event.id.uuid()).collect();
    assert_eq!(ids, [first.id.uuid(), last.id.uuid()]);
}

pub async fn a_refused_send_is_told_to_its_own_tenant_only(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (_, message) = case.queued("Hi").await;
    let refused = case.samples.refused(Some(message), RefusalReason::OptedOut);
    case.ledger.refuse(&case.tenant, unattempted(message), &refused, None).await.unwrap();
    told_until(&case, &refused).await;
    assert_eq!(of_refusals(&(case.told)(&case.other).await), Vec::<&RecordedEvent>::new());
}
