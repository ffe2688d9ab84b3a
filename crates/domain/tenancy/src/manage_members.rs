//! Adding members, changing what they may do, and giving them passwords.

use std::sync::Arc;

use kernel::{Clock, IdGenerator, MemberId, Page, PageRequest, StoreError};

use crate::{
    AccessError, Actor, EmailAddress, Member, MemberStatus, MemberStore, PasswordHash, PasswordHasher, Role,
    SecretText, Sessions, TenancyError, TenantScope,
};

/// A member to be added.
#[derive(Debug)]
pub struct NewMember {
    /// The address to sign in with.
    pub email: String,
    /// What the member is called.
    pub name: String,
    /// What the member may do.
    pub role: Role,
    /// The password to begin with.
    pub password: SecretText,
}

/// What of a member is to be changed.
#[derive(Clone, Debug, Default)]
pub struct MemberPatch {
    /// The new name, if any.
    pub name: Option<String>,
    /// The new role, if any.
    pub role: Option<Role>,
    /// The new status, if any.
    pub status: Option<MemberStatus>,
}

/// Adds and changes members.
pub struct ManageMembers {
    store: Arc<dyn MemberStore>,
    passwords: Arc<dyn PasswordHasher>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
}

impl ManageMembers {
    /// The shortest password, in characters.
    pub const SHORTEST_PASSWORD: usize = 12;
    /// The longest password, in characters.
    pub const LONGEST_PASSWORD: usize = 256;

    /// Makes the use case.
    pub fn new(
        store: Arc<dyn MemberStore>,
        passwords: Arc<dyn PasswordHasher>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdGenerator>,
    ) -> Self {
        Self { store, passwords, clock, ids }
    }

    /// Adds a member. Only an owner or the operator adds an owner.
    ///
    /// # Errors
    /// When a field is not usable, the tenant has a member with this address, the caller may not, or the store fails.
    pub async fn add(&self, scope: &TenantScope, new: NewMember) -> Result<Member, TenancyError> {
        may_decide_about(scope, new.role)?;
        let email = EmailAddress::parse(&new.email).ok_or_else(|| TenancyError::Invalid {
            field: "email",
            message: "write an e-mail address, as in ann@example.com".into(),
        })?;
        let name = Member::parse_name(&new.name)?;
        let password = self.hash("password", &new.password, &email).await?;
        let member = Member {
            id: MemberId::new(self.ids.next()),
            tenant_id: scope.tenant_id(),
            email,
            name,
            role: new.role,
            status: MemberStatus::Active,
            password,
            created_at: self.clock.now(),
            version: 0,
        };
        match self.store.insert(scope, &member).await {
            Ok(()) => Ok(member),
            Err(StoreError::Duplicate) => Err(TenancyError::Taken { what: "member's e-mail address" }),
            Err(error) => Err(error.into()),
        }
    }

    /// Returns a member.
    ///
    /// # Errors
    /// When the tenant has no such member, or the store fails.
    pub async fn get(&self, scope: &TenantScope, id: MemberId) -> Result<Member, TenancyError> {
        self.store.find(scope, id).await?.ok_or(TenancyError::NotFound { what: "member" })
    }

