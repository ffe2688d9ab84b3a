//! Who may send a webhook with a JSON body: the URL that was signed carries the digest of the very bytes.

use sha2::{Digest as _, Sha256};
use tenancy::SecretText;
use twilio::{Algorithm, Form, SignatureError, SignedContent, SignedRequest, sign, verify};

use crate::input::{Request, with_a_bit_flipped};

const DIGEST: &str = "bodySHA256";

/// Checks the signature of a JSON body. The bytes are a line with the token, a line with the URL before its digest is
/// added, and the body.
pub fn check_json_webhook(data: &[u8]) {
    let Request { token, url, body } = Request::of(data);
    let url = url.split('#').next().unwrap_or_default();
    if token.is_empty() {
        let request = SignedRequest { url, content: SignedContent::Json(body) };
        let token = SecretText::new("");
        assert_eq!(verify(&token, Algorithm::Sha1, &request, ""), Err(SignatureError::UnusableToken));
        return;
    }
    for algorithm in [Algorithm::Sha1, Algorithm::Sha256] {
        let account = Account { token: SecretText::new(&*token), algorithm };
        account.takes_the_digest_at_its_word(url, body);
        // Whatever else may be called so in the query, the first counts.
        if first_digest(url).is_none() {
            account.wants_a_digest(url, body);
            account.wants_the_right_digest(url, body);
        }
    }
}

struct Account {
    token: SecretText,
    algorithm: Algorithm,
}

impl Account {
    fn signed(&self, url: &str) -> String {
        let request = SignedRequest { url, content: SignedContent::Get };
        sign(&self.token, self.algorithm, &request).unwrap_or_default()
    }

    fn verify(&self, url: &str, body: &[u8], presented: &str) -> Result<(), SignatureError> {
        let request = SignedRequest { url, content: SignedContent::Json(body) };
        verify(&self.token, self.algorithm, &request, presented)
    }

    /// A URL that was signed passes exactly where its first digest is the body's.
    fn takes_the_digest_at_its_word(&self, url: &str, body: &[u8]) {
        let expected = match first_digest(url) {
            None => Err(SignatureError::BodyHashMissing),
            Some(claimed) if claimed.eq_ignore_ascii_case(&digest(body)) => Ok(()),
            Some(_) => Err(SignatureError::BodyHashMismatch),
        };
        assert_eq!(self.verify(url, body, &self.signed(url)), expected);
        let other = Self { token: SecretText::new(format!("{}x", self.token.expose())), ..*self };
        assert_eq!(self.verify(url, body, &other.signed(url)), Err(SignatureError::Mismatch));
    }

    fn wants_a_digest(&self, url: &str, body: &[u8]) {
        assert_eq!(self.verify(url, body, &self.signed(url)), Err(SignatureError::BodyHashMissing));
        let hidden = format!("{}#{DIGEST}={}", url, digest(body));
        assert_eq!(self.verify(&hidden, body, &self.signed(&hidden)), Err(SignatureError::BodyHashMissing));
    }

    fn wants_the_right_digest(&self, url: &str, body: &[u8]) {
        let (right, wrong) =
            (with_digest(url, &digest(body)), with_digest(url, &digest(&with_a_bit_flipped(body))));
        let signature = self.signed(&right);
        assert_eq!(self.verify(&right, body, &signature), Ok(()));
        let shouted = with_digest(url, &digest(body).to_uppercase());
        assert_eq!(self.verify(&shouted, body, &self.signed(&shouted)), Ok(()));
        let longer = [body, b" "].concat();
        for altered in [&with_a_bit_flipped(body), &longer] {
            assert_eq!(self.verify(&right, altered, &signature), Err(SignatureError::BodyHashMismatch));
        }
        assert_eq!(self.verify(&wrong, body, &self.signed(&wrong)), Err(SignatureError::BodyHashMismatch));
        for unsigned in [url, &wrong, &shouted.replace(DIGEST, "bodysha256")] {
            assert_eq!(self.verify(unsigned, body, &signature), Err(SignatureError::Mismatch));
        }
        self.does_not_pass_as_another_kind(&right, body, &signature);
    }

    /// The same bytes are no form: its fields are signed too. Nor does the other hash's signature pass.
    fn does_not_pass_as_another_kind(&self, url: &str, body: &[u8], signature: &str) {
        let form = Form::parse(body);
        let says_something = form.pairs().iter().any(|(name, value)| !(name.is_empty() && value.is_empty()));
        let request = SignedRequest { url, content: SignedContent::Form(form.pairs()) };
        let outcome = verify(&self.token, self.algorithm, &request, signature);
        assert_eq!(outcome.is_err(), says_something, "a JSON body passes as a form");
        let other = match self.algorithm {
            Algorithm::Sha1 => Algorithm::Sha256,
            Algorithm::Sha256 => Algorithm::Sha1,
        };
        let request = SignedRequest { url, content: SignedContent::Json(body) };
        assert_eq!(verify(&self.token, other, &request, signature), Err(SignatureError::Mismatch));
    }
}

fn digest(body: &[u8]) -> String {
    Sha256::digest(body).iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

fn with_digest(url: &str, digest: &str) -> String {
    let mark = if url.contains('?') { '&' } else { '?' };
    format!("{url}{mark}{DIGEST}={digest}")
}

fn first_digest(url: &str) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == DIGEST)
        .map(|(_, value)| value.into_owned())
}
