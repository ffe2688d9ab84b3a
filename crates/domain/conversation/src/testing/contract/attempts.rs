//! What a ledger must keep of an attempt: how it ended, or that nobody knows.

use chrono::TimeDelta;
use kernel::{ConversationId, MessageId, PageRequest};

use super::{
    case::Case,
    checks::assert_conflict,
    sends::{ACCOUNT, first, unattempted},
};
use crate::{
    Attempt, AttemptEnd, Consent, ConsentAction, ConsentChange, ConsentSource, ConsentState, DeliveryReport,
    DeliveryState, Direction, JobKind, OpenAttempt, RefusalReason,
    testing::{ConversationStores, Samples},
};

pub async fn an_attempt_that_was_begun_is_open(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.queued("Hi").await;
    let begun_at = case.samples.pass(1);
    let text = case.next(id).await.unwrap().text;
    case.samples.pass(1);
    let state = DeliveryState::Queued;
    let (account_sid, known) = (Some(ACCOUNT.into()), Vec::new());
    let expected =
        OpenAttempt { text, state, attempted_at: begun_at, account_sid, look_ups: 0, attempts: 1, known };
    assert_eq!(without_inbound(&case, id, case.open_attempts(id).await).await, [expected]);
}

pub async fn an_attempt_has_its_own_account(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.begun("Hi").await;
    case.end(message, AttemptEnd::NotTaken { again_at: case.samples.now() }).await;
    let claim = case.claim(JobKind::Delivery, id).await;
    let now = case.samples.now();
    case.ledger.begin_next(&claim, Some("AC2"), now, now).await.unwrap().unwrap();
    assert_eq!(case.open_attempts(id).await[0].account_sid.as_deref(), Some("AC2"));
    case.end_nth(Attempt { message, number: 2 }, AttemptEnd::NotTaken { again_at: now }).await;
    case.release(&claim).await;
    let claim = case.claim(JobKind::Delivery, id).await;
    case.ledger.begin_next(&claim, None, now, now).await.unwrap().unwrap();
    assert_eq!(case.open_attempts(id).await[0].account_sid, None);
}

pub async fn an_accepted_message_has_its_carriers_id_and_state(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.begun("Hi").await;
    case.accept(message, "SM1").await;
    let after = case.message(id, message).await;
    assert_eq!(after.delivery_state, DeliveryState::Sent);
    assert_eq!(after.provider_message_id.as_deref(), Some("SM1"));
    assert_eq!((case.next(id).await, case.open_attempts(id).await), (None, Vec::new()));
}

pub async fn a_message_that_was_not_taken_waits_again(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.begun("Hi").await;
    for attempts in 1..4 {
        case.end_nth(Attempt { message, number: attempts }, case.not_taken()).await;
        assert_eq!(case.open_attempts(id).await, []);
        let next = case.next(id).await.unwrap();
        assert_eq!((next.text.id, next.attempts), (message, attempts));
        assert_eq!(case.open_attempts(id).await[0].attempts, attempts + 1);
    }
}

pub async fn a_message_that_was_not_taken_brings_its_delivery_job_back(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.begun("Hi").await;
    let claim = case.claim(JobKind::Delivery, id).await;
    case.finish(&claim).await;
    assert_eq!(case.try_claim(JobKind::Delivery, id).await, None);
    let again_at = case.samples.now() + TimeDelta::seconds(7);
    case.end(message, AttemptEnd::NotTaken { again_at }).await;
    case.samples.pass(6);
    assert_eq!(case.due().await, []);
    case.samples.pass(1);
    let due: Vec<_> = case.due().await.into_iter().map(|claim| (claim.kind, claim.conversation_id)).collect();
    assert_eq!(due, [(JobKind::Delivery, id)]);
}

pub async fn an_unknown_attempt_is_looked_up_when_it_says(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.begun("Hi").await;
    let claim = case.claim(JobKind::Delivery, id).await;
    case.finish(&claim).await;
    let look_up_at = case.samples.now() + TimeDelta::seconds(30);
    case.end(message, AttemptEnd::Unknown { look_up_at }).await;
    assert_eq!(case.state(id, message).await, DeliveryState::Unknown);
    assert_eq!(case.next(id).await, None);
    assert_eq!(case.open_attempts(id).await[0].text.id, message);
    case.samples.pass(29);
    assert_eq!(case.due().await, []);
    case.samples.pass(1);
    let due: Vec<_> = case.due().await.into_iter().map(|claim| (claim.kind, claim.conversation_id)).collect();
    assert_eq!(due, [(JobKind::Reconciliation, id)]);
}

pub async fn an_unknown_message_that_was_not_taken_is_queued_again(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.begun("Hi").await;
    case.lose(message).await;
    case.end(message, case.not_taken()).await;
    assert_eq!(case.state(id, message).await, DeliveryState::Queued);
    assert_eq!(case.open_attempts(id).await, []);
    assert_eq!(case.begin(id).await, message);
    assert_eq!(
        case.open_attempts(id).await[0].state,
        DeliveryState::Queued,
        "told from one that is looked up"
    );
}

