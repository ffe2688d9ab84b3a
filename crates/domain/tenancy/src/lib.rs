//! Tenants, who may act for them, and where they can be reached.
//!
//! Everything that belongs to a tenant is opened with a [`TenantScope`], and only the [`Gate`] mints
//! one: from a credential that it verified, or from a channel binding that a verified webhook named.

mod address;
mod channel;
mod credential;
mod error;
mod gate;
mod hours;
mod manage_channels;
mod manage_credentials;
mod manage_provider_accounts;
mod manage_tenants;
mod profile;
mod provider_account;
mod scope;
mod secret;
mod stores;
mod tenant;
#[cfg(feature = "testing")]
pub mod testing;
mod vault;

pub use address::{Address, UnreplyableSender};
pub use channel::{Channel, ChannelBinding, Provider};
pub use credential::{ApiKey, KeyMode, WidgetToken};
pub use error::{AccessError, TenancyError};
pub use gate::{Gate, Principal};
pub use hours::{OpeningHours, Span, WEEKDAYS};
pub use manage_channels::ManageChannels;
pub use manage_credentials::{ManageCredentials, Minted};
pub use manage_provider_accounts::ManageProviderAccounts;
pub use manage_tenants::{ManageTenants, TenantPatch};
pub use profile::{BusinessProfile, Capacity, EmailAddress, OwnerContact};
pub use provider_account::{ProviderAccount, SecretText};
pub use scope::{PlatformScope, TenantScope};
pub use secret::SecretDigest;
pub use stores::{ChannelStore, CredentialStore, ProviderAccountStore, TenantStore};
pub use tenant::{Plan, Tenant, TenantStatus};
pub use vault::{
    BlindIndex, ContactVault, IndexKind, Place, Sealed, TenantVault, Vault, VaultError, WrappedKey,
};
