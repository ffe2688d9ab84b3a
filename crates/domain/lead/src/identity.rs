//! By what a lead is recognised.

use kernel::PhoneNumber;
use serde::{Deserialize, Serialize};
use tenancy::EmailAddress;

use crate::Field;

/// By what a lead is recognised. At most one lead of a tenant has it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum Identity {
    /// A phone.
    Phone(PhoneNumber),
    /// An e-mail address.
    Email(EmailAddress),
}

impl Identity {
    /// Reads a phone in E.164 or an e-mail address; `None` for anything else.
    pub fn read(text: &str) -> Option<Self> {
        let phone = PhoneNumber::parse(text).ok().map(Self::Phone);
        phone.or_else(|| EmailAddress::parse(text).map(Self::Email))
    }

    /// Returns the field that holds it.
    pub fn field(&self) -> Field {
        match self {
            Self::Phone(_) => Field::Phone,
            Self::Email(_) => Field::Email,
        }
    }

    /// Returns the canonical text. With [`Identity::field`] it makes the blind index.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Phone(number) => number.as_str(),
            Self::Email(address) => address.as_str(),
        }
    }
}
