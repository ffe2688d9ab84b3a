//! A business's front desk: every use case, wired on fakes that a test can look into.

mod sight;
mod wiring;

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use conversation::{
    AnswerChat, ChatAnswer, Claim, ConversationError, Deliver, InboundIntent, InboundText, JobKind,
    ManageContacts, ManageConversations, Messenger, PendingEvent, ReceiveMessage, Received, Reconcile,
    RecordDelivery, Summarize, TakeTurn, Tool, TurnHeard, TurnResult,
    testing::{FixedAllowance, MemoryStores, RecordingMessenger, ScriptedLanguageModel},
};
use kernel::{
    Clock, ConversationId, IdGenerator, MessageId, StoreError, Timestamp,
    testing::{CountingIds, ManualClock},
};
use tenancy::{
    Address, Channel, ChannelBinding, FeatureFlag, ManageTenants, TenantPatch, TenantScope, TenantStatus,
    testing::{TenancyStores, platform},
};

use wiring::Wiring;

/// The business's name.
pub(crate) const BUSINESS: &str = "Bristol Plumbing";
/// The customer's phone.
pub(crate) const CUSTOMER: &str = "+15557654321";
/// How long a worker holds what it has claimed.
pub(crate) const LEASE: Duration = Duration::from_secs(30);
/// How many seconds after a message its turn is due.
pub(crate) const WINDOW: i64 = 2;
/// How many seconds lie between an unknown outcome and a look-up, and between two look-ups.
pub(crate) const LOOK_UP: i64 = 60;

/// One tenant with a phone number and a web chat, and everything that serves it.
pub(crate) struct Desk {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) ids: Arc<CountingIds>,
    pub(crate) stores: Arc<MemoryStores>,
    pub(crate) tenancy: TenancyStores,
    pub(crate) model: Arc<ScriptedLanguageModel>,
    pub(crate) allowance: Arc<FixedAllowance>,
    pub(crate) carrier: Arc<RecordingMessenger>,
    pub(crate) scope: TenantScope,
    pub(crate) number: ChannelBinding,
    pub(crate) web_chat: ChannelBinding,
    pub(crate) receive: Arc<ReceiveMessage>,
    pub(crate) turns: Arc<TakeTurn>,
    pub(crate) summarize: Summarize,
    pub(crate) deliver: Deliver,
    pub(crate) reconcile: Reconcile,
    pub(crate) reports: RecordDelivery,
    pub(crate) people: ManageConversations,
    pub(crate) contacts: ManageContacts,
    pub(crate) chat: AnswerChat,
}

impl Desk {
    /// Opens for business.
    pub(crate) async fn open() -> Self {
        let carrier = Arc::<RecordingMessenger>::default();
        Self::open_with(MemoryStores::new(), Arc::<RecordingMessenger>::clone(&carrier), carrier).await
    }

    /// Opens for business with another carrier; `carrier` stays unused.
    pub(crate) async fn open_with(
        stores: Arc<MemoryStores>,
        messenger: Arc<dyn Messenger>,
        carrier: Arc<RecordingMessenger>,
    ) -> Self {
        Self::wired(Wiring::of(stores, messenger), carrier).await
    }

    /// Opens for business with other tools.
    pub(crate) async fn open_with_tools(tools: Vec<Arc<dyn Tool>>) -> Self {
        let carrier = Arc::<RecordingMessenger>::default();
        let messenger = Arc::<RecordingMessenger>::clone(&carrier);
        Self::wired(Wiring::of(MemoryStores::new(), messenger).with_tools(tools), carrier).await
    }

    async fn wired(wiring: Wiring, carrier: Arc<RecordingMessenger>) -> Self {
        let scope = wiring.tenant().await;
        let number = wiring.bind(&scope, Channel::Sms, "+15551230000").await;
        let web_chat = wiring.bind(&scope, Channel::WebChat, "bristol").await;
        let (receive, turns) = (Arc::new(wiring.receive()), Arc::new(wiring.turns()));
        Self {
            summarize: wiring.summarize(),
            deliver: wiring.deliver(),
            reconcile: wiring.reconcile(),
            chat: wiring.chat(Arc::clone(&receive), Arc::clone(&turns)),
            reports: RecordDelivery::new(wiring.stores.ledger(), wiring.clock()),
            people: ManageConversations::new(wiring.stores.conversations(), wiring.clock(), wiring.ids()),
            contacts: ManageContacts::new(wiring.stores.contacts(), wiring.clock(), wiring.ids()),
            clock: wiring.clock,
            ids: wiring.ids,
            stores: wiring.stores,
            tenancy: wiring.tenancy,
            model: wiring.model,
            allowance: wiring.allowance,
            carrier,
            scope,
            number,
            web_chat,
            receive,
            turns,
        }
    }

    /// Makes a text message of the customer that was never seen before.
    pub(crate) fn inbound(&self, text: &str) -> InboundText {
        InboundText {
            provider_message_id: self.ids.next().to_string(),
            from: Address::from_carrier(CUSTOMER),
            text: text.into(),
            attachments: Vec::new(),
            understood: None,
            carrier_answered: false,
        }
    }

    /// Takes a text message in that was never seen before.
    pub(crate) async fn take_in(&self, inbound: InboundText) -> (ConversationId, MessageId) {
        match self.receive.receive(&self.scope, &self.number, inbound).await.unwrap() {
            Received::Stored { conversation_id, message_id } => (conversation_id, message_id),
            Received::Duplicate { .. } => panic!("a new message counts as a duplicate"),
        }
    }

    /// Takes a text message in that the carrier has understood, whatever it says, and answered itself.
    pub(crate) async fn take_in_understood(&self, text: &str, intent: InboundIntent) -> ConversationId {
        let understood = Some(intent);
        self.take_in(InboundText { understood, carrier_answered: true, ..self.inbound(text) }).await.0
    }

