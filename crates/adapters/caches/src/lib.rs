//! What stores answered, kept in the process while word of every change is known to arrive.
//!
//! Decorators of stores keep what is asked often. They tell their [`Invalidations`](tenancy::Invalidations) of every change that is made through
//! them, and forget whatever others are said to have changed. How word gets from one process to another is up to an adapter;
//! where it does not arrive, every question goes to the store.

mod cache;
mod cached_ai_profiles;
mod cached_channels;
mod cached_credentials;
mod cached_flags;
mod cached_prompts;
mod cached_tenants;

pub use cache::{Cache, CacheLimits, Change};
pub use cached_ai_profiles::CachedAiProfileStore;
pub use cached_channels::CachedChannelStore;
pub use cached_credentials::CachedCredentialStore;
pub use cached_flags::CachedFlagStore;
pub use cached_prompts::CachedPromptStore;
pub use cached_tenants::CachedTenantStore;
