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
    let ring = KeyRing::parse("1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap();
    Arc::new(EnvelopeVault::new(ring, Arc::new(OsEntropy)))
}
