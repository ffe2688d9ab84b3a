//! A vault that hides nothing: what it seals is the plain text behind the place it belongs to.

use std::sync::Arc;

use kernel::{ContactId, TenantId};
use sha2::{Digest as _, Sha256};

use crate::{BlindIndex, ContactVault, IndexKind, Place, Sealed, TenantVault, Vault, VaultError, WrappedKey};

const KEK_VERSION: i32 = 1;

/// A vault that hides nothing, but keeps the port's other promises: a value opens only in its place and for
/// its owner, and indexes of two tenants differ.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlainVault;

impl Vault for PlainVault {
    fn mint_tenant_key(&self, tenant: TenantId) -> Result<WrappedKey, VaultError> {
        Ok(WrappedKey { kek_version: KEK_VERSION, bytes: tenant.uuid().as_bytes().to_vec() })
    }

    fn unlock_tenant(&self, tenant: TenantId, key: &WrappedKey) -> Result<Arc<dyn TenantVault>, VaultError> {
        if key.kek_version != KEK_VERSION {
            return Err(VaultError::UnknownKeyVersion(key.kek_version));
        }
        if key.bytes != tenant.uuid().as_bytes() {
            return Err(VaultError::DoesNotOpen);
        }
        Ok(Arc::new(PlainTenant(tenant)))
    }
}

struct PlainTenant(TenantId);

impl PlainTenant {
    fn contact_key(&self, contact: ContactId) -> Vec<u8> {
        [*self.0.uuid().as_bytes(), *contact.uuid().as_bytes()].concat()
    }
}

impl TenantVault for PlainTenant {
    fn seal(&self, place: Place, plain: &[u8]) -> Result<Sealed, VaultError> {
        Ok(seal(&self.0.to_string(), place, plain))
    }

    fn open(&self, place: Place, sealed: &Sealed) -> Result<Vec<u8>, VaultError> {
        open(&self.0.to_string(), place, sealed)
    }

    fn blind_index(&self, kind: IndexKind, value: &str) -> BlindIndex {
        BlindIndex(Sha256::digest(format!("{}/{kind:?}/{value}", self.0)).into())
    }

    fn mint_contact_key(&self, contact: ContactId) -> Result<WrappedKey, VaultError> {
        Ok(WrappedKey { kek_version: 0, bytes: self.contact_key(contact) })
    }

    fn unlock_contact(
        &self,
        contact: ContactId,
        key: &WrappedKey,
    ) -> Result<Arc<dyn ContactVault>, VaultError> {
        if key.bytes != self.contact_key(contact) {
            return Err(VaultError::DoesNotOpen);
        }
        Ok(Arc::new(PlainContact(format!("{}/{contact}", self.0))))
    }
}

/// The contact's id behind the tenant's.
struct PlainContact(String);

impl ContactVault for PlainContact {
    fn seal(&self, place: Place, plain: &[u8]) -> Result<Sealed, VaultError> {
        Ok(seal(&self.0, place, plain))
    }

    fn open(&self, place: Place, sealed: &Sealed) -> Result<Vec<u8>, VaultError> {
        open(&self.0, place, sealed)
    }
}

fn seal(owner: &str, place: Place, plain: &[u8]) -> Sealed {
    Sealed([label(owner, place).as_bytes(), plain].concat())
}

fn open(owner: &str, place: Place, sealed: &Sealed) -> Result<Vec<u8>, VaultError> {
    let plain = sealed.0.strip_prefix(label(owner, place).as_bytes()).ok_or(VaultError::DoesNotOpen)?;
    Ok(plain.to_vec())
}

fn label(owner: &str, Place { table, column, row }: Place) -> String {
    format!("{owner} {table}.{column} {row}: ")
}
