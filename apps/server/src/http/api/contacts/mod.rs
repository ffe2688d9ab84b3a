//! A tenant's contacts: the end customers.

pub mod change_consent;
pub mod get;
pub mod list;
pub mod show_consent;

use chrono::{DateTime, Utc};
use conversation::Contact;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// An end customer.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContactBody {
    /// The contact's id.
    id: Uuid,
    /// The contact's name; null until it is known.
    name: Option<String>,
    /// Where the contact can be reached, oldest first.
    addresses: Vec<String>,
    /// When the contact first wrote.
    created_at: DateTime<Utc>,
}

impl From<Contact> for ContactBody {
    fn from(contact: Contact) -> Self {
        Self {
            id: contact.id.uuid(),
            name: contact.name.map(|name| name.text),
            addresses: contact.addresses.iter().map(|address| address.as_str().to_owned()).collect(),
            created_at: contact.created_at,
        }
    }
}
