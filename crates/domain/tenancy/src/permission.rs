//! What may be done, and which role may do it: the one table.

use std::fmt;

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $text:literal from $role:ident;)+) => {
        /// Something that may be done with what belongs to a tenant.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Permission {
            $($(#[$doc])* $name,)+
        }

        impl Permission {
            /// Every permission there is.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Returns the name on the wire and in stores.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }

            /// Returns the least of the roles that may do it.
            pub fn least_role(self) -> Role {
                match self { $(Self::$name => Role::$role),+ }
            }
        }
    };
}

permissions! {
    /// See the tenant itself: name, status, plan.
    TenantRead = "tenant:read" from Viewer;
    /// See the business profile.
    ProfileRead = "profile:read" from Viewer;
    /// Replace the business profile.
    ProfileWrite = "profile:write" from Admin;
    /// See conversations, their messages, and what was not sent.
    ConversationsRead = "conversations:read" from Viewer;
    /// Answer in person, close, reopen, pause, resume.
    ConversationsWrite = "conversations:write" from Staff;
    /// See contacts.
    ContactsRead = "contacts:read" from Viewer;
    /// See leads, what is known of them, and take them away as a table.
    LeadsRead = "leads:read" from Viewer;
    /// Add, change, tag, merge and delete leads, and write notes about them.
    LeadsWrite = "leads:write" from Staff;
    /// See who may be written to, and why.
    ConsentRead = "consent:read" from Viewer;
    /// Record that a contact wants messages, or none.
    ConsentWrite = "consent:write" from Staff;
    /// See the addresses at which the business is reached.
    ChannelsRead = "channels:read" from Viewer;
    /// Bind addresses, switch them on and off.
    ChannelsWrite = "channels:write" from Admin;
    /// See which accounts at carriers there are; never their tokens.
    ProviderAccountsRead = "provider_accounts:read" from Admin;
    /// Add and remove accounts at carriers.
    ProviderAccountsWrite = "provider_accounts:write" from Admin;
    /// See which API keys, owner tokens and widget tokens there are; never their secrets.
    CredentialsRead = "credentials:read" from Admin;
    /// Make, rotate and revoke API keys, owner tokens and widget tokens.
    CredentialsWrite = "credentials:write" from Admin;
    /// See who works for the tenant.
    MembersRead = "members:read" from Admin;
    /// Add members, change their roles, names and passwords, and disable them.
    MembersWrite = "members:write" from Admin;
    /// See versions of prompts and examples, and what a model would be told.
    PromptsRead = "prompts:read" from Viewer;
    /// Write, try, publish and roll back versions of prompts; make and try examples.
    PromptsWrite = "prompts:write" from Admin;
    /// See AI profiles.
    AiProfilesRead = "ai_profiles:read" from Viewer;
    /// Make and change AI profiles.
    AiProfilesWrite = "ai_profiles:write" from Admin;
    /// See feature flags.
    FlagsRead = "feature_flags:read" from Viewer;
    /// Set feature flags.
    FlagsWrite = "feature_flags:write" from Admin;
    /// Follow what happens, as it happens.
    EventsRead = "events:read" from Viewer;
    /// See who changed what.
    AuditRead = "audit:read" from Admin;
    /// See what the tenant has used, what that cost, and how it stands with its limits.
    UsageRead = "usage:read" from Admin;
}

impl Permission {
    fn bit(self) -> u32 {
        let before = Self::ALL.iter().take_while(|one| **one != self);
        before.fold(1, |bit, _| bit << 1)
    }
}

/// What a member is to the business. Each role may do all that the one before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Looks.
    Viewer,
    /// Talks to customers.
    Staff,
    /// Sets everything up.
    Admin,
    /// Decides who else owns it.
    Owner,
}

impl Role {
    /// Every role there is, the least first.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Staff, Self::Admin, Self::Owner];

    /// Returns the name on the wire and in stores.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Staff => "staff",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    /// Reads a name on the wire or in a store.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }

