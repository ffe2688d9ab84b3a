//! Twilio's request signatures: what is signed, how it is checked, and how our own demo and fakes sign.

use std::{borrow::Cow, fmt::Write as _};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{EagerHash, Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use tenancy::SecretText;

/// The hash beneath a signature. It is pinned per account; a request's headers never choose it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Algorithm {
    /// What every account has.
    #[default]
    Sha1,
    /// What an account with shared-key signing has.
    Sha256,
}

/// What of a request is signed beside its URL.
#[derive(Clone, Copy)]
pub enum SignedContent<'a> {
    /// The decoded names and values of a form, in any order, values untrimmed.
    Form(&'a [(String, String)]),
    /// The raw bytes of a JSON body. They are signed by way of `bodySHA256` in the URL.
    Json(&'a [u8]),
    /// Nothing: a GET, a WebSocket upgrade.
    Get,
}

/// A request as Twilio signed it.
#[derive(Clone, Copy)]
pub struct SignedRequest<'a> {
    /// The public URL: the configured base, then the path and query exactly as they came.
    pub url: &'a str,
    /// What is signed beside it.
    pub content: SignedContent<'a>,
}

/// Why a request is not Twilio's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The signature is missing, garbage, of another token or of another request.
    #[error("the signature does not match")]
    Mismatch,
    /// A JSON body came without its digest in the URL, so nothing signs it.
    #[error("the URL does not carry bodySHA256")]
    BodyHashMissing,
    /// A JSON body is not the one whose digest the URL carries.
    #[error("bodySHA256 does not match the body")]
    BodyHashMismatch,
    /// The token is empty: anybody could sign with it.
    #[error("the account has no usable token")]
    UnusableToken,
}

/// Checks that whoever has `token` signed `request`.
///
/// The URL may have been signed with its port or without. The comparison takes the same time wherever the
/// first difference lies.
///
/// # Errors
/// Says why the request is not the account's. All of them are one answer to the caller: 403.
pub fn verify(
    token: &SecretText,
    algorithm: Algorithm,
    request: &SignedRequest<'_>,
    presented: &str,
) -> Result<(), SignatureError> {
    let with_port = sign_url(token, algorithm, &with_port(request.url), request.content)?;
    let without_port = sign_url(token, algorithm, &without_port(request.url), request.content)?;
    let presented = presented.as_bytes();
    let matches = with_port.as_bytes().ct_eq(presented) | without_port.as_bytes().ct_eq(presented);
    // The digest is looked at last, so that a stranger learns nothing from it.
    if !bool::from(matches) {
        return Err(SignatureError::Mismatch);
    }
    match request.content {
        SignedContent::Json(body) => verify_body_hash(request.url, body),
        SignedContent::Form(_) | SignedContent::Get => Ok(()),
    }
}

/// Returns the signature of a request, with the URL as it stands.
///
/// # Errors
/// [`SignatureError::UnusableToken`] when the token is empty.
pub fn sign(
    token: &SecretText,
    algorithm: Algorithm,
    request: &SignedRequest<'_>,
) -> Result<String, SignatureError> {
    sign_url(token, algorithm, request.url, request.content)
}

fn sign_url(
    token: &SecretText,
    algorithm: Algorithm,
    url: &str,
    content: SignedContent<'_>,
) -> Result<String, SignatureError> {
    let mut text = url.to_owned();
    if let SignedContent::Form(pairs) = content {
        let mut pairs: Vec<_> = pairs.iter().collect();
        pairs.sort_unstable();
        pairs.dedup();
        for (name, value) in pairs {
            text.push_str(name);
            text.push_str(value);
        }
    }
    let key = token.expose().as_bytes();
    match algorithm {
        Algorithm::Sha1 => mac::<Sha1>(key, text.as_bytes()),
        Algorithm::Sha256 => mac::<Sha256>(key, text.as_bytes()),
    }
}

fn mac<D: EagerHash>(key: &[u8], text: &[u8]) -> Result<String, SignatureError> {
    if key.is_empty() {
        return Err(SignatureError::UnusableToken);
    }
    let mut mac = Hmac::<D>::new_from_slice(key).map_err(|_| SignatureError::UnusableToken)?;
    mac.update(text);
    Ok(STANDARD.encode(mac.finalize().into_bytes()))
}

fn verify_body_hash(url: &str, body: &[u8]) -> Result<(), SignatureError> {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let query = query.split('#').next().unwrap_or_default();
    let claimed = form_urlencoded::parse(query.as_bytes())
        .find_map(|(name, value)| (name == "bodySHA256").then_some(value))
        .ok_or(SignatureError::BodyHashMissing)?;
    let actual = hex(&Sha256::digest(body));
    let matches = actual.as_bytes().ct_eq(claimed.to_ascii_lowercase().as_bytes());
    if bool::from(matches) { Ok(()) } else { Err(SignatureError::BodyHashMismatch) }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Returns the URL with a port: its own, or the one its scheme implies.
fn with_port(url: &str) -> Cow<'_, str> {
    match UrlParts::of(url) {
        Some(parts) if parts.port.is_none() => {
            let is_secure = ["https://", "wss://"].iter().any(|scheme| parts.before.starts_with(scheme));
            let port = if is_secure { "443" } else { "80" };
            Cow::Owned(format!("{}:{port}{}", parts.before, parts.after))
        }
        _ => Cow::Borrowed(url),
    }
}

/// Returns the URL without a port.
fn without_port(url: &str) -> Cow<'_, str> {
    match UrlParts::of(url) {
        Some(parts) if parts.port.is_some() => Cow::Owned(format!("{}{}", parts.before, parts.after)),
        _ => Cow::Borrowed(url),
    }
}

/// A URL cut around its port. It is cut as text: parsing would rewrite the path, and the path is signed.
struct UrlParts<'a> {
    before: &'a str,
    port: Option<&'a str>,
    after: &'a str,
}

impl<'a> UrlParts<'a> {
    fn of(url: &'a str) -> Option<Self> {
        let authority_at = url.find("://")? + 3;
        let authority_length = url.get(authority_at..)?.find(['/', '?', '#']);
        let authority_end = authority_length.map_or(url.len(), |length| authority_at + length);
        let authority = url.get(authority_at..authority_end)?;
        // A colon before `@` parts user and password, one inside `[…]` belongs to an IPv6 address.
        let host_at = authority.rfind(['@', ']']).map_or(0, |at| at + 1);
        let colon = authority.get(host_at..)?.find(':').map(|at| authority_at + host_at + at);
        Some(match colon {
            Some(colon) => Self {
                before: url.get(..colon)?,
                port: url.get(colon + 1..authority_end),
                after: url.get(authority_end..)?,
            },
            None => Self { before: url.get(..authority_end)?, port: None, after: url.get(authority_end..)? },
        })
    }
}

#[cfg(test)]
mod tests;
