//! Showing what a tenant has used, and how it stands with its limits.

use std::sync::Arc;

use chrono::NaiveDate;
use kernel::Clock;
use tenancy::{TenantScope, TenantStore};

use crate::{Counts, Days, LimitsShown, UsageError, UsageLine, UsageStore};

/// What a tenant has used on some days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageReport {
    /// The days.
    pub days: Days,
    /// What was used, ordered by day and then by model.
    pub lines: Vec<UsageLine>,
}

impl UsageReport {
    /// Returns the lines of each day, in order.
    pub fn by_day(&self) -> impl Iterator<Item = (NaiveDate, &[UsageLine])> {
        let days = self.lines.chunk_by(|one, other| one.day == other.day);
        days.filter_map(|lines| Some((lines.first()?.day, lines)))
    }

    /// Returns all of it in numbers.
    pub fn totals(&self) -> Counts {
        Counts::total(self.lines.iter().map(|line| line.counts))
    }
}

/// Shows what a tenant has used, and how it stands with its limits.
pub struct ReadUsage {
    store: Arc<dyn UsageStore>,
    tenants: Arc<dyn TenantStore>,
    clock: Arc<dyn Clock>,
}

impl ReadUsage {
    /// Makes the use case.
    pub fn new(store: Arc<dyn UsageStore>, tenants: Arc<dyn TenantStore>, clock: Arc<dyn Clock>) -> Self {
        Self { store, tenants, clock }
    }

    /// Returns what was used on the days from a first to a last one; as [`Days::asked`] where one is not named.
    ///
    /// # Errors
    /// When these are no days, or the store fails.
    pub async fn report(
        &self,
        scope: &TenantScope,
        first: Option<NaiveDate>,
        last: Option<NaiveDate>,
    ) -> Result<UsageReport, UsageError> {
        let days = Days::asked(first, last, self.today())?;
        Ok(UsageReport { days, lines: self.store.lines(scope, days).await? })
    }

    /// Returns the tenant's limits, and how it stands with them today.
    ///
    /// # Errors
    /// When the tenant is gone, or the store fails.
    pub async fn limits(&self, scope: &TenantScope) -> Result<LimitsShown, UsageError> {
        let found = self.tenants.find_profile(scope).await?;
        let (tenant, _) = found.ok_or(UsageError::NotFound { what: "tenant" })?;
        Ok(LimitsShown::of(tenant.plan(), self.store.standing(scope, self.today()).await?))
    }

    fn today(&self) -> NaiveDate {
        self.clock.now().date_naive()
    }
}
