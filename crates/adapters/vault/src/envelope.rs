//! The vault itself: it wraps and unlocks keys, seals and opens values, and makes blind indexes.

use std::{fmt, sync::Arc};

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit as _, Mac as _};
use kernel::{ContactId, Entropy, TenantId};
use sha2::Sha256;
use tenancy::{
    BlindIndex, ContactVault, IndexKind, KeyWrapper, Place, Sealed, TenantVault, Vault, VaultError,
    WrappedKey,
};
use zeroize::Zeroizing;

use crate::{
    aad::{self, Parts},
    ring::KeyRing,
    sealing_key::SealingKey,
};

/// What stands for "a tenant's key" where a version of the key-encryption key would stand.
const WRAPPED_BY_TENANT: i32 = 0;

/// The vault on the operator's key ring.
pub struct EnvelopeVault {
    keks: KeyRing,
    entropy: Arc<dyn Entropy>,
}

impl EnvelopeVault {
    /// Makes the vault.
    pub fn new(keks: KeyRing, entropy: Arc<dyn Entropy>) -> Self {
        Self { keks, entropy }
    }
}

impl Vault for EnvelopeVault {
    fn mint_tenant_key(&self, tenant: TenantId) -> Result<WrappedKey, VaultError> {
        let (kek_version, kek) = self.keks.newest();
        let bytes = kek.mint(&*self.entropy, &aad::tenant_key(tenant, kek_version))?;
        Ok(WrappedKey { kek_version, bytes })
    }

    fn unlock_tenant(&self, tenant: TenantId, key: &WrappedKey) -> Result<Arc<dyn TenantVault>, VaultError> {
        let kek = self.keks.key(key.kek_version)?;
        let plain = kek.unwrap_key(&aad::tenant_key(tenant, key.kek_version), &key.bytes)?;
        Ok(Arc::new(UnlockedTenant::new(tenant, &plain, Arc::clone(&self.entropy))))
    }
}

impl KeyWrapper for EnvelopeVault {
    fn newest_version(&self) -> i32 {
        self.keks.newest_version()
    }

    fn has_version(&self, version: i32) -> bool {
        self.keks.key(version).is_ok()
    }

    fn rewrap(&self, owner: TenantId, key: &WrappedKey) -> Result<WrappedKey, VaultError> {
        let plain = self
            .keks
            .key(key.kek_version)?
            .unwrap_key(&aad::tenant_key(owner, key.kek_version), &key.bytes)?;
        let (kek_version, kek) = self.keks.newest();
        let bytes = kek.seal(&*self.entropy, &aad::tenant_key(owner, kek_version), plain.as_slice())?;
        Ok(WrappedKey { kek_version, bytes })
    }
}

/// Shows which versions there are, and nothing of the keys.
impl fmt::Debug for EnvelopeVault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnvelopeVault").field("keks", &self.keks).finish_non_exhaustive()
    }
}

/// A tenant's three keys, ready for use.
struct UnlockedTenant {
    tenant: TenantId,
    data: SealingKey,
    wrapping: SealingKey,
    index: Hmac<Sha256>,
    entropy: Arc<dyn Entropy>,
}

impl UnlockedTenant {
    fn new(tenant: TenantId, key: &[u8; 32], entropy: Arc<dyn Entropy>) -> Self {
        let root = Hkdf::<Sha256>::new(None, key);
        let index = draw::<64>(&root, "cheetah tenant blind index v1");
        Self {
            tenant,
            data: SealingKey::new(&draw(&root, "cheetah tenant data v1")),
            wrapping: SealingKey::new(&draw(&root, "cheetah tenant contact keys v1")),
            index: Hmac::new((&*index).into()),
            entropy,
        }
    }
}

impl TenantVault for UnlockedTenant {
    fn seal(&self, place: Place, plain: &[u8]) -> Result<Sealed, VaultError> {
        self.data.seal(&*self.entropy, &aad::tenant_value(self.tenant, place), plain).map(Sealed)
    }

    fn open(&self, place: Place, sealed: &Sealed) -> Result<Vec<u8>, VaultError> {
        self.data.open(&aad::tenant_value(self.tenant, place), &sealed.0)
    }

    fn blind_index(&self, kind: IndexKind, value: &str) -> BlindIndex {
        let kind = match kind {
            IndexKind::Address => "address",
            IndexKind::Email => "email",
            IndexKind::Phone => "phone",
            IndexKind::Tag => "tag",
            IndexKind::Database => "database",
        };
        let mac = self.index.clone().chain_update(Parts::of(kind).with(value.as_bytes()).as_bytes());
        BlindIndex(mac.finalize().into_bytes().into())
    }

    fn mint_contact_key(&self, contact: ContactId) -> Result<WrappedKey, VaultError> {
        let bytes = self.wrapping.mint(&*self.entropy, &aad::contact_key(self.tenant, contact))?;
        Ok(WrappedKey { kek_version: WRAPPED_BY_TENANT, bytes })
    }

    fn unlock_contact(
        &self,
        contact: ContactId,
        key: &WrappedKey,
    ) -> Result<Arc<dyn ContactVault>, VaultError> {
        if key.kek_version != WRAPPED_BY_TENANT {
            return Err(VaultError::DoesNotOpen);
        }
        let plain = self.wrapping.unwrap_key(&aad::contact_key(self.tenant, contact), &key.bytes)?;
        Ok(Arc::new(UnlockedContact {
            tenant: self.tenant,
            contact,
            data: SealingKey::new(&plain),
            entropy: Arc::clone(&self.entropy),
        }))
    }
}

/// A contact's key, ready for use.
struct UnlockedContact {
    tenant: TenantId,
    contact: ContactId,
    data: SealingKey,
    entropy: Arc<dyn Entropy>,
}

impl ContactVault for UnlockedContact {
    fn seal(&self, place: Place, plain: &[u8]) -> Result<Sealed, VaultError> {
        self.data
            .seal(&*self.entropy, &aad::contact_value(self.tenant, self.contact, place), plain)
            .map(Sealed)
    }

    fn open(&self, place: Place, sealed: &Sealed) -> Result<Vec<u8>, VaultError> {
        self.data.open(&aad::contact_value(self.tenant, self.contact, place), &sealed.0)
    }
}

/// Draws a key for one use. Another label gives a key from which the others cannot be told.
#[expect(clippy::expect_used, reason = "HKDF-SHA-256 refuses more than 8160 bytes only")]
fn draw<const LENGTH: usize>(root: &Hkdf<Sha256>, label: &str) -> Zeroizing<[u8; LENGTH]> {
    let mut key = Zeroizing::new([0_u8; LENGTH]);
    root.expand(label.as_bytes(), key.as_mut_slice()).expect("at most 8160 bytes");
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_hash_states_of_a_mac_wipe_themselves_when_dropped() {
        fn wipes<T: zeroize::ZeroizeOnDrop>() {}
        wipes::<Sha256>();
    }
}
