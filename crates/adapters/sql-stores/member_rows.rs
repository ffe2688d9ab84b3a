//! The rows of members and their sessions: what is sealed in them, and how they are read.

use diesel::{Insertable, Queryable, Selectable};
use kernel::{MemberId, SessionId, StoreError, TenantId};
use tenancy::{
    BlindIndex, EmailAddress, IndexKind, Member, MemberStatus, PasswordHash, Place, Role, Sealed,
    SecretDigest, Session, SessionEnd, TenantVault,
};
use uuid::Uuid;

use crate::{
    errors::{corrupt, vault_error},
    schema::{member_sessions, members},
    types::{Id, Ts},
};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = members)]
pub(crate) struct MemberRow {
    pub(crate) tenant_id: Id,
    id: Id,
    email_sealed: Vec<u8>,
    email_index: Vec<u8>,
    pub(crate) name_sealed: Vec<u8>,
    role: String,
    status: String,
    pub(crate) password_sealed: Vec<u8>,
    created_at: Ts,
    version: i64,
}

impl MemberRow {
    /// Seals a member. The platform's vault makes the index: whoever signs in has named no tenant yet.
    pub(crate) fn seal(
        vault: &dyn TenantVault,
        platform: &dyn TenantVault,
        member: &Member,
    ) -> Result<Self, StoreError> {
        let id = member.id.uuid();
        Ok(Self {
            tenant_id: Id(member.tenant_id.uuid()),
            id: Id(id),
            email_sealed: seal(vault, id, "email_sealed", member.email.as_str())?,
            email_index: email_index(platform, &member.email).0.to_vec(),
            name_sealed: seal(vault, id, "name_sealed", &member.name)?,
            role: member.role.as_str().to_owned(),
            status: member.status.as_str().to_owned(),
            password_sealed: seal(vault, id, "password_sealed", member.password.expose())?,
            created_at: Ts(member.created_at),
            version: member.version,
        })
    }

    /// Opens a member.
    pub(crate) fn open(self, vault: &dyn TenantVault) -> Result<Member, StoreError> {
        let id = self.id.0;
        let email = open(vault, id, "email_sealed", self.email_sealed)?;
        Ok(Member {
            id: MemberId::new(id),
            tenant_id: TenantId::new(self.tenant_id.0),
            email: EmailAddress::parse(&email).ok_or_else(|| corrupt("e-mail address"))?,
            name: open(vault, id, "name_sealed", self.name_sealed)?,
            role: Role::from_name(&self.role).ok_or_else(|| corrupt("role"))?,
            status: MemberStatus::from_name(&self.status).ok_or_else(|| corrupt("member status"))?,
            password: PasswordHash::new(open(vault, id, "password_sealed", self.password_sealed)?),
            created_at: self.created_at.0,
            version: self.version,
        })
    }
}

/// Returns the digest by which a member's address is found.
pub(crate) fn email_index(platform: &dyn TenantVault, email: &EmailAddress) -> BlindIndex {
    platform.blind_index(IndexKind::Email, email.as_str())
}

fn seal(vault: &dyn TenantVault, row: Uuid, column: &'static str, text: &str) -> Result<Vec<u8>, StoreError> {
    let place = Place { table: "members", column, row };
    Ok(vault.seal(place, text.as_bytes()).map_err(vault_error)?.0)
}

fn open(
    vault: &dyn TenantVault,
    row: Uuid,
    column: &'static str,
    sealed: Vec<u8>,
) -> Result<String, StoreError> {
    let place = Place { table: "members", column, row };
    let plain = vault.open(place, &Sealed(sealed)).map_err(vault_error)?;
    String::from_utf8(plain).map_err(|_| corrupt(column))
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = member_sessions)]
pub(crate) struct SessionRow {
    pub(crate) tenant_id: Id,
    id: Id,
    pub(crate) member_id: Id,
    token_digest: Vec<u8>,
    created_at: Ts,
    expires_at: Ts,
    ended_at: Option<Ts>,
    ended_because: Option<String>,
}

impl From<&Session> for SessionRow {
    fn from(session: &Session) -> Self {
        Self {
            tenant_id: Id(session.tenant_id.uuid()),
            id: Id(session.id.uuid()),
            member_id: Id(session.member_id.uuid()),
            token_digest: session.token.as_bytes().to_vec(),
            created_at: Ts(session.created_at),
            expires_at: Ts(session.expires_at),
            ended_at: session.ended.map(|(at, _)| Ts(at)),
            ended_because: session.ended.map(|(_, why)| why.as_str().to_owned()),
        }
    }
}

impl SessionRow {
    pub(crate) fn read(self) -> Result<Session, StoreError> {
        let ended = match (self.ended_at, self.ended_because) {
            (Some(at), Some(why)) => {
                Some((at.0, SessionEnd::from_name(&why).ok_or_else(|| corrupt("end of a session"))?))
            }
            _ => None,
        };
        Ok(Session {
            id: SessionId::new(self.id.0),
            tenant_id: TenantId::new(self.tenant_id.0),
            member_id: MemberId::new(self.member_id.0),
            token: SecretDigest::from_stored(&self.token_digest).ok_or_else(|| corrupt("digest"))?,
            created_at: self.created_at.0,
            expires_at: self.expires_at.0,
            ended,
        })
    }
}
