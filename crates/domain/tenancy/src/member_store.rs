//! The ports to members, their sessions, and the operator's.

use async_trait::async_trait;
use kernel::{MemberId, Page, PageRequest, SessionId, StoreError, Timestamp};

use crate::{EmailAddress, Member, PlatformScope, Rotation, SecretDigest, Session, SessionEnd, TenantScope};

/// Whether a save of a member leaves the member signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sessions {
    /// They go on.
    Keep,
    /// All are ended, in the same step.
    End,
}

/// Keeps members and their sessions.
///
/// An adapter MUST keep e-mail addresses and names sealed, MUST find members by a blind index, and MUST make
/// (tenant, e-mail) unique in the database itself.
#[async_trait]
pub trait MemberStore: Send + Sync {
    /// Writes a new member, and records `member.added`.
    ///
    /// # Errors
    /// [`StoreError::Duplicate`] when the tenant has a member with this address or id; [`StoreError::Conflict`] when
    /// the member is not the scope's tenant's.
    async fn insert(&self, scope: &TenantScope, member: &Member) -> Result<(), StoreError>;

    /// Returns one of the tenant's members.
    ///
    /// # Errors
    /// When the store fails.
    async fn find(&self, scope: &TenantScope, id: MemberId) -> Result<Option<Member>, StoreError>;

    /// Returns the tenant's members, oldest first, disabled ones too.
    ///
    /// # Errors
    /// When the store fails.
    async fn list(&self, scope: &TenantScope, page: &PageRequest) -> Result<Page<Member>, StoreError>;

    /// Writes a member's name, role, status and password, raises the version by one, and ends the member's live sessions
    /// where asked. Records `session.ended` for each, and then `member.changed` with
    /// [`AuditDetail::of_member`](crate::AuditDetail::of_member), unless everything stays as it was. All or nothing.
    ///
    /// An adapter MUST refuse what would leave the tenant without an active owner where it has one, also when two saves
    /// that each would leave another come at once.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] unless the stored version is the one that was read and an active owner remains.
    async fn save(
        &self,
        scope: &TenantScope,
        member: &Member,
        sessions: Sessions,
        at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Returns the active members with this address, of all tenants that are not deleted, oldest first and at most `most`.
    ///
    /// # Errors
    /// When the store fails.
    async fn find_by_email(
        &self,
        platform: &PlatformScope,
        email: &EmailAddress,
        most: usize,
    ) -> Result<Vec<Member>, StoreError>;

    /// Writes a new session of a member whose password was verified at a version, and records `session.opened`.
    ///
    /// An adapter MUST compare versions in the step that writes, and let no save of the member come between: a save that
    /// ends all sessions ends those too that were about to be opened.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is not the scope's tenant's, or the member is disabled or has another version by now.
    async fn open_session(
        &self,
        scope: &TenantScope,
        session: &Session,
        version: i64,
    ) -> Result<(), StoreError>;

    /// Exchanges a refresh token for the next, in one step. Where the presented one is not the one that is good now, the
    /// session is ended in that same step, and `session.reused` recorded. Ask it only about a token that
    /// [`TokenSigner::verify_refresh`](crate::TokenSigner::verify_refresh) knows as given out: then it was used before.
    ///
    /// # Errors
    /// When the store fails.
    async fn rotate_session(
        &self,
        scope: &TenantScope,
        id: SessionId,
        presented: &SecretDigest,
        next: &SecretDigest,
        at: Timestamp,
    ) -> Result<Rotation, StoreError>;

    /// Ends a session, and records `session.ended`; `false` when the tenant has no such session that had not ended.
    ///
    /// # Errors
    /// When the store fails.
    async fn end_session(
        &self,
        scope: &TenantScope,
        id: SessionId,
        why: SessionEnd,
        at: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Returns a session with its member, live or not, whichever tenant's it is.
    ///
    /// # Errors
    /// When the store fails.
    async fn find_session(
        &self,
        platform: &PlatformScope,
        id: SessionId,
    ) -> Result<Option<(Session, Member)>, StoreError>;
}

/// Keeps the operator's sign-ins, as digests.
#[async_trait]
pub trait AdminSessionStore: Send + Sync {
    /// Writes a new session, and removes those that have expired by `at`. Records `admin_session.opened` in the platform's
    /// audit log, with the digest's [`audit_id`](SecretDigest::audit_id).
    ///
    /// # Errors
    /// [`StoreError::Duplicate`] when the digest exists.
    async fn open(
        &self,
        platform: &PlatformScope,
        digest: &SecretDigest,
        at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Tells until when a session is good; `None` when there is none, or it has been ended.
    ///
    /// # Errors
    /// When the store fails.
    async fn find(
        &self,
        platform: &PlatformScope,
        digest: &SecretDigest,
    ) -> Result<Option<Timestamp>, StoreError>;

    /// Ends a session, and records `admin_session.ended`; ending what is not there does nothing.
    ///
    /// # Errors
    /// When the store fails.
    async fn end(
        &self,
        platform: &PlatformScope,
        digest: &SecretDigest,
        at: Timestamp,
    ) -> Result<(), StoreError>;
}
