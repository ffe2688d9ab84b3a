//! The model itself: where it is, how it is let in, and how it is asked.

use async_trait::async_trait;
use conversation::{Deltas, LanguageModel, ModelError, ModelReply, ModelRequest, ModelTimeouts};
use reqwest::{Client, header::HeaderValue};
use tenancy::SecretText;
use url::Url;

use crate::{
    question::Question,
    reading::Reading,
    wire::exchange::{exchange, http_client},
};

/// What the model is reached with.
#[derive(Clone, Debug)]
pub struct GeminiSettings {
    /// Where its interface is, such as `https://generativelanguage.googleapis.com`.
    pub api_base: Url,
    /// The key that lets us in.
    pub api_key: SecretText,
    /// The model that answers where a request names none, such as `gemini-2.5-flash`.
    pub default_model: String,
    /// How long it may take.
    pub timeouts: ModelTimeouts,
}

/// Why the model cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The interface can only be below an http(s) URL.
    #[error("the base is no http(s) URL")]
    Base,
    /// A key is printable ASCII.
    #[error("the key cannot be sent in a header")]
    Key,
    /// TLS cannot be set up.
    #[error("no HTTP client can be made")]
    Client(#[from] reqwest::Error),
}

/// Google's Gemini, or whatever speaks as it does. It asks once: who wants more tries wraps it.
pub struct GeminiModel {
    http: Client,
    api_base: Url,
    key: HeaderValue,
    default_model: String,
    timeouts: ModelTimeouts,
}

impl GeminiModel {
    /// Makes the model, with one HTTP client for all that it is asked.
    ///
    /// # Errors
    /// When the base or the key cannot be used, or TLS cannot be set up.
    pub fn new(settings: GeminiSettings) -> Result<Self, SettingsError> {
        let GeminiSettings { api_base, api_key, default_model, timeouts } = settings;
        if !matches!(api_base.scheme(), "http" | "https") {
            return Err(SettingsError::Base);
        }
        let mut key = HeaderValue::from_str(api_key.expose()).map_err(|_| SettingsError::Key)?;
        key.set_sensitive(true);
        Ok(Self { http: http_client(timeouts)?, api_base, key, default_model, timeouts })
    }

    /// Returns where a model is asked. Pushing a segment, rather than pasting text, keeps an odd name from leading
    /// elsewhere.
    fn url(&self, model: &str) -> Url {
        let mut url = self.api_base.clone();
        let method = format!("{model}:streamGenerateContent");
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["v1beta", "models", &method]);
        }
        url.set_query(Some("alt=sse"));
        url
    }
}

#[async_trait]
impl LanguageModel for GeminiModel {
    async fn reply(&self, request: &ModelRequest, deltas: &dyn Deltas) -> Result<ModelReply, ModelError> {
        let model = request.settings.model.as_deref().unwrap_or(&self.default_model);
        let question = Question::of(request, model);
        let question =
            self.http.post(self.url(model)).header("x-goog-api-key", self.key.clone()).json(&question);
        let mut reading = Reading::new(request, model, deltas);
        exchange(question, self.timeouts, &mut reading).await?;
        reading.end()
    }
}
