//! What tenants use, what it costs, and how much of it each may.
//!
//! Stores count what turns use, by tenant, day and model, with what it cost by the [`PriceTable`] of that moment.
//! [`ReadUsage`] shows it. [`PlanLimits`] say how much a plan holds, [`TenantLimits`] where a tenant has limits of its
//! own, set by [`SetLimits`]; [`Standing::may_answer`] judges by both.

mod counts;
mod csv;
mod days;
mod error;
mod plan_limits;
mod price_table;
mod read_usage;
mod set_limits;
mod standing;
#[cfg(feature = "testing")]
pub mod testing;
mod usage_store;

pub use counts::{Counts, UsageLine};
pub use csv::usage_table;
pub use days::Days;
pub use error::UsageError;
pub use plan_limits::{Limit, PlanLimits, TenantLimits};
pub use price_table::{Cost, Price, PriceTable};
pub use read_usage::{ReadUsage, UsageReport};
pub use set_limits::SetLimits;
pub use standing::{LimitsShown, MayAnswer, Standing, TurnsState};
pub use usage_store::UsageStore;
