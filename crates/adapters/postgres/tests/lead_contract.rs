//! The store of leads on Postgres keeps the promises of the port.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, also in what makes its stores")]

use std::sync::Arc;

use kernel::{Clock as _, LeadId, StoreError, TenantId, testing::ManualClock};
use lead::{
    Identity, Lead, LeadChange, LeadSource, LeadStore,
    testing::{LeadStores, Samples},
};
use postgres::Stores;
use tenancy::{
    Actor, BusinessProfile, Plan, Tenant, TenantScope, TenantStore,
    testing::{platform, scope, scope_of},
};

mod support;

async fn fresh() -> LeadStores {
    let (stores, database) = support::stores().await;
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
        keep: Box::new(database),
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

/// A lead that is recognised by some phones, in the order in which they are told.
fn recognised(stores: &LeadStores, samples: &Samples, phones: impl Iterator<Item = u32>) -> Lead {
    let mut lead = Lead::create(&stores.tenant, samples.id(LeadId::new), LeadSource::Api, samples.tick());
    for number in phones {
        lead.claim(Identity::read(&format!("+1555123{number:04}")).unwrap());
    }
    lead
}

async fn save(store: Arc<dyn LeadStore>, scope: TenantScope, change: LeadChange) -> Result<(), StoreError> {
    store.save(&scope, &change).await
}

/// Two transactions that wait for one another would end in neither of these.
fn is_told_apart(outcome: &Result<(), StoreError>) -> bool {
    matches!(outcome, Ok(()) | Err(StoreError::Conflict | StoreError::Duplicate))
}

#[tokio::test(flavor = "multi_thread")]
async fn leads_that_are_new_at_once_with_the_same_phones_do_not_wait_in_a_circle() {
    let (stores, samples) = (fresh().await, Samples::default());
    for round in 0..20 {
        let phones = round * 30..round * 30 + 30;
        let leads = [
            recognised(&stores, &samples, phones.clone()),
            recognised(&stores, &samples, phones.clone().rev()),
        ];
        let saves = leads.map(|lead| {
            let change = LeadChange { inserts: vec![lead], ..LeadChange::at(samples.tick()) };
            tokio::spawn(save(Arc::clone(&stores.leads), stores.tenant.clone(), change))
        });
        let [one, other] = saves;
        let (one, other) = (one.await.unwrap(), other.await.unwrap());
        assert!(is_told_apart(&one) && is_told_apart(&other), "{one:?} {other:?}");
        assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn leads_that_are_changed_at_once_in_another_order_do_not_wait_in_a_circle() {
    let (stores, samples) = (fresh().await, Samples::default());
    let mut leads: Vec<Lead> =
        (0..12).map(|number| recognised(&stores, &samples, number * 10..number * 10 + 10)).collect();
    let change = LeadChange { inserts: leads.clone(), ..LeadChange::at(samples.tick()) };
    stores.leads.save(&stores.tenant, &change).await.unwrap();
    for _ in 0..10 {
        let forth = LeadChange { updates: leads.clone(), ..LeadChange::at(samples.tick()) };
        leads.reverse();
        let back = LeadChange { updates: leads.clone(), ..LeadChange::at(samples.tick()) };
        let [one, other] = [forth, back]
            .map(|change| tokio::spawn(save(Arc::clone(&stores.leads), stores.tenant.clone(), change)));
        let (one, other) = (one.await.unwrap(), other.await.unwrap());
        assert!(is_told_apart(&one) && is_told_apart(&other), "{one:?} {other:?}");
        assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
        for lead in &mut leads {
            *lead = stores.leads.find(&stores.tenant, lead.id()).await.unwrap().unwrap();
        }
    }
}
