//! Creating and changing tenants and their business profiles.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails as a test does")]

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{
    Clock as _, Page, PageRequest, StoreError, TenantId, Timestamp,
    testing::{CountingIds, ManualClock},
};
use tenancy::{
    BusinessProfile, ManageTenants, Plan, PlatformScope, TenancyError, Tenant, TenantPatch, TenantScope,
    TenantStatus, TenantStore,
    testing::{MemoryTenantStore, platform, scope},
};

/// Lets others in between a read and what follows from it.
#[derive(Default)]
struct Crowded(MemoryTenantStore);

#[async_trait]
impl TenantStore for Crowded {
    async fn insert(
        &self,
        p: &PlatformScope,
        t: &Tenant,
        profile: &BusinessProfile,
    ) -> Result<(), StoreError> {
        self.0.insert(p, t, profile).await
    }
    async fn find(&self, platform: &PlatformScope, id: TenantId) -> Result<Option<Tenant>, StoreError> {
        let found = self.0.find(platform, id).await;
        tokio::task::yield_now().await;
        found
    }
    async fn list(&self, platform: &PlatformScope, page: &PageRequest) -> Result<Page<Tenant>, StoreError> {
        self.0.list(platform, page).await
    }
    async fn save(&self, platform: &PlatformScope, tenant: &Tenant, at: Timestamp) -> Result<(), StoreError> {
        self.0.save(platform, tenant, at).await
    }
    async fn find_profile(&self, s: &TenantScope) -> Result<Option<(Tenant, BusinessProfile)>, StoreError> {
        self.0.find_profile(s).await
    }
    async fn save_profile(
        &self,
        s: &TenantScope,
        p: &BusinessProfile,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.0.save_profile(s, p, at).await
    }
}

fn manage() -> ManageTenants {
    let clock = Arc::new(ManualClock::default());
    ManageTenants::new(Arc::new(Crowded::default()), clock, Arc::new(CountingIds::default()))
}

async fn created(manage: &ManageTenants) -> Tenant {
    let profile = BusinessProfile { greeting: "Hello".into(), ..BusinessProfile::default() };
    manage.create(&platform(), " Bristol Plumbing ", Plan::Growth, &profile).await.unwrap()
}

fn not_found<T>(outcome: &Result<T, TenancyError>) -> bool {
    matches!(outcome, Err(TenancyError::NotFound { what: "tenant" }))
}

#[tokio::test]
async fn a_new_tenant_is_active_and_has_its_profile() {
    let manage = manage();
    let tenant = created(&manage).await;
    assert_eq!(
        (tenant.name(), tenant.status(), tenant.plan()),
        ("Bristol Plumbing", TenantStatus::Active, Plan::Growth)
    );
    assert_eq!(tenant.created_at(), ManualClock::default().now());
    let (found, profile) = manage.profile(&scope(tenant.id())).await.unwrap();
    assert_eq!((found, profile.greeting.as_str()), (tenant, "Hello"));
}

#[tokio::test]
async fn a_tenant_without_a_usable_name_is_not_made() {
    let manage = manage();
    for name in ["", "  ", "two\nlines", &"x".repeat(201)] {
        let outcome = manage.create(&platform(), name, Plan::Starter, &BusinessProfile::default()).await;
        assert!(matches!(outcome, Err(TenancyError::Invalid { field: "name", .. })), "{name}");
    }
    assert_eq!(manage.list(&platform(), &PageRequest::default()).await.unwrap().items, []);
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_nothing_else() {
    let manage = manage();
    let id = created(&manage).await.id();
    let suspend = TenantPatch { status: Some(TenantStatus::Suspended), plan: None };
    manage.change(&platform(), id, suspend).await.unwrap();
    let upgrade = TenantPatch { status: None, plan: Some(Plan::Custom) };
    let changed = manage.change(&platform(), id, upgrade).await.unwrap();
    assert_eq!((changed.status(), changed.plan()), (TenantStatus::Suspended, Plan::Custom));
    let stored = manage.get(&platform(), id).await.unwrap();
    assert_eq!((stored.status(), stored.plan()), (TenantStatus::Suspended, Plan::Custom));
}

#[tokio::test]
async fn a_deleted_tenant_stays_deleted() {
    let manage = manage();
    let id = created(&manage).await.id();
    let to = |status| TenantPatch { status: Some(status), plan: None };
    manage.change(&platform(), id, to(TenantStatus::Deleted)).await.unwrap();
    let outcome = manage.change(&platform(), id, to(TenantStatus::Active)).await;
    assert!(matches!(outcome, Err(TenancyError::Invalid { field: "status", .. })), "{outcome:?}");
    assert_eq!(manage.get(&platform(), id).await.unwrap().status(), TenantStatus::Deleted);
}

#[tokio::test]
async fn patches_at_once_are_all_kept() {
    let manage = manage();
    let id = created(&manage).await.id();
    let platform = platform();
    let (one, other) = tokio::join!(
        manage.change(&platform, id, TenantPatch { status: Some(TenantStatus::Suspended), plan: None }),
        manage.change(&platform, id, TenantPatch { status: None, plan: Some(Plan::Custom) }),
    );
    assert!(one.is_ok() && other.is_ok());
    let stored = manage.get(&platform, id).await.unwrap();
    assert_eq!((stored.status(), stored.plan()), (TenantStatus::Suspended, Plan::Custom));
}

#[tokio::test]
async fn an_unknown_tenant_is_not_found() {
    let manage = manage();
    let unknown = TenantId::new(uuid::Uuid::from_u128(99));
    assert!(not_found(&manage.get(&platform(), unknown).await));
    assert!(not_found(&manage.change(&platform(), unknown, TenantPatch::default()).await));
    assert!(not_found(&manage.profile(&scope(unknown)).await));
}

#[tokio::test]
async fn a_profile_is_replaced_whole() {
    let manage = manage();
    let scope = scope(created(&manage).await.id());
    let new = BusinessProfile { service_area: "Bristol".into(), ..BusinessProfile::default() };
    manage.save_profile(&scope, &new).await.unwrap();
    let (_, profile) = manage.profile(&scope).await.unwrap();
    assert_eq!(profile, new);
}
