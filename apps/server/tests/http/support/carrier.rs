//! Webhooks as the carrier signs and posts them.

use tenancy::SecretText;
use twilio::{Algorithm, SignedContent, SignedRequest, sign};
use url::form_urlencoded;

use super::{Answer, World, world::PUBLIC_URL};

/// The operator's account at the carrier.
pub(crate) const PLATFORM_SID: &str = "AC00000000000000000000000000000001";
/// Its token.
pub(crate) const PLATFORM_TOKEN: &str = "platform-token";

/// A webhook in the making.
#[derive(Clone)]
pub(crate) struct Webhook {
    path: String,
    fields: Vec<(String, String)>,
    token: String,
    base: String,
    signature: Signature,
    address: Option<String>,
}

#[derive(Clone)]
enum Signature {
    Right,
    Missing,
    Fixed(String),
}

impl Webhook {
    /// An incoming text message, on the platform's account.
    pub(crate) fn sms(sid: &str, from: &str, to: &str, text: &str) -> Self {
        Self::new("/webhooks/twilio/sms").fields(&[
            ("MessageSid", sid),
            ("From", from),
            ("To", to),
            ("Body", text),
        ])
    }

    /// A delivery report, on the platform's account.
    pub(crate) fn status(path: &str, sid: &str, from: &str, status: &str) -> Self {
        Self::new(path).fields(&[("MessageSid", sid), ("From", from), ("MessageStatus", status)])
    }

    fn new(path: &str) -> Self {
        let fields = vec![("AccountSid".to_owned(), PLATFORM_SID.to_owned())];
        let (token, base) = (PLATFORM_TOKEN.to_owned(), PUBLIC_URL.to_owned());
        Self { path: path.to_owned(), fields, token, base, signature: Signature::Right, address: None }
    }

    pub(crate) fn fields(mut self, fields: &[(&str, &str)]) -> Self {
        for (name, value) in fields {
            self = self.field(name, value);
        }
        self
    }

    /// Sets a field, in the place of an earlier one.
    pub(crate) fn field(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn path(mut self, path: &str) -> Self {
        path.clone_into(&mut self.path);
        self
    }

    /// Takes another account, with its own token.
    pub(crate) fn account(mut self, sid: &str, token: &str) -> Self {
        token.clone_into(&mut self.token);
        self.field("AccountSid", sid)
    }

    /// Signs for another base URL than the configured one.
    pub(crate) fn signed_for(mut self, base: &str) -> Self {
        base.clone_into(&mut self.base);
        self
    }

    /// Comes from an address.
    pub(crate) fn from(mut self, address: &str) -> Self {
        self.address = Some(address.to_owned());
        self
    }

    pub(crate) fn unsigned(mut self) -> Self {
        self.signature = Signature::Missing;
        self
    }

    /// Keeps the signature that the webhook has now, whatever is changed afterwards.
    pub(crate) fn freeze_signature(mut self) -> Self {
        self.signature = Signature::Fixed(self.right_signature());
        self
    }

    pub(crate) async fn send(&self, world: &World) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.fields).finish();
        let call = world.post(&self.path).body("application/x-www-form-urlencoded", body);
        let call = self.address.iter().fold(call, |call, address| call.from(address));
        let signature = match &self.signature {
            Signature::Right => self.right_signature(),
            Signature::Fixed(signature) => signature.clone(),
            Signature::Missing => return call.send().await,
        };
        call.header("X-Twilio-Signature", &signature).send().await
    }

    fn right_signature(&self) -> String {
        let url = format!("{}{}", self.base, self.path);
        let request = SignedRequest { url: &url, content: SignedContent::Form(&self.fields) };
        sign(&SecretText::new(self.token.as_str()), Algorithm::Sha1, &request).unwrap()
    }
}
