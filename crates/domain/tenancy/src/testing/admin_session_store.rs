//! The operator's sessions, in memory.

use async_trait::async_trait;
use kernel::{StoreError, Timestamp};

use super::{MemoryAuditLog, rows::Rows};
use crate::{AdminSessionStore, AuditAction, PlatformScope, SecretDigest};

/// Keeps the operator's sessions in memory.
#[derive(Debug, Default)]
pub struct MemoryAdminSessionStore {
    rows: Rows<(SecretDigest, Timestamp)>,
    audit: MemoryAuditLog,
}

impl MemoryAdminSessionStore {
    /// Makes an empty store that records in a log.
    pub fn recording_in(audit: &MemoryAuditLog) -> Self {
        Self { audit: audit.clone(), ..Self::default() }
    }
}

#[async_trait]
impl AdminSessionStore for MemoryAdminSessionStore {
    async fn open(
        &self,
        platform: &PlatformScope,
        digest: &SecretDigest,
        at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut rows = self.rows.lock();
        rows.retain(|(_, until)| *until > at);
        if rows.iter().any(|(stored, _)| stored == digest) {
            return Err(StoreError::Duplicate);
        }
        rows.push((digest.clone(), expires_at));
        self.audit.record_platform(platform, at, AuditAction::AdminSessionOpened, digest.audit_id());
        Ok(())
    }

    async fn find(&self, _: &PlatformScope, digest: &SecretDigest) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.rows.find(|(stored, _)| stored == digest).map(|(_, until)| until))
    }

    async fn end(
        &self,
        platform: &PlatformScope,
        digest: &SecretDigest,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut rows = self.rows.lock();
        let before = rows.len();
        rows.retain(|(stored, _)| stored != digest);
        if rows.len() < before {
            self.audit.record_platform(platform, at, AuditAction::AdminSessionEnded, digest.audit_id());
        }
        Ok(())
    }
}
