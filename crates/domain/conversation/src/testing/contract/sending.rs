//! What a ledger must say of messages that wait, and when an attempt may begin.

use kernel::{ConversationId, MessageId};
use tenancy::{Address, TenantStatus};

use super::{
    case::Case,
    checks::{assert_conflict, at_once, change_of},
};
use crate::{
    ConsentAction, ConversationChange, ConversationStatus, DeliveryState, JobKind, NewInbound, NewOutbound,
    OutboundText, Owner, Purpose, Stamp, Standing, testing::ConversationStores,
};

pub async fn where_nothing_waits_nothing_is_sendable(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.said("Hello").await;
    assert_eq!(case.sendable(id).await, None);
    case.reply(id, &[]).await;
    assert_eq!(case.sendable(id).await, None);
}

pub async fn a_sendable_message_says_all_that_the_gate_needs(stores: &ConversationStores) {
    let case = Case::of(stores);
    let consent = Some(case.samples.consent_change(ConsentAction::OptIn));
    let inbound = NewInbound { consent, ..case.inbound("START") };
    let (id, _) = case.receive(&inbound).await;
    case.set(id, ConversationStatus::Open, Owner::Human).await;
    let message = case.reply(id, &["Hi 👋"]).await[0];
    let sendable = case.sendable(id).await.unwrap();
    let expected = OutboundText {
        id: message,
        channel: case.binding.channel(),
        provider: case.binding.provider(),
        from: case.binding.address().clone(),
        to: inbound.from.clone(),
        text: "Hi 👋".into(),
    };
    assert_eq!((sendable.text, sendable.purpose, sendable.attempts), (expected, Purpose::Reply, 0));
    let expected = Standing {
        tenant_status: TenantStatus::Active,
        channel_is_active: true,
        conversation_status: ConversationStatus::Open,
        owner: Owner::Human,
        consent: case.contacts.consent(&case.tenant, &inbound.from).await.unwrap(),
        to: inbound.from,
        stamp: Stamp {
            conversation: case.conversation(id).await.version,
            consent: 1,
            tenant: sendable.standing.stamp.tenant,
        },
    };
    assert_eq!(sendable.standing, expected);
}

pub async fn a_sendable_message_keeps_its_purpose(stores: &ConversationStores) {
    let case = Case::of(stores);
    for purpose in Purpose::ALL {
        let (id, _) = case.said("Hello").await;
        let outbound = vec![NewOutbound { purpose: *purpose, ..case.samples.outbound("Hi") }];
        let change = ConversationChange { outbound, ..change_of(&case.conversation(id).await) };
        case.save(&change).await.unwrap();
        assert_eq!(case.sendable(id).await.unwrap().purpose, *purpose);
        case.set(id, ConversationStatus::Closed, Owner::Bot).await;
    }
}

pub async fn a_sendable_message_shows_a_tenant_that_was_suspended(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.queued("Hi").await;
    (case.suspend)(&case.tenant).await;
    assert_eq!(case.sendable(id).await.unwrap().standing.tenant_status, TenantStatus::Suspended);
}

pub async fn a_sendable_message_shows_a_binding_that_was_switched_off(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.queued("Hi").await;
    (case.switch_off)(&case.tenant, &case.binding).await;
    assert!(!case.sendable(id).await.unwrap().standing.channel_is_active);
}

pub async fn messages_leave_oldest_first(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.said("Hello").await;
    let mut written = case.reply(id, &["1", "2"]).await;
    case.samples.pass(1);
    case.said("And?").await;
    written.extend(case.reply(id, &["3"]).await);
    let mut left = Vec::new();
    while case.sendable(id).await.is_some() {
        left.push(case.begin(id).await);
    }
    assert_eq!(left, written);
}

pub async fn a_message_that_was_begun_does_not_wait(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.begun("Hi").await;
    assert_eq!(case.sendable(id).await, None);
    assert_eq!(case.state(id, message).await, DeliveryState::Queued);
}

pub async fn beginning_twice_conflicts(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.queued("Hi").await;
    let claim = case.claim(JobKind::Delivery, id).await;
    let stamp = case.stamp(id).await;
    case.try_begin(&claim, message, &stamp).await.unwrap();
    assert_conflict(&case.try_begin(&claim, message, &stamp).await);
    assert_eq!(case.open_attempts(id).await[0].attempts, 1);
}

