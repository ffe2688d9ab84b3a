//! What rests once it was given back, and who may ask for it earlier, before it was given back and after.

use chrono::TimeDelta;
use kernel::ConversationId;

use super::{case::Case, checks::change_of};
use crate::{
    AttemptEnd, Claim, ConversationChange, DeliveryJob, DeliveryState, JobKind, NewInbound, NewOutbound,
    Purpose, TurnCommit, testing::ConversationStores,
};

impl Case<'_> {
    /// Makes a conversation in which sending a reply has begun, and is claimed.
    async fn sending(&self) -> (ConversationId, Claim) {
        let (id, _) = self.queued("Hi").await;
        let claim = self.claim(JobKind::Delivery, id).await;
        self.begin_next(&claim).await.unwrap().unwrap();
        (id, claim)
    }

    /// Lets a person write and a turn answer.
    async fn write(&self, id: ConversationId) {
        let outbound = vec![self.samples.outbound("Just a moment")];
        let change = ConversationChange { outbound, ..change_of(&self.conversation(id).await) };
        self.save(&change).await.unwrap();
        self.said("Hello?").await;
        self.reply(id, &["We are open"]).await;
    }

    /// Lets a turn confirm an opt-out.
    async fn confirm(&self, id: ConversationId) {
        self.said("STOP").await;
        let confirmation =
            NewOutbound { purpose: Purpose::OptOutConfirmation, ..self.samples.outbound("Stopped") };
        let commit = TurnCommit { outbound: vec![confirmation], ..self.turn(id, &[]).await };
        self.commit(&self.claim(JobKind::Turn, id).await, &commit).await.unwrap();
    }

    /// Lets the carrier say that it does not take what is being sent, and wants so many seconds of rest.
    async fn is_not_taken(&self, claim: &Claim, seconds: i64) {
        let open = self.open_attempts(claim.conversation_id).await;
        let end = AttemptEnd::NotTaken { again_at: self.samples.now() + TimeDelta::seconds(seconds) };
        assert_eq!(self.end_nth_send(claim, open[0].attempt(), &end).await, DeliveryJob::GivenBack);
    }

    /// Sends another reply without learning how that ended; it is to be looked up in so many seconds.
    async fn lose_another(&self, id: ConversationId, seconds: i64) {
        self.said("Hello?").await;
        self.reply(id, &["Hi again"]).await;
        let other = self.begin(id).await;
        let look_up_at = self.samples.now() + TimeDelta::seconds(seconds);
        self.end(other, AttemptEnd::Unknown { look_up_at }).await;
    }

    async fn give_back(&self, claim: &Claim, seconds: i64) {
        let again_at = self.samples.now() + TimeDelta::seconds(seconds);
        self.jobs.release(claim, again_at).await.unwrap();
    }

    async fn assert_is_due(&self, kind: JobKind, id: ConversationId) {
        let due: Vec<_> = self.due().await.iter().map(|claim| (claim.kind, claim.conversation_id)).collect();
        assert!(due.contains(&(kind, id)), "{due:?}");
    }

    async fn assert_is_due_in(&self, seconds: i64, kind: JobKind, id: ConversationId) {
        self.samples.pass(seconds - 1);
        let due = self.due().await;
        assert!(due.iter().all(|claim| claim.kind != kind), "{due:?}");
        self.samples.pass(1);
        self.assert_is_due(kind, id).await;
    }
}

pub async fn what_is_written_while_the_carrier_wants_rest_waits_for_its_end(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, claim) = case.sending().await;
    case.is_not_taken(&claim, 17).await;
    case.write(id).await;
    case.assert_is_due_in(17, JobKind::Delivery, id).await;
}

pub async fn what_is_written_during_a_send_waits_for_the_end_of_the_rest(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, claim) = case.sending().await;
    case.write(id).await;
    case.is_not_taken(&claim, 17).await;
    case.assert_is_due_in(17, JobKind::Delivery, id).await;
}

