//! Where a message comes from and goes to.

use kernel::PhoneNumber;

/// An address on a channel.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Address {
    /// A phone: SMS, WhatsApp and voice share it.
    Phone(PhoneNumber),
    /// A web chat session, named by the visitor's browser; or a tenant's own web chat.
    Session(String),
    /// Something that sent a message and cannot be answered.
    Unreplyable(UnreplyableSender),
}

/// A short code, a company's name, `anonymous`: shown to people, never written to.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct UnreplyableSender(String);

/// Shows the kind, and of a phone its last digits: an address is personal data, and debug output ends in logs.
impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Phone(number) => number.fmt(f),
            Self::Session(_) => f.write_str("Session(…)"),
            Self::Unreplyable(_) => f.write_str("Unreplyable(…)"),
        }
    }
}

impl Address {
    /// The longest session name or sender that is kept, in characters.
    pub const MAX_LENGTH: usize = 128;

    /// Reads the sender of a text message as a carrier names it.
    ///
    /// A well-formed number is a phone; anything else is kept as it is, marked unreplyable, so that no
    /// message is lost for an odd sender. What is kept is read as itself: whoever asks for a sender by what was
    /// shown finds it.
    pub fn from_carrier(text: &str) -> Self {
        let kept: String = text.trim().chars().take(Self::MAX_LENGTH).collect();
        let kept = kept.trim_end();
        PhoneNumber::parse(kept)
            .map_or_else(|_| Self::Unreplyable(UnreplyableSender(kept.to_owned())), Self::Phone)
    }

    /// Reads a web chat session's name; `None` when it is empty, too long or holds control characters.
    pub fn from_session(text: &str) -> Option<Self> {
        let text = text.trim();
        let fits = !text.is_empty()
            && text.chars().count() <= Self::MAX_LENGTH
            && !text.chars().any(char::is_control);
        fits.then(|| Self::Session(text.to_owned()))
    }

    /// Returns the kind and the canonical text, for stores: [`Address::from_stored`] reads them back.
    pub fn to_stored(&self) -> (&'static str, &str) {
        match self {
            Self::Phone(number) => ("phone", number.as_str()),
            Self::Session(name) => ("session", name),
            Self::Unreplyable(sender) => ("unreplyable", &sender.0),
        }
    }

    /// Reads what [`Address::to_stored`] wrote; `None` for anything else.
    pub fn from_stored(kind: &str, text: &str) -> Option<Self> {
        match kind {
            "phone" => PhoneNumber::parse(text).ok().map(Self::Phone),
            "session" => Some(Self::Session(text.to_owned())),
            "unreplyable" => Some(Self::Unreplyable(UnreplyableSender(text.to_owned()))),
            _ => None,
        }
    }

    /// Returns the address as people and carriers write it.
    pub fn as_str(&self) -> &str {
        self.to_stored().1
    }

    /// Returns what a person could be called at or written to by other means too; `None` for a session.
    pub fn reachable(&self) -> Option<String> {
        match self {
            Self::Phone(number) => Some(number.as_str().to_owned()),
            Self::Session(_) | Self::Unreplyable(_) => None,
        }
    }

    /// Tells whether a message can be sent there.
    pub fn is_replyable(&self) -> bool {
        !matches!(self, Self::Unreplyable(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn senders_that_are_no_phones_are_kept_and_marked_unreplyable() {
        for text in ["12345", "ACME Inc", "anonymous", "(555) 010", ""] {
            let address = Address::from_carrier(text);
            assert!(!address.is_replyable(), "{text}");
            assert_eq!(address.as_str(), text);
        }
        assert!(Address::from_carrier("tel:+15551230000").is_replyable());
    }

    #[test]
    fn a_long_sender_is_cut_to_one_that_is_read_as_itself() {
        for text in [format!("{} b", "a".repeat(127)), format!("+15551230000{}x", " ".repeat(120))] {
            let address = Address::from_carrier(&text);
            assert_eq!(Address::from_carrier(address.as_str()), address, "{text}");
        }
    }

    #[test]
    fn what_is_stored_reads_back_as_it_was() {
        for address in [
            Address::from_carrier("+15551230000"),
            Address::from_carrier("12345"),
            Address::from_session("visitor 1").unwrap(),
        ] {
            let (kind, text) = address.to_stored();
            assert_eq!(Address::from_stored(kind, text), Some(address));
        }
    }

    #[test]
    fn a_session_name_is_bounded() {
        assert_eq!(Address::from_session("  "), None);
        assert_eq!(Address::from_session("a\nb"), None);
        assert_eq!(Address::from_session(&"x".repeat(129)), None);
    }
}
