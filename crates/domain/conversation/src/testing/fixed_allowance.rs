//! An allowance that a test sets.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use kernel::{StoreError, Timestamp};
use tenancy::{Tenant, TenantScope};

use crate::{Allowance, Cost, MayAnswer, Spent, TokenUsage};

/// An allowance that a test sets: at first everything is allowed. A token costs one micro-dollar, and those of the model
/// in the box nothing.
#[derive(Debug)]
pub struct FixedAllowance(Mutex<State>);

#[derive(Debug)]
struct State {
    may: MayAnswer,
    asked: usize,
    spent: Vec<Spent>,
}

impl Default for FixedAllowance {
    fn default() -> Self {
        Self(Mutex::new(State { may: MayAnswer::ByAnyModel, asked: 0, spent: Vec::new() }))
    }
}

impl FixedAllowance {
    /// Says how the receptionist may answer from now on.
    pub fn set(&self, may: MayAnswer) {
        self.with(|state| state.may = may);
    }

    /// Returns how often it was asked.
    pub fn asked(&self) -> usize {
        self.with(|state| state.asked)
    }

    /// Returns what was spent on turns that were not committed and summaries that were not kept.
    pub fn spent(&self) -> Vec<Spent> {
        self.with(|state| state.spent.clone())
    }

    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Allowance for FixedAllowance {
    async fn may_answer(&self, _: &TenantScope, _: &Tenant, _: Timestamp) -> Result<MayAnswer, StoreError> {
        Ok(self.with(|state| {
            state.asked += 1;
            state.may
        }))
    }

    async fn spend(&self, _: &TenantScope, spent: &[Spent], _: Timestamp) -> Result<(), StoreError> {
        self.with(|state| state.spent.extend_from_slice(spent));
        Ok(())
    }

    fn cost(&self, model: &str, tokens: TokenUsage) -> Cost {
        let tokens = u64::from(tokens.input) + u64::from(tokens.output);
        Cost { micros: if model.is_empty() { 0 } else { tokens }, unpriced_tokens: 0 }
    }
}
