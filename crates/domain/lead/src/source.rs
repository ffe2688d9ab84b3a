//! Where a lead comes from, and where a fact about it comes from.

use tenancy::Channel;

use crate::words::words;

words! {
    /// Where a fact comes from, weakest first. A weaker source never overwrites a stronger one.
    FactSource {
        /// The carrier's caller id.
        Carrier = "carrier",
        /// The arguments with which the model has called `capture_lead`, held to what that tool takes. It answers in no other
        /// form from which facts are taken.
        Model = "model",
        /// Found in what was written, by its form.
        Pattern = "pattern",
        /// Fields of a form or of an API call.
        Supplied = "supplied",
        /// The address that they write from.
        Channel = "channel",
        /// Typed by somebody of the business.
        Person = "person",
    }
}

words! {
    /// Where a lead was first heard of.
    LeadSource {
        /// By text message.
        Sms = "sms",
        /// By WhatsApp.
        WhatsApp = "whatsapp",
        /// By phone.
        Voice = "voice",
        /// In the chat on a web page.
        WebChat = "web_chat",
        /// By the API: a form, another program, or somebody of the business.
        Api = "api",
    }
}

impl From<Channel> for LeadSource {
    fn from(channel: Channel) -> Self {
        match channel {
            Channel::Sms => Self::Sms,
            Channel::WhatsApp => Self::WhatsApp,
            Channel::Voice => Self::Voice,
            Channel::WebChat => Self::WebChat,
        }
    }
}
