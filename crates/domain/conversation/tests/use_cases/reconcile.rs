//! Finding out what became of messages that may or may not have left.

use conversation::{ConsentState, DeliveryState, JobKind, Reconcile, RefusalReason, SendOutcome};
use kernel::{Clock as _, GatewayError};

use crate::desk::{Desk, LOOK_UP};

async fn desk_with_unknown() -> (Desk, kernel::ConversationId) {
    let desk = Desk::open().await;
    desk.carrier.then_sends(Err(GatewayError::Ambiguous("no answer".into())));
    let conversation = desk.text_and_wait("Hello").await;
    assert_eq!(desk.states(conversation).await, [DeliveryState::Unknown]);
    (desk, conversation)
}

fn found(id: &str) -> SendOutcome {
    SendOutcome::Accepted { provider_message_id: id.into(), state: DeliveryState::Delivered }
}

#[tokio::test]
async fn a_message_that_the_carrier_has_is_sent_under_the_carriers_id_and_not_repeated() {
    let (desk, conversation) = desk_with_unknown().await;
    desk.carrier.then_finds(Ok(Some(found("SM9"))));
    desk.drain().await;
    let reply = desk.outbound(conversation).await.remove(0);
    assert_eq!(
        (reply.delivery_state, reply.provider_message_id.as_deref()),
        (DeliveryState::Delivered, Some("SM9"))
    );
    assert_eq!(desk.sent().len(), 1);
}

#[tokio::test]
async fn a_message_found_after_a_crash_is_not_sent_again() {
    let desk = Desk::open().await;
    let conversation = desk.text("Hello").await;
    desk.begin_and_die(conversation).await;
    desk.carrier.then_finds(Ok(None));
    desk.carrier.then_finds(Ok(Some(found("SM9"))));
    desk.drain().await;
    assert_eq!(desk.states(conversation).await, [DeliveryState::Delivered]);
    assert_eq!(desk.sent(), [""; 0], "the worker that died had handed it over");
}

#[tokio::test]
async fn a_message_that_is_never_found_is_delivered_once_more() {
    let (desk, conversation) = desk_with_unknown().await;
    desk.drain().await;
    assert_eq!(desk.carrier.looked_up().len(), usize::try_from(Reconcile::LOOK_UPS).unwrap());
    assert_eq!(desk.sent(), ["You said: Hello", "You said: Hello"]);
    let reply = desk.outbound(conversation).await.remove(0);
    assert_eq!(
        (reply.delivery_state, reply.provider_message_id.as_deref()),
        (DeliveryState::Sent, Some("SM1"))
    );
}

#[tokio::test]
async fn a_second_attempt_whose_worker_died_is_looked_up_as_the_first_was() {
    let (desk, conversation) = desk_with_unknown().await;
    for _ in 0..Reconcile::LOOK_UPS {
        // Longer than it rests after each.
        desk.pass(4 * LOOK_UP);
        let claim = desk.claim(JobKind::Reconciliation, conversation).await.unwrap();
        desk.run(&claim).await;
    }
    assert_eq!(desk.states(conversation).await, [DeliveryState::Queued]);
    desk.begin_and_die(conversation).await;
    desk.carrier.then_finds(Ok(Some(found("SM9"))));
    desk.drain().await;
    assert_eq!(desk.states(conversation).await, [DeliveryState::Delivered]);
    assert_eq!(desk.sent().len(), 1, "the worker that died had handed it over");
}

#[tokio::test]
async fn a_message_that_is_never_found_is_not_delivered_before_the_last_look_up() {
    let (desk, _) = desk_with_unknown().await;
    // The wait doubles with each look-up.
    let mut wait = LOOK_UP;
    for look_ups in 1..Reconcile::LOOK_UPS {
        desk.pass(wait);
        desk.work().await;
        assert_eq!(desk.carrier.looked_up().len(), usize::try_from(look_ups).unwrap());
        assert_eq!(desk.sent().len(), 1);
        wait = if look_ups == 1 { LOOK_UP } else { wait * 2 };
    }
    desk.pass(wait);
    desk.work().await;
    assert_eq!(desk.sent().len(), 2);
}

#[tokio::test]
async fn a_message_that_ends_unknown_over_and_over_is_given_up_as_failed() {
    let (desk, conversation) = desk_with_unknown().await;
    for _ in 0..10 {
        desk.carrier.then_sends(Err(GatewayError::Ambiguous("no answer".into())));
    }
    desk.drain().await;
    assert_eq!(desk.sent().len(), usize::try_from(Reconcile::MOST_ATTEMPTS).unwrap());
    assert_eq!(desk.states(conversation).await, [DeliveryState::Failed]);
}

#[tokio::test]
async fn a_carrier_that_cannot_say_is_asked_again_and_that_is_no_look_up() {
    let (desk, conversation) = desk_with_unknown().await;
    for _ in 0..5 {
        desk.carrier.then_finds(Err(GatewayError::TimedOut));
    }
    desk.carrier.then_finds(Ok(Some(found("SM9"))));
    desk.drain().await;
    assert_eq!(desk.sent().len(), 1);
    assert_eq!(desk.states(conversation).await, [DeliveryState::Delivered]);
}

