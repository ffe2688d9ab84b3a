//! Two tenants' prompts on one database, as the contract asks for them.

use std::{any::Any, sync::Arc};

use kernel::{Clock as _, TenantId, testing::ManualClock};
use prompt::testing::{PromptStores, id};
use sqlite::Stores;
use tenancy::{
    BusinessProfile, Plan, Tenant, TenantScope, TenantStore,
    testing::{operator, platform},
};

/// Makes two tenants, for whom the operator works.
pub(crate) async fn two(stores: &Stores, keep: Box<dyn Any + Send>) -> PromptStores {
    PromptStores {
        platform: operator(),
        tenant: insert_tenant(stores, 1_001).await,
        other: insert_tenant(stores, 1_002).await,
        prompts: Arc::new(stores.clone()),
        profiles: Arc::new(stores.clone()),
        examples: Arc::new(stores.clone()),
        audit: Arc::new(stores.clone()),
        keep,
    }
}

async fn insert_tenant(stores: &Stores, number: u32) -> TenantScope {
    let id = TenantId::new(id(number));
    let tenant = Tenant::create(id, "Somebody", Plan::Starter, ManualClock::default().now()).unwrap();
    TenantStore::insert(stores, &platform(), &tenant, &BusinessProfile::default()).await.unwrap();
    operator().tenant(id)
}
