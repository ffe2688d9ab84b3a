//! Giving a tenant limits of its own.

use std::sync::Arc;

use kernel::{Clock, TenantId};
use tenancy::{AuditDetail, PlatformScope, TenantStatus, TenantStore};

use crate::{Limit, LimitsShown, TenantLimits, UsageError, UsageStore};

/// Gives a tenant limits of its own.
pub struct SetLimits {
    store: Arc<dyn UsageStore>,
    tenants: Arc<dyn TenantStore>,
    clock: Arc<dyn Clock>,
}

impl SetLimits {
    /// Makes the use case.
    pub fn new(store: Arc<dyn UsageStore>, tenants: Arc<dyn TenantStore>, clock: Arc<dyn Clock>) -> Self {
        Self { store, tenants, clock }
    }

    /// Sets what is said of a tenant's limits, the whole of it, and returns what holds from now on.
    ///
    /// # Errors
    /// When a limit is too high, there is no such tenant, or the store fails.
    pub async fn set(
        &self,
        platform: &PlatformScope,
        tenant: TenantId,
        limits: TenantLimits,
    ) -> Result<LimitsShown, UsageError> {
        limits.check()?;
        let found = self.tenants.find(platform, tenant).await?;
        let found = found.filter(|tenant| tenant.status() != TenantStatus::Deleted);
        let found = found.ok_or(UsageError::NotFound { what: "tenant" })?;
        let (scope, now) = (platform.tenant(tenant), self.clock.now());
        self.store.set_limits(&scope, limits, now).await?;
        Ok(LimitsShown::of(found.plan(), self.store.standing(&scope, now.date_naive()).await?))
    }
}

const TURNS: &str = "turns_per_month";
const BUDGET: &str = "model_budget_micros_per_day";

impl TenantLimits {
    /// Returns what a change of limits has changed, for the audit log; `None` for nothing.
    pub fn audit_detail(self, after: Self) -> Option<AuditDetail> {
        AuditDetail::of_limits([
            (TURNS, word(self.turns_per_month), word(after.turns_per_month)),
            (BUDGET, word(self.model_budget_micros_per_day), word(after.model_budget_micros_per_day)),
        ])
    }

    fn check(self) -> Result<(), UsageError> {
        for (field, limit) in [(TURNS, self.turns_per_month), (BUDGET, self.model_budget_micros_per_day)] {
            if matches!(limit, Some(Limit::Most(most)) if most > Limit::MAX) {
                let message = format!("write a number up to {}, or \"unlimited\"", Limit::MAX);
                return Err(UsageError::Invalid { field, message });
            }
        }
        Ok(())
    }
}

fn word(limit: Option<Limit>) -> String {
    match limit {
        Some(Limit::Most(most)) => most.to_string(),
        Some(Limit::Unlimited) => "unlimited".to_owned(),
        None => "by plan".to_owned(),
    }
}