pub async fn the_confirmation_of_an_opt_out_does_not_wait_for_the_carriers_rest(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, claim) = case.sending().await;
    case.is_not_taken(&claim, 3_600).await;
    case.confirm(id).await;
    case.assert_is_due(JobKind::Delivery, id).await;
}

pub async fn a_confirmation_that_is_written_during_a_send_does_not_wait_for_the_rest(
    stores: &ConversationStores,
) {
    let case = Case::of(stores);
    let (id, claim) = case.sending().await;
    case.confirm(id).await;
    case.is_not_taken(&claim, 3_600).await;
    case.assert_is_due(JobKind::Delivery, id).await;
}

pub async fn a_confirmation_that_is_written_before_a_delivery_fails_does_not_wait_for_the_rest(
    stores: &ConversationStores,
) {
    let case = Case::of(stores);
    let (id, claim) = case.sending().await;
    case.confirm(id).await;
    case.give_back(&claim, 3_600).await;
    case.assert_is_due(JobKind::Delivery, id).await;
}

pub async fn a_confirmation_that_the_carrier_did_not_take_waits_for_the_end_of_the_rest(
    stores: &ConversationStores,
) {
    let case = Case::of(stores);
    let (id, claim) = case.sending().await;
    case.confirm(id).await;
    let taken = AttemptEnd::Accepted { provider_message_id: "SM1".into(), state: DeliveryState::Sent };
    let reply = case.open_attempts(id).await[0].attempt();
    assert_eq!(case.end_nth_send(&claim, reply, &taken).await, DeliveryJob::GoesOn);
    case.begin_next(&claim).await.unwrap().unwrap();
    case.is_not_taken(&claim, 17).await;
    case.assert_is_due_in(17, JobKind::Delivery, id).await;
}

pub async fn a_confirmation_from_before_the_claim_waits_for_the_end_of_the_rest(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.queued("Hi").await;
    case.confirm(id).await;
    let claim = case.claim(JobKind::Delivery, id).await;
    case.begin_next(&claim).await.unwrap().unwrap();
    case.is_not_taken(&claim, 17).await;
    case.assert_is_due_in(17, JobKind::Delivery, id).await;
}

pub async fn a_look_up_is_brought_forward_by_another_attempt(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.begun("Hi").await;
    case.lose(message).await;
    let claim = case.claim(JobKind::Reconciliation, id).await;
    case.give_back(&claim, 960).await;
    case.lose_another(id, 15).await;
    case.assert_is_due_in(15, JobKind::Reconciliation, id).await;
}

pub async fn a_look_up_is_not_put_off_by_the_one_during_which_it_was_asked_for(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.begun("Hi").await;
    case.lose(message).await;
    let claim = case.claim(JobKind::Reconciliation, id).await;
    case.lose_another(id, 15).await;
    case.give_back(&claim, 960).await;
    case.assert_is_due_in(15, JobKind::Reconciliation, id).await;
}

pub async fn a_look_up_does_not_put_off_the_one_during_which_it_was_asked_for(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.begun("Hi").await;
    case.lose(message).await;
    let claim = case.claim(JobKind::Reconciliation, id).await;
    case.lose_another(id, 960).await;
    case.give_back(&claim, 15).await;
    case.assert_is_due_in(15, JobKind::Reconciliation, id).await;
}

pub async fn what_is_said_during_a_turn_waits_for_the_end_of_the_rest(stores: &ConversationStores) {
    let case = Case::of(stores);
    // A confirmation hurries its delivery, and no turn.
    let (id, _) = case.said("Hello").await;
    case.confirm(id).await;
    case.said("Hello?").await;
    let claim = case.claim(JobKind::Turn, id).await;
    let answer_at = case.samples.now();
    case.receive(&NewInbound { answer_at, ..case.inbound("HELP") }).await;
    case.give_back(&claim, 8).await;
    case.assert_is_due_in(8, JobKind::Turn, id).await;
}
