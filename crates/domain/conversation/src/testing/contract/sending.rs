//! What a ledger must do with messages that wait: judge the oldest by what stands, and begin to send it.

use kernel::{ConversationId, MessageId};
use tenancy::Address;

use super::{
    case::Case,
    checks::{assert_conflict, at_once, change_of},
};
use crate::{
    AttemptEnd, ConsentAction, ConversationChange, ConversationStatus, DeliveryState, JobKind, NewInbound,
    NewOutbound, OutboundText, Outgoing, Owner, Purpose, RefusalReason, Verdict, testing::ConversationStores,
};

pub async fn where_nothing_waits_the_claim_ends(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.accepted().await;
    let claim = case.claim(JobKind::Delivery, id).await;
    assert_eq!(case.begin_next(&claim).await.unwrap(), None);
    case.samples.pass(3_600);
    assert_eq!(case.due().await, []);
    assert_eq!(case.try_claim(JobKind::Delivery, id).await, None);
    assert_conflict(&case.begin_next(&claim).await);
}

pub async fn where_nothing_waits_a_job_that_was_asked_for_again_stays(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.accepted().await;
    let claim = case.claim(JobKind::Delivery, id).await;
    case.say_and_refuse(id).await;
    assert_eq!(case.begin_next(&claim).await.unwrap(), None);
    let again = case.claim(JobKind::Delivery, id).await;
    assert_eq!((again.wanted, again.attempts), (claim.wanted + 1, 0));
    assert_eq!(case.begin_next(&again).await.unwrap(), None);
    assert_eq!(case.try_claim(JobKind::Delivery, id).await, None);
}

pub async fn what_is_next_is_said_whole(stores: &ConversationStores) {
    let case = Case::of(stores);
    let inbound = case.inbound("Hello");
    let (id, _) = case.receive(&inbound).await;
    let message = case.reply(id, &["Hi 👋"]).await[0];
    let written_at = case.message(id, message).await.created_at;
    case.samples.pass(1);
    let text = OutboundText {
        id: message,
        channel: case.binding.channel(),
        provider: case.binding.provider(),
        from: case.binding.address().clone(),
        to: inbound.from,
        text: "Hi 👋".into(),
    };
    let expected = Outgoing { text, verdict: Verdict::Allow, attempts: 0, written_at };
    assert_eq!(case.next(id).await, Some(expected));
}

pub async fn a_message_is_judged_by_its_purpose(stores: &ConversationStores) {
    let case = Case::of(stores);
    for purpose in Purpose::ALL {
        let next = case.written_in_person(*purpose).await;
        let expected = match purpose {
            Purpose::Reply => Verdict::Refuse(RefusalReason::PersonTookOver),
            _ => Verdict::Allow,
        };
        assert_eq!(next.verdict, expected, "{purpose:?} where a person answers");
    }
    let consent = Some(case.samples.consent_change(ConsentAction::OptOut));
    case.receive(&NewInbound { consent, ..case.inbound("STOP") }).await;
    for purpose in Purpose::ALL {
        let next = case.written_in_person(*purpose).await;
        let expected = match purpose {
            Purpose::OptOutConfirmation | Purpose::Help => Verdict::Allow,
            _ => Verdict::Refuse(RefusalReason::OptedOut),
        };
        assert_eq!(next.verdict, expected, "{purpose:?} after STOP");
    }
    case.samples.pass(301);
    let late = case.written_in_person(Purpose::OptOutConfirmation).await;
    assert_eq!(late.verdict, Verdict::Refuse(RefusalReason::OptedOut), "it was said long ago");
}

pub async fn messages_leave_oldest_first(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.said("Hello").await;
    let mut written = case.reply(id, &["1", "2"]).await;
    case.samples.pass(1);
    case.said("And?").await;
    written.extend(case.reply(id, &["3"]).await);
    let mut left = Vec::new();
    while let Some(next) = case.next(id).await {
        left.push(next.text.id);
    }
    assert_eq!(left, written);
}

pub async fn a_message_that_was_begun_does_not_wait(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.begun("Hi").await;
    assert_eq!(case.state(id, message).await, DeliveryState::Queued);
    assert_eq!(case.next(id).await, None);
}

