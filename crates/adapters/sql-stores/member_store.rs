//! Members and their sessions, as both databases keep them: addresses, names and password hashes sealed.

use async_trait::async_trait;
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, OptionalExtension as _, QueryDsl as _,
    SelectableHelper as _,
    dsl::{exists, not},
};
use diesel_async::RunQueryDsl as _;
use kernel::{MemberId, Page, PageRequest, SessionId, StoreError, TenantId, Timestamp};
use tenancy::{
    AuditAction, AuditDetail, EmailAddress, Member, MemberStatus, MemberStore, PlatformScope, Role, Rotation,
    SecretDigest, Session, SessionEnd, Sessions, TenantScope, TenantStatus,
};

use crate::{
    Stores,
    audit_log::{record, record_change},
    conversation_store::{cursor, time_of},
    credential_store::own,
    errors::store_error,
    locks::{hold_owners, version_of_active_member},
    member_rows::{MemberRow, SessionRow, email_index},
    schema::{member_sessions, members, tenants},
    types::{Conn, Id, Ts},
};

#[async_trait]
impl MemberStore for Stores {
    async fn insert(&self, scope: &TenantScope, member: &Member) -> Result<(), StoreError> {
        own(scope, member.tenant_id)?;
        let mut tx = self.db.write(scope).await?;
        let vault = self.db.keys.of(scope.tenant_id(), &mut tx).await?;
        let row = MemberRow::seal(&*vault, &*self.db.keys.platform, member)?;
        diesel::insert_into(members::table).values(row).execute(&mut *tx).await.map_err(store_error)?;
        let id = member.id.to_string();
        record(&mut tx, scope, member.created_at, AuditAction::MemberAdded, &id).await?;
        tx.commit().await
    }

    async fn find(&self, scope: &TenantScope, id: MemberId) -> Result<Option<Member>, StoreError> {
        let mut tx = self.db.read(scope).await?;
        let Some(row) = find_row(&mut tx, scope.tenant_id(), id).await? else { return Ok(None) };
        let vault = self.db.keys.of(scope.tenant_id(), &mut tx).await?;
        row.open(&*vault).map(Some)
    }

    async fn list(&self, scope: &TenantScope, page: &PageRequest) -> Result<Page<Member>, StoreError> {
        let mut tx = self.db.read(scope).await?;
        let vault = self.db.keys.of(scope.tenant_id(), &mut tx).await?;
        let mut query = members::table
            .filter(members::tenant_id.eq(Id(scope.tenant_id().uuid())))
            .select(MemberRow::as_select())
            .into_boxed();
        if let Some(after) = page.after() {
            let (at, id) = (Ts(time_of(after)?), Id(after.id));
            query = query
                .filter(members::created_at.ge(at).and(members::created_at.gt(at).or(members::id.gt(id))));
        }
        let rows = query
            .order((members::created_at.asc(), members::id.asc()))
            .limit(i64::from(page.limit()) + 1)
            .load::<MemberRow>(&mut *tx)
            .await
            .map_err(store_error)?;
        let found = rows.into_iter().map(|row| row.open(&*vault)).collect::<Result<Vec<_>, _>>()?;
        Ok(Page::from_rows(found, page, |member| cursor(member.created_at, member.id.uuid())))
    }

    async fn save(
        &self,
        scope: &TenantScope,
        member: &Member,
        sessions: Sessions,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        own(scope, member.tenant_id)?;
        let tenant = scope.tenant_id();
        let mut tx = self.db.write(scope).await?;
        let vault = self.db.keys.of(tenant, &mut tx).await?;
        keep_an_owner(&mut tx, member).await?;
        let before =
            find_row(&mut tx, tenant, member.id).await?.ok_or(StoreError::Conflict)?.open(&*vault)?;
        let row = MemberRow::seal(&*vault, &*self.db.keys.platform, member)?;
        let saved = diesel::update(members::table.find((row.tenant_id, Id(member.id.uuid()))))
            .filter(members::version.eq(member.version))
            .set((
                members::name_sealed.eq(row.name_sealed),
                members::role.eq(member.role.as_str()),
                members::status.eq(member.status.as_str()),
                members::password_sealed.eq(row.password_sealed),
                members::version.eq(member.version + 1),
            ))
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        if saved == 0 {
            return Err(StoreError::Conflict);
        }
        if sessions == Sessions::End {
            end_all(&mut tx, scope, member.id, at).await?;
        }
        let (id, detail) = (member.id.to_string(), AuditDetail::of_member(&before, member));
        record_change(&mut tx, scope, at, (AuditAction::MemberChanged, &id), detail.as_ref()).await?;
        tx.commit().await
    }

