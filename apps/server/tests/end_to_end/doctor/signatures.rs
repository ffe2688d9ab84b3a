//! Signatures behind proxies that change what passes through them.

use super::{
    Diagnosis, examine, local,
    proxy::{Passing, Proxy},
};

/// Lets the doctor look at a server behind a proxy that changes what is under `/webhooks`.
fn behind(change: fn(&mut Passing)) -> Diagnosis {
    let (folder, proxy) = (tempfile::tempdir().unwrap(), Proxy::start(change));
    let spec = local(folder.path()).with("PUBLIC_BASE_URL", &proxy.base_url);
    let server = spec.start().unwrap();
    proxy.lead_to(server.base_url());
    let found = examine(&spec);
    found.assert_is("ok", "public URL");
    found
}

fn in_webhooks(passing: &Passing) -> bool {
    passing.target.starts_with("/webhooks/")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_changes_nothing_is_well() {
    behind(|_| {}).assert_is("ok", "signatures");
}

#[tokio::test(flavor = "multi_thread")]
async fn set_up_12_a_proxy_that_changes_the_path_is_named_with_both_paths() {
    let found = behind(|passing| {
        if in_webhooks(passing) {
            passing.target.insert_str(0, "/api/v1");
        }
    });
    found.assert_fails("signatures", "the path differs", "pass on the path as it is");
    assert!(found.has("fail", "signatures", "/api/v1/webhooks/twilio/probe", ""), "{:#}", found.report);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_decodes_the_query_is_named() {
    let found = behind(|passing| passing.target = passing.target.replace("%2F", "/"));
    found.assert_fails("signatures", "the query differs", "without decoding");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_drops_the_signature_is_named_with_the_header() {
    let found = behind(|passing| passing.headers.retain(|(name, _)| name != "x-twilio-signature"));
    found.assert_fails("signatures", "X-Twilio-Signature does not arrive", "X-Twilio-Signature");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_changes_the_body_is_named() {
    let found = behind(|passing| {
        passing.body.extend_from_slice(if in_webhooks(passing) { b"&Added=1" } else { b"" });
    });
    found.assert_fails("signatures", "the body or the signature is changed", "as they are");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_does_not_pass_webhooks_on_is_named() {
    let found = behind(|passing| {
        if in_webhooks(passing) {
            passing.target = "/nowhere".to_owned();
        }
    });
    found.assert_fails("signatures", "does not get through: HTTP status 404", "/webhooks/");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_still_runs_with_another_public_url_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (old, new) = (Proxy::start(|_| {}), Proxy::start(|_| {}));
    let spec = |proxy: &Proxy| local(folder.path()).with("PUBLIC_BASE_URL", &proxy.base_url);
    let server = spec(&old).start().unwrap();
    new.lead_to(server.base_url());
    examine(&spec(&new)).assert_fails("signatures", "the port differs", "restart it");
}
