//! Signatures behind a proxy: a webhook that is signed for the public URL is sent there, and the server says whether
//! it would have been let in, and if not, what has changed on the way.

use url::Url;

use super::{Finding, Patient, public_url::chain};
use crate::{
    compose::twilio_webhooks::{Algorithm, SignedContent, SignedRequest, sign},
    http::webhooks::twilio_probe::{NONCE, PROBE_PATH, PROOF, ProbeAnswer, SIGNATURE},
    installation::{InstallationKey, ProofOf},
};

const CHECK: &str = "signatures";
/// What proxies like to rewrite: escapes, a plus, an empty value.
const QUERY: &str = "?probe=a%2Fb+c%20d&empty=";
/// What proxies have to leave alone in a body.
const BODY: &str = "ä + & = % /";

/// What was sent.
struct Probe {
    url: String,
    fields: Vec<(String, String)>,
    signature: String,
}

impl Probe {
    fn new(patient: &Patient, key: &InstallationKey) -> Option<Self> {
        let url = format!("{}{PROBE_PATH}{QUERY}", patient.config.public_base_url);
        let nonce = uuid::Uuid::new_v4().simple().to_string();
        let proof = key.prove(ProofOf::Probe, &nonce);
        let fields = [(NONCE, nonce.as_str()), (PROOF, &proof), ("Url", &url), ("Body", BODY)];
        let fields: Vec<_> = fields.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let request = SignedRequest { url: &url, content: SignedContent::Form(&fields) };
        let signature = sign(&key.probe_token(), Algorithm::Sha1, &request).ok()?;
        Some(Self { url, fields, signature })
    }
}

pub(super) async fn look(patient: &Patient, is_reached: bool) -> Finding {
    if !patient.config.verify_twilio_signatures {
        let mend = "set VERIFY_TWILIO_SIGNATURES=true before anybody else can reach this server";
        return Finding::warn(CHECK, "are not verified: VERIFY_TWILIO_SIGNATURES is false", mend);
    }
    let probe = patient.installation().filter(|_| is_reached).and_then(|key| Probe::new(patient, &key));
    let Some(probe) = probe else {
        return Finding::skip(CHECK, "the public URL must lead here first");
    };
    let request = patient.http.post(&probe.url).header(SIGNATURE, &probe.signature).form(&probe.fields);
    match request.send().await {
        Err(error) => {
            let mend = "see what the proxy does with POST requests under /webhooks";
            Finding::fail(CHECK, format!("the probe got no answer: {}", chain(&error)), mend)
        }
        Ok(response) if response.status().is_success() => match response.json::<ProbeAnswer>().await {
            Ok(answer) => judge(&probe, &answer),
            Err(_) => lost(200),
        },
        Ok(response) => lost(response.status().as_u16()),
    }
}

fn lost(status: u16) -> Finding {
    let detail = format!("the probe of {PROBE_PATH} does not get through: HTTP status {status}");
    let mend = match status {
        403 => "the proxy changes the body of POST requests: let it pass them on as they are",
        404 => "let the proxy pass on /webhooks/ with its path as it is",
        _ => "see what the proxy does with POST requests under /webhooks",
    };
    Finding::fail(CHECK, detail, mend)
}

fn judge(probe: &Probe, answer: &ProbeAnswer) -> Finding {
    if answer.verifies {
        return Finding::ok(CHECK, "a webhook that is signed for the public URL is let in");
    }
    if !answer.has_signature {
        let mend = format!("let the proxy pass on the header {SIGNATURE}");
        return Finding::fail(CHECK, format!("the header {SIGNATURE} does not arrive"), mend);
    }
    if answer.seen_url == probe.url {
        let mend = "let the proxy pass on bodies and headers of POST requests as they are";
        return Finding::fail(CHECK, "the body or the signature is changed on the way", mend);
    }
    let (part, mend) = difference(&probe.url, &answer.seen_url);
    let detail = format!("{part} differs: signed for {}, the server sees {}", probe.url, answer.seen_url);
    Finding::fail(CHECK, detail, mend)
}

/// Returns which part of the URL differs first, and what to do about it.
fn difference(sent: &str, seen: &str) -> (&'static str, &'static str) {
    const RESTART: &str = "the server runs with another PUBLIC_BASE_URL than this one: restart it";
    let (Ok(sent), Ok(seen)) = (Url::parse(sent), Url::parse(seen)) else { return ("the URL", RESTART) };
    if sent.scheme() != seen.scheme() {
        ("the scheme", RESTART)
    } else if sent.host() != seen.host() {
        ("the host", RESTART)
    } else if sent.port_or_known_default() != seen.port_or_known_default() {
        ("the port", RESTART)
    } else if sent.path() != seen.path() {
        (
            "the path",
            "let the proxy pass on the path as it is, or set PUBLIC_BASE_URL to the address with the path that the proxy takes away",
        )
    } else {
        ("the query", "let the proxy pass on the query as it is, without decoding or sorting it")
    }
}
