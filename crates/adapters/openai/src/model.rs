//! The model itself: where it is, how it is let in, and how it is asked.

use async_trait::async_trait;
use conversation::{Deltas, LanguageModel, ModelError, ModelReply, ModelRequest, ModelTimeouts};
use reqwest::{
    Client,
    header::{AUTHORIZATION, HeaderValue},
};
use tenancy::SecretText;
use url::Url;

use crate::{
    question::{Dialect, Question},
    reading::Reading,
    wire::exchange::{exchange, http_client},
};

/// What the model is reached with.
#[derive(Clone, Debug)]
pub struct OpenAiSettings {
    /// Where its interface is, such as `https://api.openai.com/v1`.
    pub api_base: Url,
    /// The key that lets us in; a model on one's own machine wants none.
    pub api_key: Option<SecretText>,
    /// The model that answers where a request names none.
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

/// A model of OpenAI's, or of any server that speaks as they do. It asks once: who wants more tries wraps it.
pub struct OpenAiModel {
    http: Client,
    url: Url,
    authorization: Option<HeaderValue>,
    dialect: Dialect,
    default_model: String,
    timeouts: ModelTimeouts,
}

impl OpenAiModel {
    /// Makes the model, with one HTTP client for all that it is asked.
    ///
    /// # Errors
    /// When the base or the key cannot be used, or TLS cannot be set up.
    pub fn new(settings: OpenAiSettings) -> Result<Self, SettingsError> {
        let OpenAiSettings { api_base, api_key, default_model, timeouts } = settings;
        if !matches!(api_base.scheme(), "http" | "https") {
            return Err(SettingsError::Base);
        }
        let authorization = api_key.map(|key| bearer(&key)).transpose()?;
        let dialect = Dialect::at(&api_base);
        let mut url = api_base;
        url.path_segments_mut()
            .map_err(|()| SettingsError::Base)?
            .pop_if_empty()
            .extend(["chat", "completions"]);
        Ok(Self { http: http_client(timeouts)?, url, authorization, dialect, default_model, timeouts })
    }
}

fn bearer(key: &SecretText) -> Result<HeaderValue, SettingsError> {
    let value = HeaderValue::from_str(&format!("Bearer {}", key.expose()));
    let mut value = value.map_err(|_| SettingsError::Key)?;
    value.set_sensitive(true);
    Ok(value)
}

#[async_trait]
impl LanguageModel for OpenAiModel {
    async fn reply(&self, request: &ModelRequest, deltas: &dyn Deltas) -> Result<ModelReply, ModelError> {
        let model = request.settings.model.as_deref().unwrap_or(&self.default_model);
        let mut question = self.http.post(self.url.clone()).json(&Question::of(request, model, self.dialect));
        if let Some(authorization) = &self.authorization {
            question = question.header(AUTHORIZATION, authorization.clone());
        }
        let mut reading = Reading::new(request, model, deltas);
        exchange(question, self.timeouts, &mut reading).await?;
        reading.end()
    }
}
