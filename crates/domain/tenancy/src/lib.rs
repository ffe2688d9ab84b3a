//! Tenants, who may act for them, and where they can be reached.
//!
//! Everything that belongs to a tenant is opened with a [`TenantScope`], and only the [`Gate`] mints
//! one: from a credential that it verified, or from a channel binding that a verified webhook named.

mod actor;
mod address;
mod admin_sign_in;
mod audit;
mod audit_detail;
mod channel;
mod credential;
mod error;
mod event_log;
mod feature_flag;
mod gate;
mod hours;
mod invalidations;
mod manage_channels;
mod manage_credentials;
mod manage_members;
mod manage_provider_accounts;
mod manage_tenants;
mod member;
mod member_store;
mod permission;
mod profile;
mod provider_account;
mod rotate_keys;
mod scope;
mod secret;
mod sign_in;
mod stores;
mod tenant;
#[cfg(feature = "testing")]
pub mod testing;
mod tokens;
mod vault;
mod visitor;

pub use actor::{Actor, OperatorAccess};
pub use address::{Address, UnreplyableSender};
pub use admin_sign_in::{AdminLogin, AdminSession, AdminSignIn};
pub use audit::{AuditAction, AuditEntry, AuditFilter, AuditLog};
pub use audit_detail::AuditDetail;
pub use channel::{Channel, ChannelBinding, Provider};
pub use credential::{ApiKey, KeyKind, KeyMode, WidgetToken};
pub use error::{AccessError, TenancyError};
pub use event_log::{EventLog, EventPosition, NoPosition, RecordedEvent};
pub use feature_flag::{FeatureFlag, FeatureFlags, FlagState, FlagStore, FlagValue};
pub use gate::{Gate, GateStores, OperatorCredentials, Principal};
pub use hours::{OpeningHours, Span, WEEKDAYS};
pub use invalidations::{Changed, Forgetful, Holders, Invalidations};
pub use manage_channels::ManageChannels;
pub use manage_credentials::{ManageCredentials, Minted, NewApiKey};
pub use manage_members::{ManageMembers, MemberPatch, NewMember};
pub use manage_provider_accounts::ManageProviderAccounts;
pub use manage_tenants::{ManageTenants, TenantPatch};
pub use member::{Member, MemberStatus, PasswordHash, Rotation, Session, SessionEnd};
pub use member_store::{AdminSessionStore, MemberStore, Sessions};
pub use permission::{Permission, Permissions, Role};
pub use profile::{BusinessProfile, Capacity, EmailAddress, OwnerContact};
pub use provider_account::{ProviderAccount, SecretText};
pub use rotate_keys::{
    KeyCount, KeyRotation, KeyStatus, KeyWrapper, RewrappedKey, RotateKeys, UnopenedKey, WrappedKeyStore,
};
pub use scope::{PlatformScope, TenantScope};
pub use secret::SecretDigest;
pub use sign_in::{SignIn, SignedIn};
pub use stores::{ChannelStore, CredentialStore, ProviderAccountStore, TenantStore};
pub use tenant::{Plan, Tenant, TenantStatus};
pub use tokens::{
    AccessClaims, AdminTokenVerifier, HashError, PasswordHasher, RefreshClaims, TokenError, TokenSigner,
    VisitorClaims,
};
pub use vault::{
    BlindIndex, ContactVault, IndexKind, Place, Sealed, TenantVault, Vault, VaultError, WrappedKey,
};
pub use visitor::{OpenVisitorSession, VisitorSession};