    async fn find_by_email(
        &self,
        platform: &PlatformScope,
        email: &EmailAddress,
        most: usize,
    ) -> Result<Vec<Member>, StoreError> {
        let mut tx = self.db.read_platform(platform).await?;
        let deleted = tenants::table
            .filter(tenants::status.eq(TenantStatus::Deleted.as_str()))
            .filter(tenants::id.eq(members::tenant_id));
        let rows = members::table
            .filter(members::email_index.eq(email_index(&*self.db.keys.platform, email).0.as_slice()))
            .filter(members::status.eq(MemberStatus::Active.as_str()))
            .filter(not(exists(deleted)))
            .order((members::created_at.asc(), members::id.asc()))
            .limit(i64::try_from(most).unwrap_or(i64::MAX))
            .select(MemberRow::as_select())
            .load::<MemberRow>(&mut *tx)
            .await
            .map_err(store_error)?;
        let mut found = Vec::with_capacity(rows.len());
        for row in rows {
            let vault = self.db.keys.of(TenantId::new(row.tenant_id.0), &mut tx).await?;
            found.push(row.open(&*vault)?);
        }
        Ok(found)
    }

    async fn open_session(
        &self,
        scope: &TenantScope,
        session: &Session,
        version: i64,
    ) -> Result<(), StoreError> {
        own(scope, session.tenant_id)?;
        let mut tx = self.db.write(scope).await?;
        let current = version_of_active_member(&mut tx, session.tenant_id, session.member_id).await?;
        if current != Some(version) {
            return Err(StoreError::Conflict);
        }
        let expired = member_sessions::table
            .filter(member_sessions::tenant_id.eq(Id(session.tenant_id.uuid())))
            .filter(member_sessions::member_id.eq(Id(session.member_id.uuid())))
            .filter(member_sessions::expires_at.le(Ts(session.created_at)));
        diesel::delete(expired).execute(&mut *tx).await.map_err(store_error)?;
        diesel::insert_into(member_sessions::table)
            .values(SessionRow::from(session))
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        let id = session.id.to_string();
        record(&mut tx, scope, session.created_at, AuditAction::SessionOpened, &id).await?;
        tx.commit().await
    }

    async fn rotate_session(
        &self,
        scope: &TenantScope,
        id: SessionId,
        presented: &SecretDigest,
        next: &SecretDigest,
        at: Timestamp,
    ) -> Result<Rotation, StoreError> {
        let live = member_sessions::table
            .find((Id(scope.tenant_id().uuid()), Id(id.uuid())))
            .filter(member_sessions::ended_at.is_null())
            .filter(member_sessions::expires_at.gt(Ts(at)));
        let mut tx = self.db.write(scope).await?;
        let last = live.filter(member_sessions::token_digest.eq(presented.as_bytes().as_slice()));
        let rotated = diesel::update(last)
            .set(member_sessions::token_digest.eq(next.as_bytes().as_slice()))
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        if rotated > 0 {
            tx.commit().await?;
            return Ok(Rotation::Rotated);
        }
        let ended = diesel::update(live)
            .set((
                member_sessions::ended_at.eq(Ts(at)),
                member_sessions::ended_because.eq(SessionEnd::Reused.as_str()),
            ))
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        if ended == 0 {
            tx.commit().await?;
            return Ok(Rotation::Gone);
        }
        record(&mut tx, scope, at, AuditAction::SessionReused, &id.to_string()).await?;
        tx.commit().await?;
        Ok(Rotation::Reused)
    }

