//! Who writes the receptionist's words: each behind another try and a breaker, and one after the other.

use std::sync::Arc;

use anyhow::Context as _;
use conversation::{LanguageModel, ModelError};
use gemini::{GeminiModel, GeminiSettings};
use kernel::{Clock, Entropy, ModelProvider};
use openai::{OpenAiModel, OpenAiSettings};
use resilience::{
    BreakingModel, BreakingSettings, ChainObserver, CircuitOpen, ModelChain, NoTimeLeft, RetryingModel,
    RetryingSettings,
};
use tenancy::SecretText;

use crate::{config::ModelsConfig, metrics::ProviderCalls, telemetry::with_sources};

/// Makes the models that a configuration names, in the order in which they are asked.
///
/// # Errors
/// When TLS cannot be set up, or a key or address cannot be used.
pub(super) fn chain(
    config: &ModelsConfig,
    entropy: &Arc<dyn Entropy>,
    clock: &Arc<dyn Clock>,
    calls: &Arc<ProviderCalls>,
) -> anyhow::Result<Arc<dyn LanguageModel>> {
    let mut models: Vec<(ModelProvider, Arc<dyn LanguageModel>)> = Vec::new();
    for provider in config.order() {
        let model: Arc<dyn LanguageModel> = match provider {
            ModelProvider::Offline => Arc::new(offline_model::OfflineModel),
            ModelProvider::Gemini => around(ask_gemini(config)?, entropy, clock),
            ModelProvider::OpenAi => around(ask_openai(config)?, entropy, clock),
        };
        models.push((provider, model));
    }
    Ok(Arc::new(ModelChain::new(models, Arc::new(Observed(Arc::clone(calls))))))
}

fn around(
    model: Arc<dyn LanguageModel>,
    entropy: &Arc<dyn Entropy>,
    clock: &Arc<dyn Clock>,
) -> Arc<dyn LanguageModel> {
    let retrying =
        RetryingModel::new(model, Arc::clone(clock), Arc::clone(entropy), RetryingSettings::default());
    Arc::new(BreakingModel::new(Arc::new(retrying), Arc::clone(clock), BreakingSettings::default()))
}

fn ask_gemini(config: &ModelsConfig) -> anyhow::Result<Arc<dyn LanguageModel>> {
    let server = config.server(ModelProvider::Gemini).cloned().context("Gemini is not configured")?;
    let settings = GeminiSettings {
        api_base: server.api_base,
        api_key: server.api_key.unwrap_or_else(|| SecretText::new("")),
        default_model: server.model,
        timeouts: config.timeouts,
    };
    Ok(Arc::new(GeminiModel::new(settings).context("GEMINI_API_KEY or GEMINI_API_BASE cannot be used")?))
}

fn ask_openai(config: &ModelsConfig) -> anyhow::Result<Arc<dyn LanguageModel>> {
    let server = config.server(ModelProvider::OpenAi).cloned().context("OpenAI is not configured")?;
    let settings = OpenAiSettings {
        api_base: server.api_base,
        api_key: server.api_key,
        default_model: server.model,
        timeouts: config.timeouts,
    };
    Ok(Arc::new(OpenAiModel::new(settings).context("OPENAI_API_KEY or OPENAI_API_BASE cannot be used")?))
}

/// Somebody must learn that a model fails although another answers: each call is counted, each failure logged.
struct Observed(Arc<ProviderCalls>);

impl ChainObserver for Observed {
    fn answered(&self, provider: ModelProvider) {
        self.0.note(provider, "ok");
    }

    fn failed(&self, provider: ModelProvider, error: &ModelError) {
        let was_spared = matches!(
            error, ModelError::Unavailable(why) if why.is::<CircuitOpen>() || why.is::<NoTimeLeft>()
        );
        self.0.note(provider, if was_spared { "spared" } else { error.name() });
        tracing::warn!(
            model.provider = provider.as_str(),
            error.kind = error.name(),
            error = with_sources(error),
            "a model failed; the next one is asked"
        );
    }
}
