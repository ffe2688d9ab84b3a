//! One set of this crate's stores, which look at the same tenants.

use std::{any::Any, sync::Arc};

use crate::{
    ChannelStore, CredentialStore, ProviderAccountStore, TenantStore,
    testing::{MemoryChannelStore, MemoryCredentialStore, MemoryProviderAccountStore, MemoryTenantStore},
};

/// One set of this crate's stores, fresh for one test.
pub struct TenancyStores {
    /// Keeps tenants and profiles.
    pub tenants: Arc<dyn TenantStore>,
    /// Keeps API keys and widget tokens.
    pub credentials: Arc<dyn CredentialStore>,
    /// Keeps channel bindings.
    pub channels: Arc<dyn ChannelStore>,
    /// Keeps carriers' credentials.
    pub accounts: Arc<dyn ProviderAccountStore>,
    /// What must live as long as the stores, such as a folder that is removed when dropped.
    pub keep: Box<dyn Any + Send>,
}

impl TenancyStores {
    /// Makes a set of fakes.
    pub fn memory() -> Self {
        Self {
            tenants: Arc::new(MemoryTenantStore::default()),
            credentials: Arc::new(MemoryCredentialStore::default()),
            channels: Arc::new(MemoryChannelStore::default()),
            accounts: Arc::new(MemoryProviderAccountStore::default()),
            keep: Box::new(()),
        }
    }
}
