//! The words that Twilio acts on and answers by itself.

/// What a word asks of the carrier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyword {
    /// To bring nothing more from this business.
    Stop,
    /// To bring messages again.
    Start,
    /// What this is.
    Help,
}

impl Keyword {
    const WORDS: [(Self, &str); 13] = [
        (Self::Stop, "STOP"),
        (Self::Stop, "UNSUBSCRIBE"),
        (Self::Stop, "END"),
        (Self::Stop, "QUIT"),
        (Self::Stop, "STOPALL"),
        (Self::Stop, "REVOKE"),
        (Self::Stop, "OPTOUT"),
        (Self::Stop, "CANCEL"),
        (Self::Start, "START"),
        (Self::Start, "YES"),
        (Self::Start, "UNSTOP"),
        (Self::Help, "HELP"),
        (Self::Help, "INFO"),
    ];

    /// Returns the keyword that the whole text is, in any case.
    pub fn of(text: &str) -> Option<Self> {
        let word = text.trim();
        Self::WORDS.iter().find(|(_, known)| known.eq_ignore_ascii_case(word)).map(|(keyword, _)| *keyword)
    }

    /// Returns the value of `OptOutType` in a webhook.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stop => "STOP",
            Self::Start => "START",
            Self::Help => "HELP",
        }
    }

    /// Returns what the carrier answers.
    pub(crate) fn answer(self) -> &'static str {
        match self {
            Self::Stop => {
                "You are unsubscribed and will get no more messages from this number. Reply START to resubscribe."
            }
            Self::Start => "You are subscribed again. Reply HELP for help or STOP to unsubscribe.",
            Self::Help => "Reply STOP to unsubscribe. Message and data rates may apply.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_text_is_a_keyword() {
        assert_eq!(Keyword::of(" sToP\n"), Some(Keyword::Stop));
        assert_eq!(Keyword::of("unstop"), Some(Keyword::Start));
        assert_eq!(Keyword::of("info"), Some(Keyword::Help));
        for text in ["stop by on the weekend", "weekend", "", "yes please"] {
            assert_eq!(Keyword::of(text), None, "{text}");
        }
    }
}
