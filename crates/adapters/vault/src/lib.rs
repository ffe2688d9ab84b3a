//! The vault on AES-256-GCM and HMAC-SHA-256.
