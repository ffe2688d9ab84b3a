//! A message as a carrier keeps it, and the shape in which Twilio shows it.

use kernel::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::segment::segment_count;

/// The version of Twilio's interface that is spoken here.
pub(crate) const API_VERSION: &str = "2010-04-01";

/// Which way a message goes, seen from the business, and who wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MessageDirection {
    /// A customer wrote it.
    Inbound,
    /// The business sent it through the interface.
    OutboundApi,
    /// The carrier itself answered an opt-out, opt-in or help word.
    OutboundReply,
}

impl MessageDirection {
    /// Returns the name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::OutboundApi => "outbound-api",
            Self::OutboundReply => "outbound-reply",
        }
    }
}

/// How far a message has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageStatus {
    /// The carrier has taken it.
    Queued,
    /// It is on its way.
    Sent,
    /// It is on the customer's phone.
    Delivered,
    /// A customer's message has come in.
    Received,
}

impl MessageStatus {
    /// Returns the name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Received => "received",
        }
    }
}

/// A message as a carrier keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarrierMessage {
    /// The carrier's id: `SM` and 32 hexadecimal digits.
    pub sid: String,
    /// Which way it goes.
    pub direction: MessageDirection,
    /// Who sent it.
    pub from: String,
    /// Who gets it.
    pub to: String,
    /// What it says.
    pub body: String,
    /// How many pictures and files it brings.
    pub num_media: usize,
    /// How far it has come.
    pub status: MessageStatus,
    /// Where the sender wants to hear about it.
    pub status_callback: Option<String>,
    /// When the carrier took it.
    pub created_at: Timestamp,
    /// When it left; `None` while it is queued.
    pub sent_at: Option<Timestamp>,
    /// When its status last changed.
    pub updated_at: Timestamp,
}

impl CarrierMessage {
    /// Returns the message as Twilio's interface shows it.
    pub(crate) fn resource(&self, account_sid: &str) -> Value {
        let uri = format!("/{API_VERSION}/Accounts/{account_sid}/Messages/{}", self.sid);
        json!({
            "account_sid": account_sid,
            "api_version": API_VERSION,
            "body": self.body,
            "date_created": wire_time(self.created_at),
            "date_sent": self.sent_at.map(wire_time),
            "date_updated": wire_time(self.updated_at),
            "direction": self.direction.as_str(),
            "error_code": null,
            "error_message": null,
            "from": self.from,
            "messaging_service_sid": null,
            "num_media": self.num_media.to_string(),
            "num_segments": segment_count(&self.body).to_string(),
            "price": null,
            "price_unit": "USD",
            "sid": self.sid,
            "status": self.status.as_str(),
            "subresource_uris": { "media": format!("{uri}/Media.json") },
            "to": self.to,
            "uri": format!("{uri}.json"),
        })
    }
}

/// Twilio shows whole seconds, in the form of e-mail headers.
fn wire_time(at: Timestamp) -> String {
    at.format("%a, %d %b %Y %H:%M:%S %z").to_string()
}