pub async fn what_was_begun_and_has_not_ended_becomes_unknown(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.begun("Hi").await;
    let claim = case.claim(JobKind::Delivery, id).await;
    assert_eq!(case.begin_next(&claim).await.unwrap(), None);
    assert_eq!(case.state(id, message).await, DeliveryState::Unknown);
    assert_eq!(case.open_attempts(id).await[0].text.id, message);
    case.samples.pass(29);
    assert_eq!(case.due().await, []);
    case.samples.pass(1);
    let due: Vec<_> = case.due().await.into_iter().map(|claim| (claim.kind, claim.conversation_id)).collect();
    assert_eq!(due, [(JobKind::Reconciliation, id)]);
}

pub async fn what_broke_off_holds_up_no_other_message(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.said("Hello").await;
    let written = case.reply(id, &["1", "2"]).await;
    case.begin(id).await;
    assert_eq!(case.begin(id).await, written[1]);
    assert_eq!(case.state(id, written[0]).await, DeliveryState::Unknown);
    assert_eq!(case.state(id, written[1]).await, DeliveryState::Queued);
}

pub async fn what_broke_off_becomes_unknown_also_where_the_next_may_not_leave(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.said("Hello").await;
    let written = case.reply(id, &["1", "2"]).await;
    case.begin(id).await;
    case.set(id, ConversationStatus::Open, Owner::Human).await;
    let next = case.next(id).await.unwrap();
    assert_eq!(next.verdict, Verdict::Refuse(RefusalReason::PersonTookOver));
    assert_eq!(case.state(id, written[0]).await, DeliveryState::Unknown);
}

pub async fn what_was_begun_elsewhere_stays_as_it_is(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.begun("Hi").await;
    let neighbour = case.neighbour().await;
    case.begin(neighbour).await;
    assert_eq!(case.state(id, message).await, DeliveryState::Queued);
}

pub async fn of_ten_that_begin_at_once_one_does(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.queued("Hi").await;
    let (claim, now) = (case.claim(JobKind::Delivery, id).await, case.samples.now());
    let outcomes = at_once(10, &case.ledger, |ledger, _| {
        let claim = claim.clone();
        async move { ledger.begin_next(&claim, None, now, now).await }
    })
    .await;
    let begun: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().ok()?.as_ref()).collect();
    let [begun] = begun.as_slice() else { panic!("{begun:?}") };
    assert_eq!((begun.text.id, begun.verdict), (message, Verdict::Allow));
    assert_eq!(case.open_attempts(id).await[0].attempts, 1);
}

pub async fn an_old_fence_begins_nothing(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.queued("Hi").await;
    let old = case.claim(JobKind::Delivery, id).await;
    case.samples.pass(61);
    let new = case.claim(JobKind::Delivery, id).await;
    assert_conflict(&case.begin_next(&old).await);
    assert_eq!(case.open_attempts(id).await, []);
    let next = case.begin_next(&new).await.unwrap().unwrap();
    assert_eq!((next.text.id, next.attempts), (message, 0));
    assert_conflict(&case.begin_next(&old).await);
    assert_eq!(case.state(id, message).await, DeliveryState::Queued, "the new claim is sending it");
}

pub async fn a_claim_from_before_the_job_came_again_begins_nothing(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.queued("Hi").await;
    let old = case.claim(JobKind::Delivery, id).await;
    case.samples.pass(61);
    let first = case.begin(id).await;
    case.accept(first, "SM1").await;
    let middle = case.claim(JobKind::Delivery, id).await;
    case.finish(&middle).await;
    case.said("And?").await;
    let message = case.reply(id, &["Hi again"]).await[0];
    let new = case.claim(JobKind::Delivery, id).await;
    for claim in [old, middle] {
        assert_conflict(&case.begin_next(&claim).await);
    }
    assert_eq!(case.open_attempts(id).await, []);
    assert_eq!(case.begin_next(&new).await.unwrap().unwrap().text.id, message);
}

pub async fn a_claim_of_another_kind_begins_nothing(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.queued("Hi").await;
    case.said("And?").await;
    let turn = case.claim(JobKind::Turn, id).await;
    assert_conflict(&case.begin_next(&turn).await);
    assert_eq!(case.try_claim(JobKind::Turn, id).await, None);
    assert_eq!(case.begin(id).await, message);
}

