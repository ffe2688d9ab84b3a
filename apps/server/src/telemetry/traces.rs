//! Traces: the spans of requests and jobs, sent to a collector by OTLP where one is configured.

use std::{
    error::Error,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use anyhow::Context as _;
use async_trait::async_trait;
use opentelemetry::{KeyValue, trace::TracerProvider as _};
use opentelemetry_http::{Bytes, HttpClient, Request, Response};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use tokio::runtime::Handle;
use tracing::Level;
use tracing_subscriber::{Layer, Registry, filter::Targets};
use url::Url;

use super::with_sources;
use crate::config::Config;

/// How long the collector may take. Spans that it does not take are lost, and nothing waits for them.
const PATIENCE: Duration = Duration::from_secs(5);

type SendError = Box<dyn Error + Send + Sync>;

/// Spans on their way to a collector.
pub(super) struct Traces(SdkTracerProvider);

impl Traces {
    /// Begins to send spans to a collector, in batches, in the background.
    ///
    /// # Errors
    /// When TLS cannot be set up, or the address cannot be used.
    pub(super) fn begin(config: &Config, collector: &Url) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().timeout(PATIENCE).no_proxy().build();
        let client = Client {
            http: http.context("TLS cannot be set up")?,
            runtime: Handle::try_current()?,
            is_failing: AtomicBool::new(false),
        };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(client)
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(format!("{}/v1/traces", collector.as_str().trim_end_matches('/')))
            .with_timeout(PATIENCE)
            .build()
            .context("OTEL_EXPORTER_OTLP_ENDPOINT cannot be used")?;
        let about = [
            KeyValue::new("service.name", "cheetah"),
            KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
            KeyValue::new("deployment.environment.name", config.environment.as_str()),
        ];
        let resource = Resource::builder_empty().with_attributes(about).build();
        Ok(Self(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build()))
    }

    /// Returns the layer that makes spans of ours into traces. Spans of libraries are none of them.
    pub(super) fn layer(&self) -> Box<dyn Layer<Registry> + Send + Sync> {
        let tracer = self.0.tracer("cheetah");
        let ours = Targets::new().with_target(env!("CARGO_CRATE_NAME"), Level::INFO);
        tracing_opentelemetry::layer().with_tracer(tracer).with_threads(false).with_filter(ours).boxed()
    }

    /// Sends what has not been sent, and ends.
    pub(super) async fn end(self) {
        // It waits for its own thread, and that one for this runtime.
        let ended = tokio::task::spawn_blocking(move || self.0.shutdown_with_timeout(PATIENCE)).await;
        if let Ok(Err(error)) = ended {
            tracing::warn!(error = with_sources(&error), "the last spans were not sent");
        }
    }
}

/// The HTTP client that all else uses. Spans are sent from a thread outside of the runtime that it needs.
#[derive(Debug)]
struct Client {
    http: reqwest::Client,
    runtime: Handle,
    is_failing: AtomicBool,
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, SendError> {
        let sent = self.runtime.spawn(send(self.http.clone(), request)).await?;
        let outcome = sent.and_then(|response| {
            let status = response.status();
            if status.is_success() { Ok(response) } else { Err(format!("HTTP status {status}").into()) }
        });
        let was_failing = self.is_failing.swap(outcome.is_err(), Ordering::Relaxed);
        if let Err(error) = &outcome
            && !was_failing
        {
            tracing::warn!(error = with_sources(&**error), "the collector does not take spans");
        }
        outcome
    }
}

async fn send(http: reqwest::Client, request: Request<Bytes>) -> Result<Response<Bytes>, SendError> {
    let response = http.execute(request.try_into()?).await.map_err(reqwest::Error::without_url)?;
    let status = response.status();
    Ok(Response::builder().status(status).body(response.bytes().await?)?)
}
