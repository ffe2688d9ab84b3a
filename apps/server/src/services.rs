//! What the HTTP side may call: the use cases, the gate, and the few settings that shape answers.

use std::sync::Arc;

use tenancy::{Gate, ManageChannels, ManageCredentials, ManageProviderAccounts, ManageTenants, PlatformScope};

use crate::config::PublicBaseUrl;

/// What the HTTP side may call. Cheap to clone: everything in it is shared.
#[derive(Clone)]
pub struct Services {
    /// Verifies credentials and mints scopes.
    pub gate: Arc<Gate>,
    /// Tenants and their profiles.
    pub tenants: Arc<ManageTenants>,
    /// API keys and widget tokens.
    pub credentials: Arc<ManageCredentials>,
    /// Tenants' addresses.
    pub channels: Arc<ManageChannels>,
    /// Tenants' accounts at carriers.
    pub accounts: Arc<ManageProviderAccounts>,
    /// The address under which carriers reach this server; signatures are checked against it.
    pub public_base_url: PublicBaseUrl,
    /// The right by which `X-Business-ID` alone names the tenant. Given only where the operator has set
    /// `TRUST_BUSINESS_ID=true`.
    pub trusted_callers: Option<PlatformScope>,
}
