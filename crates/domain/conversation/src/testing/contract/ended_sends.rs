//! What the end of an attempt must do to the claim under which it was made.

use std::time::Duration;

use chrono::TimeDelta;

use super::{
    case::Case,
    checks::{assert_conflict, change_of},
    sends::first,
};
use crate::{
    AttemptEnd, ConversationChange, DeliveryJob, DeliveryReport, DeliveryState, JobKind, Verdict,
    testing::{ConversationStores, Samples},
};

fn accepted(provider_message_id: &str) -> AttemptEnd {
    AttemptEnd::Accepted { provider_message_id: provider_message_id.into(), state: DeliveryState::Sent }
}

pub async fn the_end_of_the_last_attempt_ends_the_claim(stores: &ConversationStores) {
    let case = Case::of(stores);
    let look_up_at = case.samples.now() + TimeDelta::hours(2);
    let ends = [
        (accepted("SM1"), DeliveryState::Sent),
        (AttemptEnd::Failed { code: "30006".into() }, DeliveryState::Failed),
        (AttemptEnd::Unknown { look_up_at }, DeliveryState::Unknown),
    ];
    // What waits in another conversation is another job's affair.
    let neighbour = case.neighbour().await;
    for (end, state) in ends {
        let (id, message) = case.queued("Hi").await;
        let claim = case.claim(JobKind::Delivery, id).await;
        case.begin_next(&claim).await.unwrap().unwrap();
        assert_eq!(case.end_send(&claim, message, &end).await, DeliveryJob::Done, "after {end:?}");
        assert_eq!(case.state(id, message).await, state);
        assert_eq!(case.try_claim(JobKind::Delivery, id).await, None, "after {end:?}");
        assert_conflict(&case.begin_next(&claim).await);
    }
    assert!(case.try_claim(JobKind::Delivery, neighbour).await.is_some());
}

pub async fn an_attempts_end_under_its_claim_is_recorded_as_without(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.queued("Hi").await;
    let claim = case.claim(JobKind::Delivery, id).await;
    case.begin_next(&claim).await.unwrap().unwrap();
    case.end_send(&claim, message, &accepted("SM1")).await;
    assert_eq!(case.message(id, message).await.provider_message_id.as_deref(), Some("SM1"));
    assert_eq!(case.open_attempts(id).await, []);
    let (id, message) = case.queued("Hi").await;
    let claim = case.claim(JobKind::Delivery, id).await;
    case.begin_next(&claim).await.unwrap().unwrap();
    let look_up_at = case.samples.now() + TimeDelta::seconds(30);
    case.end_send(&claim, message, &AttemptEnd::Unknown { look_up_at }).await;
    assert_eq!(case.open_attempts(id).await[0].text.id, message);
    assert_eq!(case.due().await, []);
    case.samples.pass(30);
    let due: Vec<_> = case.due().await.into_iter().map(|claim| (claim.kind, claim.conversation_id)).collect();
    assert_eq!(due, [(JobKind::Reconciliation, id)]);
}

pub async fn while_another_message_waits_the_claim_goes_on(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.said("Hello").await;
    let written = case.reply(id, &["1", "2", "3"]).await;
    let claim = case.claim(JobKind::Delivery, id).await;
    let ends = [accepted("SM1"), AttemptEnd::Failed { code: "30006".into() }, accepted("SM3")];
    let jobs = [DeliveryJob::GoesOn, DeliveryJob::GoesOn, DeliveryJob::Done];
    for ((message, end), job) in written.into_iter().zip(ends).zip(jobs) {
        assert_eq!(case.try_claim(JobKind::Delivery, id).await, None);
        let next = case.begin_next(&claim).await.unwrap().unwrap();
        assert_eq!((next.text.id, next.verdict), (message, Verdict::Allow));
        assert_eq!(case.end_send(&claim, message, &end).await, job);
    }
    assert_eq!(case.try_claim(JobKind::Delivery, id).await, None);
}

