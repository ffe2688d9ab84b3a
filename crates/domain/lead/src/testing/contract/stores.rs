//! The store under test, with what it needs of tenancy's: two tenants and an audit log.

use std::{any::Any, sync::Arc};

use kernel::{EventId, TenantId};
use tenancy::{
    AuditLog, EventLog, TenantScope,
    testing::{MemoryAuditLog, scope},
};

use crate::{
    Clues, Lead, LeadChange, LeadStore,
    testing::{MemoryLeadStore, Samples},
};

/// A store of leads, fresh for one test, or shared by tests with a fresh pair of tenants each.
pub struct LeadStores {
    /// Keeps leads.
    pub leads: Arc<dyn LeadStore>,
    /// Shows what the store has recorded.
    pub audit: Arc<dyn AuditLog>,
    /// Shows what the store has told.
    pub events: Arc<dyn EventLog>,
    /// The server itself, in a tenant.
    pub tenant: TenantScope,
    /// The server itself, in another tenant.
    pub other: TenantScope,
    /// Somebody whose changes are audited, in the first tenant.
    pub person: TenantScope,
    /// What must live as long as the store, such as a folder that is removed when dropped.
    pub keep: Box<dyn Any + Send + Sync>,
}

impl LeadStores {
    /// Makes a fake.
    pub fn memory() -> Self {
        // Another seed than the cases have: a tenant's id is no lead's.
        let samples = Samples::seeded(1);
        let (tenant, other) = (samples.id(TenantId::new), samples.id(TenantId::new));
        let audit = MemoryAuditLog::default();
        let leads = Arc::new(MemoryLeadStore::recording_in(&audit));
        Self {
            leads: leads.clone(),
            events: leads,
            audit: Arc::new(audit),
            tenant: scope(tenant),
            other: scope(other),
            person: tenancy::testing::scope_of(tenant, tenancy::Actor::TrustedCaller),
            keep: Box::new(()),
        }
    }

    pub(super) async fn insert(&self, lead: Lead) -> Lead {
        let change = inserting(&[&lead]);
        self.leads.save(&self.tenant, &change).await.unwrap();
        lead
    }

    pub(super) async fn update(&self, lead: Lead) -> Lead {
        self.leads.save(&self.tenant, &updating(&[&lead])).await.unwrap();
        lead.saved()
    }

    pub(super) async fn was_handled(&self, scope: &TenantScope, event: EventId) -> bool {
        let clues = Clues { event: Some(event), ..Clues::default() };
        self.leads.recognise(scope, &clues).await.unwrap().was_handled
    }

    pub(super) async fn found(&self, lead: &Lead) -> Lead {
        self.leads.find(&self.tenant, lead.id()).await.unwrap().unwrap()
    }
}

pub(super) fn inserting(leads: &[&Lead]) -> LeadChange {
    let at = leads[0].changed_at();
    LeadChange { inserts: leads.iter().map(|&lead| lead.clone()).collect(), ..LeadChange::at(at) }
}

pub(super) fn updating(leads: &[&Lead]) -> LeadChange {
    let at = leads[0].changed_at();
    LeadChange { updates: leads.iter().map(|&lead| lead.clone()).collect(), ..LeadChange::at(at) }
}
