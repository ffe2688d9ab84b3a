//! The language models: whether each that is configured is reached, lets us in and knows its model. Nothing is generated.

use kernel::ModelProvider;

use super::{Finding, Patient};
use crate::{
    config::ModelServer,
    model_servers::{ModelStanding, ask_for_model},
};

const CHECK: &str = "model";

pub(super) async fn look(patient: &Patient) -> Vec<Finding> {
    let models = &patient.config.models;
    let mut findings = Vec::new();
    for provider in models.order() {
        findings.push(match models.server(provider) {
            Some(server) => asked(patient, provider, server).await,
            None => Finding::ok(CHECK, "the built-in one, which is always there"),
        });
    }
    findings
}

async fn asked(patient: &Patient, provider: ModelProvider, server: &ModelServer) -> Finding {
    let variables = provider.as_str().to_uppercase();
    let (host, model) = (server.api_base.host_str().unwrap_or_default(), &server.model);
    match ask_for_model(&patient.http, provider, server).await {
        Ok(ModelStanding::Known) => Finding::ok(CHECK, format!("{host} lets us in and knows {model}")),
        Ok(ModelStanding::KeyRefused) => Finding::fail(
            CHECK,
            format!("{host} does not take the key"),
            format!("correct {variables}_API_KEY"),
        ),
        Ok(ModelStanding::Unknown) => Finding::warn(
            CHECK,
            format!("{host} does not say that it knows {model}"),
            format!("see whether {variables}_MODEL and {variables}_API_BASE are right"),
        ),
        Ok(ModelStanding::Unclear(status)) => Finding::warn(
            CHECK,
            format!("{host} answers with {}", status.as_u16()),
            "wait, or ask whoever runs it; the next model answers meanwhile",
        ),
        Err(error) => Finding::fail(
            CHECK,
            format!("{host} is not reached: {error}"),
            format!("let this machine reach it, or correct {variables}_API_BASE"),
        ),
    }
}
