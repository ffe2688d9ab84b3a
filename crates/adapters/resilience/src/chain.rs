//! Asks another model when one fails.

use std::sync::Arc;

use async_trait::async_trait;
use conversation::{Deltas, LanguageModel, ModelError, ModelReply, ModelRequest};
use kernel::ModelProvider;

use crate::{heard::Heard, retrying::was_too_late};

/// There is no model to ask.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("no model is configured")]
pub struct NoModel;

/// Whoever wants to know which models answer and which fail, to log and count it.
pub trait ChainObserver: Send + Sync {
    /// A model has answered.
    fn answered(&self, provider: ModelProvider);

    /// A model has failed; the next is asked, if there is one.
    fn failed(&self, provider: ModelProvider, error: &ModelError);
}

/// Models of which the next is asked when one fails.
pub struct ModelChain {
    models: Vec<(ModelProvider, Arc<dyn LanguageModel>)>,
    observer: Arc<dyn ChainObserver>,
}

impl ModelChain {
    /// Makes a chain. Where a request does not say whom to ask, the models are asked in their order here.
    pub fn new(
        models: Vec<(ModelProvider, Arc<dyn LanguageModel>)>,
        observer: Arc<dyn ChainObserver>,
    ) -> Self {
        Self { models, observer }
    }

    /// Returns whom a request asks, in its order. Whoever is not here is passed over; if nobody is left, everybody
    /// here is asked.
    fn asked(&self, request: &ModelRequest) -> Vec<ModelProvider> {
        let here = |provider: &ModelProvider| self.models.iter().any(|(one, _)| one == provider);
        let wanted: Vec<_> = request.settings.providers.iter().copied().filter(here).collect();
        if wanted.is_empty() { self.models.iter().map(|(one, _)| *one).collect() } else { wanted }
    }

    fn find(&self, provider: ModelProvider) -> Option<&dyn LanguageModel> {
        self.models.iter().find(|(one, _)| *one == provider).map(|(_, model)| model.as_ref())
    }
}

/// Returns the request as a provider gets it: the name of a model means something to the first of them alone.
fn request_to(provider: ModelProvider, request: &ModelRequest, is_first: bool) -> ModelRequest {
    let mut request = request.clone();
    let is_meant = request.settings.providers.first().map_or(is_first, |first| *first == provider);
    if !is_meant {
        request.settings.model = None;
    }
    request
}

#[async_trait]
impl LanguageModel for ModelChain {
    async fn reply(&self, request: &ModelRequest, deltas: &dyn Deltas) -> Result<ModelReply, ModelError> {
        let heard = Heard::by(deltas);
        let mut last = None;
        for (place, provider) in self.asked(request).into_iter().enumerate() {
            let Some(model) = self.find(provider) else { continue };
            heard.restart_if_heard();
            match model.reply(&request_to(provider, request, place == 0), &heard).await {
                Ok(reply) => {
                    self.observer.answered(provider);
                    return Ok(reply);
                }
                Err(error) => {
                    self.observer.failed(provider, &error);
                    // That no time was left says less than what took it.
                    if last.is_none() || !was_too_late(&error) {
                        last = Some(error);
                    }
                }
            }
        }
        Err(last.unwrap_or_else(|| ModelError::Unavailable(NoModel.into())))
    }
}
