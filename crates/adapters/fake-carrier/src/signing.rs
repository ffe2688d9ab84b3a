//! Twilio's signature of a form, in the few lines that a carrier needs.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

/// Returns the headers of a signed form: its type and its signature.
pub(crate) fn signed_headers(token: &str, url: &str, fields: &[(String, String)]) -> Vec<(String, String)> {
    let mut sorted: Vec<_> = fields.iter().collect();
    sorted.sort_unstable();
    sorted.dedup();
    let text = sorted.into_iter().fold(url.to_owned(), |text, (name, value)| text + name + value);
    // HMAC takes keys of every length; were it otherwise, an unsigned webhook would be refused.
    let mac = Hmac::<Sha1>::new_from_slice(token.as_bytes()).map(|mac| mac.chain_update(text.as_bytes()));
    let signature = mac.map(|mac| STANDARD.encode(mac.finalize().into_bytes())).unwrap_or_default();
    vec![
        ("Content-Type".to_owned(), "application/x-www-form-urlencoded; charset=utf-8".to_owned()),
        ("X-Twilio-Signature".to_owned(), signature),
    ]
}

/// Returns the fields as the body of a form.
pub(crate) fn form_body(fields: &[(String, String)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}
