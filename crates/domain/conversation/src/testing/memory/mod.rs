//! The stores in memory. They share one state, because a received message writes to all of them.

mod contacts;
mod conversations;
mod deliveries;
mod job;
mod jobs;
mod paging;
mod reactions;
mod rows;
mod summaries;
mod turns;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use kernel::TenantId;
use tenancy::{ChannelBinding, RecordedEvent, TenantScope, TenantStatus};
use tokio::sync::watch;

use crate::{ContactStore, ConversationStore, DeliveryLedger, JobQueue, Reactions, Summaries};
use rows::TenantRows;

/// Every store of this crate, in memory. All it holds lies under a tenant, so no query can reach across.
#[derive(Default)]
pub struct MemoryStores {
    tenants: Mutex<BTreeMap<TenantId, TenantRows>>,
    work: watch::Sender<u64>,
}

impl MemoryStores {
    /// Makes empty stores. Every tenant is active until told otherwise.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Returns the store of conversations.
    pub fn conversations(self: &Arc<Self>) -> Arc<dyn ConversationStore> {
        Arc::<Self>::clone(self)
    }

    /// Returns the store of contacts.
    pub fn contacts(self: &Arc<Self>) -> Arc<dyn ContactStore> {
        Arc::<Self>::clone(self)
    }

    /// Returns the queue of jobs.
    pub fn jobs(self: &Arc<Self>) -> Arc<dyn JobQueue> {
        Arc::<Self>::clone(self)
    }

    /// Returns the ledger of what leaves.
    pub fn ledger(self: &Arc<Self>) -> Arc<dyn DeliveryLedger> {
        Arc::<Self>::clone(self)
    }

    /// Returns what waits for reactions.
    pub fn summaries(self: &Arc<Self>) -> Arc<dyn Summaries> {
        Arc::<Self>::clone(self)
    }

    /// Returns what waits for reactions.
    pub fn reactions(self: &Arc<Self>) -> Arc<dyn Reactions> {
        Arc::<Self>::clone(self)
    }

    /// Sets what the tenant store would say of a tenant.
    pub fn set_tenant(&self, scope: &TenantScope, status: TenantStatus) {
        self.with(scope, |rows| rows.status = status);
    }

    /// Puts a channel binding in place, or another state of it. Messages to a binding that is not in place
    /// are not stored.
    pub fn add_binding(&self, scope: &TenantScope, binding: ChannelBinding) {
        self.with(scope, |rows| rows.bindings.insert(binding.id(), binding));
    }

    /// Returns how many tokens a tenant's turns have used.
    pub fn tokens_used(&self, scope: &TenantScope) -> u64 {
        self.with(scope, |rows| rows.tokens_used)
    }

    /// Returns what is told of refused sends and by turns of a tenant, oldest first. Nothing else is told here.
    pub fn told(&self, scope: &TenantScope) -> Vec<RecordedEvent> {
        self.with(scope, |rows| rows.told())
    }

    /// Signals that there may be work.
    fn wake(&self) {
        self.work.send_modify(|signals| *signals += 1);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<TenantId, TenantRows>> {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Works on one tenant's rows while nobody else does: what a transaction is to a database.
    fn with<T>(&self, scope: &TenantScope, work: impl FnOnce(&mut TenantRows) -> T) -> T {
        work(self.lock().entry(scope.tenant_id()).or_default())
    }
}
