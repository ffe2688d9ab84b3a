//! That what is said of a tenant's limits is kept, and recorded.

use chrono::NaiveDate;
use kernel::{PageRequest, Timestamp};
use tenancy::{AuditAction, AuditFilter, TenantScope};

use super::stores::UsageStores;
use crate::{Limit, TenantLimits};

const BOTH: TenantLimits = TenantLimits {
    turns_per_month: Some(Limit::Most(5_000)),
    model_budget_micros_per_day: Some(Limit::Unlimited),
};
const NEITHER: TenantLimits = TenantLimits { turns_per_month: None, model_budget_micros_per_day: None };

fn now() -> Timestamp {
    "2026-11-28T10:00:00Z".parse().unwrap()
}

async fn said(stores: &UsageStores, scope: &TenantScope) -> TenantLimits {
    let today: NaiveDate = now().date_naive();
    stores.usage.standing(scope, today).await.unwrap().own
}

async fn set(stores: &UsageStores, limits: TenantLimits) {
    stores.usage.set_limits(&stores.operator(), limits, now()).await.unwrap();
}

pub async fn nobody_has_said_anything_of_a_tenants_limits_at_first(stores: &UsageStores) {
    assert_eq!(said(stores, &stores.tenant).await, NEITHER);
}

pub async fn limits_are_found_as_they_were_set(stores: &UsageStores) {
    for limit in [Limit::Most(0), Limit::Most(Limit::MAX), Limit::Unlimited] {
        let limits = TenantLimits { turns_per_month: Some(limit), model_budget_micros_per_day: None };
        set(stores, limits).await;
        assert_eq!(said(stores, &stores.tenant).await, limits);
        let limits = TenantLimits { turns_per_month: None, model_budget_micros_per_day: Some(limit) };
        set(stores, limits).await;
        assert_eq!(said(stores, &stores.tenant).await, limits);
    }
}

pub async fn setting_replaces_the_whole(stores: &UsageStores) {
    for limits in [BOTH, NEITHER] {
        set(stores, limits).await;
        assert_eq!(said(stores, &stores.tenant).await, limits);
    }
}

pub async fn limits_are_one_tenants(stores: &UsageStores) {
    set(stores, BOTH).await;
    assert_eq!(said(stores, &stores.other).await, NEITHER);
}

pub async fn a_change_of_limits_is_in_the_audit_log_and_what_changes_nothing_is_not(stores: &UsageStores) {
    for limits in [NEITHER, BOTH, BOTH, NEITHER] {
        set(stores, limits).await;
    }
    let filter = AuditFilter { action: Some(AuditAction::LimitsSet), ..AuditFilter::default() };
    let page = stores.audit.list(&stores.tenant, &filter, &PageRequest::default()).await.unwrap();
    let mut shown: Vec<_> =
        page.items.iter().filter_map(|line| Some(line.detail.as_ref()?.as_str())).collect();
    shown.sort_unstable();
    let expected = [
        "turns_per_month: 5000 -> by plan, model_budget_micros_per_day: unlimited -> by plan",
        "turns_per_month: by plan -> 5000, model_budget_micros_per_day: by plan -> unlimited",
    ];
    assert_eq!(shown, expected);
    let is_theirs = |line: &tenancy::AuditEntry| {
        line.actor == "operator:key" && line.resource_id == stores.tenant.tenant_id().to_string()
    };
    assert!(page.items.iter().all(is_theirs), "{:?}", page.items);
}
