//! Fakes of this crate's ports, the contracts that every adapter passes, and scopes for tests.
//!
//! The fakes keep everything in memory and every promise of the ports; only the vault lies, by sealing
//! nothing. An adapter runs the contracts with one line a suite, such as [`tenant_store_contract!`].
//!
//! [`tenant_store_contract!`]: crate::tenant_store_contract

mod admin_session_store;
mod audit_log;
mod channel_store;
pub mod contract;
mod credential_store;
mod flag_store;
mod member_store;
mod plain_tokens;
mod plain_vault;
mod provider_account_store;
mod rows;
mod scopes;
mod stores;
mod tenant_store;
mod wrapped_keys;

pub use admin_session_store::MemoryAdminSessionStore;
pub use audit_log::MemoryAuditLog;
pub use channel_store::MemoryChannelStore;
pub use credential_store::MemoryCredentialStore;
pub use flag_store::MemoryFlagStore;
pub use member_store::MemoryMemberStore;
pub use plain_tokens::{PlainPasswordHasher, PlainTokenSigner};
pub use plain_vault::PlainVault;
pub use provider_account_store::MemoryProviderAccountStore;
pub use scopes::{operator, platform, scope, scope_of};
pub use stores::TenancyStores;
pub use tenant_store::MemoryTenantStore;
pub use wrapped_keys::{MemoryWrappedKeyStore, PlainWrapper, WrappedKeys};
