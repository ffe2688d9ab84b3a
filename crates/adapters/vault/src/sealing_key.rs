//! One key of AES-256-GCM, and the form of what it seals: version byte, 12 bytes of nonce, ciphertext and tag.

use aes_gcm::{
    Aes256Gcm, KeyInit as _,
    aead::{Aead as _, Nonce, Payload},
};
use kernel::Entropy;
use tenancy::VaultError;
use zeroize::Zeroizing;

use crate::aad::{Parts, SCHEME};

const NONCE_LENGTH: usize = 12;

/// The bytes of a key, wiped when dropped.
pub(crate) type KeyBytes = Zeroizing<[u8; 32]>;

/// A key that seals and opens. The cipher wipes what it has made of the key when dropped.
#[derive(Clone)]
pub(crate) struct SealingKey(Aes256Gcm);

impl SealingKey {
    /// Makes the key from its bytes.
    pub(crate) fn new(bytes: &[u8; 32]) -> Self {
        Self(Aes256Gcm::new(bytes.into()))
    }

    /// Seals under a fresh random nonce.
    #[expect(clippy::expect_used, reason = "AES-GCM refuses 64 GiB and more only, which no request can hold")]
    pub(crate) fn seal(
        &self,
        entropy: &dyn Entropy,
        aad: &Parts,
        plain: &[u8],
    ) -> Result<Vec<u8>, VaultError> {
        let mut nonce = [0_u8; NONCE_LENGTH];
        entropy.fill(&mut nonce).map_err(VaultError::Entropy)?;
        let payload = Payload { msg: plain, aad: aad.as_bytes() };
        let sealed = self.0.encrypt(&Nonce::<Aes256Gcm>::from(nonce), payload).expect("less than 64 GiB");
        let mut out = Vec::with_capacity(1 + NONCE_LENGTH + sealed.len());
        out.push(SCHEME);
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&sealed);
        Ok(out)
    }

    /// Opens what [`SealingKey::seal`] made with the same associated data.
    pub(crate) fn open(&self, aad: &Parts, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        let Some((&SCHEME, rest)) = sealed.split_first() else {
            return Err(VaultError::DoesNotOpen);
        };
        let (nonce, msg) = rest.split_first_chunk::<NONCE_LENGTH>().ok_or(VaultError::DoesNotOpen)?;
        let payload = Payload { msg, aad: aad.as_bytes() };
        self.0.decrypt(&Nonce::<Aes256Gcm>::from(*nonce), payload).map_err(|_| VaultError::DoesNotOpen)
    }

    /// Makes a new key and wraps it by this one.
    pub(crate) fn mint(&self, entropy: &dyn Entropy, aad: &Parts) -> Result<Vec<u8>, VaultError> {
        let mut key = KeyBytes::default();
        entropy.fill(key.as_mut_slice()).map_err(VaultError::Entropy)?;
        self.seal(entropy, aad, key.as_slice())
    }

    /// Opens a wrapped key.
    pub(crate) fn unwrap_key(&self, aad: &Parts, wrapped: &[u8]) -> Result<KeyBytes, VaultError> {
        let plain = Zeroizing::new(self.open(aad, wrapped)?);
        let mut key = KeyBytes::default();
        if plain.len() != key.len() {
            return Err(VaultError::DoesNotOpen);
        }
        key.copy_from_slice(&plain);
        Ok(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cipher_wipes_its_key_when_dropped() {
        fn wipes<T: zeroize::ZeroizeOnDrop>() {}
        wipes::<Aes256Gcm>();
        wipes::<KeyBytes>();
    }
}
