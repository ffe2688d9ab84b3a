//! The conversation stores on SQLite keep the promises of the ports.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, also in what makes its stores")]

use std::sync::Arc;

use conversation::testing::{ConversationStores, Samples};
use kernel::{Clock as _, TenantId};
use sqlite::Stores;
use tenancy::{
    BusinessProfile, ChannelBinding, ChannelStore, Plan, Tenant, TenantScope, TenantStatus, TenantStore,
    testing::{platform, scope},
};

mod support;
#[path = "../../sql-stores/testing/tokens_used.rs"]
mod tokens_used;
#[path = "../../sql-stores/testing/told.rs"]
mod told;

async fn fresh() -> ConversationStores {
    let stores = Stores::temporary(support::vault()).unwrap();
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
        keep: Box::new(()),
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

/// A number that nobody has bound: the database refuses the message, and that takes back the whole transaction.
#[tokio::test(flavor = "multi_thread")]
async fn messages_that_cannot_be_stored_leave_those_be_that_share_their_transaction() {
    let stores = fresh().await;
    let samples = Samples::seeded(2);
    let nowhere = samples.sms_binding(&stores.tenant, "+15551230009");
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..40 {
        let binding = if number % 4 == 3 { &nowhere } else { &stores.binding };
        let inbound = samples.inbound(binding, "hello");
        let (store, scope) = (Arc::clone(&stores.conversations), stores.tenant.clone());
        tasks.spawn(async move { (number % 4 == 3, store.receive(&scope, &inbound).await.is_err()) });
    }
    for (is_bad, has_failed) in tasks.join_all().await {
        assert_eq!(is_bad, has_failed);
    }
    let one_page = kernel::PageRequest::new(100, None).unwrap();
    let filter = conversation::ConversationFilter::default();
    let found = stores.conversations.list(&stores.tenant, &filter, &one_page).await.unwrap();
    let mut texts = 0;
    for found in &found.items {
        let id = found.conversation.id;
        texts += stores.conversations.list_messages(&stores.tenant, id, &one_page).await.unwrap().items.len();
    }
    assert_eq!(texts, 30);
}

mod conversation_store {
    conversation::conversation_store_contract!(super::fresh().await);
}

mod contact_store {
    conversation::contact_store_contract!(super::fresh().await);
}

mod job_queue {
    conversation::job_queue_contract!(super::fresh().await);
}

mod delivery_ledger {
    conversation::delivery_ledger_contract!(super::fresh().await);
}
