//! What may happen, and how it is made to happen.

use std::{collections::BTreeMap, sync::Arc};

use conversation::{
    Claim, DeliveryReport, DeliveryState, InboundText, JobKind, Verdict, testing::MemoryStores,
};
use kernel::{Clock as _, ConversationId, MessageId, TurnId};
use proptest::sample::Index;
use tenancy::{Provider, testing::platform};

use crate::{
    desk::{Desk, LEASE},
    honest_carrier::{HonestCarrier, Mood},
};

const MOODS: [Mood; 6] =
    [Mood::TakesInSilence, Mood::LosesIt, Mood::IsBusy, Mood::IsAway, Mood::Rejects, Mood::Blocks];
const REPORTS: [DeliveryState; 5] = [
    DeliveryState::Sent,
    DeliveryState::Delivered,
    DeliveryState::Undelivered,
    DeliveryState::Failed,
    DeliveryState::Read,
];

/// What may happen.
#[derive(Clone, Debug)]
pub(super) enum Event {
    Inbound,
    Duplicate,
    Stop,
    Start,
    Help,
    /// A worker does one job that is due.
    WorkerStep,
    Pass(i64),
    /// A worker claims a due job and is never heard of again.
    WorkerDies,
    /// A worker dies in the midst of a send, after the carrier took the message or before.
    SenderDies(bool),
    /// A worker claims a due job and stalls.
    WorkerStalls,
    /// The stalled worker goes on, whether or not its lease has ended.
    StalledWorkerGoesOn,
    PersonReplies,
    Pause,
    Resume,
    Close,
    Reopen,
    ModelFails,
    CarrierMood(usize),
    /// The carrier reports on one of the messages that it took.
    Report(Index, usize),
    /// A turn is taken, and this happens while the model writes.
    WhileTheModelWrites(Box<Event>),
}

/// A story as it goes on.
pub(super) struct Play {
    pub(super) desk: Desk,
    pub(super) carrier: Arc<HonestCarrier>,
    pub(super) conversations: Vec<ConversationId>,
    /// How far each message had come when it was last looked at, and its turn.
    pub(super) seen: BTreeMap<MessageId, (DeliveryState, Option<TurnId>)>,
    last: Option<InboundText>,
    stalled: Option<Claim>,
    said: usize,
}

impl Play {
    /// Opens the desk.
    pub(super) async fn begin() -> Self {
        let stores = MemoryStores::new();
        let carrier = Arc::new(HonestCarrier::watching(Arc::clone(&stores)));
        let desk = Desk::open_with(stores, Arc::<HonestCarrier>::clone(&carrier), Arc::default()).await;
        let (conversations, seen) = (Vec::new(), BTreeMap::new());
        Self { desk, carrier, conversations, seen, last: None, stalled: None, said: 0 }
    }

    /// Makes something happen.
    pub(super) async fn happen(&mut self, event: &Event) {
        match event {
            Event::Inbound => {
                self.said += 1;
                self.hear(&format!("message {}", self.said)).await;
            }
            Event::Stop => self.hear("STOP").await,
            Event::Start => self.hear("START").await,
            Event::Help => self.hear("HELP").await,
            Event::Duplicate => {
                if let Some(last) = self.last.clone() {
                    self.desk.receive.receive(&self.desk.scope, &self.desk.number, last).await.unwrap();
                }
            }
            Event::WorkerStep => drop(self.desk.step().await),
            Event::Pass(seconds) => self.desk.pass(*seconds),
            Event::WorkerDies => {
                let _never_heard_of_again = self.claim_due().await;
            }
            Event::SenderDies(taken) => self.sender_dies(*taken).await,
            Event::WorkerStalls => self.stalled = self.claim_due().await.or(self.stalled.take()),
            Event::StalledWorkerGoesOn => {
                if let Some(claim) = self.stalled.take() {
                    self.desk.run(&claim).await;
                }
            }
            Event::ModelFails => {
                self.desk.model.then_fails(conversation::ModelError::Unavailable("it is down".into()));
            }
            Event::CarrierMood(mood) => self.carrier.then(MOODS[*mood]),
            Event::Report(message, state) => self.report(message, REPORTS[*state]).await,
            Event::PersonReplies | Event::Pause | Event::Resume | Event::Close | Event::Reopen => {
                self.person_acts(event).await;
            }
            Event::WhileTheModelWrites(event) => Box::pin(self.during_a_turn(event)).await,
        }
    }

    /// Lets everything come to its end, with a carrier that takes what it is given.
    pub(super) async fn finish(&mut self) {
        self.carrier.calm_down();
        self.desk.drain().await;
    }

    async fn hear(&mut self, text: &str) {
        let inbound = self.desk.inbound(text);
        self.last = Some(inbound.clone());
        let (conversation, _) = self.desk.take_in(inbound).await;
        if !self.conversations.contains(&conversation) {
            self.conversations.push(conversation);
        }
    }

    async fn claim_due(&self) -> Option<Claim> {
        let now = self.desk.clock.now();
        let claims = self.desk.stores.jobs().claim(&platform(), now, LEASE, 1).await.unwrap();
        claims.claims.into_iter().next()
    }

    async fn sender_dies(&self, taken: bool) {
        let Some(conversation) = self.conversations.last() else { return };
        let Some(claim) = self.desk.claim(JobKind::Delivery, *conversation).await else { return };
        let (ledger, now) = (self.desk.stores.ledger(), self.desk.clock.now());
        let Some(next) = ledger.begin_next(&claim, None, now, now).await.unwrap() else { return };
        if taken && next.verdict == Verdict::Allow {
            self.carrier.take(&next.text);
        }
    }

    async fn report(&self, message: &Index, state: DeliveryState) {
        let taken: Vec<_> = self.carrier.taken().into_iter().collect();
        if taken.is_empty() {
            return;
        }
        let (message_id, provider_message_id) = message.get(&taken).clone();
        let report = DeliveryReport {
            message_id: Some(message_id),
            provider: Provider::Twilio,
            provider_message_id,
            state,
            error_code: None,
        };
        assert!(self.desk.reports.record(&self.desk.scope, &report).await.unwrap());
    }

    /// A person does something in the latest conversation. That it may be closed is part of the play.
    async fn person_acts(&self, event: &Event) {
        let Some(id) = self.conversations.last() else { return };
        let (people, scope) = (&self.desk.people, &self.desk.scope);
        match event {
            Event::PersonReplies => drop(people.answer_in_person(scope, *id, "A person speaking").await),
            Event::Pause => drop(people.pause(scope, *id).await.unwrap()),
            Event::Resume => drop(people.resume(scope, *id).await.unwrap()),
            Event::Close => drop(people.close(scope, *id).await.unwrap()),
            _ => drop(people.reopen(scope, *id).await),
        }
    }

    async fn during_a_turn(&mut self, event: &Event) {
        let Some(conversation) = self.conversations.last().copied() else { return };
        let Some(claim) = self.desk.claim(JobKind::Turn, conversation).await else { return };
        let (turns, model) = (Arc::clone(&self.desk.turns), Arc::clone(&self.desk.model));
        let go = model.then_waits();
        let mut turn = Box::pin(turns.take(&claim));
        tokio::select! {
            biased;
            // It needed no model. The step that waits is passed by whoever comes to it.
            result = &mut turn => drop(result.unwrap()),
            () = model.asked() => {
                Box::pin(self.happen(event)).await;
                go.notify_one();
                turn.await.unwrap();
                return;
            }
        }
        go.notify_one();
        Box::pin(self.happen(event)).await;
    }
}
