//! A tenant's credentials at a carrier.

use kernel::{ProviderAccountId, TenantId, Timestamp};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::channel::Provider;

/// A secret that must be used in plain, such as a carrier's token. Debug output hides it, dropping wipes it.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct SecretText(String);

impl SecretText {
    /// Takes a secret in.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// Gives the secret out. Do not log it, do not store it unsealed.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for SecretText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretText(…)")
    }
}

/// A tenant's credentials at a carrier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderAccount {
    /// The account's id here.
    pub id: ProviderAccountId,
    /// Whose account it is.
    pub tenant_id: TenantId,
    /// The carrier.
    pub provider: Provider,
    /// The account's id at the carrier. No two tenants have the same one.
    pub account_sid: String,
    /// The token that signs webhooks and authenticates requests.
    pub auth_token: SecretText,
    /// When it was stored.
    pub created_at: Timestamp,
}
