//! A message as it comes in, before anything is decided about it.

use tenancy::Address;

use crate::{
    keyword::InboundIntent,
    message::{Attachment, Body, shows_only},
};

/// A message as it comes in.
#[derive(Clone, PartialEq, Eq)]
pub struct InboundText {
    /// The carrier's id.
    pub provider_message_id: String,
    /// Who wrote.
    pub from: Address,
    /// What was said, as it came.
    pub text: String,
    /// Pictures and files, by reference.
    pub attachments: Vec<Attachment>,
    /// What the carrier has taken it to ask. It counts before the words: an account may have words of its own, in any language,
    /// and the carrier has acted on them already.
    pub understood: Option<InboundIntent>,
    /// Whether the carrier says that it answered an opt-out, opt-in or help word itself.
    pub carrier_answered: bool,
}

shows_only!(InboundText: provider_message_id, understood, carrier_answered);

impl InboundText {
    /// The longest text that is kept, in characters; more is cut off.
    pub const MAX_LENGTH: usize = 10_000;

    /// Returns the body to store: without NUL and other control characters (line breaks and tabs stay), and
    /// not longer than [`InboundText::MAX_LENGTH`].
    pub fn body(&self) -> Body {
        let text = printable(&self.text).take(Self::MAX_LENGTH).collect();
        Body { text, attachments: self.attachments.clone() }
    }
}

/// Leaves NUL and other control characters out; line breaks and tabs stay.
pub(crate) fn printable(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
}
