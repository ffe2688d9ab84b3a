//! The public URL: whether it is safe, and whether it leads to a server of this very installation.

use reqwest::{Response, header::LOCATION};

use super::{Finding, Patient};
use crate::{
    config::Environment,
    http::health::{INSTALLATION_NONCE, INSTALLATION_PROOF},
    installation::{InstallationKey, ProofOf},
};

const CHECK: &str = "public URL";

/// Returns what was found, and whether a server of this installation answers there.
pub(super) async fn look(patient: &Patient) -> (Finding, bool) {
    let url = &patient.config.public_base_url;
    let Some(key) = patient.installation() else {
        return (Finding::skip(CHECK, "no server was started here yet"), false);
    };
    let nonce = uuid::Uuid::new_v4().simple().to_string();
    let request = patient.http.get(format!("{url}/healthz")).header(INSTALLATION_NONCE, &nonce);
    let fault = match request.send().await {
        Err(error) => Some(unanswered(patient, &error)),
        Ok(response) => stranger(patient, &response, &key, &nonce),
    };
    match fault {
        Some(fault) => (fault, false),
        None => (safety(patient), true),
    }
}

fn unanswered(patient: &Patient, error: &reqwest::Error) -> Finding {
    let url = &patient.config.public_base_url;
    if patient.is_private() {
        return Finding::skip(CHECK, format!("no server runs at {url}; start one with `cheetah serve`"));
    }
    let why = chain(error);
    let mend = "see that the server runs, that the name leads to it and that its certificate is valid; if this machine \
                cannot reach its own public address, ask from another";
    Finding::fail(CHECK, format!("{url} does not answer: {why}"), mend)
}

/// Returns what is wrong with an answer that is not of a server of this installation.
fn stranger(patient: &Patient, response: &Response, key: &InstallationKey, nonce: &str) -> Option<Finding> {
    let (url, status) = (&patient.config.public_base_url, response.status());
    let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
    if status.is_redirection() {
        let to = header(LOCATION.as_str()).unwrap_or("elsewhere");
        let mend = "set PUBLIC_BASE_URL to the address that it leads to: carriers do not follow redirects";
        return Some(Finding::fail(CHECK, format!("{url}/healthz redirects to {to}"), mend));
    }
    let mend =
        "set PUBLIC_BASE_URL to this server's own address, and see what the proxy in front of it passes on";
    match header(INSTALLATION_PROOF) {
        Some(proof) if key.accepts(ProofOf::Identity, nonce, proof) => None,
        Some(_) => {
            let detail = format!(
                "at {url} answers a server of another installation: its PII_ENCRYPTION_KEY is another"
            );
            let mend = "set PUBLIC_BASE_URL to this server's own address; if it is, restart the server with the keys \
                        that it is to have";
            Some(Finding::fail(CHECK, detail, mend))
        }
        None if status.is_success() => {
            Some(Finding::fail(CHECK, format!("at {url} answers something that is not this server"), mend))
        }
        None => Some(Finding::fail(
            CHECK,
            format!("{url}/healthz answers with HTTP status {}", status.as_u16()),
            mend,
        )),
    }
}

fn safety(patient: &Patient) -> Finding {
    let url = &patient.config.public_base_url;
    if !url.is_https() && patient.config.environment != Environment::Local {
        let mend = "put TLS in front of the server and write https:// in PUBLIC_BASE_URL";
        return Finding::warn(CHECK, format!("{url} leads here and is not https"), mend);
    }
    Finding::ok(CHECK, format!("{url} leads to this installation"))
}

/// Returns why a request failed, down to the cause that says something.
pub(super) fn chain(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".to_owned();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}
