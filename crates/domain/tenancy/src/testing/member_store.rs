//! Members and their sessions, in memory.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{Cursor, MemberId, Page, PageRequest, SessionId, StoreError, Timestamp};

use super::{MemoryAuditLog, MemoryTenantStore, rows::Rows};
use crate::{
    AuditAction, AuditDetail, EmailAddress, Member, MemberStatus, MemberStore, PlatformScope, Rotation,
    SecretDigest, Session, SessionEnd, Sessions, TenantScope, TenantStatus, TenantStore,
};

/// Keeps members and their sessions in memory.
#[derive(Debug, Default)]
pub struct MemoryMemberStore {
    tenants: Arc<MemoryTenantStore>,
    members: Rows<Member>,
    sessions: Rows<Session>,
    audit: MemoryAuditLog,
}

impl MemoryMemberStore {
    /// Makes an empty store of the members of these tenants that records in a log.
    pub fn of(tenants: &Arc<MemoryTenantStore>, audit: &MemoryAuditLog) -> Self {
        Self { tenants: Arc::clone(tenants), audit: audit.clone(), ..Self::default() }
    }
}

#[async_trait]
impl MemberStore for MemoryMemberStore {
    async fn insert(&self, scope: &TenantScope, member: &Member) -> Result<(), StoreError> {
        if member.tenant_id != scope.tenant_id() {
            return Err(StoreError::Conflict);
        }
        let mut rows = self.members.lock();
        let is_same = |stored: &Member| {
            stored.tenant_id == member.tenant_id && (stored.id == member.id || stored.email == member.email)
        };
        if rows.iter().any(is_same) {
            return Err(StoreError::Duplicate);
        }
        rows.push(member.clone());
        self.audit.record(scope, member.created_at, AuditAction::MemberAdded, member.id);
        Ok(())
    }

    async fn find(&self, scope: &TenantScope, id: MemberId) -> Result<Option<Member>, StoreError> {
        Ok(self.members.find(|member| member.id == id && member.tenant_id == scope.tenant_id()))
    }

    async fn list(&self, scope: &TenantScope, page: &PageRequest) -> Result<Page<Member>, StoreError> {
        let is_due = |member: &Member| {
            let Cursor { micros, id } = cursor(member);
            member.tenant_id == scope.tenant_id()
                && page.after().is_none_or(|after| (micros, id) > (after.micros, after.id))
        };
        let mut due = self.members.list(is_due, |member| (member.created_at, member.id));
        due.truncate(usize::from(page.limit()) + 1);
        Ok(Page::from_rows(due, page, cursor))
    }

    async fn save(
        &self,
        scope: &TenantScope,
        member: &Member,
        sessions: Sessions,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut rows = self.members.lock();
        let is_own = |stored: &&mut Member| stored.tenant_id == scope.tenant_id() && stored.id == member.id;
        let others_own = rows.iter().any(|other| {
            other.tenant_id == scope.tenant_id() && other.id != member.id && other.is_active_owner()
        });
        let stored = rows.iter_mut().find(is_own).ok_or(StoreError::Conflict)?;
        let leaves_none = stored.is_active_owner() && !member.is_active_owner() && !others_own;
        if stored.version != member.version || leaves_none {
            return Err(StoreError::Conflict);
        }
        let detail = AuditDetail::of_member(stored, member);
        *stored = Member {
            name: member.name.clone(),
            role: member.role,
            status: member.status,
            password: member.password.clone(),
            version: stored.version + 1,
            ..stored.clone()
        };
        if sessions == Sessions::End {
            let is_open = |one: &&mut Session| one.member_id == member.id && one.is_live(at);
            for session in self.sessions.lock().iter_mut().filter(is_open) {
                session.ended = Some((at, SessionEnd::Revoked));
                self.audit.record(scope, at, AuditAction::SessionEnded, session.id);
            }
        }
        self.audit.record_change(scope, at, (AuditAction::MemberChanged, member.id), detail);
        Ok(())
    }

    async fn find_by_email(
        &self,
        platform: &PlatformScope,
        email: &EmailAddress,
        most: usize,
    ) -> Result<Vec<Member>, StoreError> {
        let is_due = |member: &Member| member.email == *email && member.status == MemberStatus::Active;
        let mut found = Vec::new();
        for member in self.members.list(is_due, |member| (member.created_at, member.id)) {
            let tenant = self.tenants.find(platform, member.tenant_id).await?;
            if tenant.is_some_and(|tenant| tenant.status() != TenantStatus::Deleted) {
                found.push(member);
            }
        }
        found.truncate(most);
        Ok(found)
    }

    async fn open_session(
        &self,
        scope: &TenantScope,
        session: &Session,
        version: i64,
    ) -> Result<(), StoreError> {
        let members = self.members.lock();
        let is_as_verified = |one: &Member| {
            one.tenant_id == session.tenant_id
                && one.id == session.member_id
                && one.version == version
                && one.status == MemberStatus::Active
        };
        if session.tenant_id != scope.tenant_id() || !members.iter().any(is_as_verified) {
            return Err(StoreError::Conflict);
        }
        self.sessions.lock().push(session.clone());
        self.audit.record(scope, session.created_at, AuditAction::SessionOpened, session.id);
        Ok(())
    }

    async fn rotate_session(
        &self,
        scope: &TenantScope,
        id: SessionId,
        presented: &SecretDigest,
        next: &SecretDigest,
        at: Timestamp,
    ) -> Result<Rotation, StoreError> {
        let mut rows = self.sessions.lock();
        let is_own = |one: &&mut Session| one.id == id && one.tenant_id == scope.tenant_id();
        let Some(session) = rows.iter_mut().find(is_own).filter(|one| one.is_live(at)) else {
            return Ok(Rotation::Gone);
        };
        if session.token != *presented {
            session.ended = Some((at, SessionEnd::Reused));
            self.audit.record(scope, at, AuditAction::SessionReused, id);
            return Ok(Rotation::Reused);
        }
        session.token = next.clone();
        Ok(Rotation::Rotated)
    }

    async fn end_session(
        &self,
        scope: &TenantScope,
        id: SessionId,
        why: SessionEnd,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut rows = self.sessions.lock();
        let is_open =
            |one: &&mut Session| one.id == id && one.tenant_id == scope.tenant_id() && one.ended.is_none();
        let Some(session) = rows.iter_mut().find(is_open) else { return Ok(false) };
        session.ended = Some((at, why));
        self.audit.record(scope, at, AuditAction::SessionEnded, id);
        Ok(true)
    }

    async fn find_session(
        &self,
        _: &PlatformScope,
        id: SessionId,
    ) -> Result<Option<(Session, Member)>, StoreError> {
        let Some(session) = self.sessions.find(|one| one.id == id) else { return Ok(None) };
        let member = self.members.find(|member| member.id == session.member_id);
        Ok(member.map(|member| (session, member)))
    }
}

fn cursor(member: &Member) -> Cursor {
    Cursor { micros: member.created_at.timestamp_micros(), id: member.id.uuid() }
}
