//! What a store of tenants must do.

use std::collections::BTreeSet;

use kernel::{Page, PageRequest, StoreError, TenantId};

use super::samples::{at, full_profile, id, tenant, tenant_made_at};
use crate::{
    BusinessProfile, Plan, Tenant, TenantStatus,
    testing::{TenancyStores, platform, scope},
};

pub async fn a_tenant_is_found_as_it_was_written(stores: &TenancyStores) {
    let written = tenant_made_at(1, 5);
    stores.tenants.insert(&platform(), &written, &BusinessProfile::default()).await.unwrap();
    assert_eq!(stores.tenants.find(&platform(), written.id()).await.unwrap(), Some(written));
}

pub async fn an_unknown_tenant_is_not_found(stores: &TenancyStores) {
    tenant(stores, 1).await;
    let unknown = TenantId::new(id(99));
    assert_eq!(stores.tenants.find(&platform(), unknown).await.unwrap(), None);
    assert_eq!(stores.tenants.find_profile(&scope(unknown)).await.unwrap(), None);
}

pub async fn a_full_profile_is_found_as_it_was_written(stores: &TenancyStores) {
    let written = tenant_made_at(1, 0);
    stores.tenants.insert(&platform(), &written, &full_profile()).await.unwrap();
    let found = stores.tenants.find_profile(&scope(written.id())).await.unwrap();
    assert_eq!(found, Some((written, full_profile())));
}

pub async fn an_empty_profile_stays_empty(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    let (_, profile) = stores.tenants.find_profile(&scope).await.unwrap().unwrap();
    assert_eq!(profile, BusinessProfile::default());
}

pub async fn an_id_that_exists_is_a_duplicate_and_changes_nothing(stores: &TenancyStores) {
    let first = tenant_made_at(1, 0);
    stores.tenants.insert(&platform(), &first, &full_profile()).await.unwrap();
    let second = Tenant::create(first.id(), "Another name", Plan::Custom, at(9)).unwrap();
    let outcome = stores.tenants.insert(&platform(), &second, &BusinessProfile::default()).await;
    assert!(matches!(outcome, Err(StoreError::Duplicate)), "{outcome:?}");
    let found = stores.tenants.find_profile(&scope(first.id())).await.unwrap();
    assert_eq!(found, Some((first, full_profile())));
}

pub async fn a_save_writes_status_and_plan_and_raises_the_version(stores: &TenancyStores) {
    let id = tenant(stores, 1).await.tenant_id();
    let changes = [
        (TenantStatus::Suspended, Plan::Growth),
        (TenantStatus::Active, Plan::Custom),
        (TenantStatus::Deleted, Plan::Starter),
    ];
    for (status, plan) in changes {
        let mut tenant = stores.tenants.find(&platform(), id).await.unwrap().unwrap();
        tenant.set_status(status).unwrap();
        tenant.set_plan(plan);
        stores.tenants.save(&platform(), &tenant, at(9)).await.unwrap();
        let saved = stores.tenants.find(&platform(), id).await.unwrap().unwrap();
        assert_eq!((saved.status(), saved.plan()), (status, plan));
        assert_eq!(saved.version(), tenant.version() + 1);
        assert_eq!((saved.name(), saved.created_at()), (tenant.name(), tenant.created_at()));
    }
}

pub async fn a_stale_save_conflicts_and_changes_nothing(stores: &TenancyStores) {
    let id = tenant(stores, 1).await.tenant_id();
    let mut first = stores.tenants.find(&platform(), id).await.unwrap().unwrap();
    let mut second = first.clone();
    first.set_status(TenantStatus::Suspended).unwrap();
    second.set_plan(Plan::Custom);
    stores.tenants.save(&platform(), &first, at(9)).await.unwrap();
    let outcome = stores.tenants.save(&platform(), &second, at(9)).await;
    assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
    let found = stores.tenants.find(&platform(), id).await.unwrap().unwrap();
    assert_eq!((found.status(), found.plan()), (TenantStatus::Suspended, Plan::Growth));
}

pub async fn of_two_saves_at_once_one_conflicts(stores: &TenancyStores) {
    let id = tenant(stores, 1).await.tenant_id();
    let read = stores.tenants.find(&platform(), id).await.unwrap().unwrap();
    let platform = platform();
    let (one, other) = tokio::join!(
        stores.tenants.save(&platform, &read, at(9)),
        stores.tenants.save(&platform, &read, at(9))
    );
    assert!(
        matches!((&one, &other), (Ok(()), Err(StoreError::Conflict)) | (Err(StoreError::Conflict), Ok(()))),
        "{one:?} {other:?}"
    );
}

pub async fn a_save_of_an_unknown_tenant_conflicts(stores: &TenancyStores) {
    let outcome = stores.tenants.save(&platform(), &tenant_made_at(1, 0), at(9)).await;
    assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
    assert_eq!(listed(stores, 10).await, []);
}

