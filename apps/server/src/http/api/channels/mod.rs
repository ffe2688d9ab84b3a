//! A tenant's addresses.

pub mod bind;
pub mod change;
pub mod list;

use chrono::{DateTime, Utc};
use serde::Serialize;
use tenancy::ChannelBinding;
use utoipa::ToSchema;
use uuid::Uuid;

/// A tenant's address on a channel.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelBody {
    /// The binding's id.
    id: Uuid,
    /// `sms` or `web_chat`.
    channel: &'static str,
    /// Who carries the messages: `twilio`, or `built_in` for web chat.
    provider: &'static str,
    /// The tenant's address: a phone number, or its own id for web chat.
    address: String,
    /// Whether messages are answered and sent. What is texted to a number that is off is stored, so that STOP counts;
    /// web chat that is off takes nothing in.
    is_active: bool,
    /// When the address was bound.
    created_at: DateTime<Utc>,
}

impl From<ChannelBinding> for ChannelBody {
    fn from(binding: ChannelBinding) -> Self {
        Self {
            id: binding.id().uuid(),
            channel: binding.channel().as_str(),
            provider: binding.provider().as_str(),
            address: binding.address().as_str().to_owned(),
            is_active: binding.is_active(),
            created_at: binding.created_at(),
        }
    }
}
