//! The port to the vault: what seals personal data and what finds it again without opening it.
//!
//! Keys form a chain: a key-encryption key of the operator wraps the tenant's key, the tenant's key wraps
//! each contact's key. Destroying a contact's key erases the contact; a new key-encryption key needs the
//! tenants' keys wrapped again and nothing else.

use std::sync::Arc;

use kernel::{BoxError, ContactId, TenantId};
use uuid::Uuid;

/// A sealed value. It opens only in the [`Place`] it was sealed for.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(pub Vec<u8>);

/// A key, wrapped by the key above it in the chain.
#[derive(Clone, PartialEq, Eq)]
pub struct WrappedKey {
    /// Which version of the key-encryption key wraps it; 0 where a tenant's key does.
    pub kek_version: i32,
    /// The wrapped bytes.
    pub bytes: Vec<u8>,
}

/// A keyed digest by which equal values find one another without being opened.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct BlindIndex(pub [u8; 32]);

macro_rules! hide_in_debug {
    ($($name:ident),+) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )+};
}
hide_in_debug!(Sealed, WrappedKey, BlindIndex);

/// Where a sealed value stands. It is bound into the seal, so a value moved to another row, column or
/// tenant does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The table's name.
    pub table: &'static str,
    /// The column's name.
    pub column: &'static str,
    /// The row's id.
    pub row: Uuid,
}

/// What kind of value an index is made of; equal texts of two kinds have two indexes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IndexKind {
    /// An address, canonical text behind its kind.
    Address,
    /// An e-mail address.
    Email,
    /// A phone, in E.164.
    Phone,
    /// A word that staff put on something.
    Tag,
    /// What the database itself is called.
    Database,
}

/// Why the vault did not seal or open.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The key-encryption key of this version is not configured.
    #[error("key-encryption key version {0} is not configured; add it to PII_ENCRYPTION_KEY")]
    UnknownKeyVersion(i32),
    /// The value was altered, moved, or sealed with another key.
    #[error("a sealed value does not open")]
    DoesNotOpen,
    /// No random bytes could be had.
    #[error("no randomness")]
    Entropy(#[source] BoxError),
}

/// Mints and unlocks the tenants' keys, and the platform's own.
///
/// An adapter MUST use authenticated encryption with a fresh nonce a value, and MUST keep no plain key
/// where debug output or a core path could show it.
pub trait Vault: Send + Sync {
    /// Makes a tenant's key, wrapped by the newest key-encryption key.
    ///
    /// # Errors
    /// When no randomness could be had.
    fn mint_tenant_key(&self, tenant: TenantId) -> Result<WrappedKey, VaultError>;

    /// Opens a tenant's key for use.
    ///
    /// # Errors
    /// When the key's version is not configured, or the wrapped key was altered or is another tenant's.
    fn unlock_tenant(&self, tenant: TenantId, key: &WrappedKey) -> Result<Arc<dyn TenantVault>, VaultError>;
}

/// Seals and opens what belongs to one tenant.
pub trait TenantVault: Send + Sync {
    /// Seals a value for a place.
    ///
    /// # Errors
    /// When no randomness could be had.
    fn seal(&self, place: Place, plain: &[u8]) -> Result<Sealed, VaultError>;

    /// Opens a value in its place.
    ///
    /// # Errors
    /// [`VaultError::DoesNotOpen`] unless it was sealed here, by this tenant, for this place.
    fn open(&self, place: Place, sealed: &Sealed) -> Result<Vec<u8>, VaultError>;

    /// Returns the index of a value. Equal values of one tenant have equal indexes; of two tenants, never.
    fn blind_index(&self, kind: IndexKind, value: &str) -> BlindIndex;

    /// Makes a contact's key, wrapped by this tenant's.
    ///
    /// # Errors
    /// When no randomness could be had.
    fn mint_contact_key(&self, contact: ContactId) -> Result<WrappedKey, VaultError>;

    /// Opens a contact's key for use.
    ///
    /// # Errors
    /// [`VaultError::DoesNotOpen`] when it was altered or is another contact's.
    fn unlock_contact(
        &self,
        contact: ContactId,
        key: &WrappedKey,
    ) -> Result<Arc<dyn ContactVault>, VaultError>;
}

/// Seals and opens what belongs to one contact.
pub trait ContactVault: Send + Sync {
    /// Seals a value for a place.
    ///
    /// # Errors
    /// When no randomness could be had.
    fn seal(&self, place: Place, plain: &[u8]) -> Result<Sealed, VaultError>;

    /// Opens a value in its place.
    ///
    /// # Errors
    /// [`VaultError::DoesNotOpen`] unless it was sealed with this contact's key for this place.
    fn open(&self, place: Place, sealed: &Sealed) -> Result<Vec<u8>, VaultError>;
}