    /// Returns what the role may do.
    pub fn permissions(self) -> Permissions {
        Permission::ALL.iter().copied().filter(|permission| permission.least_role() <= self).collect()
    }
}

/// A set of permissions.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Permissions(u32);

impl Permissions {
    /// Nothing at all.
    pub const NONE: Self = Self(0);

    /// Returns every permission.
    pub fn all() -> Self {
        Permission::ALL.iter().copied().collect()
    }

    /// Returns what an API key may have at most: all but the members' affairs, which are for people.
    pub fn of_programs() -> Self {
        let is_for_people =
            |one: &Permission| matches!(one, Permission::MembersRead | Permission::MembersWrite);
        Permission::ALL.iter().copied().filter(|one| !is_for_people(one)).collect()
    }

    /// Returns what an owner token may do: look, at the audit log too.
    pub fn of_owner_tokens() -> Self {
        let audit: Self = [Permission::AuditRead].into_iter().collect();
        Self(Role::Viewer.permissions().0 | audit.0)
    }

    /// Reads what a store keeps. A name that only a newer program knows, which runs beside this one, is left out: it permits
    /// nothing here.
    pub fn from_stored(names: &str) -> Self {
        let is_named = |one: &Permission| names.split_whitespace().any(|name| name == one.as_str());
        Permission::ALL.iter().copied().filter(is_named).collect()
    }

    /// Reads names on the wire.
    ///
    /// # Errors
    /// The names that no permission has.
    pub fn from_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, Vec<String>> {
        let mut unknown = Vec::new();
        let mut found = Self::NONE;
        for name in names {
            match Permission::ALL.iter().find(|permission| permission.as_str() == name) {
                Some(permission) => found.0 |= permission.bit(),
                None => unknown.push(name.to_owned()),
            }
        }
        if unknown.is_empty() { Ok(found) } else { Err(unknown) }
    }

    /// Tells whether a permission is among them.
    pub fn contains(self, permission: Permission) -> bool {
        self.0 & permission.bit() != 0
    }

    /// Returns the permissions of these that the others lack.
    #[must_use]
    pub fn beyond(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    /// Returns the permissions that are among these and the others.
    #[must_use]
    pub fn within(self, others: Self) -> Self {
        Self(self.0 & others.0)
    }

    /// Tells whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns them in the table's order.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.iter().copied().filter(move |permission| self.contains(*permission))
    }
}

impl FromIterator<Permission> for Permissions {
    fn from_iter<T: IntoIterator<Item = Permission>>(permissions: T) -> Self {
        Self(permissions.into_iter().fold(0, |bits, permission| bits | permission.bit()))
    }
}

/// The names, with blanks between them, as stores keep them.
impl fmt::Display for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.iter().map(Permission::as_str).collect();
        f.write_str(&names.join(" "))
    }
}

impl fmt::Debug for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Permissions({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_may_do_all_that_lesser_roles_may() {
        for pair in Role::ALL.windows(2) {
            assert!(pair[0].permissions().beyond(pair[1].permissions()).is_empty(), "{pair:?}");
        }
        assert_eq!(Role::Owner.permissions(), Permissions::all());
    }

    #[test]
    fn a_viewer_changes_nothing() {
        for permission in Role::Viewer.permissions().iter().chain(Permissions::of_owner_tokens().iter()) {
            assert!(permission.as_str().ends_with(":read"), "{permission:?}");
        }
    }

    #[test]
    fn names_are_read_as_they_are_written_and_unknown_ones_are_named() {
        let all = Permissions::all().to_string();
        assert_eq!(Permissions::from_names(all.split(' ')), Ok(Permissions::all()));
        assert_eq!(
            Permissions::from_names(["tenant:read", "tenant:eat"]),
            Err(vec!["tenant:eat".to_owned()])
        );
        assert_eq!(Permissions::all().iter().count(), Permission::ALL.len());
        assert_eq!(Permissions::from_stored(&format!("tenant:eat {all}")), Permissions::all());
    }
}