pub async fn a_send_that_has_not_begun_when_stop_comes_does_not_begin(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.queued("Hi").await;
    let consent = Some(case.samples.consent_change(ConsentAction::OptOut));
    case.receive(&NewInbound { consent, ..case.inbound("STOP") }).await;
    assert_refused(&case, (id, message), RefusalReason::OptedOut).await;
    let consent = Some(case.samples.consent_change(ConsentAction::OptIn));
    case.receive(&NewInbound { consent, ..case.inbound("START") }).await;
    assert_eq!(case.begin(id).await, message);
}

pub async fn consent_that_was_changed_beside_the_conversation_counts(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.queued("Hi").await;
    let (address, change) =
        (case.conversation(id).await.address, case.samples.consent_change(ConsentAction::OptOut));
    let another = Address::from_carrier("+15550009999");
    case.contacts.change_consent(&case.tenant, &another, &change).await.unwrap();
    case.contacts.change_consent(&case.other, &address, &change).await.unwrap();
    assert_eq!(
        case.begin(id).await,
        message,
        "neither another's consent nor that to another business counts"
    );
    case.end(message, AttemptEnd::NotTaken { again_at: case.samples.now() }).await;
    let change = case.samples.consent_change(ConsentAction::OptOut);
    case.contacts.change_consent(&case.tenant, &address, &change).await.unwrap();
    let next = case.next(id).await.unwrap();
    assert_eq!(next.verdict, Verdict::Refuse(RefusalReason::OptedOut));
}

pub async fn where_a_person_has_taken_over_the_reply_stays(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.queued("Hi").await;
    case.set(id, ConversationStatus::Open, Owner::Human).await;
    assert_refused(&case, (id, message), RefusalReason::PersonTookOver).await;
    case.set(id, ConversationStatus::Open, Owner::Bot).await;
    assert_eq!(case.begin(id).await, message);
}

pub async fn in_a_conversation_that_is_over_the_reply_stays(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.queued("Hi").await;
    case.set(id, ConversationStatus::Closed, Owner::Bot).await;
    assert_refused(&case, (id, message), RefusalReason::ConversationClosed).await;
}

pub async fn of_a_tenant_that_was_suspended_nothing_leaves(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.queued("Hi").await;
    (case.suspend)(&case.other).await;
    (case.suspend)(&case.tenant).await;
    assert_refused(&case, (id, message), RefusalReason::TenantSuspended).await;
}

pub async fn by_a_binding_that_was_switched_off_nothing_leaves(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.queued("Hi").await;
    (case.switch_off)(&case.tenant, &case.binding).await;
    assert_refused(&case, (id, message), RefusalReason::ChannelInactive).await;
}

pub async fn to_a_sender_that_cannot_be_answered_nothing_leaves(stores: &ConversationStores) {
    let case = Case::of(stores);
    let from = Address::from_carrier("12345");
    let (id, _) = case.receive(&NewInbound { from, ..case.inbound("Hello") }).await;
    let message = case.reply(id, &["Hi"]).await[0];
    assert_refused(&case, (id, message), RefusalReason::UnreplyableAddress).await;
}

impl Case<'_> {
    /// Writes a message of a purpose into a conversation in which a person answers, and lets it be judged.
    async fn written_in_person(&self, purpose: Purpose) -> Outgoing {
        let (id, _) = self.said("Hello").await;
        let outbound = vec![NewOutbound { purpose, ..self.samples.outbound("Hi") }];
        let owner = Owner::Human;
        let change = ConversationChange { owner, outbound, ..change_of(&self.conversation(id).await) };
        self.save(&change).await.unwrap();
        let next = self.next(id).await.unwrap();
        self.set(id, ConversationStatus::Closed, Owner::Bot).await;
        next
    }
}

/// Sees that the next message may not leave, and waits as it did.
async fn assert_refused(case: &Case<'_>, (id, message): (ConversationId, MessageId), reason: RefusalReason) {
    let next = case.next(id).await.unwrap();
    assert_eq!((next.text.id, next.verdict, next.attempts), (message, Verdict::Refuse(reason), 0));
    assert_eq!(case.open_attempts(id).await, []);
    assert_eq!(case.next(id).await, Some(next), "it waits as it did");
}
