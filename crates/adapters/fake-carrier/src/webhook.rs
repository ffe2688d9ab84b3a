//! A customer's text as Twilio posts it to a business: the fields, the body and the signature. Nothing here
//! needs a running carrier, so a command line can use it too.

use crate::{
    keyword::Keyword,
    message::API_VERSION,
    segment::segment_count,
    signing::{form_body, signed_headers},
};

/// A picture or file, by reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// Where it is.
    pub url: String,
    /// Its media type.
    pub content_type: String,
}

/// What a customer texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerText {
    /// The customer's number.
    pub from: String,
    /// The business's number.
    pub to: String,
    /// What it says.
    pub body: String,
    /// What it brings along.
    pub media: Vec<Media>,
    /// How often the webhook is posted: carriers repeat themselves.
    pub copies: usize,
}

impl CustomerText {
    /// Makes a text without media that is posted once.
    pub fn new(from: impl Into<String>, to: impl Into<String>, body: impl Into<String>) -> Self {
        Self { from: from.into(), to: to.into(), body: body.into(), media: Vec::new(), copies: 1 }
    }

    /// Lets the webhook be posted so often, each time with the same message id.
    #[must_use]
    pub fn posted(mut self, copies: usize) -> Self {
        self.copies = copies;
        self
    }

    /// Adds a picture or file.
    #[must_use]
    pub fn with_media(mut self, url: impl Into<String>, content_type: impl Into<String>) -> Self {
        self.media.push(Media { url: url.into(), content_type: content_type.into() });
        self
    }

    fn fields(
        &self,
        account_sid: &str,
        message_sid: &str,
        opt_out: Option<Keyword>,
    ) -> Vec<(String, String)> {
        let segments = segment_count(&self.body).to_string();
        let media = self.media.len().to_string();
        let mut fields: Vec<(String, String)> = [
            ("ToCountry", "US"),
            ("ToState", "NY"),
            ("SmsMessageSid", message_sid),
            ("NumMedia", &media),
            ("ToCity", ""),
            ("FromZip", ""),
            ("SmsSid", message_sid),
            ("FromState", "NY"),
            ("SmsStatus", "received"),
            ("FromCity", ""),
            ("Body", &self.body),
            ("FromCountry", "US"),
            ("To", &self.to),
            ("ToZip", ""),
            ("NumSegments", &segments),
            ("MessageSid", message_sid),
            ("AccountSid", account_sid),
            ("From", &self.from),
            ("ApiVersion", API_VERSION),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        for (number, media) in self.media.iter().enumerate() {
            fields.push((format!("MediaUrl{number}"), media.url.clone()));
            fields.push((format!("MediaContentType{number}"), media.content_type.clone()));
        }
        fields.extend(opt_out.map(|keyword| ("OptOutType".to_owned(), keyword.as_str().to_owned())));
        fields
    }
}

/// A webhook, ready to be posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedWebhook {
    /// The headers: content type and signature.
    pub headers: Vec<(String, String)>,
    /// The form.
    pub body: String,
}

/// Builds the webhook of a customer's text.
///
/// `credentials` are the account's sid and token; `url` is the business's public webhook URL, which is
/// signed; `opt_out` says which word the carrier has acted on and answered itself, if any.
pub fn build_webhook(
    credentials: (&str, &str),
    url: &str,
    text: &CustomerText,
    message_sid: &str,
    opt_out: Option<Keyword>,
) -> SignedWebhook {
    let (account_sid, auth_token) = credentials;
    let fields = text.fields(account_sid, message_sid, opt_out);
    SignedWebhook { headers: signed_headers(auth_token, url, &fields), body: form_body(&fields) }
}