    /// Returns the tenant's members, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list(&self, scope: &TenantScope, page: &PageRequest) -> Result<Page<Member>, TenancyError> {
        Ok(self.store.list(scope, page).await?)
    }

    /// Changes a member's name, role or status. A disabled member is signed out everywhere at once.
    ///
    /// # Errors
    /// When a field is not usable, there is no such member, the caller may not, the tenant would be left without an
    /// owner, or the store fails.
    pub async fn change(
        &self,
        scope: &TenantScope,
        id: MemberId,
        patch: &MemberPatch,
    ) -> Result<Member, TenancyError> {
        let mut member = self.get(scope, id).await?;
        may_decide_about(scope, member.role)?;
        let was_owner = member.is_active_owner();
        if let Some(role) = patch.role {
            may_decide_about(scope, role)?;
            member.role = role;
        }
        if let Some(name) = &patch.name {
            member.name = Member::parse_name(name)?;
        }
        if let Some(status) = patch.status {
            member.status = status;
        }
        let sessions = if member.status == MemberStatus::Disabled { Sessions::End } else { Sessions::Keep };
        match self.store.save(scope, &member, sessions, self.clock.now()).await {
            Ok(()) => Ok(Member { version: member.version + 1, ..member }),
            Err(StoreError::Conflict) if was_owner && !member.is_active_owner() => {
                Err(self.why_not(scope, &member).await?)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Gives a member another password; the member is signed out everywhere.
    ///
    /// # Errors
    /// When the password is not usable, there is no such member, the caller may not, or the store fails.
    pub async fn set_password(
        &self,
        scope: &TenantScope,
        id: MemberId,
        password: &SecretText,
    ) -> Result<(), TenancyError> {
        let member = self.get(scope, id).await?;
        may_decide_about(scope, member.role)?;
        let password = self.hash("password", password, &member.email).await?;
        Ok(self.store.save(scope, &Member { password, ..member }, Sessions::End, self.clock.now()).await?)
    }

    /// Lets the acting member choose another password; the member is signed out everywhere.
    ///
    /// # Errors
    /// [`TenancyError::WrongPassword`] when the present password is another; [`AccessError::Unauthorized`] when the caller
    /// is no member; [`TenancyError::Invalid`] when the new one is not usable; or when the hasher or the store fails.
    pub async fn change_own_password(
        &self,
        scope: &TenantScope,
        present: &SecretText,
        new: &SecretText,
    ) -> Result<(), TenancyError> {
        let Actor::Member { id, .. } = scope.actor() else {
            return Err(AccessError::Unauthorized.into());
        };
        let member = self.get(scope, *id).await?;
        if !self.passwords.verify(present, &member.password).await? {
            return Err(TenancyError::WrongPassword);
        }
        let password = self.hash("new_password", new, &member.email).await?;
        Ok(self.store.save(scope, &Member { password, ..member }, Sessions::End, self.clock.now()).await?)
    }

    async fn hash(
        &self,
        field: &'static str,
        password: &SecretText,
        email: &EmailAddress,
    ) -> Result<PasswordHash, TenancyError> {
        let text = password.expose();
        let fits = (Self::SHORTEST_PASSWORD..=Self::LONGEST_PASSWORD).contains(&text.chars().count());
        if !fits {
            let (least, most) = (Self::SHORTEST_PASSWORD, Self::LONGEST_PASSWORD);
            let message =
                format!("choose {least} to {most} characters; a few words that belong to no sentence do");
            return Err(TenancyError::Invalid { field, message });
        }
        if text.trim().eq_ignore_ascii_case(email.as_str()) {
            let message = "choose something other than the e-mail address".into();
            return Err(TenancyError::Invalid { field, message });
        }
        Ok(self.passwords.hash(password).await?)
    }

    /// A save of somebody who ceases to be an owner was refused: because nobody else is one, or somebody was faster.
    async fn why_not(&self, scope: &TenantScope, member: &Member) -> Result<TenancyError, StoreError> {
        let stored = self.store.find(scope, member.id).await?;
        let is_unchanged = stored.is_some_and(|stored| stored.version == member.version);
        Ok(if is_unchanged { TenancyError::LastOwner } else { StoreError::Conflict.into() })
    }
}

/// Whoever is not an owner decides about nobody who is, or would be.
fn may_decide_about(scope: &TenantScope, role: Role) -> Result<(), TenancyError> {
    let is_owner = match scope.actor() {
        Actor::Member { role, .. } => *role == Role::Owner,
        Actor::Operator(_) | Actor::System => true,
        Actor::ApiKey { .. }
        | Actor::OwnerToken { .. }
        | Actor::Visitor { .. }
        | Actor::TrustedCaller
        | Actor::Carrier => false,
    };
    if role == Role::Owner && !is_owner { Err(AccessError::OwnerOnly.into()) } else { Ok(()) }
}
