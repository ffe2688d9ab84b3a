//! One business with one customer, and what it takes to answer them, as the sections that measure single turns need it.

use std::sync::Arc;

use anyhow::{Context as _, ensure};
use conversation::{Claim, JobKind, LanguageModel, ReceiveMessage, TakeTurn, WriteReply};
use kernel::Clock as _;
use server::{
    compose::StorePorts,
    system::{SystemClock, UuidV7},
};
use tenancy::{
    BusinessProfile, Channel, ChannelBinding, ManageChannels, ManageTenants, Plan, Provider, TenantScope,
};

use crate::{
    operations::{LEASE, replies, turns},
    population::{customer, gate, number_of, receiving, text},
};

/// One business with one customer.
pub(crate) struct Answering {
    pub(crate) stores: StorePorts,
    pub(crate) scope: TenantScope,
    pub(crate) replies: Arc<WriteReply>,
    receive: ReceiveMessage,
    binding: ChannelBinding,
    said: usize,
}

impl Answering {
    /// Makes a business with the number that belongs to a place among others, for which a model writes.
    pub(crate) async fn new(
        stores: StorePorts,
        place: usize,
        model: Arc<dyn LanguageModel>,
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
        let receive = receiving(&stores);
        Ok(Self { stores, scope, replies, receive, binding, said: 0 })
    }

    /// Returns what takes turns.
    pub(crate) fn turns(&self) -> TakeTurn {
        turns(&self.stores, Arc::clone(&self.replies))
    }

    /// Lets a customer write, and returns the turn that it makes due.
    pub(crate) async fn turn_of(&mut self, from: usize) -> anyhow::Result<Claim> {
        self.receive(from).await?;
        let platform = gate(&self.stores).system();
        let claims = self.stores.jobs.claim(&platform, SystemClock.now(), LEASE, 16).await?.claims;
        let turns = claims.into_iter().filter(|claim| claim.scope.tenant_id() == self.scope.tenant_id());
        turns.into_iter().find(|claim| claim.kind == JobKind::Turn).context("no turn is due")
    }

    /// Lets a customer write.
    pub(crate) async fn receive(&mut self, from: usize) -> anyhow::Result<()> {
        self.said += 1;
        let text = text(&format!("{}-{from}", self.scope.tenant_id()), self.said, customer(from)?);
        let received = self.receive.receive(&self.scope, &self.binding, text).await;
        ensure!(received.is_ok(), "a message was not taken in");
        Ok(())
    }
}
