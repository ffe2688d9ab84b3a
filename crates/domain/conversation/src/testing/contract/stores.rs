//! One set of this crate's stores with what they need of tenancy's: two tenants and their bindings.

use std::{any::Any, pin::Pin, sync::Arc};

use kernel::TenantId;
use tenancy::{
    ChannelBinding, PlatformScope, RecordedEvent, TenantScope, TenantStatus,
    testing::{platform, scope},
};

use crate::{
    ContactStore, ConversationStore, DeliveryLedger, JobQueue, Reactions, Summaries,
    testing::{MemoryStores, Samples},
};

/// What a hook does; the stores behind it are its own.
pub type Done = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Suspends a tenant.
pub type Suspend = Box<dyn Fn(&TenantScope) -> Done + Send + Sync>;

/// Switches a tenant's binding off.
pub type SwitchOff = Box<dyn Fn(&TenantScope, &ChannelBinding) -> Done + Send + Sync>;

/// Tells how many tokens a tenant's turns have used.
pub type TokensUsed = Box<dyn Fn(&TenantScope) -> Pin<Box<dyn Future<Output = u64> + Send>> + Send + Sync>;

/// Reads what has been told of a tenant, oldest first. A store may show an event a moment after it was recorded.
pub type Told =
    Box<dyn Fn(&TenantScope) -> Pin<Box<dyn Future<Output = Vec<RecordedEvent>> + Send>> + Send + Sync>;

/// One set of this crate's stores, fresh for one test, or shared by tests with a fresh pair of tenants each.
pub struct ConversationStores {
    /// Keeps conversations.
    pub conversations: Arc<dyn ConversationStore>,
    /// Keeps contacts and consent.
    pub contacts: Arc<dyn ContactStore>,
    /// Keeps jobs. No other test may claim from it meanwhile.
    pub jobs: Arc<dyn JobQueue>,
    /// Keeps what leaves.
    pub ledger: Arc<dyn DeliveryLedger>,
    /// Keeps what waits for reactions.
    pub reactions: Arc<dyn Reactions>,
    /// Keeps running summaries.
    pub summaries: Arc<dyn Summaries>,
    /// The right to claim jobs.
    pub platform: PlatformScope,
    /// An active tenant.
    pub tenant: TenantScope,
    /// Another active tenant.
    pub other: TenantScope,
    /// An active binding of the tenant's number +15551230000.
    pub binding: ChannelBinding,
    /// An active binding of the other tenant's number.
    pub other_binding: ChannelBinding,
    /// An active binding of the tenant's web chat.
    pub web_binding: ChannelBinding,
    /// Suspends a tenant.
    pub suspend: Suspend,
    /// Switches a binding off.
    pub switch_off: SwitchOff,
    /// Tells how many tokens a tenant's turns have used, on the day of the cases and the next.
    pub tokens_used: TokensUsed,
    /// Reads what has been told of a tenant.
    pub told: Told,
    /// What must live as long as the stores, such as a folder that is removed when dropped.
    pub keep: Box<dyn Any + Send>,
}

impl ConversationStores {
    /// Makes a set of fakes.
    pub fn memory() -> Self {
        // Another seed than the cases have: a tenant's id is no message's.
        let samples = Samples::seeded(1);
        let (tenant, other) = (scope(samples.id(TenantId::new)), scope(samples.id(TenantId::new)));
        let binding = samples.sms_binding(&tenant, "+15551230000");
        let other_binding = samples.sms_binding(&other, "+15551230001");
        let web_binding = samples.web_binding(&tenant, "web");
        let stores = MemoryStores::new();
        stores.add_binding(&tenant, binding.clone());
        stores.add_binding(&other, other_binding.clone());
        stores.add_binding(&tenant, web_binding.clone());
        let [suspending, switching, counting, telling] = [(); 4].map(|()| Arc::clone(&stores));
        Self {
            conversations: stores.conversations(),
            contacts: stores.contacts(),
            jobs: stores.jobs(),
            ledger: stores.ledger(),
            reactions: stores.reactions(),
            summaries: stores.summaries(),
            platform: platform(),
            tenant,
            other,
            binding,
            other_binding,
            web_binding,
            suspend: Box::new(move |scope| {
                suspending.set_tenant(scope, TenantStatus::Suspended);
                Box::pin(async {})
            }),
            switch_off: Box::new(move |scope, binding| {
                let mut binding = binding.clone();
                binding.set_active(false);
                switching.add_binding(scope, binding);
                Box::pin(async {})
            }),
            tokens_used: Box::new(move |scope| {
                let used = counting.tokens_used(scope);
                Box::pin(async move { used })
            }),
            told: Box::new(move |scope| {
                let told = telling.told(scope);
                Box::pin(async move { told })
            }),
            keep: Box::new(()),
        }
    }
}