#[tokio::test]
async fn a_message_that_is_never_found_after_stop_is_refused() {
    let (desk, conversation) = desk_with_unknown().await;
    let mut stop = desk.inbound("STOP");
    stop.carrier_answered = true;
    desk.take_in(stop).await;
    desk.drain().await;
    assert_eq!(desk.sent().len(), 1);
    assert_eq!(desk.refused(conversation).await, [(RefusalReason::OptedOut, "You said: Hello".into())]);
}

#[tokio::test]
async fn a_look_up_that_finds_an_opt_out_records_it() {
    let (desk, conversation) = desk_with_unknown().await;
    desk.carrier.then_finds(Ok(Some(SendOutcome::OptedOut)));
    desk.carrier.then_sends(Ok(SendOutcome::OptedOut));
    desk.drain().await;
    assert_eq!(desk.consent().await.state, ConsentState::OptedOut);
    assert_eq!(desk.states(conversation).await, [DeliveryState::Refused]);
    assert_eq!(desk.refused(conversation).await, [(RefusalReason::OptedOut, "You said: Hello".into())]);
}

#[tokio::test]
async fn a_look_up_names_the_ids_of_other_messages() {
    let desk = Desk::open().await;
    desk.text_and_wait("Hello").await;
    desk.carrier.then_sends(Err(GatewayError::Ambiguous("no answer".into())));
    desk.text_and_wait("Hello again").await;
    desk.pass(LOOK_UP);
    desk.work().await;
    assert!(desk.carrier.looked_up()[0].known.contains(&"SM1".to_owned()));
}

#[tokio::test]
async fn a_busy_conversation_does_not_hurry_the_look_ups() {
    let (desk, _) = desk_with_unknown().await;
    let began = desk.clock.now();
    let mut asked_at = Vec::new();
    while asked_at.len() < 3 {
        desk.text_and_wait(&format!("Message {}", desk.clock.now())).await;
        if desk.carrier.looked_up().len() > asked_at.len() {
            asked_at.push((desk.clock.now() - began).num_seconds());
        }
        assert!(asked_at.len() <= desk.carrier.looked_up().len());
        desk.pass(13);
    }
    let gaps: Vec<_> = asked_at.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(asked_at[0] >= LOOK_UP && gaps.iter().all(|gap| *gap >= LOOK_UP), "looked up at {asked_at:?}");
}

#[tokio::test]
async fn an_unknown_message_does_not_hold_up_the_next() {
    let (desk, conversation) = desk_with_unknown().await;
    desk.text_and_wait("Hello again").await;
    assert_eq!(desk.states(conversation).await, [DeliveryState::Unknown, DeliveryState::Sent]);
}

#[tokio::test]
async fn of_two_messages_with_equal_words_each_gets_a_carriers_id_of_its_own() {
    let (desk, conversation) = desk_with_unknown().await;
    desk.carrier.then_sends(Err(GatewayError::Ambiguous("no answer".into())));
    desk.text_and_wait("Hello").await;
    desk.carrier.then_finds(Ok(Some(found("SM8"))));
    desk.carrier.then_finds(Ok(Some(found("SM9"))));
    desk.drain().await;
    let looked_up = desk.carrier.looked_up();
    assert_eq!(looked_up[0].text.text, looked_up[1].text.text);
    let names_the_first = |at: usize| looked_up[at].known.contains(&"SM8".to_owned());
    assert!(!names_the_first(0) && names_the_first(1));
    let ids: Vec<_> =
        desk.outbound(conversation).await.into_iter().map(|reply| reply.provider_message_id).collect();
    assert_eq!(ids, [Some("SM8".to_owned()), Some("SM9".to_owned())]);
}

#[tokio::test]
async fn a_message_is_not_looked_up_while_another_with_equal_words_is_leaving() {
    let (desk, conversation) = desk_with_unknown().await;
    desk.text("Hello").await;
    desk.begin_and_die(conversation).await;
    assert_eq!(desk.states(conversation).await, [DeliveryState::Unknown, DeliveryState::Queued]);
    let claim = desk.claim(JobKind::Reconciliation, conversation).await.unwrap();
    desk.run(&claim).await;
    assert_eq!(desk.carrier.looked_up(), [], "what the carrier has may be the one that is leaving");
    // Who takes the job over finds that the other has broken off as well.
    desk.carrier.then_finds(Ok(Some(found("SM8"))));
    desk.carrier.then_finds(Ok(Some(found("SM9"))));
    desk.drain().await;
    assert_eq!(desk.states(conversation).await, [DeliveryState::Delivered, DeliveryState::Delivered]);
    assert_eq!(desk.sent(), ["You said: Hello"]);
}

#[tokio::test]
async fn a_carrier_that_refuses_to_say_is_asked_again_and_the_message_has_not_failed() {
    let (desk, conversation) = desk_with_unknown().await;
    for code in ["401", "no_account"] {
        desk.carrier.then_finds(Err(GatewayError::Rejected { code: code.into(), detail: String::new() }));
    }
    for _ in 0..2 {
        desk.pass(4 * LOOK_UP);
        let claim = desk.claim(JobKind::Reconciliation, conversation).await.unwrap();
        desk.run(&claim).await;
        assert_eq!(desk.states(conversation).await, [DeliveryState::Unknown]);
    }
    desk.carrier.then_finds(Ok(Some(found("SM9"))));
    desk.drain().await;
    assert_eq!(desk.states(conversation).await, [DeliveryState::Delivered]);
    assert_eq!(desk.sent().len(), 1);
}
