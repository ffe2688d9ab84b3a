//! Asking servers of models whether they know the model that is configured. They generate nothing for it, so it costs
//! nothing.

use kernel::ModelProvider;
use reqwest::{Client, StatusCode};
use url::Url;

use crate::config::ModelServer;

/// What a server says when it is asked for its model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ModelStanding {
    /// It lets us in and knows the model.
    Known,
    /// It does not take the key.
    KeyRefused,
    /// It does not say that it knows the model.
    Unknown,
    /// It does not say how it stands: it answered with this status.
    Unclear(StatusCode),
}

/// Asks a server for its model.
///
/// # Errors
/// When it was not reached.
pub(crate) async fn ask_for_model(
    http: &Client,
    provider: ModelProvider,
    server: &ModelServer,
) -> reqwest::Result<ModelStanding> {
    let below_base = match provider {
        ModelProvider::Gemini => "v1beta/models",
        ModelProvider::OpenAi | ModelProvider::Offline => "models",
    };
    let question = http.get(below(&server.api_base, &format!("{below_base}/{}", server.model)));
    let question = match (provider, &server.api_key) {
        (ModelProvider::Gemini, Some(key)) => question.header("x-goog-api-key", key.expose()),
        (ModelProvider::OpenAi | ModelProvider::Offline, Some(key)) => question.bearer_auth(key.expose()),
        (_, None) => question,
    };
    let status = question.send().await.map_err(reqwest::Error::without_url)?.status();
    Ok(match status {
        status if status.is_success() => ModelStanding::Known,
        // Gemini calls a wrong key a bad request.
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::BAD_REQUEST => {
            ModelStanding::KeyRefused
        }
        StatusCode::NOT_FOUND => ModelStanding::Unknown,
        other => ModelStanding::Unclear(other),
    })
}

/// Returns an address below a base, whose own path may end with a slash or not.
fn below(base: &Url, path: &str) -> Url {
    let mut base = base.clone();
    let whole = format!("{}/{path}", base.path().trim_end_matches('/'));
    base.set_path(&whole);
    base
}
