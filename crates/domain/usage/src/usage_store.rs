//! The port to what tenants have used, and to what somebody has said of their limits.

use async_trait::async_trait;
use chrono::NaiveDate;
use kernel::{StoreError, Timestamp};
use tenancy::TenantScope;

use crate::{Days, Standing, TenantLimits, UsageLine};

/// Shows what tenants have used, and keeps what somebody has said of their limits.
///
/// What is used is counted by the change that uses it, in its transaction, on the day that it is committed in UTC: a
/// turn counts with its cost, a person's reply with its messages. What changes nothing is counted by [`count`].
///
/// [`count`]: UsageStore::count
#[async_trait]
pub trait UsageStore: Send + Sync {
    /// Returns what was used on some days, ordered by day and then by model. Days on which nothing was used have no
    /// line.
    ///
    /// # Errors
    /// When the store fails.
    async fn lines(&self, scope: &TenantScope, days: Days) -> Result<Vec<UsageLine>, StoreError>;

    /// Returns how the tenant stands on a day: its turns of that day's month up to that day, and what its models have
    /// cost on that day.
    ///
    /// # Errors
    /// When the store fails.
    async fn standing(&self, scope: &TenantScope, today: NaiveDate) -> Result<Standing, StoreError>;

    /// Adds what was used outside of turns and people's replies to the line of its day and model.
    ///
    /// # Errors
    /// When the store fails.
    async fn count(&self, scope: &TenantScope, used: &UsageLine) -> Result<(), StoreError>;

    /// Sets what is said of the tenant's limits, the whole of it, and records `limits.set` with
    /// [`TenantLimits::audit_detail`], unless they stay as they were.
    ///
    /// # Errors
    /// When the store fails.
    async fn set_limits(
        &self,
        scope: &TenantScope,
        limits: TenantLimits,
        at: Timestamp,
    ) -> Result<(), StoreError>;
}