pub async fn what_was_not_taken_is_tried_again_when_it_says(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.queued("Hi").await;
    for attempts in 0..3 {
        let claim = case.claim(JobKind::Delivery, id).await;
        assert_eq!(claim.attempts, attempts);
        let next = case.begin_next(&claim).await.unwrap().unwrap();
        assert_eq!((next.text.id, next.attempts), (message, attempts));
        let again_at = case.samples.now() + TimeDelta::seconds(17);
        let job = case.end_nth_send(&claim, next.attempt(), &AttemptEnd::NotTaken { again_at }).await;
        assert_eq!(job, DeliveryJob::GivenBack);
        let got = case.claim_due().await;
        assert_eq!((got.claims, got.next_due), (Vec::new(), Some(again_at)));
        case.samples.pass(17);
    }
    assert_eq!(case.begin(id).await, message);
}

pub async fn a_message_that_does_not_wait_again_leaves_the_claim(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.said("Hello").await;
    let written = case.reply(id, &["1", "2"]).await;
    let claim = case.claim(JobKind::Delivery, id).await;
    case.begin_next(&claim).await.unwrap().unwrap();
    let report = Samples::report("SM1", DeliveryState::Sent);
    assert!(case.report(&DeliveryReport { message_id: Some(written[0]), ..report }).await);
    let end = AttemptEnd::NotTaken { again_at: case.samples.now() + TimeDelta::hours(1) };
    assert_eq!(case.end_send(&claim, written[0], &end).await, DeliveryJob::GoesOn);
    assert_eq!(case.begin_next(&claim).await.unwrap().unwrap().text.id, written[1]);
}

pub async fn an_attempt_that_somebody_else_has_ended_leaves_the_claim(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.queued("Hi").await;
    let claim = case.claim(JobKind::Delivery, id).await;
    case.begin_next(&claim).await.unwrap().unwrap();
    let now = case.samples.now();
    case.end(message, AttemptEnd::NotTaken { again_at: now + TimeDelta::seconds(5) }).await;
    // The message waits by that end, not by this one, which comes too late to say when.
    let late = AttemptEnd::NotTaken { again_at: now + TimeDelta::hours(1) };
    assert_eq!(case.end_send(&claim, message, &late).await, DeliveryJob::GoesOn);
    assert_eq!(case.begin_next(&claim).await.unwrap().unwrap().text.id, message);
}

pub async fn a_job_that_was_asked_for_again_outlives_the_last_attempt(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.queued("Hi").await;
    let claim = case.claim(JobKind::Delivery, id).await;
    case.begin_next(&claim).await.unwrap().unwrap();
    case.say_and_refuse(id).await;
    assert_eq!(case.end_send(&claim, message, &accepted("SM1")).await, DeliveryJob::Done);
    let again = case.claim(JobKind::Delivery, id).await;
    assert_eq!((again.wanted, again.attempts), (claim.wanted + 1, 0));
    assert_eq!(case.begin_next(&again).await.unwrap(), None);
    assert_eq!(case.try_claim(JobKind::Delivery, id).await, None);
}

pub async fn a_claim_that_was_lost_records_its_attempt_and_leaves_the_job(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.said("Hello").await;
    let written = case.reply(id, &["1", "2"]).await;
    let old = case.claim(JobKind::Delivery, id).await;
    case.begin_next(&old).await.unwrap().unwrap();
    case.samples.pass(61);
    let new = case.claim(JobKind::Delivery, id).await;
    assert_eq!(case.begin_next(&new).await.unwrap().unwrap().text.id, written[1]);
    assert_eq!(case.end_send(&old, written[0], &accepted("SM1")).await, DeliveryJob::Lost);
    assert_eq!(case.state(id, written[0]).await, DeliveryState::Sent);
    assert_eq!(case.try_claim(JobKind::Delivery, id).await, None, "the new claim holds it");
    assert_eq!(case.end_send(&new, written[1], &accepted("SM2")).await, DeliveryJob::Done);
    assert_eq!(case.end_send(&old, written[0], &accepted("SM1")).await, DeliveryJob::Lost);
}

pub async fn what_a_lost_claim_did_not_bring_out_is_brought_out_by_another(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.queued("Hi").await;
    let old = case.claim(JobKind::Delivery, id).await;
    case.begin_next(&old).await.unwrap().unwrap();
    case.samples.pass(61);
    let new = case.claim(JobKind::Delivery, id).await;
    assert_eq!(case.begin_next(&new).await.unwrap(), None);
    let again_at = case.samples.now() + TimeDelta::seconds(17);
    let end = AttemptEnd::NotTaken { again_at };
    assert_eq!(case.end_send(&old, message, &end).await, DeliveryJob::Lost);
    assert_eq!(case.state(id, message).await, DeliveryState::Queued);
    case.samples.pass(17);
    let due = case.due().await;
    let claim = due.iter().find(|claim| claim.kind == JobKind::Delivery).unwrap();
    assert_eq!((claim.conversation_id, claim.attempts), (id, 0));
    assert_eq!(case.begin_next(claim).await.unwrap().unwrap().text.id, message);
}

