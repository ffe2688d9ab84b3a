//! What the tests of this crate share.

use std::sync::Arc;

use kernel::{BoxError, Entropy};
use tenancy::Vault;
use vault::{EnvelopeVault, KeyRing};

/// The operating system's randomness.
struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), BoxError> {
        Ok(getrandom::fill(bytes)?)
    }
}

/// A real vault with one key-encryption key.
pub(crate) fn vault() -> Arc<dyn Vault> {
    vault_of("1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
}

/// A real vault with these key-encryption keys.
pub(crate) fn vault_of(keys: &str) -> Arc<dyn Vault> {
    Arc::new(EnvelopeVault::new(KeyRing::parse(keys).unwrap(), Arc::new(OsEntropy)))
}
