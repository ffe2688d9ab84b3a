//! Who is let in: the gate, and the secrets that it goes by.

use std::sync::Arc;

use anyhow::Context as _;
use cheetah_jwt::AdminTokens;
use chrono::TimeDelta;
use kernel::Clock as _;
use tenancy::{AdminTokenVerifier, Gate, OperatorCredentials, SecretDigest, SecretText, TokenSigner};

use super::{Ports, Settings};
use crate::{
    config::Config,
    local_keys::LocalKeys,
    system::{OsEntropy, SystemClock},
};

impl Ports {
    pub(super) fn gate(&self, settings: &Settings, tokens: &Arc<dyn TokenSigner>) -> Gate {
        let verifier = |key: &SecretText| -> Arc<dyn AdminTokenVerifier> { Arc::new(AdminTokens::new(key)) };
        let operator = OperatorCredentials {
            key: settings.admin_key.as_ref().map(|key| SecretDigest::of(key.expose())),
            login: settings.admin_login.clone(),
            tokens: settings.admin_private_key.as_ref().map(verifier),
            trusts_business_id: settings.trust_business_id,
        };
        Gate::new(self.stores.gate_stores(), Arc::clone(tokens), operator, Arc::clone(&self.clock))
    }
}

/// Returns the operator's key: the configured one, or on somebody's own machine one that is made once.
///
/// # Errors
/// When the key's file cannot be used.
pub fn admin_key(config: &Config, keys: &LocalKeys) -> anyhow::Result<Option<SecretText>> {
    if config.access.admin_api_key.is_some() || config.environment.is_deployed() {
        return Ok(config.access.admin_api_key.clone());
    }
    keys.secret("admin-api-key", &OsEntropy).map(Some)
}

/// Returns what signs members' and visitors' tokens: the configured secret, or on somebody's own machine one that is
/// made once.
pub(super) fn jwt_secret(config: &Config, keys: &LocalKeys) -> anyhow::Result<SecretText> {
    match &config.access.jwt_secret_key {
        Some(secret) => Ok(secret.clone()),
        None => keys.secret("jwt-secret-key", &OsEntropy),
    }
}

/// Signs a token by which the operator's command line is let in.
///
/// # Errors
/// When `ADMIN_PRIVATE_KEY` is not set.
pub fn admin_token(config: &Config, subject: &str, lifetime: TimeDelta) -> anyhow::Result<SecretText> {
    let key = config.access.admin_private_key.as_ref();
    let key = key.context("ADMIN_PRIVATE_KEY is not set: it must be the one that the server has")?;
    Ok(AdminTokens::new(key).sign(subject, SystemClock.now(), lifetime)?)
}
