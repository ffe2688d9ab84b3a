//! The vault on AES-256-GCM and HMAC-SHA-256.
//!
//! Three keys stand between the operator and a contact's words. A key-encryption key of the operator's
//! [`KeyRing`] wraps the tenant's key. The tenant's key never seals anything itself: HKDF-SHA-256 draws from
//! it one key for the tenant's data, one that wraps the contacts' keys, and one for blind indexes. A
//! contact's key seals what belongs to that contact. Whatever is sealed says in its associated data what it
//! is and where it stands, so nothing opens anywhere else.

mod aad;
mod envelope;
mod ring;
mod sealing_key;

pub use envelope::EnvelopeVault;
pub use ring::{KeyRing, RingError};
