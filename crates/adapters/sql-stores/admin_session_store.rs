//! The operator's sign-ins, as both databases keep them: digests only.

use async_trait::async_trait;
use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use kernel::{StoreError, Timestamp};
use tenancy::{AdminSessionStore, AuditAction, PlatformScope, SecretDigest};

use crate::{
    Stores, errors::store_error, platform_audit_log::record_platform, schema::admin_sessions, types::Ts,
};

#[async_trait]
impl AdminSessionStore for Stores {
    async fn open(
        &self,
        platform: &PlatformScope,
        digest: &SecretDigest,
        at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.write_platform(platform).await?;
        let expired = admin_sessions::table.filter(admin_sessions::expires_at.le(Ts(at)));
        diesel::delete(expired).execute(&mut *tx).await.map_err(store_error)?;
        diesel::insert_into(admin_sessions::table)
            .values((
                admin_sessions::digest.eq(digest.as_bytes().as_slice()),
                admin_sessions::expires_at.eq(Ts(expires_at)),
            ))
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        let id = digest.audit_id().to_string();
        record_platform(&mut tx, platform, at, AuditAction::AdminSessionOpened, &id).await?;
        tx.commit().await
    }

    async fn find(
        &self,
        platform: &PlatformScope,
        digest: &SecretDigest,
    ) -> Result<Option<Timestamp>, StoreError> {
        let mut tx = self.db.read_platform(platform).await?;
        let until = admin_sessions::table
            .find(digest.as_bytes().as_slice())
            .select(admin_sessions::expires_at)
            .first::<Ts>(&mut *tx)
            .await
            .optional()
            .map_err(store_error)?;
        Ok(until.map(|until| until.0))
    }

    async fn end(
        &self,
        platform: &PlatformScope,
        digest: &SecretDigest,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.write_platform(platform).await?;
        let session = admin_sessions::table.find(digest.as_bytes().as_slice());
        let ended = diesel::delete(session).execute(&mut *tx).await.map_err(store_error)?;
        if ended > 0 {
            let id = digest.audit_id().to_string();
            record_platform(&mut tx, platform, at, AuditAction::AdminSessionEnded, &id).await?;
        }
        tx.commit().await
    }
}
