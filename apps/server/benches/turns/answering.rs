//! One business with one customer, and what it takes to answer them, as the sections that measure single turns need it.

use std::sync::Arc;

use anyhow::{Context as _, bail};
use conversation::{Claim, JobKind, LanguageModel, ReceiveMessage, Received, TakeTurn, WriteReply};
use kernel::{Clock, ConversationId};
use server::{
    compose::StorePorts,
    system::{SystemClock, UuidV7},
};
use tenancy::{
    BusinessProfile, Channel, ChannelBinding, ManageChannels, ManageTenants, Plan, Provider, TenantScope,
};

use crate::{
    operations::{LEASE, replies, turns},
    population::{customer, gate, number_of, receiving_at, text},
};

/// One business with one customer.
pub(crate) struct Answering {
    pub(crate) stores: StorePorts,
    pub(crate) scope: TenantScope,
    pub(crate) replies: Arc<WriteReply>,
    receive: ReceiveMessage,
    binding: ChannelBinding,
    clock: Arc<dyn Clock>,
    said: usize,
}

impl Answering {
    /// Makes a business with the number that belongs to a place among others, for which a model writes.
    pub(crate) async fn new(
        stores: StorePorts,
        place: usize,
        model: Arc<dyn LanguageModel>,
    ) -> anyhow::Result<Self> {
        Self::at(stores, place, model, Arc::new(SystemClock)).await
    }

    /// Makes one for which it is what a clock says.
    pub(crate) async fn at(
        stores: StorePorts,
        place: usize,
        model: Arc<dyn LanguageModel>,
        clock: Arc<dyn Clock>,
    ) -> anyhow::Result<Self> {
        let gate = gate(&stores);
        let platform = gate.system();
        let tenants =
            ManageTenants::new(Arc::clone(&stores.tenants), Arc::new(SystemClock), Arc::new(UuidV7));
        let channels =
            ManageChannels::new(Arc::clone(&stores.channels), Arc::new(SystemClock), Arc::new(UuidV7));
        let name = format!("Plumbing No. {place}");
        let tenant = tenants.create(&platform, &name, Plan::Growth, &BusinessProfile::default()).await?;
        let made = platform.tenant(tenant.id());
        channels.bind(&made, Channel::Sms, Provider::Twilio, number_of(place)?).await?;
        let found = gate.by_channel(Channel::Sms, &number_of(place)?, None).await?;
        let (scope, binding) = found.context("the number is nobody's")?;
        let replies = Arc::new(replies(&stores, model));
        let receive = receiving_at(&stores, Arc::clone(&clock));
        Ok(Self { stores, scope, replies, receive, binding, clock, said: 0 })
    }

    /// Returns what takes turns.
    pub(crate) fn turns(&self) -> TakeTurn {
        TakeTurn { clock: Arc::clone(&self.clock), ..turns(&self.stores, Arc::clone(&self.replies)) }
    }

    /// Lets a customer write, and returns the turn that it makes due.
    pub(crate) async fn turn_of(&mut self, from: usize) -> anyhow::Result<Claim> {
        let conversation = self.receive(from).await?;
        self.due(conversation).await
    }

    /// Returns a turn that is due.
    pub(crate) async fn due(&self, conversation: ConversationId) -> anyhow::Result<Claim> {
        let (jobs, now) = (&self.stores.jobs, self.clock.now());
        let claim = jobs.claim_one(&self.scope, JobKind::Turn, conversation, now, LEASE).await?;
        claim.context("no turn is due")
    }

    /// Lets a customer write, and returns the conversation.
    pub(crate) async fn receive(&mut self, from: usize) -> anyhow::Result<ConversationId> {
        self.said += 1;
        let mut text = text(&format!("{}-{from}", self.scope.tenant_id()), self.said, customer(from)?);
        // Who says the same over and over is taken for a machine.
        text.text = format!("{} I ask for the {}th time.", text.text, self.said);
        match self.receive.receive(&self.scope, &self.binding, text).await? {
            Received::Stored { conversation_id, .. } => Ok(conversation_id),
            Received::Duplicate { .. } => bail!("a message was there before"),
        }
    }
}
