//! Digests of texts: equal ones mean equal content.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// Takes fields in one by one. Each goes in with its length, so that no two lists of fields look alike.
pub(crate) struct Fields(Sha256);

impl Fields {
    /// Begins with a name for what is digested, so that things of two kinds never have the same digest.
    pub(crate) fn of(kind: &str) -> Self {
        Self(Sha256::new()).and(kind)
    }

    /// Takes in a field.
    pub(crate) fn and(mut self, field: &str) -> Self {
        let length = u64::try_from(field.len()).unwrap_or(u64::MAX);
        self.0.update(length.to_be_bytes());
        self.0.update(field.as_bytes());
        self
    }

    /// Takes in a field that may be absent, which is another thing than an empty one.
    pub(crate) fn and_maybe(self, field: Option<&str>) -> Self {
        match field {
            Some(field) => self.and("some").and(field),
            None => self.and("none"),
        }
    }

    /// Returns the digest in hexadecimal digits.
    pub(crate) fn hex(self) -> String {
        self.0.finalize().iter().fold(String::new(), |mut hex, byte| {
            // Writing into a text cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_do_not_flow_into_one_another() {
        assert_ne!(Fields::of("x").and("ab").and("c").hex(), Fields::of("x").and("a").and("bc").hex());
        assert_ne!(Fields::of("x").and_maybe(None).hex(), Fields::of("x").and_maybe(Some("")).hex());
        assert_eq!(Fields::of("x").and("ab").hex().len(), 64);
    }
}
