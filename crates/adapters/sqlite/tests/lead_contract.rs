//! The store of leads on SQLite keeps the promises of the port.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, also in what makes its stores")]

use std::sync::Arc;

use kernel::{Clock as _, TenantId, testing::ManualClock};
use lead::testing::{LeadStores, Samples};
use sqlite::Stores;
use tenancy::{
    Actor, BusinessProfile, Plan, Tenant, TenantScope, TenantStore,
    testing::{platform, scope, scope_of},
};

mod support;

async fn fresh() -> LeadStores {
    let stores = Stores::temporary(support::vault()).unwrap();
    // Another seed than the cases have: a tenant's id is no lead's.
    let samples = Samples::seeded(1);
    let (tenant, other) = (insert_tenant(&stores, &samples).await, insert_tenant(&stores, &samples).await);
    LeadStores {
        leads: Arc::new(stores.clone()),
        audit: Arc::new(stores.clone()),
        events: Arc::new(stores),
        person: scope_of(tenant.tenant_id(), Actor::TrustedCaller),
        tenant,
        other,
        keep: Box::new(()),
    }
}

async fn insert_tenant(stores: &Stores, samples: &Samples) -> TenantScope {
    let id = samples.id(TenantId::new);
    let tenant = Tenant::create(id, "Somebody", Plan::Starter, ManualClock::default().now()).unwrap();
    TenantStore::insert(stores, &platform(), &tenant, &BusinessProfile::default()).await.unwrap();
    scope(id)
}

mod lead_store {
    lead::lead_store_contract!(super::fresh().await);
}