    /// The customer writes.
    pub(crate) async fn text(&self, text: &str) -> ConversationId {
        self.take_in(self.inbound(text)).await.0
    }

    /// The customer writes, waits, and the workers do what is due.
    pub(crate) async fn text_and_wait(&self, text: &str) -> ConversationId {
        let conversation = self.text(text).await;
        self.pass(WINDOW);
        self.work().await;
        conversation
    }

    /// A visitor writes into the web chat.
    pub(crate) async fn visit(&self, session: &str, text: &str) -> Result<ChatAnswer, ConversationError> {
        self.chat.answer(&self.scope, Address::Session(session.into()), text.into(), None).await
    }

    /// A visitor writes into the web chat, under a name by which the message is known again.
    pub(crate) async fn visit_as(&self, name: &str, text: &str) -> Result<ChatAnswer, ConversationError> {
        self.chat.answer(&self.scope, Address::Session("v1".into()), text.into(), Some(name.into())).await
    }

    /// Sets a feature flag.
    pub(crate) async fn set_flag(&self, flag: FeatureFlag, value: bool) {
        self.tenancy.flags.set(&self.scope, flag, value, self.clock.now()).await.unwrap();
    }

    /// Lets seconds pass.
    pub(crate) fn pass(&self, seconds: i64) {
        self.clock.advance(TimeDelta::seconds(seconds));
    }

    /// Lets a visitor who has written before write once more, and claims the turn.
    pub(crate) async fn claim_new(&self, conversation: ConversationId, text: &str) -> Claim {
        let mut inbound = self.inbound(text);
        inbound.from = Address::Session("v1".into());
        self.receive.receive(&self.scope, &self.web_chat, inbound).await.unwrap();
        self.claim(JobKind::Turn, conversation).await.unwrap()
    }

    /// Claims a job, due or not.
    pub(crate) async fn claim(&self, kind: JobKind, conversation: ConversationId) -> Option<Claim> {
        let now = self.clock.now();
        self.stores.jobs().claim_one(&self.scope, kind, conversation, now, LEASE).await.unwrap()
    }

    /// Takes the turn that waits, and leaves its delivery to others.
    pub(crate) async fn take_turn(&self, conversation: ConversationId) -> TurnResult {
        let claim = self.claim(JobKind::Turn, conversation).await.unwrap();
        self.turns.take(&claim).await.unwrap()
    }

    /// A worker answers, begins to bring the answer out, and dies without learning what the carrier said.
    pub(crate) async fn begin_and_die(&self, conversation: ConversationId) {
        if let Some(claim) = self.claim(JobKind::Turn, conversation).await {
            self.turns.take(&claim).await.unwrap();
        }
        let claim = self.claim(JobKind::Delivery, conversation).await.unwrap();
        let ledger = self.stores.ledger();
        let at = self.clock.now();
        ledger.begin_next(&claim, None, at, at).await.unwrap().unwrap();
    }

    /// Does what one job asks for.
    pub(crate) async fn run(&self, claim: &Claim) {
        match claim.kind {
            JobKind::Turn => drop(self.turns.take(claim).await.unwrap()),
            JobKind::Delivery => drop(self.deliver.deliver(claim).await.unwrap()),
            JobKind::Reconciliation => self.reconcile.reconcile(claim).await.unwrap(),
            JobKind::Reaction => self.react(claim).await,
        }
    }

    /// What has happened is heard: what is long is summed up, and nothing else follows.
    async fn react(&self, claim: &Claim) {
        let reactions = self.stores.reactions();
        let pending = reactions.pending(&claim.scope, claim.conversation_id, 100).await.unwrap();
        let heard = |event: &PendingEvent| serde_json::from_str::<TurnHeard>(&event.private).unwrap();
        if pending.iter().any(|event| heard(event).is_long) {
            // A model that does not answer leaves all as it was.
            drop(self.summarize.summarize(&claim.scope, claim.conversation_id).await);
        }
        let ids: Vec<_> = pending.iter().map(|event| event.id).collect();
        match reactions.settle(claim, &ids).await {
            // Another worker holds the job by now.
            Ok(()) | Err(StoreError::Conflict) => {}
            Err(error) => panic!("{error}"),
        }
    }

    /// Does one job that is due; returns when the next one is, once none is due now.
    pub(crate) async fn step(&self) -> Option<Timestamp> {
        let now = self.clock.now();
        let claims = self.stores.jobs().claim(&platform(), now, LEASE, 1).await.unwrap();
        let Some(claim) = claims.claims.first() else { return claims.next_due };
        self.run(claim).await;
        Some(now)
    }

    /// Does every job that is due.
    pub(crate) async fn work(&self) {
        while self.step().await.is_some_and(|next| next <= self.clock.now()) {}
    }

    /// Lets time pass until there is nothing left to do.
    pub(crate) async fn drain(&self) {
        for _ in 0..1_000 {
            let Some(next) = self.step().await else { return };
            self.clock.advance((next - self.clock.now()).max(TimeDelta::zero()));
        }
        panic!("the work has no end");
    }

    /// Changes whether the tenant is served, as the operator does.
    pub(crate) async fn set_status(&self, status: TenantStatus) {
        let clock: Arc<dyn Clock> = Arc::<ManualClock>::clone(&self.clock);
        let ids: Arc<dyn IdGenerator> = Arc::<CountingIds>::clone(&self.ids);
        let tenants = ManageTenants::new(Arc::clone(&self.tenancy.tenants), clock, ids);
        let patch = TenantPatch { status: Some(status), plan: None };
        tenants.change(&platform(), self.scope.tenant_id(), patch).await.unwrap();
        self.stores.set_tenant(&self.scope, status);
    }
}