pub async fn a_report_before_the_end_of_a_send_is_kept_and_the_claim_ends(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.queued("Hi").await;
    let claim = case.claim(JobKind::Delivery, id).await;
    case.begin_next(&claim).await.unwrap().unwrap();
    let report = Samples::report("SM1", DeliveryState::Delivered);
    assert!(case.report(&DeliveryReport { message_id: Some(message), ..report }).await);
    assert_eq!(case.end_send(&claim, message, &accepted("SM1")).await, DeliveryJob::Done);
    let after = case.message(id, message).await;
    assert_eq!(after.delivery_state, DeliveryState::Delivered);
    assert_eq!(after.provider_message_id.as_deref(), Some("SM1"));
}

pub async fn an_end_that_is_not_recorded_leaves_the_claim(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (_, elsewhere) = case.accepted().await;
    let id = case.neighbour().await;
    let claim = case.claim(JobKind::Delivery, id).await;
    let message = case.begin_next(&claim).await.unwrap().unwrap().text.id;
    let now = case.samples.now();
    let others = case.ledger.end_send(&claim, first(elsewhere), &accepted("SM2"), now).await;
    assert_conflict(&others);
    // The carrier's id is another message's.
    let taken_twice = case.ledger.end_send(&claim, first(message), &accepted("SM1"), now).await;
    assert!(taken_twice.is_err(), "{taken_twice:?}");
    assert_eq!(case.open_attempts(id).await[0].state, DeliveryState::Queued);
    assert_eq!(case.try_claim(JobKind::Delivery, id).await, None);
    assert_eq!(case.end_send(&claim, message, &accepted("SM2")).await, DeliveryJob::Done);
}

pub async fn a_report_while_a_claimed_send_ends_is_kept(stores: &ConversationStores) {
    let case = Case::of(stores);
    for number in 0..20 {
        let (id, message) = case.queued("Hi").await;
        let claim = case.claim(JobKind::Delivery, id).await;
        case.begin_next(&claim).await.unwrap().unwrap();
        let sid = format!("SMrace{number}");
        let end = accepted(&sid);
        let report = Samples::report(&sid, DeliveryState::Delivered);
        let report = DeliveryReport { message_id: Some(message), ..report };
        // Each time a little later, so that it comes between all of the send's last steps.
        let reporting = async {
            tokio::time::sleep(Duration::from_micros(100) * number).await;
            case.report(&report).await
        };
        let (is_ours, job) = tokio::join!(reporting, case.end_send(&claim, message, &end));
        assert!(is_ours, "in round {number}");
        assert_eq!(job, DeliveryJob::Done, "in round {number}");
        assert_eq!(case.state(id, message).await, DeliveryState::Delivered, "in round {number}");
    }
}

pub async fn what_is_written_while_a_send_ends_is_brought_out(stores: &ConversationStores) {
    let case = Case::of(stores);
    for number in 0..20 {
        let (id, message) = case.queued("Hi").await;
        let claim = case.claim(JobKind::Delivery, id).await;
        case.begin_next(&claim).await.unwrap().unwrap();
        let outbound = vec![case.samples.outbound("One more thing")];
        let written = outbound[0].id;
        let change = ConversationChange { outbound, ..change_of(&case.conversation(id).await) };
        let end = accepted(&format!("SMrace{number}"));
        let (job, saved) = tokio::join!(case.end_send(&claim, message, &end), case.save(&change));
        saved.unwrap();
        let next = match job {
            DeliveryJob::GoesOn => {
                case.release(&claim).await;
                case.next(id).await
            }
            DeliveryJob::Done => case.next(id).await,
            DeliveryJob::GivenBack | DeliveryJob::Lost => panic!("{job:?} in round {number}"),
        };
        assert_eq!(next.map(|next| next.text.id), Some(written), "in round {number}, after {job:?}");
    }
}
