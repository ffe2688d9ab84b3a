//! By what two processes know that they belong to one installation: both hold its key-encryption keys.

use hmac::{Hmac, KeyInit as _, Mac as _, digest::Key};
use sha2::{Digest as _, Sha256};
use tenancy::SecretText;

/// What a proof is for: one made for a purpose proves nothing for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofOf {
    /// A server answers that it is of the installation.
    Identity,
    /// A request comes from the installation's own doctor.
    Probe,
}

/// A key that only processes with the same key-encryption keys have.
#[derive(Clone)]
pub struct InstallationKey(Key<Hmac<Sha256>>);

impl InstallationKey {
    /// The longest nonce that is proved for a stranger.
    pub const LONGEST_NONCE: usize = 64;

    /// Derives the key from the key-encryption keys as they are written. They are random, so that no proof gives them
    /// away.
    pub fn derive(key_encryption_keys: &SecretText) -> Self {
        let hash = Sha256::new()
            .chain_update(b"chatter-cheetah installation key, version 1\0")
            .chain_update(key_encryption_keys.expose().trim())
            .finalize();
        let mut key = Key::<Hmac<Sha256>>::default();
        key.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
        Self(key)
    }

    /// Returns the proof for a nonce that somebody else has chosen, in hexadecimal digits.
    pub fn prove(&self, of: ProofOf, nonce: &str) -> String {
        use std::fmt::Write as _;
        self.mac(of, nonce).finalize().into_bytes().iter().fold(String::new(), |mut text, byte| {
            // Writing to a `String` does not fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// Tells whether a proof is the one for a nonce, in the same time for every proof.
    pub fn accepts(&self, of: ProofOf, nonce: &str, proof: &str) -> bool {
        let digits: Vec<_> = proof.bytes().filter_map(|digit| char::from(digit).to_digit(16)).collect();
        let bytes: Vec<_> = digits
            .chunks_exact(2)
            .filter_map(|pair| u8::try_from(pair.iter().fold(0, |sum, digit| sum * 16 + digit)).ok())
            .collect();
        proof.len() == 64 && self.mac(of, nonce).verify_slice(&bytes).is_ok()
    }

    /// Returns a secret that both sides of a probe sign with, as carriers sign with an account's token.
    pub fn probe_token(&self) -> SecretText {
        SecretText::new(self.prove(ProofOf::Probe, "token"))
    }

    fn mac(&self, of: ProofOf, nonce: &str) -> Hmac<Sha256> {
        let purpose: &[u8] = match of {
            ProofOf::Identity => b"identity\0",
            ProofOf::Probe => b"probe\0",
        };
        Hmac::<Sha256>::new(&self.0).chain_update(purpose).chain_update(nonce)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> InstallationKey {
        InstallationKey::derive(&SecretText::new(text))
    }

    #[test]
    fn a_proof_is_accepted_by_the_same_key_for_the_same_nonce_and_purpose_only() {
        let ours = key("1:key");
        let proof = ours.prove(ProofOf::Identity, "nonce");
        assert!(key(" 1:key\n").accepts(ProofOf::Identity, "nonce", &proof));
        assert!(!key("1:another").accepts(ProofOf::Identity, "nonce", &proof));
        assert!(!ours.accepts(ProofOf::Identity, "another", &proof));
        assert!(!ours.accepts(ProofOf::Probe, "nonce", &proof));
    }

    #[test]
    fn what_is_no_proof_is_refused() {
        let ours = key("1:key");
        for proof in ["", "zz", &"0".repeat(64), &"g".repeat(64), &ours.prove(ProofOf::Probe, "nonce")[..62]]
        {
            assert!(!ours.accepts(ProofOf::Probe, "nonce", proof), "{proof}");
        }
    }
}
