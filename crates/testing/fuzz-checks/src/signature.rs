//! Who may send a webhook with a form: what its account has signed passes, and nothing that differs from it.

use std::collections::BTreeSet;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use sha2::Sha256;
use tenancy::SecretText;
use twilio::{Algorithm, Form, SignatureError, SignedContent, SignedRequest, sign, verify};

use crate::input::{Request, choice, with_a_letter_changed};

type Pairs = [(String, String)];
type Change = fn(&str, &str) -> (String, String);

/// Checks the signature of a form. The bytes are a line with the token, a line with the URL, and the form.
pub fn check_signature(data: &[u8]) {
    let Request { token, url, body } = Request::of(data);
    let form = Form::parse(body);
    let signer = Signer { token: SecretText::new(&*token), algorithm: Algorithm::Sha1 };
    if token.is_empty() {
        assert_eq!(signer.sign(&url, form.pairs()), Err(SignatureError::UnusableToken));
        assert_eq!(signer.verify(&url, form.pairs(), ""), Err(SignatureError::UnusableToken));
        return;
    }
    let sha256 = Signer { algorithm: Algorithm::Sha256, ..signer.clone() };
    for (signer, other) in [(&signer, &sha256), (&sha256, &signer)] {
        let signature = signer.signed(&url, form.pairs());
        assert_eq!(signature, signer.reference(&url, form.pairs()), "it signs what the carrier's rules say");
        signer.accepts_its_own(&url, form.pairs());
        signer.refuses_other_signatures(&url, form.pairs(), &signature);
        signer.refuses_other_requests(&url, form.pairs(), &signature);
        let elsewhere = other.verify(&url, form.pairs(), &signature);
        assert_eq!(elsewhere, Err(SignatureError::Mismatch), "the hash is pinned");
        // A key is padded with zero bytes, so that a zero byte more would be no other key.
        let stranger = Signer { token: SecretText::new(format!("{token}x")), ..signer.clone() };
        assert_eq!(stranger.verify(&url, form.pairs(), &signature), Err(SignatureError::Mismatch));
    }
}

#[derive(Clone)]
struct Signer {
    token: SecretText,
    algorithm: Algorithm,
}

impl Signer {
    fn sign(&self, url: &str, pairs: &Pairs) -> Result<String, SignatureError> {
        sign(&self.token, self.algorithm, &SignedRequest { url, content: SignedContent::Form(pairs) })
    }

    fn signed(&self, url: &str, pairs: &Pairs) -> String {
        self.sign(url, pairs).unwrap_or_default()
    }

    fn verify(&self, url: &str, pairs: &Pairs, presented: &str) -> Result<(), SignatureError> {
        let request = SignedRequest { url, content: SignedContent::Form(pairs) };
        verify(&self.token, self.algorithm, &request, presented)
    }

    /// Signs in another way than the adapter does.
    fn reference(&self, url: &str, pairs: &Pairs) -> String {
        let (key, text) = (self.token.expose().as_bytes(), signed_text(url, pairs));
        let code = match self.algorithm {
            Algorithm::Sha1 => Hmac::<Sha1>::new_from_slice(key)
                .map(|mac| mac.chain_update(&text).finalize().into_bytes().to_vec()),
            Algorithm::Sha256 => Hmac::<Sha256>::new_from_slice(key)
                .map(|mac| mac.chain_update(&text).finalize().into_bytes().to_vec()),
        };
        STANDARD.encode(code.unwrap_or_default())
    }

    /// It may have been signed with the port or without, the fields in any order, and repeated.
    fn accepts_its_own(&self, url: &str, pairs: &Pairs) {
        for spelling in spellings(url) {
            assert_eq!(
                self.verify(url, pairs, &self.signed(&spelling, pairs)),
                Ok(()),
                "signed {spelling:?}"
            );
        }
        let backwards: Vec<_> = pairs.iter().rev().cloned().collect();
        let repeated = [pairs, pairs].concat();
        for same in [backwards, repeated] {
            assert_eq!(self.verify(url, &same, &self.signed(url, pairs)), Ok(()));
        }
    }

    fn refuses_other_signatures(&self, url: &str, pairs: &Pairs, signature: &str) {
        let mut forged =
            vec![String::new(), format!(" {signature}"), format!("{signature}="), signature.to_lowercase()];
        let turn = choice(url.as_bytes(), 7);
        for (at, byte) in signature.bytes().enumerate() {
            let letter = char::from(byte ^ (1 << ((turn + at) % 7)));
            let place = |(place, old): (usize, char)| if place == at { letter } else { old };
            forged.push(signature.char_indices().map(place).collect());
            forged.extend(signature.get(..at).map(str::to_owned));
        }
        for forged in forged.iter().filter(|forged| *forged != signature) {
            assert_eq!(self.verify(url, pairs, forged), Err(SignatureError::Mismatch), "{forged:?}");
        }
    }

    /// The carrier's rules join names and values without a mark between them, so a request is another one when the
    /// text that they make is another one.
    fn refuses_other_requests(&self, url: &str, pairs: &Pairs, signature: &str) {
        let signed = signed_text(url, pairs);
        for (other_url, other_pairs) in others(url, pairs) {
            let is_the_same =
                spellings(&other_url).iter().any(|url| signed_text(url, &other_pairs) == signed);
            let outcome = self.verify(&other_url, &other_pairs, signature);
            assert_eq!(outcome.is_ok(), is_the_same, "{other_url:?} {other_pairs:?}");
        }
    }
}

/// Requests that differ a little from a given one.
fn others(url: &str, pairs: &Pairs) -> Vec<(String, Vec<(String, String)>)> {
    let mut others = vec![
        (with_a_letter_changed(url), pairs.to_vec()),
        (format!("{url}/"), pairs.to_vec()),
        (url.to_lowercase(), pairs.to_vec()),
        (url.to_owned(), [pairs, &[("Extra".to_owned(), "1".to_owned())]].concat()),
        (url.to_owned(), pairs.iter().skip(1).cloned().collect()),
    ];
    let changes: [Change; 4] = [
        |name, value| (name.to_owned(), with_a_letter_changed(value)),
        |name, value| (with_a_letter_changed(name), value.to_owned()),
        |name, value| (name.to_owned(), value.trim().to_owned()),
        |name, value| (value.to_owned(), name.to_owned()),
    ];
    for change in changes {
        let (first, rest) = pairs.split_at(pairs.len().min(1));
        let others_first = first.iter().map(|(name, value)| change(name, value));
        others.push((url.to_owned(), others_first.chain(rest.iter().cloned()).collect()));
    }
    others
}

/// The URL, then each field once, by name and then by value, with nothing between.
fn signed_text(url: &str, pairs: &Pairs) -> String {
    let pairs: BTreeSet<_> = pairs.iter().collect();
    pairs.into_iter().fold(url.to_owned(), |text, (name, value)| text + name + value)
}

/// Returns a URL as it stands, and with its port added or taken away.
fn spellings(url: &str) -> Vec<String> {
    let mut spellings = vec![url.to_owned()];
    if let Some((scheme, rest)) = url.split_once("://") {
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let host = authority.rsplit(['@', ']']).next().unwrap_or_default();
        spellings.push(if let Some((_, port)) = host.split_once(':') {
            let portless = authority.len() - port.len() - 1;
            format!("{scheme}://{}{path}", authority.get(..portless).unwrap_or_default())
        } else {
            let port = if ["https", "wss"].contains(&scheme) { 443 } else { 80 };
            format!("{scheme}://{authority}:{port}{path}")
        });
    }
    spellings
}
