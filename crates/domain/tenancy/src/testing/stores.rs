//! One set of this crate's stores, which look at the same tenants.

use std::{any::Any, sync::Arc};

use crate::{
    AdminSessionStore, AuditLog, ChannelStore, CredentialStore, EventLog, FlagStore, MemberStore,
    ProviderAccountStore, TenantStore,
    testing::{
        MemoryAdminSessionStore, MemoryAuditLog, MemoryChannelStore, MemoryCredentialStore, MemoryFlagStore,
        MemoryMemberStore, MemoryProviderAccountStore, MemoryTenantStore,
    },
};

/// One set of this crate's stores, fresh for one test.
pub struct TenancyStores {
    /// Keeps tenants and profiles.
    pub tenants: Arc<dyn TenantStore>,
    /// Keeps API keys, owner tokens and widget tokens.
    pub credentials: Arc<dyn CredentialStore>,
    /// Keeps channel bindings.
    pub channels: Arc<dyn ChannelStore>,
    /// Keeps carriers' credentials.
    pub accounts: Arc<dyn ProviderAccountStore>,
    /// Keeps members and their sessions.
    pub members: Arc<dyn MemberStore>,
    /// Keeps the operator's sessions.
    pub admin_sessions: Arc<dyn AdminSessionStore>,
    /// Keeps feature flags.
    pub flags: Arc<dyn FlagStore>,
    /// Shows what the others have recorded.
    pub audit: Arc<dyn AuditLog>,
    /// Tells what has happened by it.
    pub events: Arc<dyn EventLog>,
    /// What must live as long as the stores, such as a folder that is removed when dropped.
    pub keep: Box<dyn Any + Send>,
}

impl TenancyStores {
    /// Makes a set of fakes.
    pub fn memory() -> Self {
        let audit = MemoryAuditLog::default();
        let tenants = Arc::new(MemoryTenantStore::recording_in(&audit));
        Self {
            members: Arc::new(MemoryMemberStore::of(&tenants, &audit)),
            tenants,
            credentials: Arc::new(MemoryCredentialStore::recording_in(&audit)),
            channels: Arc::new(MemoryChannelStore::recording_in(&audit)),
            accounts: Arc::new(MemoryProviderAccountStore::recording_in(&audit)),
            admin_sessions: Arc::new(MemoryAdminSessionStore::recording_in(&audit)),
            flags: Arc::new(MemoryFlagStore::recording_in(&audit)),
            audit: Arc::new(audit.clone()),
            events: Arc::new(audit),
            keep: Box::new(()),
        }
    }

    /// Takes one store that keeps everything for every port.
    pub fn all<S>(stores: &S, keep: Box<dyn Any + Send>) -> Self
    where
        S: TenantStore
            + CredentialStore
            + ChannelStore
            + ProviderAccountStore
            + MemberStore
            + AdminSessionStore
            + FlagStore
            + AuditLog
            + EventLog
            + Clone
            + 'static,
    {
        Self {
            tenants: Arc::new(stores.clone()),
            credentials: Arc::new(stores.clone()),
            channels: Arc::new(stores.clone()),
            accounts: Arc::new(stores.clone()),
            members: Arc::new(stores.clone()),
            admin_sessions: Arc::new(stores.clone()),
            flags: Arc::new(stores.clone()),
            audit: Arc::new(stores.clone()),
            events: Arc::new(stores.clone()),
            keep,
        }
    }
}
