//! Twilio's webhooks as it posts them: a form, and what the forms we serve say.

use conversation::{
    Attachment, DeliveryReport, DeliveryState, InboundIntent, InboundText, carrier_answers_itself,
};
use kernel::MessageId;
use tenancy::{Address, Provider};

/// Why a webhook cannot be understood. It names fields, never their values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// A field that every such webhook has is missing or empty.
    #[error("{field} is missing")]
    Missing {
        /// The field's name on the wire.
        field: &'static str,
    },
    /// A field holds what it cannot hold.
    #[error("{field} is not understood")]
    Malformed {
        /// The field's name on the wire.
        field: &'static str,
    },
}

/// The fields of a webhook, in the order they came, repeated ones too.
pub struct Form {
    pairs: Vec<(String, String)>,
}

impl Form {
    /// Reads an `application/x-www-form-urlencoded` body. Bytes that are no UTF-8 become U+FFFD; nothing is
    /// trimmed, since the values are signed as they came.
    pub fn parse(body: &[u8]) -> Self {
        Self { pairs: form_urlencoded::parse(body).into_owned().collect() }
    }

    /// Returns the decoded names and values, for the signature.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }

    /// Returns the first value of a field.
    pub fn first(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// Returns whose account the webhook claims to be of. Choose the token by it, and trust it only once the
    /// signature holds.
    ///
    /// # Errors
    /// When it is missing or is no id.
    pub fn account_sid(&self) -> Result<&str, WebhookError> {
        self.id(&["AccountSid"], "AccountSid")
    }

    /// Reads an id: no text of any other kind may reach an index or a log under that name.
    fn id(&self, names: &[&str], field: &'static str) -> Result<&str, WebhookError> {
        let value = self.any(names).ok_or(WebhookError::Missing { field })?;
        if is_id(value) { Ok(value) } else { Err(WebhookError::Malformed { field }) }
    }

    fn address(&self, field: &'static str) -> Result<Address, WebhookError> {
        let value = self.any(&[field]).ok_or(WebhookError::Missing { field })?;
        let printable: String = value.chars().filter(|c| !c.is_control()).collect();
        Ok(Address::from_carrier(&printable))
    }

    fn any(&self, names: &[&str]) -> Option<&str> {
        names.iter().filter_map(|name| self.first(name)).find(|value| !value.is_empty())
    }
}

/// A text message that somebody has sent us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncomingSms {
    /// The number that was written to.
    pub to: Address,
    /// What was written, and by whom.
    pub message: InboundText,
}

impl IncomingSms {
    /// The most pictures and files a message brings.
    pub const MAX_MEDIA: usize = 10;

    /// Reads an incoming message. Fields that it does not know are ignored.
    ///
    /// # Errors
    /// When `MessageSid`, `From` or `To` is missing, or the first is no id.
    pub fn read(form: &Form) -> Result<Self, WebhookError> {
        let provider_message_id =
            form.id(&["MessageSid", "SmsMessageSid", "SmsSid"], "MessageSid")?.to_owned();
        let text = form.first("Body").unwrap_or_default().to_owned();
        let opt_out_type = form.any(&["OptOutType"]);
        let understood = opt_out_type.and_then(|said| intent(said, &text));
        let carrier_answered = opt_out_type.is_some() || carrier_answers_itself(&text);
        let message = InboundText {
            provider_message_id,
            from: form.address("From")?,
            text,
            attachments: attachments(form),
            understood,
            carrier_answered,
        };
        Ok(Self { to: form.address("To")?, message })
    }
}

/// What Twilio reports about a message of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusUpdate {
    /// Twilio's id of the message.
    pub provider_message_id: String,
    /// How far it has come.
    pub state: DeliveryState,
    /// Twilio's code, where it failed.
    pub error_code: Option<String>,
}

impl StatusUpdate {
    /// Reads a status callback.
    ///
    /// # Errors
    /// When the message's id or the status is missing, or the status is not one of an outbound message.
    pub fn read(form: &Form) -> Result<Self, WebhookError> {
        let field = "MessageStatus";
        let status = form.any(&[field, "SmsStatus"]).ok_or(WebhookError::Missing { field })?;
        Ok(Self {
            provider_message_id: form.id(&["MessageSid", "SmsSid"], "MessageSid")?.to_owned(),
            state: delivery_state(status).ok_or(WebhookError::Malformed { field })?,
            error_code: form.any(&["ErrorCode"]).filter(|code| is_id(code)).map(str::to_owned),
        })
    }

    /// Returns the report, with our own id where the callback's URL brought it back.
    pub fn into_report(self, message_id: Option<MessageId>) -> DeliveryReport {
        DeliveryReport {
            message_id,
            provider: Provider::Twilio,
            provider_message_id: self.provider_message_id,
            state: self.state,
            error_code: self.error_code,
        }
    }
}

/// Returns our state for Twilio's status of an outbound message.
pub(crate) fn delivery_state(status: &str) -> Option<DeliveryState> {
    match status {
        "accepted" | "scheduled" | "queued" | "sending" | "sent" => Some(DeliveryState::Sent),
        "delivered" => Some(DeliveryState::Delivered),
        "undelivered" => Some(DeliveryState::Undelivered),
        "failed" | "canceled" => Some(DeliveryState::Failed),
        "read" => Some(DeliveryState::Read),
        _ => None,
    }
}

/// Tells whether the text can be an id of Twilio's: short, printable, without white space.
pub(crate) fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Returns what an `OptOutType` says that somebody asks; one that we do not know says nothing. `YES` opts in by Twilio's default,
/// and is what a customer answers to a question: it stays an answer.
fn intent(opt_out_type: &str, text: &str) -> Option<InboundIntent> {
    match opt_out_type {
        "START" if text.trim().eq_ignore_ascii_case("yes") => None,
        "STOP" => Some(InboundIntent::OptOut),
        "START" => Some(InboundIntent::OptIn),
        "HELP" => Some(InboundIntent::Help),
        _ => None,
    }
}

fn attachments(form: &Form) -> Vec<Attachment> {
    (0..IncomingSms::MAX_MEDIA)
        .filter_map(|number| {
            let url = form.any(&[&format!("MediaUrl{number}")])?.to_owned();
            let content_type = form.any(&[&format!("MediaContentType{number}")]);
            Some(Attachment {
                url,
                content_type: content_type.unwrap_or("application/octet-stream").to_owned(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests;
