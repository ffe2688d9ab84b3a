//! What of a thing was changed, as the audit log has it: a closed list, with nothing personal in it.

use crate::{Member, Tenant};

/// What was changed: of a role, a status, a plan or a limit, from what to what; of a name or a password only that it is another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditDetail(String);

impl AuditDetail {
    /// Returns what a member's change has changed; `None` for nothing.
    pub fn of_member(before: &Member, after: &Member) -> Option<Self> {
        Self::of([
            from_to("role", before.role.as_str(), after.role.as_str()),
            from_to("status", before.status.as_str(), after.status.as_str()),
            (before.name != after.name).then(|| "name".to_owned()),
            (before.password != after.password).then(|| "password".to_owned()),
        ])
    }

    /// Returns what a tenant's change has changed; `None` for nothing.
    pub fn of_tenant(before: &Tenant, after: &Tenant) -> Option<Self> {
        Self::of([
            from_to("status", before.status().as_str(), after.status().as_str()),
            from_to("plan", before.plan().as_str(), after.plan().as_str()),
        ])
    }

    /// Returns what a change of limits has changed, each by its name, from what to what; `None` for nothing.
    pub fn of_limits<const N: usize>(limits: [(&str, String, String); N]) -> Option<Self> {
        Self::of(limits.map(|(name, before, after)| from_to(name, &before, &after)))
    }

    /// Rebuilds a detail from what a store kept.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// Returns the text, as in `role: staff -> owner, password`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn of<const N: usize>(changes: [Option<String>; N]) -> Option<Self> {
        let changes: Vec<_> = changes.into_iter().flatten().collect();
        (!changes.is_empty()).then(|| Self(changes.join(", ")))
    }
}

fn from_to(field: &str, before: &str, after: &str) -> Option<String> {
    (before != after).then(|| format!("{field}: {before} -> {after}"))
}