    async fn end_session(
        &self,
        scope: &TenantScope,
        id: SessionId,
        why: SessionEnd,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let open = member_sessions::table
            .find((Id(scope.tenant_id().uuid()), Id(id.uuid())))
            .filter(member_sessions::ended_at.is_null());
        let mut tx = self.db.write(scope).await?;
        let ended = diesel::update(open)
            .set((member_sessions::ended_at.eq(Ts(at)), member_sessions::ended_because.eq(why.as_str())))
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        if ended == 0 {
            tx.commit().await?;
            return Ok(false);
        }
        record(&mut tx, scope, at, AuditAction::SessionEnded, &id.to_string()).await?;
        tx.commit().await?;
        Ok(true)
    }

    async fn find_session(
        &self,
        platform: &PlatformScope,
        id: SessionId,
    ) -> Result<Option<(Session, Member)>, StoreError> {
        let mut tx = self.db.read_platform(platform).await?;
        let session = member_sessions::table
            .filter(member_sessions::id.eq(Id(id.uuid())))
            .select(SessionRow::as_select())
            .first::<SessionRow>(&mut *tx)
            .await
            .optional()
            .map_err(store_error)?;
        let Some(session) = session else { return Ok(None) };
        let (tenant, member) = (TenantId::new(session.tenant_id.0), MemberId::new(session.member_id.0));
        let Some(row) = find_row(&mut tx, tenant, member).await? else { return Ok(None) };
        let vault = self.db.keys.of(tenant, &mut tx).await?;
        Ok(Some((session.read()?, row.open(&*vault)?)))
    }
}

async fn find_row(conn: &mut Conn, tenant: TenantId, id: MemberId) -> Result<Option<MemberRow>, StoreError> {
    members::table
        .find((Id(tenant.uuid()), Id(id.uuid())))
        .select(MemberRow::as_select())
        .first::<MemberRow>(conn)
        .await
        .optional()
        .map_err(store_error)
}

/// Says [`StoreError::Conflict`] when a member is to be no active owner any more, and nobody else is one.
async fn keep_an_owner(conn: &mut Conn, member: &Member) -> Result<(), StoreError> {
    if member.is_active_owner() {
        return Ok(());
    }
    hold_owners(conn, member.tenant_id).await?;
    if is_last_owner(conn, member.tenant_id, member.id).await? { Err(StoreError::Conflict) } else { Ok(()) }
}

/// Tells whether a member is an active owner, and nobody else is.
async fn is_last_owner(conn: &mut Conn, tenant: TenantId, id: MemberId) -> Result<bool, StoreError> {
    let owners = members::table
        .filter(members::tenant_id.eq(Id(tenant.uuid())))
        .filter(members::role.eq(Role::Owner.as_str()))
        .filter(members::status.eq(MemberStatus::Active.as_str()))
        .limit(2)
        .select(members::id)
        .load::<Id>(conn)
        .await
        .map_err(store_error)?;
    Ok(owners == [Id(id.uuid())])
}

/// Ends a member's live sessions, each with its line in the audit log.
async fn end_all(
    conn: &mut Conn,
    scope: &TenantScope,
    member: MemberId,
    at: Timestamp,
) -> Result<(), StoreError> {
    let live = member_sessions::table
        .filter(member_sessions::tenant_id.eq(Id(scope.tenant_id().uuid())))
        .filter(member_sessions::member_id.eq(Id(member.uuid())))
        .filter(member_sessions::ended_at.is_null())
        .filter(member_sessions::expires_at.gt(Ts(at)));
    let found = live.select(member_sessions::id).load::<Id>(conn).await.map_err(store_error)?;
    for id in found {
        // One that was ended meanwhile has its line already.
        let ended = diesel::update(live.filter(member_sessions::id.eq(id)))
            .set((
                member_sessions::ended_at.eq(Ts(at)),
                member_sessions::ended_because.eq(SessionEnd::Revoked.as_str()),
            ))
            .execute(conn)
            .await
            .map_err(store_error)?;
        if ended > 0 {
            record(conn, scope, at, AuditAction::SessionEnded, &id.0.to_string()).await?;
        }
    }
    Ok(())
}
