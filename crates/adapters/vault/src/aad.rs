//! Associated data: what a sealed value is and where it stands, in bytes that can be read one way only.

use kernel::{ContactId, TenantId};
use tenancy::Place;

/// The version of what is sealed and how; the first byte of every sealed value, and bound into it.
pub(crate) const SCHEME: u8 = 1;

/// Parts, each behind its length, so that no two lists of parts are the same bytes.
pub(crate) struct Parts(Vec<u8>);

impl Parts {
    /// Begins with a purpose, which no other use of the same key may share.
    pub(crate) fn of(purpose: &str) -> Self {
        Self(Vec::with_capacity(128)).with(purpose.as_bytes())
    }

    /// Adds a part.
    pub(crate) fn with(mut self, part: &[u8]) -> Self {
        let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
        self.0.extend_from_slice(&length.to_be_bytes());
        self.0.extend_from_slice(part);
        self
    }

    /// Returns the bytes.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Says that a tenant's key is wrapped, and by which version of the key-encryption key.
pub(crate) fn tenant_key(tenant: TenantId, kek_version: i32) -> Parts {
    sealed("tenant key").with(tenant.uuid().as_bytes()).with(&kek_version.to_be_bytes())
}

/// Says that a contact's key is wrapped.
pub(crate) fn contact_key(tenant: TenantId, contact: ContactId) -> Parts {
    sealed("contact key").with(tenant.uuid().as_bytes()).with(contact.uuid().as_bytes())
}

/// Says that a value of the tenant's own is sealed, and where it stands.
pub(crate) fn tenant_value(tenant: TenantId, place: Place) -> Parts {
    at(sealed("tenant value").with(tenant.uuid().as_bytes()), place)
}

/// Says that a value of a contact's is sealed, and where it stands.
pub(crate) fn contact_value(tenant: TenantId, contact: ContactId, place: Place) -> Parts {
    at(sealed("contact value").with(tenant.uuid().as_bytes()).with(contact.uuid().as_bytes()), place)
}

fn sealed(purpose: &str) -> Parts {
    Parts::of(purpose).with(&[SCHEME])
}

fn at(parts: Parts, place: Place) -> Parts {
    parts.with(place.table.as_bytes()).with(place.column.as_bytes()).with(place.row.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_cannot_move_from_one_part_to_the_next() {
        let one = Parts::of("value").with(b"contact").with(b"s_name");
        let other = Parts::of("value").with(b"contacts").with(b"_name");
        assert_ne!(one.as_bytes(), other.as_bytes());
    }

    #[test]
    fn an_empty_part_is_not_a_missing_part() {
        assert_ne!(Parts::of("value").as_bytes(), Parts::of("value").with(b"").as_bytes());
    }
}
