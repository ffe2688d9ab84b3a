//! One set of this crate's stores with what their contracts need of tenancy's: two tenants and the audit log.

use std::{any::Any, sync::Arc};

use kernel::TenantId;
use tenancy::{
    AuditLog, PlatformScope, TenantScope,
    testing::{MemoryAuditLog, operator},
};

use super::{MemoryAiProfileStore, MemoryExampleStore, MemoryPromptStore, id};
use crate::{AiProfileStore, ExampleStore, PromptStore};

/// One set of this crate's stores, fresh for one test: the platform's prompts are every tenant's.
pub struct PromptStores {
    /// Keeps versions of prompts.
    pub prompts: Arc<dyn PromptStore>,
    /// Keeps AI profiles.
    pub profiles: Arc<dyn AiProfileStore>,
    /// Keeps examples.
    pub examples: Arc<dyn ExampleStore>,
    /// Shows what the others have recorded.
    pub audit: Arc<dyn AuditLog>,
    /// The right to the platform's prompts.
    pub platform: PlatformScope,
    /// A tenant that the stores know, with an actor whose changes are recorded.
    pub tenant: TenantScope,
    /// Another.
    pub other: TenantScope,
    /// What must live as long as the stores, such as a folder that is removed when dropped.
    pub keep: Box<dyn Any + Send>,
}

impl PromptStores {
    /// Makes a set of fakes.
    pub fn memory() -> Self {
        let audit = MemoryAuditLog::default();
        Self {
            prompts: Arc::new(MemoryPromptStore::recording_in(&audit)),
            profiles: Arc::new(MemoryAiProfileStore::recording_in(&audit)),
            examples: Arc::new(MemoryExampleStore::recording_in(&audit)),
            audit: Arc::new(audit),
            platform: operator(),
            tenant: operator().tenant(TenantId::new(id(1_001))),
            other: operator().tenant(TenantId::new(id(1_002))),
            keep: Box::new(()),
        }
    }
}
