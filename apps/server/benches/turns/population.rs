//! Tenants with a number each, and with some history for a few hundred of them.

use std::sync::Arc;

use anyhow::Context as _;
use conversation::{Debounce, InboundText, ReceiveMessage};
use futures_util::{TryStreamExt as _, stream};
use kernel::{Clock, PhoneNumber};
use server::{
    compose::StorePorts,
    system::{SystemClock, UuidV7},
};
use tenancy::{Address, BusinessProfile, Channel, Gate, ManageChannels, ManageTenants, Plan, Provider};

/// Conversations that there are before anything is measured, however many tenants share them.
const HISTORY: usize = 4_000;
/// As many tenants as have a history, where there are so many.
const WITH_HISTORY: usize = 200;
/// Rows that are written at once.
const AT_ONCE: usize = 32;

/// Returns how many of the tenants have a history.
pub(crate) fn with_history(tenants: usize) -> usize {
    tenants.min(WITH_HISTORY)
}

/// Returns the number that belongs to a tenant.
pub(crate) fn number_of(tenant: usize) -> anyhow::Result<Address> {
    phone(format!("+1555{tenant:07}"))
}

/// Returns the number of a customer.
pub(crate) fn customer(number: usize) -> anyhow::Result<Address> {
    phone(format!("+1777{number:07}"))
}

fn phone(text: String) -> anyhow::Result<Address> {
    Ok(Address::Phone(PhoneNumber::parse(&text).with_context(|| text)?))
}

/// Returns the use case that takes messages in. Each is due to be answered at once.
pub(crate) fn receiving(stores: &StorePorts) -> ReceiveMessage {
    receiving_at(stores, Arc::new(SystemClock))
}

/// Returns it for a time of its own.
pub(crate) fn receiving_at(stores: &StorePorts, clock: Arc<dyn Clock>) -> ReceiveMessage {
    let debounce = Debounce::new(chrono::TimeDelta::zero());
    ReceiveMessage::new(Arc::clone(&stores.conversations), clock, Arc::new(UuidV7), debounce)
}

/// Returns what finds tenants by their numbers.
pub(crate) fn gate(stores: &StorePorts) -> Gate {
    stores.closed_gate()
}

/// Returns a message of a customer.
pub(crate) fn text(series: &str, number: usize, from: Address) -> InboundText {
    InboundText {
        provider_message_id: format!("SM{series}-{number}"),
        from,
        text: "What are your opening hours on Saturday?".to_owned(),
        attachments: Vec::new(),
        understood: None,
        carrier_answered: false,
    }
}

/// Writes the tenants and their history.
pub(crate) async fn populate(stores: &StorePorts, tenants: usize) -> anyhow::Result<()> {
    let gate = gate(stores);
    let platform = gate.system();
    let managing = ManageTenants::new(Arc::clone(&stores.tenants), Arc::new(SystemClock), Arc::new(UuidV7));
    let binding = ManageChannels::new(Arc::clone(&stores.channels), Arc::new(SystemClock), Arc::new(UuidV7));
    let (managing, binding, platform) = (&managing, &binding, &platform);
    stream::iter((0..tenants).map(anyhow::Ok))
        .try_for_each_concurrent(AT_ONCE, async |number| {
            let name = format!("Plumbing No. {number}");
            let tenant = managing.create(platform, &name, Plan::Growth, &BusinessProfile::default()).await?;
            let scope = platform.tenant(tenant.id());
            binding.bind(&scope, Channel::Sms, Provider::Twilio, number_of(number)?).await?;
            Ok(())
        })
        .await?;
    let receiving = receiving(stores);
    let (receiving, gate) = (&receiving, &gate);
    stream::iter((0..HISTORY).map(anyhow::Ok))
        .try_for_each_concurrent(AT_ONCE, async |number| {
            let address = number_of(number % with_history(tenants))?;
            let found = gate.by_channel(Channel::Sms, &address, None).await?;
            let (scope, binding) = found.context("no tenant has the number")?;
            receiving.receive(&scope, &binding, text("history", number, customer(number)?)).await?;
            Ok(())
        })
        .await
}
