//! A tenant's conversations, as a person works on them.

pub mod answer;
pub mod change;
pub mod get;
pub mod list;
pub mod messages;
pub mod refused_sends;

use chrono::{DateTime, Utc};
use conversation::ConversationView;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A thread between a contact and one of the tenant's addresses.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConversationBody {
    /// The conversation's id.
    id: Uuid,
    /// `sms` or `web_chat`.
    channel: &'static str,
    /// `open`, `closed` or `archived`.
    status: &'static str,
    /// Who answers: `bot` or `human`.
    owner: &'static str,
    /// With whom.
    contact: ConversationContactBody,
    /// When it began.
    created_at: DateTime<Utc>,
    /// When the last message was received or written.
    last_message_at: DateTime<Utc>,
    /// What was said before the last messages, as the model sums it up; null while there are few.
    summary: Option<String>,
}

/// The contact of a conversation.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConversationContactBody {
    /// The contact's id.
    id: Uuid,
    /// The contact's name; null until it is known.
    name: Option<String>,
    /// Where the contact is reached in this conversation.
    address: String,
}

impl From<ConversationView> for ConversationBody {
    fn from(view: ConversationView) -> Self {
        let ConversationView { conversation, contact_name, summary } = view;
        Self {
            id: conversation.id.uuid(),
            channel: conversation.channel.as_str(),
            status: conversation.status.as_str(),
            owner: conversation.owner.as_str(),
            contact: ConversationContactBody {
                id: conversation.contact_id.uuid(),
                name: contact_name.map(|name| name.text),
                address: conversation.address.as_str().to_owned(),
            },
            created_at: conversation.created_at,
            last_message_at: conversation.last_message_at,
            summary: summary.map(|summary| summary.text),
        }
    }
}
