//! What is counted, what it costs, and how much of it each tenant may.

use std::{fs, sync::Arc};

use anyhow::Context as _;
use conversation::Allowance;
use usage::{PriceTable, ReadUsage, SetLimits};

use super::{Ports, Settings};
use crate::{bridges::PlanAllowance, config::ModelsConfig, services::UsageServices};

impl Ports {
    /// Composes what says how turns may answer.
    pub(super) fn allowance(&self, settings: &Settings) -> Arc<dyn Allowance> {
        Arc::new(PlanAllowance {
            usage: Arc::clone(&self.stores.usage),
            prices: Arc::clone(&settings.prices),
        })
    }

    /// Composes what is shown of usage, and the setting of limits.
    pub(super) fn usage_services(&self) -> UsageServices {
        let (usage, tenants) = (&self.stores.usage, &self.stores.tenants);
        UsageServices {
            read: ReadUsage::new(Arc::clone(usage), Arc::clone(tenants), Arc::clone(&self.clock)),
            limits: SetLimits::new(Arc::clone(usage), Arc::clone(tenants), Arc::clone(&self.clock)),
        }
    }
}

/// Returns what models cost: the built-in prices, and over them those of the file that the configuration names.
///
/// # Errors
/// When the file cannot be read, or holds what it must not; it says for which model and in which line.
pub fn price_table(config: &ModelsConfig) -> anyhow::Result<PriceTable> {
    let built_in = PriceTable::built_in();
    let Some(path) = &config.prices else { return Ok(built_in) };
    let named = || format!("MODEL_PRICES names {}", path.display());
    let json = fs::read_to_string(path).with_context(named)?;
    built_in.with(&json).with_context(named)
}
