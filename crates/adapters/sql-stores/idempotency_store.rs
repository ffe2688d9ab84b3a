//! Requests with idempotency keys and what was answered, as both databases keep them: bodies sealed.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, SelectableHelper as _};
use diesel_async::RunQueryDsl as _;
use kernel::{StoreError, Timestamp};
use limits::{
    Attempt, Begun, CallerId, Fingerprint, IdempotencyKey, IdempotencyOwner, IdempotencyStore, StoredAnswer,
};
use tenancy::{PlatformScope, TenantVault};

use crate::{
    Stores,
    db::WriteTx,
    errors::{store_error, vault_error},
    idempotency_rows::{EntryKey, EntryRow, NewAttempt, Standing},
    schema::idempotency_keys,
    sealing::answer_place,
    types::{Conn, Ts},
};

/// So often `begin` looks again when others begin, end or abandon the same request in the middle of it. Each time
/// somebody else got on, so that more would mean a key that is used without pause.
const MOST_LOOKS: u32 = 5;

impl Stores {
    async fn write_requests(&self, owner: IdempotencyOwner<'_>) -> Result<WriteTx<'_>, StoreError> {
        match owner {
            IdempotencyOwner::Tenant(scope) => self.db.write(scope).await,
            IdempotencyOwner::Platform(platform) => self.db.write_platform(platform).await,
        }
    }

    async fn vault_of(
        &self,
        owner: IdempotencyOwner<'_>,
        conn: &mut Conn,
    ) -> Result<Arc<dyn TenantVault>, StoreError> {
        match owner {
            IdempotencyOwner::Tenant(scope) => self.db.keys.of(scope.tenant_id(), conn).await,
            IdempotencyOwner::Platform(_) => Ok(Arc::clone(&self.db.keys.platform)),
        }
    }
}

#[async_trait]
impl IdempotencyStore for Stores {
    async fn begin(
        &self,
        owner: IdempotencyOwner<'_>,
        key: &IdempotencyKey,
        caller: &CallerId,
        fingerprint: &Fingerprint,
        now: Timestamp,
        lease: Duration,
    ) -> Result<Begun, StoreError> {
        let (entry, new) = (EntryKey::of(owner, key, caller), NewAttempt { fingerprint, now, lease });
        let mut tx = self.write_requests(owner).await?;
        for _ in 0..MOST_LOOKS {
            if entry.insert(&mut tx, &new).await? {
                tx.commit().await?;
                return Ok(Begun::Started(Attempt::first(now)));
            }
            let row = entry.row().select(EntryRow::as_select()).first::<EntryRow>(&mut *tx).await;
            let Some(row) = row.optional().map_err(store_error)? else { continue };
            match row.standing(fingerprint, now)? {
                Standing::InFlight { retry_after } => {
                    tx.commit().await?;
                    return Ok(Begun::InFlight { retry_after });
                }
                Standing::OtherRequest => {
                    tx.commit().await?;
                    return Ok(Begun::OtherRequest);
                }
                Standing::Answered => {
                    let vault = self.vault_of(owner, &mut tx).await?;
                    tx.commit().await?;
                    return Ok(Begun::Answered(row.open(&*vault, entry.place_id()?)?));
                }
                Standing::Expired => entry.expire(&mut tx, &row).await?,
                Standing::Free => {
                    let last = Attempt::from_stored(row.attempt);
                    let next = last.next(now);
                    if entry.take_over(&mut tx, last, next, &new).await? {
                        tx.commit().await?;
                        return Ok(Begun::Started(next));
                    }
                }
            }
        }
        Err(StoreError::Conflict)
    }

    async fn finish(
        &self,
        owner: IdempotencyOwner<'_>,
        key: &IdempotencyKey,
        caller: &CallerId,
        attempt: Attempt,
        answer: &StoredAnswer,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let entry = EntryKey::of(owner, key, caller);
        let mut tx = self.write_requests(owner).await?;
        let vault = self.vault_of(owner, &mut tx).await?;
        let body = vault.seal(answer_place(entry.place_id()?), &answer.to_sealed()).map_err(vault_error)?;
        let open = entry
            .row()
            .filter(idempotency_keys::attempt.eq(attempt.number()))
            .filter(idempotency_keys::status.is_null());
        let updated = diesel::update(open)
            .set((
                idempotency_keys::status.eq(i32::from(answer.status)),
                idempotency_keys::content_type.eq(answer.content_type.as_deref()),
                idempotency_keys::body_sealed.eq(&body.0),
                idempotency_keys::created_at.eq(Ts(at)),
            ))
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        if updated == 0 {
            return Err(StoreError::Conflict);
        }
        tx.commit().await
    }

    async fn abandon(
        &self,
        owner: IdempotencyOwner<'_>,
        key: &IdempotencyKey,
        caller: &CallerId,
        attempt: Attempt,
    ) -> Result<(), StoreError> {
        let entry = EntryKey::of(owner, key, caller);
        let mut tx = self.write_requests(owner).await?;
        let open = entry
            .row()
            .filter(idempotency_keys::attempt.eq(attempt.number()))
            .filter(idempotency_keys::status.is_null());
        diesel::delete(open).execute(&mut *tx).await.map_err(store_error)?;
        tx.commit().await
    }

    async fn purge(
        &self,
        platform: &PlatformScope,
        before: Timestamp,
        at_most: usize,
    ) -> Result<usize, StoreError> {
        let mut tx = self.db.write_platform(platform).await?;
        let old = diesel::alias!(idempotency_keys as old_keys);
        let oldest = old
            .filter(old.field(idempotency_keys::created_at).lt(Ts(before)))
            .order(old.field(idempotency_keys::created_at).asc())
            .limit(i64::try_from(at_most).unwrap_or(i64::MAX))
            .select(old.field(idempotency_keys::key_digest));
        // A digest is made of its owner and caller as well, so that it names one row. The time is said again for the
        // rows that somebody begins anew meanwhile.
        let old = idempotency_keys::table
            .filter(idempotency_keys::created_at.lt(Ts(before)))
            .filter(idempotency_keys::key_digest.eq_any(oldest));
        let gone = diesel::delete(old).execute(&mut *tx).await.map_err(store_error)?;
        tx.commit().await?;
        Ok(gone)
    }
}