pub async fn suspended_and_deleted_tenants_are_still_found_and_listed(stores: &TenancyStores) {
    for (number, status) in [(1, TenantStatus::Suspended), (2, TenantStatus::Deleted)] {
        let id = tenant(stores, number).await.tenant_id();
        let mut tenant = stores.tenants.find(&platform(), id).await.unwrap().unwrap();
        tenant.set_status(status).unwrap();
        stores.tenants.save(&platform(), &tenant, at(9)).await.unwrap();
        let (found, _) = stores.tenants.find_profile(&scope(id)).await.unwrap().unwrap();
        assert_eq!(found.status(), status);
    }
    let statuses: Vec<_> = listed(stores, 10).await.iter().map(Tenant::status).collect();
    assert_eq!(statuses, [TenantStatus::Suspended, TenantStatus::Deleted]);
}

pub async fn an_empty_store_lists_an_empty_page(stores: &TenancyStores) {
    let page = stores.tenants.list(&platform(), &PageRequest::default()).await.unwrap();
    assert_eq!(page, Page { items: vec![], next: None });
}

pub async fn pages_walk_every_tenant_once_oldest_first(stores: &TenancyStores) {
    // Written in an order that is neither that of time nor that of ids, and with equal times.
    let made = [(4, 20), (1, 20), (6, 10), (3, 20), (2, 30), (5, 10)];
    for (number, seconds) in made {
        let tenant = tenant_made_at(number, seconds);
        stores.tenants.insert(&platform(), &tenant, &BusinessProfile::default()).await.unwrap();
    }
    let expected = [5, 6, 1, 3, 4, 2].map(|number| TenantId::new(id(number)));
    for limit in 1..=7 {
        let walked: Vec<_> = listed(stores, limit).await.iter().map(Tenant::id).collect();
        assert_eq!(walked, expected, "{limit} on a page");
    }
}

pub async fn a_tenant_made_between_two_pages_shifts_nothing(stores: &TenancyStores) {
    for number in [1, 2, 3, 4] {
        let tenant = tenant_made_at(number, i64::from(number) * 10);
        stores.tenants.insert(&platform(), &tenant, &BusinessProfile::default()).await.unwrap();
    }
    let first = stores.tenants.list(&platform(), &PageRequest::new(2, None).unwrap()).await.unwrap();
    let early = tenant_made_at(5, 0);
    stores.tenants.insert(&platform(), &early, &BusinessProfile::default()).await.unwrap();
    let second = stores.tenants.list(&platform(), &PageRequest::new(2, first.next).unwrap()).await.unwrap();
    let walked: BTreeSet<_> = first.items.iter().chain(&second.items).map(Tenant::id).collect();
    assert_eq!(walked, [1, 2, 3, 4].map(|number| TenantId::new(id(number))).into());
    assert_eq!(second.next, None);
}

pub async fn the_last_profile_written_wins(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    let last = BusinessProfile { greeting: "Hi".into(), ..BusinessProfile::default() };
    stores.tenants.save_profile(&scope, &full_profile(), at(1)).await.unwrap();
    stores.tenants.save_profile(&scope, &last, at(2)).await.unwrap();
    let (_, profile) = stores.tenants.find_profile(&scope).await.unwrap().unwrap();
    assert_eq!(profile, last);
}

pub async fn a_profile_is_written_for_its_own_tenant_only(stores: &TenancyStores) {
    let ours = tenant(stores, 1).await;
    let theirs = tenant(stores, 2).await;
    stores.tenants.save_profile(&ours, &full_profile(), at(1)).await.unwrap();
    let (_, profile) = stores.tenants.find_profile(&theirs).await.unwrap().unwrap();
    assert_eq!(profile, BusinessProfile::default());
}

pub async fn a_new_profile_does_not_make_the_tenant_stale(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    let read = stores.tenants.find(&platform(), scope.tenant_id()).await.unwrap().unwrap();
    stores.tenants.save_profile(&scope, &full_profile(), at(1)).await.unwrap();
    stores.tenants.save(&platform(), &read, at(9)).await.unwrap();
    let (_, profile) = stores.tenants.find_profile(&scope).await.unwrap().unwrap();
    assert_eq!(profile, full_profile());
}

pub async fn a_profile_of_no_tenant_is_refused(stores: &TenancyStores) {
    let nobody = scope(TenantId::new(id(99)));
    let outcome = stores.tenants.save_profile(&nobody, &full_profile(), at(1)).await;
    assert!(outcome.is_err(), "a profile without a tenant was taken");
    assert_eq!(stores.tenants.find_profile(&nobody).await.unwrap(), None);
}

/// Walks all pages of a size.
async fn listed(stores: &TenancyStores, limit: u16) -> Vec<Tenant> {
    let mut walked = Vec::new();
    let mut after = None;
    loop {
        let page = stores.tenants.list(&platform(), &PageRequest::new(limit, after).unwrap()).await.unwrap();
        assert!(page.items.len() <= usize::from(limit), "a page of {} items", page.items.len());
        walked.extend(page.items);
        after = page.next;
        if after.is_none() {
            return walked;
        }
        assert!(walked.len() < 100, "the pages do not end");
    }
}
