//! The published test vectors, and everything that must not pass.

use super::*;

const URL: &str = "https://mycompany.com/myapp.php?foo=1&bar=2";
const JSON: &[u8] = br#"{"property": "value", "boolean": true}"#;
const JSON_URL: &str = "https://mycompany.com/myapp.php?foo=1&bar=2&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620";
const JSON_SIGNATURE: &str = "a9nBmqA0ju/hNViExpshrM61xv4=";
const CALL_SIGNATURE: &str = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";
const CALL_SIGNATURE_SHA256: &str = "033hgUJA9M/hXIZsYjwkerEP/DBm35nEri5FhCYjA5s=";

fn token() -> SecretText {
    SecretText::new("12345")
}

fn form(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn call() -> Vec<(String, String)> {
    form(&[
        ("CallSid", "CA1234567890ABCDE"),
        ("Caller", "+14158675309"),
        ("From", "+14158675309"),
        ("Digits", "1234"),
        ("To", "+18005551212"),
    ])
}

fn check_form(url: &str, pairs: &[(String, String)], presented: &str) -> Result<(), SignatureError> {
    let request = SignedRequest { url, content: SignedContent::Form(pairs) };
    verify(&token(), Algorithm::Sha1, &request, presented)
}

fn check_json(url: &str, body: &[u8], presented: &str) -> Result<(), SignatureError> {
    let request = SignedRequest { url, content: SignedContent::Json(body) };
    verify(&token(), Algorithm::Sha1, &request, presented)
}

fn sign_json(url: &str) -> String {
    sign(&token(), Algorithm::Sha1, &SignedRequest { url, content: SignedContent::Get }).unwrap()
}

#[test]
fn the_published_form_vector_passes() {
    assert_eq!(check_form(URL, &call(), CALL_SIGNATURE), Ok(()));
}

#[test]
fn the_published_sha256_vector_passes_where_it_is_pinned() {
    let pairs = call();
    let request = SignedRequest { url: URL, content: SignedContent::Form(&pairs) };
    assert_eq!(verify(&token(), Algorithm::Sha256, &request, CALL_SIGNATURE_SHA256), Ok(()));
}

#[test]
fn row_7_repeated_form_names_pass_as_the_published_vector_says() {
    let pairs = form(&[
        ("Sid", "CA123"),
        ("SidAccount", "AC123"),
        ("Digits", "5678"),
        ("Digits", "1234"),
        ("Digits", "1234"),
    ]);
    assert_eq!(check_form(URL, &pairs, "IK+Dwps556ElfBT0I3Rgjkr1wJU="), Ok(()));
}

#[test]
fn the_published_json_vector_passes() {
    assert_eq!(check_json(JSON_URL, JSON, JSON_SIGNATURE), Ok(()));
}

#[test]
fn a_get_is_signed_by_its_url_alone() {
    let request = SignedRequest { url: URL, content: SignedContent::Get };
    let signature = sign(&token(), Algorithm::Sha1, &request).unwrap();
    assert_eq!(verify(&token(), Algorithm::Sha1, &request, &signature), Ok(()));
}

#[test]
fn what_we_sign_is_the_published_signature() {
    let pairs = call();
    let request = SignedRequest { url: URL, content: SignedContent::Form(&pairs) };
    assert_eq!(sign(&token(), Algorithm::Sha1, &request).unwrap(), CALL_SIGNATURE);
    assert_eq!(sign(&token(), Algorithm::Sha256, &request).unwrap(), CALL_SIGNATURE_SHA256);
}

#[test]
fn the_order_of_parameters_does_not_matter() {
    let mut pairs = call();
    pairs.reverse();
    assert_eq!(check_form(URL, &pairs, CALL_SIGNATURE), Ok(()));
}

#[test]
fn a_url_passes_with_and_without_its_port() {
    for (signed, seen) in [
        ("https://a.example/x?y=1", "https://a.example:443/x?y=1"),
        ("https://a.example:443/x?y=1", "https://a.example/x?y=1"),
        ("http://a.example:80/x", "http://a.example/x"),
        ("http://a.example/x", "http://a.example:80/x"),
        ("wss://a.example:443/media", "wss://a.example/media"),
        ("ws://a.example:80/media", "ws://a.example/media"),
        ("https:/x://a.example:80/media", "https:/x://a.example/media"),
        ("https://a.example/x", "https://a.example:8443/x"),
        ("https://a.example:8443/x", "https://a.example:8443/x"),
        ("https://a.example:443", "https://a.example"),
        ("https://me:secret@a.example/x", "https://me:secret@a.example:443/x"),
        ("https://[2001:db8::1]/x", "https://[2001:db8::1]:443/x"),
        ("https://a.example:443/x?at=10:30", "https://a.example/x?at=10:30"),
    ] {
        let request = SignedRequest { url: signed, content: SignedContent::Form(&[]) };
        let signature = sign(&token(), Algorithm::Sha1, &request).unwrap();
        assert_eq!(check_form(seen, &[], &signature), Ok(()), "signed {signed}, seen {seen}");
    }
}

#[test]
fn another_port_scheme_or_path_does_not_pass() {
    let signature =
        |url| sign(&token(), Algorithm::Sha1, &SignedRequest { url, content: SignedContent::Get }).unwrap();
    for (signed, seen) in [
        ("https://a.example:444/x", "https://a.example:443/x"),
        ("http://a.example/x", "https://a.example/x"),
        ("https://a.example/x", "https://a.example/y"),
        ("https://a.example/x", "https://a.example/x/"),
        ("https://a.example/x", "https://a.example/x?y=1"),
        ("https://a.example/x", "https://b.example/x"),
        ("https://a.example/a%2Fb", "https://a.example/a/b"),
    ] {
        let request = SignedRequest { url: seen, content: SignedContent::Get };
        let result = verify(&token(), Algorithm::Sha1, &request, &signature(signed));
        assert_eq!(result, Err(SignatureError::Mismatch), "signed {signed}, seen {seen}");
    }
}

#[test]
fn an_altered_parameter_does_not_pass() {
    let mut pairs = call();
    pairs[3].1 = "1235".into();
    assert_eq!(check_form(URL, &pairs, CALL_SIGNATURE), Err(SignatureError::Mismatch));
}

#[test]
fn an_added_parameter_does_not_pass() {
    let mut pairs = call();
    pairs.push(("Extra".into(), "1".into()));
    assert_eq!(check_form(URL, &pairs, CALL_SIGNATURE), Err(SignatureError::Mismatch));
}

#[test]
fn a_removed_parameter_does_not_pass() {
    let mut pairs = call();
    pairs.pop();
    assert_eq!(check_form(URL, &pairs, CALL_SIGNATURE), Err(SignatureError::Mismatch));
}

#[test]
fn a_trimmed_value_does_not_pass() {
    let with_space = form(&[("Body", " hello ")]);
    let request = SignedRequest { url: URL, content: SignedContent::Form(&with_space) };
    let signature = sign(&token(), Algorithm::Sha1, &request).unwrap();
    assert_eq!(check_form(URL, &with_space, &signature), Ok(()));
    assert_eq!(check_form(URL, &form(&[("Body", "hello")]), &signature), Err(SignatureError::Mismatch));
}

#[test]
fn another_token_does_not_pass() {
    let pairs = call();
    let request = SignedRequest { url: URL, content: SignedContent::Form(&pairs) };
    let result = verify(&SecretText::new("12346"), Algorithm::Sha1, &request, CALL_SIGNATURE);
    assert_eq!(result, Err(SignatureError::Mismatch));
}

#[test]
fn an_empty_or_garbage_signature_does_not_pass() {
    let padded = format!(" {CALL_SIGNATURE}");
    let cut = &CALL_SIGNATURE[..CALL_SIGNATURE.len() - 1];
    for presented in ["", "=", "garbage", "\u{1f600}", padded.as_str(), cut] {
        assert_eq!(check_form(URL, &call(), presented), Err(SignatureError::Mismatch), "{presented}");
    }
}

#[test]
fn an_empty_token_lets_nobody_in() {
    let request = SignedRequest { url: URL, content: SignedContent::Get };
    let result = verify(&SecretText::new(""), Algorithm::Sha1, &request, CALL_SIGNATURE);
    assert_eq!(result, Err(SignatureError::UnusableToken));
}

#[test]
fn the_hash_cannot_be_chosen_by_the_signer() {
    let pairs = call();
    let request = SignedRequest { url: URL, content: SignedContent::Form(&pairs) };
    let weaker = verify(&token(), Algorithm::Sha256, &request, CALL_SIGNATURE);
    let other = verify(&token(), Algorithm::Sha1, &request, CALL_SIGNATURE_SHA256);
    assert_eq!((weaker, other), (Err(SignatureError::Mismatch), Err(SignatureError::Mismatch)));
}

#[test]
fn a_json_body_without_its_digest_does_not_pass() {
    assert_eq!(check_json(URL, JSON, &sign_json(URL)), Err(SignatureError::BodyHashMissing));
}

#[test]
fn a_json_body_with_another_digest_does_not_pass() {
    assert_eq!(check_json(JSON_URL, b"{}", JSON_SIGNATURE), Err(SignatureError::BodyHashMismatch));
    let empty = format!("{URL}&bodySHA256=");
    assert_eq!(check_json(&empty, JSON, &sign_json(&empty)), Err(SignatureError::BodyHashMismatch));
}

#[test]
fn the_digest_may_be_written_in_capitals() {
    let (base, digest) = JSON_URL.split_once("bodySHA256=").unwrap();
    let url = format!("{base}bodySHA256={}", digest.to_uppercase());
    assert_eq!(check_json(&url, JSON, &sign_json(&url)), Ok(()));
}
