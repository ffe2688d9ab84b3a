//! A gate that lets nobody in: commands that serve nobody need the right to the server's own work, and nothing else.

use std::sync::Arc;

use kernel::Timestamp;
use tenancy::{
    AccessClaims, Gate, OperatorCredentials, RefreshClaims, SecretText, TokenError, TokenSigner,
    VisitorClaims,
};

use super::database::StorePorts;
use crate::system::SystemClock;

impl StorePorts {
    /// Makes a gate that lets nobody in.
    pub fn closed_gate(&self) -> Gate {
        let operator = OperatorCredentials::default();
        Gate::new(self.gate_stores(), Arc::new(NoTokens), operator, Arc::new(SystemClock))
    }
}

/// Signs nothing and takes nothing.
struct NoTokens;

impl TokenSigner for NoTokens {
    fn sign_access(&self, _: &AccessClaims) -> Result<SecretText, TokenError> {
        Err(TokenError::Invalid)
    }

    fn verify_access(&self, _: &str, _: Timestamp) -> Result<AccessClaims, TokenError> {
        Err(TokenError::Invalid)
    }

    fn sign_refresh(&self, _: &RefreshClaims) -> Result<SecretText, TokenError> {
        Err(TokenError::Invalid)
    }

    fn verify_refresh(&self, _: &str, _: Timestamp) -> Result<RefreshClaims, TokenError> {
        Err(TokenError::Invalid)
    }

    fn sign_visitor(&self, _: &VisitorClaims) -> Result<SecretText, TokenError> {
        Err(TokenError::Invalid)
    }

    fn verify_visitor(&self, _: &str, _: Timestamp) -> Result<VisitorClaims, TokenError> {
        Err(TokenError::Invalid)
    }
}
