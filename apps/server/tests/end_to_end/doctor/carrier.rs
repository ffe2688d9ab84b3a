//! The carrier and its clock.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
};

use fake_carrier::{FakeCarrier, FakeCarrierConfig};

use super::{examine, local};

const SID: &str = "AC00000000000000000000000000000009";

#[tokio::test(flavor = "multi_thread")]
async fn set_up_7_a_token_that_is_not_the_accounts_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let config = FakeCarrierConfig::new(SID, "the-right-token");
    let carrier = FakeCarrier::new(config).unwrap().start().await.unwrap();
    let spec = local(folder.path())
        .with("TWILIO_ACCOUNT_SID", SID)
        .with("TWILIO_API_BASE", carrier.base_url().as_str());
    let right = examine(&spec.clone().with("TWILIO_AUTH_TOKEN", "the-right-token"));
    right.assert_is("ok", "carrier");
    right.assert_is("ok", "clock");
    let wrong = examine(&spec.with("TWILIO_AUTH_TOKEN", "the-wrong-token"));
    wrong.assert_fails("carrier", "TWILIO_AUTH_TOKEN is not this account's", "the carrier's console");
}

#[test]
fn set_up_8_a_carrier_that_cannot_be_reached_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let address = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let spec = local(folder.path())
        .with("TWILIO_ACCOUNT_SID", SID)
        .with("TWILIO_AUTH_TOKEN", "the-wrong-token")
        .with("TWILIO_API_BASE", format!("http://{address}"));
    examine(&spec).assert_fails("carrier", "cannot be reached", "firewall");
}

#[test]
fn a_clock_that_is_off_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0_u8; 8_192]);
            let _ = stream.write_all(
                b"HTTP/1.1 200 OK\r\ndate: Wed, 01 Jan 2020 00:00:00 GMT\r\ncontent-type: application/json\r\n\
                  content-length: 19\r\nconnection: close\r\n\r\n{\"status\":\"active\"}",
            );
        }
    });
    let spec = local(folder.path())
        .with("TWILIO_ACCOUNT_SID", SID)
        .with("TWILIO_AUTH_TOKEN", "the-wrong-token")
        .with("TWILIO_API_BASE", base);
    let found = examine(&spec);
    found.assert_warns("clock", "ahead of the carrier's", "NTP");
    assert!(found.is_success, "a warning is no failure: {:#}", found.report);
}
