//! The operator's sessions, in memory.

use async_trait::async_trait;
use kernel::{StoreError, Timestamp};

use super::rows::Rows;
use crate::{AdminSessionStore, PlatformScope, SecretDigest};

/// Keeps the operator's sessions in memory.
#[derive(Debug, Default)]
pub struct MemoryAdminSessionStore(Rows<(SecretDigest, Timestamp)>);

#[async_trait]
impl AdminSessionStore for MemoryAdminSessionStore {
    async fn open(
        &self,
        _: &PlatformScope,
        digest: &SecretDigest,
        at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut rows = self.0.lock();
        rows.retain(|(_, until)| *until > at);
        if rows.iter().any(|(stored, _)| stored == digest) {
            return Err(StoreError::Duplicate);
        }
        rows.push((digest.clone(), expires_at));
        Ok(())
    }

    async fn find(&self, _: &PlatformScope, digest: &SecretDigest) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.0.find(|(stored, _)| stored == digest).map(|(_, until)| until))
    }

    async fn end(&self, _: &PlatformScope, digest: &SecretDigest) -> Result<(), StoreError> {
        self.0.lock().retain(|(stored, _)| stored != digest);
        Ok(())
    }
}
