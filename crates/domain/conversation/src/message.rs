//! One message in a conversation.

use kernel::{ConversationId, MessageId, Timestamp, TurnId};

use crate::{keyword::InboundIntent, model::Line, segment::segment_count};

/// Which way a message goes, seen from the business.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the contact.
    Inbound,
    /// To the contact.
    Outbound,
}

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Author {
    /// The end customer.
    Contact,
    /// The receptionist.
    Bot,
    /// A person of the business.
    Human,
}

/// How far a message has come. It only rises in [rank](DeliveryState::rank).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeliveryState {
    /// An inbound message, here.
    Received,
    /// Waiting to leave.
    Queued,
    /// It may or may not have left; being reconciled.
    Unknown,
    /// The carrier has taken it.
    Sent,
    /// It is on the contact's device.
    Delivered,
    /// The carrier could not bring it.
    Undelivered,
    /// The carrier refused it.
    Failed,
    /// The contact has read it.
    Read,
    /// The send gate did not let it out.
    Refused,
}

macro_rules! stored_names {
    ($name:ident: $($variant:ident = $text:literal),+ $(,)?) => {
        impl $name {
            /// Every value there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Returns the name on the wire and in stores.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text),+
                }
            }

            /// Reads a name on the wire or in a store.
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($text => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}
pub(crate) use stored_names;

/// Writes debug output that shows some fields and hides the rest: what people wrote is personal data, and debug output
/// ends in logs.
macro_rules! shows_only {
    ($name:ident: $($field:ident),+) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name))$(.field(stringify!($field), &self.$field))+.finish_non_exhaustive()
            }
        }
    };
}
pub(crate) use shows_only;

stored_names!(Direction: Inbound = "inbound", Outbound = "outbound");
stored_names!(Author: Contact = "contact", Bot = "bot", Human = "human");
stored_names!(DeliveryState:
    Received = "received",
    Queued = "queued",
    Unknown = "unknown",
    Sent = "sent",
    Delivered = "delivered",
    Undelivered = "undelivered",
    Failed = "failed",
    Read = "read",
    Refused = "refused",
);

impl DeliveryState {
    /// Returns how far along a state is. Of two states with one rank the first to come stays.
    pub fn rank(self) -> u8 {
        match self {
            Self::Queued => 0,
            Self::Unknown => 1,
            Self::Sent => 2,
            Self::Delivered | Self::Undelivered | Self::Failed => 3,
            Self::Read => 4,
            Self::Received | Self::Refused => 9,
        }
    }

    /// Returns the state after a report, which may be late or repeated: the higher of the two.
    #[must_use]
    pub fn advanced_by(self, reported: Self) -> Self {
        if reported.rank() > self.rank() { reported } else { self }
    }
}

/// A picture or file, by reference.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Attachment {
    /// Where the carrier keeps it.
    pub url: String,
    /// Its media type as the carrier names it.
    pub content_type: String,
}

/// What a message says. Kept sealed.
#[derive(Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Body {
    /// The text; empty when there are only attachments.
    pub text: String,
    /// Pictures and files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
}

/// Shows sizes only: a body is personal data, and debug output ends in logs.
impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Body({} bytes, {} attachments)", self.text.len(), self.attachments.len())
    }
}

/// One message in a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The message's id.
    pub id: MessageId,
    /// The conversation it belongs to.
    pub conversation_id: ConversationId,
    /// Which way it goes.
    pub direction: Direction,
    /// Who wrote it.
    pub author: Author,
    /// What it says.
    pub body: Body,
    /// What an inbound message asks of us beside an answer.
    pub intent: InboundIntent,
    /// Whether the carrier has answered an inbound keyword itself.
    pub carrier_answered: bool,
    /// How far it has come.
    pub delivery_state: DeliveryState,
    /// The carrier's id, once there is one.
    pub provider_message_id: Option<String>,
    /// Why it failed or was not delivered: the carrier's code, or a word of ours.
    pub error_code: Option<String>,
    /// The turn that answered (inbound) or wrote (outbound) it.
    pub turn_id: Option<TurnId>,
    /// When it was received or written.
    pub created_at: Timestamp,
}

/// Why an outbound message is written; the send gate judges by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// The receptionist's answer.
    Reply,
    /// The receptionist's last words before a person takes over.
    Handover,
    /// A person's answer.
    PersonReply,
    /// The one confirmation after an opt-out.
    OptOutConfirmation,
    /// The confirmation after an opt-in.
    OptInConfirmation,
    /// The answer to HELP.
    Help,
}

stored_names!(Purpose:
    Reply = "reply",
    Handover = "handover",
    PersonReply = "person_reply",
    OptOutConfirmation = "opt_out_confirmation",
    OptInConfirmation = "opt_in_confirmation",
    Help = "help",
);

impl Purpose {
    /// Returns who writes messages of this purpose.
    pub fn author(self) -> Author {
        match self {
            Self::PersonReply => Author::Human,
            Self::Reply
            | Self::Handover
            | Self::OptOutConfirmation
            | Self::OptInConfirmation
            | Self::Help => Author::Bot,
        }
    }
}

/// An outbound message about to be written.
#[derive(Clone, PartialEq, Eq)]
pub struct NewOutbound {
    /// The message's id; carriers get it back in the status callback's URL.
    pub id: MessageId,
    /// What it says: one carrier message, see [`split`](crate::split).
    pub text: String,
    /// Why it is written.
    pub purpose: Purpose,
    /// [`DeliveryState::Queued`] for a carrier; [`DeliveryState::Delivered`] when the request that is being
    /// answered brings it.
    pub state: DeliveryState,
    /// When it was written.
    pub at: Timestamp,
}

shows_only!(NewOutbound: id, purpose, state, at);

impl Message {
    /// Returns it as a line of a transcript.
    pub(crate) fn line(&self) -> Line {
        Line {
            author: self.author,
            text: self.body.text.clone(),
            attachments: self.body.attachments.len(),
            at: self.created_at,
        }
    }
}

impl NewOutbound {
    /// Returns how many segments the carrier will count.
    pub fn segments(&self) -> usize {
        segment_count(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_state_never_falls_and_repeats_change_nothing() {
        for state in DeliveryState::ALL {
            for reported in DeliveryState::ALL {
                let after = state.advanced_by(*reported);
                assert!(after.rank() >= state.rank(), "{state:?} then {reported:?}");
                assert_eq!(after.advanced_by(*reported), after);
            }
        }
        assert_eq!(DeliveryState::Delivered.advanced_by(DeliveryState::Sent), DeliveryState::Delivered);
        assert_eq!(
            DeliveryState::Undelivered.advanced_by(DeliveryState::Delivered),
            DeliveryState::Undelivered
        );
        assert_eq!(DeliveryState::Delivered.advanced_by(DeliveryState::Read), DeliveryState::Read);
    }

    #[test]
    fn every_name_reads_back() {
        for state in DeliveryState::ALL {
            assert_eq!(DeliveryState::from_name(state.as_str()), Some(*state));
        }
    }
}
