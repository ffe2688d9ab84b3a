//! The rows of requests with idempotency keys: how one is found, begun, taken over and read.

use std::time::Duration;

use chrono::TimeDelta;
use diesel::{ExpressionMethods as _, QueryDsl as _, Queryable, Selectable, dsl::Find};
use diesel_async::RunQueryDsl as _;
use kernel::{StoreError, Timestamp};
use limits::{Attempt, CallerId, Fingerprint, IdempotencyKey, IdempotencyOwner, KEPT_FOR, StoredAnswer};
use tenancy::{Sealed, TenantVault};
use uuid::Uuid;

use crate::{
    errors::{corrupt, store_error, vault_error},
    schema::idempotency_keys,
    sealing::answer_place,
    types::{Conn, Id, Ts},
};

/// A key as a row has it.
pub(crate) struct EntryKey<'a> {
    owner: Id,
    caller: &'a str,
    digest: [u8; 32],
}

impl<'a> EntryKey<'a> {
    pub(crate) fn of(owner: IdempotencyOwner<'_>, key: &IdempotencyKey, caller: &'a CallerId) -> Self {
        Self { owner: Id(owner.id()), caller: caller.as_str(), digest: key.digest(owner, caller) }
    }

    pub(crate) fn row(&self) -> Find<idempotency_keys::table, (Id, &str, &[u8])> {
        idempotency_keys::table.find((self.owner, self.caller, self.digest.as_slice()))
    }

    /// Returns an id for the place in which the body is sealed.
    pub(crate) fn place_id(&self) -> Result<Uuid, StoreError> {
        let head = self.digest.first_chunk().copied();
        head.map(Uuid::from_bytes).ok_or_else(|| corrupt("digest of an idempotency key"))
    }

    /// Begins an attempt at a request that nobody knows. Tells whether that was so.
    pub(crate) async fn insert(&self, conn: &mut Conn, begin: &NewAttempt<'_>) -> Result<bool, StoreError> {
        let inserted = diesel::insert_into(idempotency_keys::table)
            .values((
                idempotency_keys::owner_id.eq(self.owner),
                idempotency_keys::caller.eq(self.caller),
                idempotency_keys::key_digest.eq(self.digest.as_slice()),
                idempotency_keys::fingerprint.eq(begin.fingerprint.as_bytes().as_slice()),
                idempotency_keys::attempt.eq(Attempt::first(begin.now).number()),
                idempotency_keys::lease_until.eq(begin.lease_until()),
                idempotency_keys::created_at.eq(Ts(begin.now)),
            ))
            .on_conflict_do_nothing()
            .execute(conn)
            .await
            .map_err(store_error)?;
        Ok(inserted > 0)
    }

    /// Begins the next attempt at a request whose lease has ended. Tells whether nobody was faster.
    pub(crate) async fn take_over(
        &self,
        conn: &mut Conn,
        last: Attempt,
        next: Attempt,
        begin: &NewAttempt<'_>,
    ) -> Result<bool, StoreError> {
        let open = self
            .row()
            .filter(idempotency_keys::attempt.eq(last.number()))
            .filter(idempotency_keys::status.is_null());
        let updated = diesel::update(open)
            .set((
                idempotency_keys::attempt.eq(next.number()),
                idempotency_keys::lease_until.eq(begin.lease_until()),
                idempotency_keys::created_at.eq(Ts(begin.now)),
            ))
            .execute(conn)
            .await
            .map_err(store_error)?;
        Ok(updated > 0)
    }

    /// Deletes a request that was kept long enough, unless it has been begun or answered anew.
    pub(crate) async fn expire(&self, conn: &mut Conn, read: &EntryRow) -> Result<(), StoreError> {
        let unchanged = self
            .row()
            .filter(idempotency_keys::attempt.eq(read.attempt))
            .filter(idempotency_keys::created_at.eq(read.created_at));
        diesel::delete(unchanged).execute(conn).await.map_err(store_error)?;
        Ok(())
    }
}

/// What a new attempt writes.
pub(crate) struct NewAttempt<'a> {
    pub(crate) fingerprint: &'a Fingerprint,
    pub(crate) now: Timestamp,
    pub(crate) lease: Duration,
}

impl NewAttempt<'_> {
    fn lease_until(&self) -> Ts {
        let lease = TimeDelta::from_std(self.lease).ok();
        let until = lease.and_then(|lease| self.now.checked_add_signed(lease));
        Ts(until.unwrap_or(Timestamp::MAX_UTC))
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = idempotency_keys)]
pub(crate) struct EntryRow {
    fingerprint: Vec<u8>,
    pub(crate) attempt: i64,
    lease_until: Ts,
    status: Option<i32>,
    content_type: Option<String>,
    body_sealed: Option<Vec<u8>>,
    created_at: Ts,
}

/// How a request stands that was begun before.
pub(crate) enum Standing {
    /// It was kept long enough.
    Expired,
    /// Its lease has ended.
    Free,
    InFlight {
        retry_after: Duration,
    },
    Answered,
    OtherRequest,
}

impl EntryRow {
    pub(crate) fn standing(&self, fingerprint: &Fingerprint, now: Timestamp) -> Result<Standing, StoreError> {
        if (now - self.created_at.0).to_std().is_ok_and(|age| age >= KEPT_FOR) {
            return Ok(Standing::Expired);
        }
        let stored = Fingerprint::from_stored(&self.fingerprint).ok_or_else(|| corrupt("fingerprint"))?;
        if stored != *fingerprint {
            return Ok(Standing::OtherRequest);
        }
        if self.status.is_some() {
            return Ok(Standing::Answered);
        }
        let rest = (self.lease_until.0 - now).to_std().unwrap_or_default();
        Ok(if rest.is_zero() { Standing::Free } else { Standing::InFlight { retry_after: rest } })
    }

    pub(crate) fn open(self, vault: &dyn TenantVault, place_id: Uuid) -> Result<StoredAnswer, StoreError> {
        let status = self.status.and_then(|status| u16::try_from(status).ok());
        let sealed = Sealed(self.body_sealed.ok_or_else(|| corrupt("answer"))?);
        let status = status.ok_or_else(|| corrupt("status"))?;
        let plain = vault.open(answer_place(place_id), &sealed).map_err(vault_error)?;
        StoredAnswer::from_stored(status, self.content_type, &plain).ok_or_else(|| corrupt("answer"))
    }
}
