//! A language model whose failures are logged: the turn goes on with a fallback, and somebody must learn why.

use std::{sync::Arc, time::Instant};

use async_trait::async_trait;
use conversation::{Deltas, LanguageModel, ModelError, ModelReply, ModelRequest};

use crate::telemetry::with_sources;

/// Passes requests on, and logs those that fail. Nothing of what was said is logged.
pub struct LoggedModel(pub Arc<dyn LanguageModel>);

#[async_trait]
impl LanguageModel for LoggedModel {
    async fn reply(&self, request: &ModelRequest, deltas: &dyn Deltas) -> Result<ModelReply, ModelError> {
        let started = Instant::now();
        let outcome = self.0.reply(request, deltas).await;
        if let Err(error) = &outcome {
            tracing::warn!(
                error = with_sources(error),
                duration_ms = started.elapsed().as_millis(),
                "the model failed; it is asked again, and in the end the contact gets the fallback"
            );
        }
        outcome
    }
}
