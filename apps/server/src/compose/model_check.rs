//! Whether the models that are configured can be asked.

use anyhow::Context as _;
use async_trait::async_trait;
use futures_util::future::join_all;
use kernel::{BoxError, ModelProvider};
use reqwest::{Client, redirect::Policy};

use crate::{
    config::{ModelServer, ModelsConfig},
    model_servers::{ModelStanding, ask_for_model},
    readiness::{Need, ReadinessCheck, Unready},
};

/// Each server that is configured lets us in and knows its model. It is asked for the model and never to write, which
/// costs nothing. The one in the box is always there.
pub struct ModelCheck {
    http: Client,
    servers: Vec<(ModelProvider, ModelServer)>,
}

/// What a provider's server did.
#[derive(Debug, thiserror::Error)]
#[error("the server of {provider}")]
struct OfProvider {
    provider: &'static str,
    source: BoxError,
}

impl ModelCheck {
    /// Takes the servers that a configuration names and that are asked for words.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(config: &ModelsConfig) -> anyhow::Result<Self> {
        // How models themselves are asked: without redirects, which would carry the key elsewhere, and without a proxy.
        let http = Client::builder().redirect(Policy::none()).no_proxy().build();
        let asked = config.order().into_iter();
        let servers = asked.filter_map(|provider| Some((provider, config.server(provider)?.clone())));
        Ok(Self { http: http.context("TLS cannot be set up")?, servers: servers.collect() })
    }

    async fn ask(&self, provider: ModelProvider, server: &ModelServer) -> Result<(), Unready> {
        let unready = |detail, source: BoxError| {
            let provider = provider.as_str();
            Err(Unready::because(detail, OfProvider { provider, source }))
        };
        match ask_for_model(&self.http, provider, server).await {
            Ok(ModelStanding::Known) => Ok(()),
            // Not every server that speaks as OpenAI does tells of single models; Gemini's does.
            Ok(ModelStanding::Unknown) if provider == ModelProvider::OpenAi => Ok(()),
            Ok(ModelStanding::Unknown) => unready("does not know the model", server.model.clone().into()),
            Ok(ModelStanding::KeyRefused) => unready("does not take the key", "it refuses".into()),
            Ok(ModelStanding::Unclear(status)) => {
                unready("answers with an error", format!("status {}", status.as_u16()).into())
            }
            Err(error) => unready("cannot be reached", error.into()),
        }
    }
}

#[async_trait]
impl ReadinessCheck for ModelCheck {
    fn name(&self) -> &'static str {
        "model"
    }

    fn need(&self) -> Need {
        Need::Optional
    }

    async fn check(&self) -> Result<(), Unready> {
        join_all(self.servers.iter().map(|(provider, server)| self.ask(*provider, server)))
            .await
            .into_iter()
            .collect()
    }
}