pub async fn of_ten_that_begin_at_once_one_does(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.queued("Hi").await;
    let (claim, now) = (case.claim(JobKind::Delivery, id).await, case.samples.now());
    let stamp = case.stamp(id).await;
    let outcomes = at_once(10, &case.ledger, |ledger, _| {
        let claim = claim.clone();
        async move { ledger.begin_attempt(&claim, message, &stamp, now).await }
    })
    .await;
    let (begun, failed): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!(begun.len(), 1);
    failed.iter().for_each(assert_conflict);
}

pub async fn an_old_fence_begins_nothing(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.queued("Hi").await;
    let old = case.claim(JobKind::Delivery, id).await;
    case.samples.pass(61);
    let new = case.claim(JobKind::Delivery, id).await;
    let stamp = case.stamp(id).await;
    assert_conflict(&case.try_begin(&old, message, &stamp).await);
    assert_still_waits(&case, id, message).await;
    case.try_begin(&new, message, &stamp).await.unwrap();
}

pub async fn a_claim_from_before_the_job_came_again_begins_nothing(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.queued("Hi").await;
    let old = case.claim(JobKind::Delivery, id).await;
    case.samples.pass(61);
    case.begin(id).await;
    let middle = case.claim(JobKind::Delivery, id).await;
    case.finish(&middle).await;
    case.said("And?").await;
    let message = case.reply(id, &["Hi again"]).await[0];
    case.claim(JobKind::Delivery, id).await;
    let stamp = case.stamp(id).await;
    for claim in [old, middle] {
        assert_conflict(&case.try_begin(&claim, message, &stamp).await);
    }
    assert_still_waits(&case, id, message).await;
}

pub async fn a_send_that_has_not_begun_when_stop_comes_does_not_begin(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.queued("Hi").await;
    let claim = case.claim(JobKind::Delivery, id).await;
    let judged = case.sendable(id).await.unwrap().standing;
    let consent = Some(case.samples.consent_change(ConsentAction::OptOut));
    case.receive(&NewInbound { consent, ..case.inbound("STOP") }).await;
    assert_conflict(&case.try_begin(&claim, message, &judged.stamp).await);
    assert_still_waits(&case, id, message).await;
    let now = case.sendable(id).await.unwrap().standing;
    assert!(now.consent.is_opted_out());
    assert_ne!(now.stamp, judged.stamp);
}

pub async fn a_verdict_is_void_once_consent_was_changed_beside_the_conversation(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.queued("Hi").await;
    let claim = case.claim(JobKind::Delivery, id).await;
    let stamp = case.stamp(id).await;
    let (address, change) =
        (case.conversation(id).await.address, case.samples.consent_change(ConsentAction::OptOut));
    case.contacts.change_consent(&case.tenant, &address, &change).await.unwrap();
    assert_conflict(&case.try_begin(&claim, message, &stamp).await);
    assert_still_waits(&case, id, message).await;
}

pub async fn a_verdict_is_void_once_a_person_has_taken_over(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.queued("Hi").await;
    let claim = case.claim(JobKind::Delivery, id).await;
    let stamp = case.stamp(id).await;
    case.set(id, ConversationStatus::Open, Owner::Human).await;
    assert_conflict(&case.try_begin(&claim, message, &stamp).await);
    assert_still_waits(&case, id, message).await;
}

pub async fn a_verdict_is_void_once_the_tenant_was_suspended(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.queued("Hi").await;
    let claim = case.claim(JobKind::Delivery, id).await;
    let stamp = case.stamp(id).await;
    (case.suspend)(&case.tenant).await;
    assert_conflict(&case.try_begin(&claim, message, &stamp).await);
    assert_still_waits(&case, id, message).await;
}

pub async fn another_conversations_message_does_not_begin(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.queued("Hi").await;
    let from = Address::from_carrier("+15550009999");
    let (neighbour, _) = case.receive(&NewInbound { from, ..case.inbound("Hello") }).await;
    case.reply(neighbour, &["Hi"]).await;
    let claim = case.claim(JobKind::Delivery, neighbour).await;
    let stamp = case.stamp(id).await;
    for message in [message, case.samples.id(MessageId::new)] {
        assert_conflict(&case.try_begin(&claim, message, &stamp).await);
    }
    assert_still_waits(&case, id, message).await;
}

async fn assert_still_waits(case: &Case<'_>, id: ConversationId, message: MessageId) {
    let sendable = case.sendable(id).await.unwrap();
    assert_eq!((sendable.text.id, sendable.attempts), (message, 0));
    let open = case.open_attempts(id).await;
    assert!(open.iter().all(|attempt| attempt.text.id != message), "{open:?}");
}
