//! Tokens as JSON Web Tokens, signed with HMAC-SHA-256.
//!
//! Each kind has an audience of its own, so that none passes for another. Times are checked against the clock that the
//! caller gives, which is why the library is told to leave them alone.

mod admin;
mod signer;
mod token;

pub use admin::AdminTokens;
pub use signer::JwtSigner;
