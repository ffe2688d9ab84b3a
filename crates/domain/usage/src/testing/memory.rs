//! Usage, in memory.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use chrono::NaiveDate;
use kernel::{StoreError, TenantId, Timestamp};
use tenancy::{AuditAction, TenantScope, testing::MemoryAuditLog};

use crate::{Counts, Days, Standing, TenantLimits, UsageLine, UsageStore};

/// Keeps usage in memory.
#[derive(Debug, Default)]
pub struct MemoryUsageStore {
    rows: Mutex<Rows>,
    audit: MemoryAuditLog,
}

#[derive(Debug, Default)]
struct Rows {
    used: BTreeMap<(TenantId, NaiveDate, String), Counts>,
    limits: BTreeMap<TenantId, TenantLimits>,
}

impl MemoryUsageStore {
    /// Makes an empty store that records in a log.
    pub fn recording_in(audit: &MemoryAuditLog) -> Self {
        Self { audit: audit.clone(), ..Self::default() }
    }

    /// Counts what a tenant has used.
    pub fn add(&self, scope: &TenantScope, line: UsageLine) {
        let key = (scope.tenant_id(), line.day, line.model);
        *self.lock().used.entry(key).or_default() += line.counts;
    }

    fn lock(&self) -> MutexGuard<'_, Rows> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn used(&self, scope: &TenantScope, days: Days) -> Vec<UsageLine> {
        let rows = self.lock();
        let is_asked = |(tenant, day, _): &(TenantId, NaiveDate, String)| {
            *tenant == scope.tenant_id() && days.contains(*day)
        };
        let asked = rows.used.iter().filter(|(key, _)| is_asked(key));
        asked
            .map(|((_, day, model), counts)| UsageLine { day: *day, model: model.clone(), counts: *counts })
            .collect()
    }
}

#[async_trait]
impl UsageStore for MemoryUsageStore {
    async fn lines(&self, scope: &TenantScope, days: Days) -> Result<Vec<UsageLine>, StoreError> {
        Ok(self.used(scope, days))
    }

    async fn standing(&self, scope: &TenantScope, today: NaiveDate) -> Result<Standing, StoreError> {
        let lines = self.used(scope, Days::of_month_until(today));
        let of_today = lines.iter().filter(|line| line.day == today);
        Ok(Standing {
            own: self.lock().limits.get(&scope.tenant_id()).copied().unwrap_or_default(),
            turns_this_month: lines.iter().map(|line| line.counts.turns_answered).sum(),
            spent_today_micros: of_today.map(|line| line.counts.cost_micros).sum(),
        })
    }

    async fn count(&self, scope: &TenantScope, used: &UsageLine) -> Result<(), StoreError> {
        self.add(scope, used.clone());
        Ok(())
    }

    async fn set_limits(
        &self,
        scope: &TenantScope,
        limits: TenantLimits,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let before = self.lock().limits.insert(scope.tenant_id(), limits).unwrap_or_default();
        let what = (AuditAction::LimitsSet, scope.tenant_id());
        self.audit.record_change(scope, at, what, before.audit_detail(limits));
        Ok(())
    }
}
