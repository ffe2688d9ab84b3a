//! The language models: each way in which one that is configured can be missing.

use std::{net::TcpListener, path::Path};

use harness::ServerSpec;
use model_fakes::FakeModelServer;

use super::{examine, local};

const PROVIDERS: [&str; 2] = ["GEMINI", "OPENAI"];

/// An installation whose model is at this address, where the key lets it in.
fn asking(folder: &Path, provider: &str, base: &str) -> ServerSpec {
    with(local(folder), provider, "API_BASE", base)
}

fn with(spec: ServerSpec, provider: &str, name: &str, value: &str) -> ServerSpec {
    let (key, name) = (format!("{provider}_API_KEY"), format!("{provider}_{name}"));
    let spec = if name == key { spec } else { spec.with(&key, "the-right-token") };
    spec.with(&name, value)
}

fn base_of(model: &FakeModelServer, provider: &str) -> String {
    if provider == "GEMINI" { model.gemini_base().to_string() } else { model.openai_base().to_string() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_lets_us_in_is_found_well_and_writes_nothing() {
    let (folder, model) = (tempfile::tempdir().unwrap(), FakeModelServer::start().await.unwrap());
    for provider in PROVIDERS {
        let found = examine(&asking(folder.path(), provider, &base_of(&model, provider)));
        assert!(found.has("ok", "model", "127.0.0.1 lets us in and knows", ""), "{:#}", found.report);
        assert_eq!(found.of("model").len(), 2, "and the one in the box: {:#}", found.report);
    }
    assert_eq!(model.requests().len(), 0, "words cost money");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_a_model_does_not_take_is_named() {
    let (folder, model) = (tempfile::tempdir().unwrap(), FakeModelServer::start().await.unwrap());
    for provider in PROVIDERS {
        let spec = asking(folder.path(), provider, &base_of(&model, provider));
        let found = examine(&with(spec, provider, "API_KEY", "wrong"));
        found.assert_fails("model", "does not take the key", &format!("correct {provider}_API_KEY"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_nobody_knows_is_named() {
    let (folder, model) = (tempfile::tempdir().unwrap(), FakeModelServer::start().await.unwrap());
    for provider in PROVIDERS {
        let spec = asking(folder.path(), provider, &base_of(&model, provider));
        let found = examine(&with(spec, provider, "MODEL", "nonexistent"));
        let mend = format!("{provider}_MODEL and {provider}_API_BASE");
        found.assert_warns("model", "does not say that it knows nonexistent", &mend);
        assert!(found.is_success, "a warning is no failure: {:#}", found.report);
    }
}

#[test]
fn a_model_that_cannot_be_reached_is_named() {
    let folder = tempfile::tempdir().unwrap();
    for provider in PROVIDERS {
        // Nobody listens where somebody has just stopped to listen.
        let nobody = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
        let found = examine(&asking(folder.path(), provider, &format!("http://{nobody}")));
        found.assert_fails("model", "is not reached", &format!("correct {provider}_API_BASE"));
    }
}
