//! An allowance that a test sets.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use kernel::{StoreError, Timestamp};
use tenancy::{Tenant, TenantScope};

use crate::{Allowance, Cost, MayAnswer, TokenUsage};

/// An allowance that a test sets: at first everything is allowed. A token costs one micro-dollar, and those of the model
/// in the box nothing.
#[derive(Debug)]
pub struct FixedAllowance(Mutex<(MayAnswer, usize)>);

impl Default for FixedAllowance {
    fn default() -> Self {
        Self(Mutex::new((MayAnswer::ByAnyModel, 0)))
    }
}

impl FixedAllowance {
    /// Says how the receptionist may answer from now on.
    pub fn set(&self, may: MayAnswer) {
        self.with(|(now, _)| *now = may);
    }

    /// Returns how often it was asked.
    pub fn asked(&self) -> usize {
        self.with(|(_, asked)| *asked)
    }

    fn with<T>(&self, work: impl FnOnce(&mut (MayAnswer, usize)) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Allowance for FixedAllowance {
    async fn may_answer(&self, _: &TenantScope, _: &Tenant, _: Timestamp) -> Result<MayAnswer, StoreError> {
        Ok(self.with(|(may, asked)| {
            *asked += 1;
            *may
        }))
    }

    fn cost(&self, model: &str, tokens: TokenUsage) -> Cost {
        let tokens = u64::from(tokens.input) + u64::from(tokens.output);
        Cost { micros: if model.is_empty() { 0 } else { tokens }, unpriced_tokens: 0 }
    }
}
