//! The port to what a tenant may still do, and to what its models cost.

use async_trait::async_trait;
use kernel::{ModelProvider, StoreError, Timestamp};
use tenancy::{Tenant, TenantScope};

use crate::{
    model::{ModelSettings, TokenUsage},
    turn::Spent,
};

/// How the receptionist may answer now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MayAnswer {
    /// By whatever model it likes.
    ByAnyModel,
    /// By the model in the box alone.
    ByTheModelInTheBox,
    /// Not at all.
    NotAtAll,
}

impl MayAnswer {
    /// Returns how a model is used by a tenant that may answer so and wants it so.
    pub fn settings(self, wanted: ModelSettings) -> ModelSettings {
        match self {
            Self::ByAnyModel => wanted,
            Self::ByTheModelInTheBox | Self::NotAtAll => {
                ModelSettings { providers: vec![ModelProvider::Offline], ..ModelSettings::default() }
            }
        }
    }
}

/// What tokens have cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Millionths of a US dollar, of the tokens that have a price.
    pub micros: u64,
    /// How many tokens have no price.
    pub unpriced_tokens: u64,
}

/// Knows what a tenant may still do, and what its models cost.
#[async_trait]
pub trait Allowance: Send + Sync {
    /// Returns how the receptionist of a tenant may answer now. It is asked once for each time that a turn is taken, and
    /// only where a contact waits for an answer; and before each question by which a prompt is tried.
    ///
    /// # Errors
    /// When a store fails.
    async fn may_answer(
        &self,
        scope: &TenantScope,
        tenant: &Tenant,
        now: Timestamp,
    ) -> Result<MayAnswer, StoreError>;

    /// Counts what models have read and written for a turn that was not committed or a summary that was not kept: one that
    /// is brings its own usage.
    ///
    /// # Errors
    /// When a store fails.
    async fn spend(&self, scope: &TenantScope, spent: &[Spent], at: Timestamp) -> Result<(), StoreError>;

    /// Returns what tokens of a model cost now. The model's name is its provider's; the model in the box has none.
    fn cost(&self, model: &str, tokens: TokenUsage) -> Cost;
}
