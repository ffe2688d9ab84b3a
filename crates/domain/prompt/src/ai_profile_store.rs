//! The port to AI profiles.

use async_trait::async_trait;
use kernel::{AiProfileId, Page, PageRequest, StoreError, Timestamp};
use tenancy::TenantScope;

use crate::AiProfile;

/// Keeps AI profiles.
///
/// An adapter MUST have a constraint by which at most one profile of a tenant is the default.
#[async_trait]
pub trait AiProfileStore: Send + Sync {
    /// Writes a new profile, and records `ai_profile.created`. If it is the default, the tenant's others cease to be in
    /// the same step; whichever ceases has its version raised by one, and no line of its own.
    ///
    /// # Errors
    /// [`StoreError::Duplicate`] when the id exists; [`StoreError::Conflict`] when it is not the scope's tenant's.
    async fn insert(&self, scope: &TenantScope, profile: &AiProfile) -> Result<(), StoreError>;

    /// Returns one of the tenant's profiles.
    ///
    /// # Errors
    /// When the store fails.
    async fn find(&self, scope: &TenantScope, id: AiProfileId) -> Result<Option<AiProfile>, StoreError>;

    /// Returns the tenant's default profile.
    ///
    /// # Errors
    /// When the store fails.
    async fn find_default(&self, scope: &TenantScope) -> Result<Option<AiProfile>, StoreError>;

    /// Returns the tenant's profiles, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    async fn list(&self, scope: &TenantScope, page: &PageRequest) -> Result<Page<AiProfile>, StoreError>;

    /// Writes everything of a profile but its id, tenant and time, raises the version by one, and records
    /// `ai_profile.changed`. If it is the default, the tenant's others cease to be, as with
    /// [`insert`](AiProfileStore::insert).
    ///
    /// # Errors
    /// [`StoreError::Conflict`] unless the stored one is the tenant's and has the version that was read.
    async fn save(&self, scope: &TenantScope, profile: &AiProfile, at: Timestamp) -> Result<(), StoreError>;
}