pub async fn an_unknown_message_that_was_found_is_accepted(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.begun("Hi").await;
    case.lose(message).await;
    case.accept(message, "SM1").await;
    assert_eq!(case.state(id, message).await, DeliveryState::Sent);
    assert_eq!((case.next(id).await, case.open_attempts(id).await), (None, Vec::new()));
}

pub async fn a_failed_message_is_over(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.begun("Hi").await;
    case.end(message, AttemptEnd::Failed { code: "21211".into() }).await;
    let after = case.message(id, message).await;
    assert_eq!((after.delivery_state, after.error_code.as_deref()), (DeliveryState::Failed, Some("21211")));
    assert_eq!((case.next(id).await, case.open_attempts(id).await), (None, Vec::new()));
}

pub async fn look_ups_are_counted_for_each_attempt(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.begun("Hi").await;
    case.lose(message).await;
    let first = first(message);
    for look_ups in 1..4 {
        case.ledger.count_look_up(&case.tenant, first).await.unwrap();
        assert_eq!(case.open_attempts(id).await[0].look_ups, look_ups);
    }
    case.end(message, case.not_taken()).await;
    case.begin(id).await;
    case.ledger.count_look_up(&case.tenant, first).await.unwrap();
    assert_eq!(case.open_attempts(id).await[0].look_ups, 0);
}

pub async fn open_attempts_are_listed_oldest_first(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.said("Hello").await;
    let written = case.reply(id, &["1", "2", "3"]).await;
    for _ in 0..3 {
        case.begin(id).await;
    }
    case.lose(written[2]).await;
    case.accept(written[1], "SM2").await;
    let listed: Vec<MessageId> =
        case.open_attempts(id).await.into_iter().map(|attempt| attempt.text.id).collect();
    assert_eq!(listed, [written[0], written[2]]);
}

pub async fn an_open_attempt_knows_the_carrier_ids_of_other_messages(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.said("Hello").await;
    let written = case.reply(id, &["Hi", "Hi"]).await;
    case.begin(id).await;
    case.accept(written[0], "SM1").await;
    case.begin(id).await;
    let known = case.open_attempts(id).await[0].known.clone();
    assert!(known.contains(&"SM1".to_owned()), "{known:?}");
}

pub async fn a_state_never_falls_however_an_attempt_ends(stores: &ConversationStores) {
    let case = Case::of(stores);
    let look_up_at = case.samples.now();
    let sent = AttemptEnd::Accepted { provider_message_id: "SM1".into(), state: DeliveryState::Sent };
    let failed = AttemptEnd::Failed { code: "30001".into() };
    let (id, message) = case.begun("Hi").await;
    let report = Samples::report("SM1", DeliveryState::Delivered);
    let report = DeliveryReport { message_id: Some(message), ..report };
    // The report overtakes the carrier's answer.
    assert!(case.ledger.report(&case.tenant, &report, look_up_at).await.unwrap());
    for late in [case.not_taken(), AttemptEnd::Unknown { look_up_at }, failed, sent] {
        case.end(message, late.clone()).await;
        assert_eq!(case.state(id, message).await, DeliveryState::Delivered, "after {late:?}");
        assert_eq!(case.next(id).await, None, "after {late:?}");
        assert_eq!(case.open_attempts(id).await, [], "after {late:?}");
    }
}

pub async fn the_end_of_an_attempt_that_another_followed_changes_nothing(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.begun("Hi").await;
    case.lose(message).await;
    case.end(message, case.not_taken()).await;
    assert_eq!(case.begin(id).await, message);
    let look_up_at = case.samples.now();
    let late =
        [case.not_taken(), AttemptEnd::Unknown { look_up_at }, AttemptEnd::Failed { code: "30006".into() }];
    for is_lost in [false, true] {
        if is_lost {
            case.end_nth(Attempt { message, number: 2 }, AttemptEnd::Unknown { look_up_at }).await;
        }
        let open = case.open_attempts(id).await;
        for end in &late {
            case.end(message, end.clone()).await;
            assert_eq!(case.open_attempts(id).await, open, "after {end:?}");
        }
    }
    assert_eq!(case.next(id).await, None);
}

pub async fn a_late_end_of_an_attempt_that_has_ended_changes_nothing(stores: &ConversationStores) {
    let case = Case::of(stores);
    let late =
        [AttemptEnd::Failed { code: "30006".into() }, AttemptEnd::Unknown { look_up_at: case.samples.now() }];
    for end in late {
        // It was not taken, and waits.
        let (id, message) = case.begun("Hi").await;
        case.end(message, case.not_taken()).await;
        case.end(message, end.clone()).await;
        assert_eq!(case.state(id, message).await, DeliveryState::Queued, "after {end:?}");
        assert_eq!(case.begin(id).await, message, "after {end:?}");
        // The second attempt is under way when the first turns out to have been taken.
        case.accept(message, &format!("SM{message}")).await;
        case.end_nth(Attempt { message, number: 2 }, end.clone()).await;
        assert_eq!(case.state(id, message).await, DeliveryState::Sent, "after {end:?}");
    }
}

