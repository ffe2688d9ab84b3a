//! Two tenants on one database, as the contract asks for them.

#[path = "../../../sql-stores/testing/tokens_used.rs"]
mod tokens_used;
#[path = "../../../sql-stores/testing/told.rs"]
mod told;

use std::{any::Any, sync::Arc};

use conversation::testing::{ConversationStores, Samples};
use kernel::{Clock as _, TenantId};
use postgres::Stores;
use tenancy::{
    BusinessProfile, ChannelBinding, ChannelStore, Plan, Tenant, TenantScope, TenantStatus, TenantStore,
    testing::{platform, scope},
};

/// Makes two tenants with their bindings.
pub(crate) async fn two(stores: &Stores, keep: Box<dyn Any + Send + Sync>) -> ConversationStores {
    let stores = stores.clone();
    // Another seed than the cases have: a tenant's id is no message's.
    let samples = Samples::seeded(1);
    let tenant = insert_tenant(&stores, &samples).await;
    let other = insert_tenant(&stores, &samples).await;
    let binding = samples.sms_binding(&tenant, "+15551230000");
    let other_binding = samples.sms_binding(&other, "+15551230001");
    let web_binding = samples.web_binding(&tenant, "web");
    for (scope, binding) in [(&tenant, &binding), (&other, &other_binding), (&tenant, &web_binding)] {
        ChannelStore::insert(&stores, scope, binding).await.unwrap();
    }
    let (suspending, switching) = (stores.clone(), stores.clone());
    ConversationStores {
        conversations: Arc::new(stores.clone()),
        contacts: Arc::new(stores.clone()),
        jobs: Arc::new(stores.clone()),
        ledger: Arc::new(stores.clone()),
        reactions: Arc::new(stores.clone()),
        summaries: Arc::new(stores.clone()),
        platform: platform(),
        tenant,
        other,
        binding,
        other_binding,
        web_binding,
        suspend: Box::new(move |scope| Box::pin(suspend(suspending.clone(), scope.clone()))),
        switch_off: Box::new(move |scope, binding| {
            Box::pin(switch_off(switching.clone(), scope.clone(), binding.clone()))
        }),
        tokens_used: tokens_used::tokens_used(stores.clone()),
        told: told::told(stores),
        keep,
    }
}

async fn insert_tenant(stores: &Stores, samples: &Samples) -> TenantScope {
    let id = samples.id(TenantId::new);
    let at = kernel::testing::ManualClock::default().now();
    let tenant = Tenant::create(id, "Somebody", Plan::Starter, at).unwrap();
    TenantStore::insert(stores, &platform(), &tenant, &BusinessProfile::default()).await.unwrap();
    scope(id)
}

async fn suspend(stores: Stores, scope: TenantScope) {
    let mut tenant = TenantStore::find(&stores, &platform(), scope.tenant_id()).await.unwrap().unwrap();
    tenant.set_status(TenantStatus::Suspended).unwrap();
    TenantStore::save(&stores, &platform(), &tenant, kernel::testing::ManualClock::default().now())
        .await
        .unwrap();
}

async fn switch_off(stores: Stores, scope: TenantScope, binding: ChannelBinding) {
    assert!(
        stores
            .set_active(&scope, binding.id(), false, kernel::testing::ManualClock::default().now())
            .await
            .unwrap()
    );
}
