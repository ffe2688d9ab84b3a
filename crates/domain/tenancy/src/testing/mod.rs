//! Fakes of this crate's ports, the contracts that every adapter passes, and scopes for tests.
//!
//! The fakes keep everything in memory and every promise of the ports; only the vault lies, by sealing
//! nothing. An adapter runs the contracts with one line a suite, such as [`tenant_store_contract!`].
//!
//! [`tenant_store_contract!`]: crate::tenant_store_contract

mod channel_store;
pub mod contract;
mod credential_store;
mod plain_vault;
mod provider_account_store;
mod rows;
mod scopes;
mod stores;
mod tenant_store;

pub use channel_store::MemoryChannelStore;
pub use credential_store::MemoryCredentialStore;
pub use plain_vault::PlainVault;
pub use provider_account_store::MemoryProviderAccountStore;
pub use scopes::{platform, scope};
pub use stores::TenancyStores;
pub use tenant_store::MemoryTenantStore;
