//! The port to what the model is told before anything else.

use async_trait::async_trait;
use kernel::{StoreError, Timestamp};
use tenancy::{BusinessProfile, Channel, Tenant, TenantScope};

use crate::model::{ModelSettings, ToolSpec};

/// What is known when a model is to be told how to behave.
#[derive(Clone, Copy, Debug)]
pub struct Brief<'a> {
    /// The tenant.
    pub tenant: &'a Tenant,
    /// What is known of the business.
    pub business: &'a BusinessProfile,
    /// The channel that the answer goes out on.
    pub channel: Channel,
    /// The contact's name, once known.
    pub contact_name: Option<&'a str>,
    /// The language that the contact wants, once known.
    pub language: Option<&'a str>,
    /// The tools that are offered.
    pub tools: &'a [ToolSpec],
    /// The present moment.
    pub now: Timestamp,
    /// A word that is put into the instructions and nowhere else: whoever says it gives them away.
    pub canary: &'a str,
}

/// What a model is told, and how it is used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Composed {
    /// What it is told before anything else.
    pub instructions: String,
    /// How it is used.
    pub settings: ModelSettings,
    /// How many tokens the transcript may take, as the composer counts them.
    pub transcript_tokens: usize,
}

/// Writes what the model is told before anything else.
///
/// An implementation MUST be deterministic, and MUST work on the scope's tenant alone.
#[async_trait]
pub trait Composer: Send + Sync {
    /// Composes the instructions for one turn.
    ///
    /// # Errors
    /// When a store fails.
    async fn compose(&self, scope: &TenantScope, brief: &Brief<'_>) -> Result<Composed, StoreError>;

    /// Returns how the tenant wants its model used, as in [`Composed`].
    ///
    /// # Errors
    /// When a store fails.
    async fn settings(&self, scope: &TenantScope) -> Result<ModelSettings, StoreError>;
}
