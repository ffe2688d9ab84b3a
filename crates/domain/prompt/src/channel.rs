//! For which channel a prompt is written.

use tenancy::Channel;

use crate::names::stored_names;

/// For which channel a prompt is written: one, or all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PromptChannel {
    /// Every channel.
    All,
    /// The chat on a web page.
    Chat,
    /// Text messages.
    Sms,
    /// Phone calls.
    Voice,
    /// WhatsApp.
    WhatsApp,
    /// E-mail.
    Email,
}

stored_names!(PromptChannel:
    All = "all",
    Chat = "chat",
    Sms = "sms",
    Voice = "voice",
    WhatsApp = "whatsapp",
    Email = "email",
);

impl PromptChannel {
    /// Tells whether what is written for one channel has to do with the other: they are the same, or one means all.
    pub fn meets(self, other: Self) -> bool {
        self == other || self == Self::All || other == Self::All
    }
}

impl From<Channel> for PromptChannel {
    fn from(channel: Channel) -> Self {
        match channel {
            Channel::Sms => Self::Sms,
            Channel::WhatsApp => Self::WhatsApp,
            Channel::Voice => Self::Voice,
            Channel::WebChat => Self::Chat,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back() {
        for channel in PromptChannel::VALUES {
            assert_eq!(PromptChannel::from_name(channel.as_str()), Some(*channel));
        }
        assert_eq!(PromptChannel::from_name("web_chat"), None);
    }

    #[test]
    fn all_meets_every_channel_and_two_others_do_not_meet() {
        assert!(PromptChannel::All.meets(PromptChannel::Sms));
        assert!(PromptChannel::Sms.meets(PromptChannel::All));
        assert!(PromptChannel::Sms.meets(PromptChannel::Sms));
        assert!(!PromptChannel::Sms.meets(PromptChannel::Voice));
    }

    #[test]
    fn a_web_page_is_a_chat() {
        assert_eq!(PromptChannel::from(Channel::WebChat), PromptChannel::Chat);
    }
}