pub async fn a_refusal_that_comes_after_another_attempt_began_changes_nothing(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.begun("Hi").await;
    let refused = case.samples.refused(Some(message), RefusalReason::TenantSuspended);
    let open = case.open_attempts(id).await;
    // Judged before the attempt began.
    case.ledger.refuse(&case.tenant, unattempted(message), &refused, None).await.unwrap();
    assert_eq!((case.state(id, message).await, case.open_attempts(id).await), (DeliveryState::Queued, open));
    case.end(message, case.not_taken()).await;
    case.begin(id).await;
    let change = ConsentChange {
        source: ConsentSource::Carrier,
        ..case.samples.consent_change(ConsentAction::OptOut)
    };
    case.ledger.refuse(&case.tenant, first(message), &refused, Some(&change)).await.unwrap();
    assert_eq!(case.state(id, message).await, DeliveryState::Queued);
    assert_eq!(case.refused(id).await, []);
    assert_eq!(case.context(id).await.consent.state, ConsentState::OptedOut, "that is so all the same");
}

pub async fn what_was_accepted_after_all_does_not_leave_again(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.begun("Hi").await;
    case.end(message, case.not_taken()).await;
    case.accept(message, "SM1").await;
    assert_eq!(case.next(id).await, None);
    assert_eq!(case.state(id, message).await, DeliveryState::Sent);
    let (id, message) = case.begun("Hi").await;
    case.end(message, case.not_taken()).await;
    assert_eq!(case.begin(id).await, message);
    // The first attempt.
    case.accept(message, "SM2").await;
    assert_eq!((case.next(id).await, case.open_attempts(id).await), (None, Vec::new()));
    assert_eq!(case.state(id, message).await, DeliveryState::Sent);
}

pub async fn a_refused_message_does_not_leave_and_says_why(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.queued("Hi").await;
    let refused = case.samples.refused(Some(message), RefusalReason::PersonTookOver);
    case.ledger.refuse(&case.tenant, unattempted(message), &refused, None).await.unwrap();
    assert_eq!(case.state(id, message).await, DeliveryState::Refused);
    assert_eq!((case.next(id).await, case.open_attempts(id).await), (None, Vec::new()));
    let listed = case.refused(id).await;
    assert_eq!(listed, [refused]);
    assert_eq!(case.context(id).await.consent, Consent::default());
}

pub async fn a_refusal_of_the_carrier_brings_its_change_of_consent(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.begun("Hi").await;
    let refused = case.samples.refused(Some(message), RefusalReason::OptedOut);
    let change = ConsentChange {
        source: ConsentSource::Carrier,
        evidence: String::new(),
        ..case.samples.consent_change(ConsentAction::OptOut)
    };
    case.ledger.refuse(&case.tenant, first(message), &refused, Some(&change)).await.unwrap();
    assert_eq!(case.state(id, message).await, DeliveryState::Refused);
    assert_eq!(case.open_attempts(id).await, []);
    let consent = case.context(id).await.consent;
    assert_eq!((consent.state, consent.version), (ConsentState::OptedOut, 1));
    let (address, page) = (case.conversation(id).await.address, PageRequest::default());
    let ledger = case.contacts.list_ledger(&case.tenant, &address, &page).await.unwrap().items;
    assert_eq!(ledger.into_iter().map(|entry| entry.change).collect::<Vec<_>>(), [change]);
}

impl Case<'_> {
    /// The end of an attempt that the carrier did not take and that may be made again at once.
    pub(super) fn not_taken(&self) -> AttemptEnd {
        AttemptEnd::NotTaken { again_at: self.samples.now() }
    }
}

/// Leaves out the carrier ids of inbound messages, which an adapter may list or not.
async fn without_inbound(
    case: &Case<'_>,
    id: ConversationId,
    mut attempts: Vec<OpenAttempt>,
) -> Vec<OpenAttempt> {
    let inbound = case.messages(id).await.into_iter().filter(|one| one.direction == Direction::Inbound);
    let inbound: Vec<String> = inbound.filter_map(|one| one.provider_message_id).collect();
    for attempt in &mut attempts {
        attempt.known.retain(|known| !inbound.contains(known));
    }
    attempts
}

pub async fn of_a_message_that_is_not_there_nothing_ends(stores: &ConversationStores) {
    let case = Case::of(stores);
    let nobody = first(case.samples.id(MessageId::new));
    let now = case.samples.now();
    assert_conflict(&case.ledger.end_attempt(&case.tenant, nobody, &case.not_taken(), now).await);
    let refused = case.samples.refused(Some(nobody.message), RefusalReason::PersonTookOver);
    assert_conflict(&case.ledger.refuse(&case.tenant, nobody, &refused, None).await);
    // A look-up that found nothing says nothing of it either way.
    case.ledger.count_look_up(&case.tenant, nobody).await.unwrap();
}

pub async fn a_message_that_was_taken_twice_has_the_carriers_last_id(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.begun("Hi").await;
    for sid in ["SM1", "SM2"] {
        case.accept(message, sid).await;
        assert_eq!(case.message(id, message).await.provider_message_id.as_deref(), Some(sid));
    }
}
