//! The language models: whether each that is configured is reached, lets us in and knows its model. Nothing is generated.

use kernel::ModelProvider;
use reqwest::{RequestBuilder, StatusCode};
use url::Url;

use super::{Finding, Patient};
use crate::config::ModelServer;

const CHECK: &str = "model";

pub(super) async fn look(patient: &Patient) -> Vec<Finding> {
    let models = &patient.config.models;
    let mut findings = Vec::new();
    for provider in models.order() {
        findings.push(match (provider, &models.gemini, &models.openai) {
            (ModelProvider::Gemini, Some(server), _) => {
                let path = format!("v1beta/models/{}", server.model);
                let key = server.api_key.as_ref();
                let ask = |ask: RequestBuilder| match key {
                    Some(key) => ask.header("x-goog-api-key", key.expose()),
                    None => ask,
                };
                asked(patient, ("GEMINI", server), &path, ask).await
            }
            (ModelProvider::OpenAi, _, Some(server)) => {
                let path = format!("models/{}", server.model);
                let key = server.api_key.as_ref();
                let ask = |ask: RequestBuilder| match key {
                    Some(key) => ask.bearer_auth(key.expose()),
                    None => ask,
                };
                asked(patient, ("OPENAI", server), &path, ask).await
            }
            _ => Finding::ok(CHECK, "the built-in one, which is always there"),
        });
    }
    findings
}

async fn asked(
    patient: &Patient,
    (variables, server): (&str, &ModelServer),
    path: &str,
    with_key: impl FnOnce(RequestBuilder) -> RequestBuilder,
) -> Finding {
    let (host, model) = (server.api_base.host_str().unwrap_or_default(), &server.model);
    match with_key(patient.http.get(below(&server.api_base, path))).send().await.map(|answer| answer.status())
    {
        Ok(status) if status.is_success() => {
            Finding::ok(CHECK, format!("{host} lets us in and knows {model}"))
        }
        Ok(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::BAD_REQUEST) => Finding::fail(
            CHECK,
            format!("{host} does not take the key"),
            format!("correct {variables}_API_KEY"),
        ),
        Ok(StatusCode::NOT_FOUND) => Finding::warn(
            CHECK,
            format!("{host} does not say that it knows {model}"),
            format!("see whether {variables}_MODEL and {variables}_API_BASE are right"),
        ),
        Ok(status) => Finding::warn(
            CHECK,
            format!("{host} answers with {}", status.as_u16()),
            "wait, or ask whoever runs it; the next model answers meanwhile",
        ),
        Err(error) => Finding::fail(
            CHECK,
            format!("{host} is not reached: {}", error.without_url()),
            format!("let this machine reach it, or correct {variables}_API_BASE"),
        ),
    }
}

/// Returns an address below a base, whose own path may end with a slash or not.
fn below(base: &Url, path: &str) -> Url {
    let mut base = base.clone();
    let whole = format!("{}/{path}", base.path().trim_end_matches('/'));
    base.set_path(&whole);
    base
}
