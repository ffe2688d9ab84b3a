//! What the carrier remembers over a restart.

use std::{fs, io::Write as _};

use fake_carrier::{CustomerText, FakeCarrier, MessageStatus};
use serde_json::Value;

use crate::fixture::{BUSINESS, Business, CUSTOMER, send, with_journal};

#[tokio::test]
async fn messages_and_opt_outs_outlive_the_carrier() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("carrier.jsonl");
    let running = FakeCarrier::new(with_journal(journal.clone())).unwrap().start().await.unwrap();
    let business = Business::open(200);
    send(&running, "one").await;
    send(&running, "two").await;
    running.carrier().text(&business.url, &CustomerText::new(CUSTOMER, BUSINESS, "STOP")).await.unwrap();
    let before = running.carrier().history();
    running.stop().await;

    let running = FakeCarrier::new(with_journal(journal)).unwrap().start().await.unwrap();
    let after = running.carrier().history();
    let sids = |messages: &[fake_carrier::CarrierMessage]| -> Vec<String> {
        messages.iter().map(|message| message.sid.clone()).collect()
    };
    assert_eq!(sids(&after), sids(&before));
    assert_eq!(after[0].status, MessageStatus::Delivered);
    let refused: Value = send(&running, "three").await.json().await.unwrap();
    assert_eq!(refused["code"], 21610);
}

#[tokio::test]
async fn a_last_line_that_was_cut_short_is_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("carrier.jsonl");
    let running = FakeCarrier::new(with_journal(journal.clone())).unwrap().start().await.unwrap();
    send(&running, "whole").await;
    running.stop().await;
    let mut file = fs::OpenOptions::new().append(true).open(&journal).unwrap();
    file.write_all("{\"message\":{\"sid\":\"SM\u{e9}".as_bytes().split_last().unwrap().1).unwrap();

    let running = FakeCarrier::new(with_journal(journal.clone())).unwrap().start().await.unwrap();
    send(&running, "next").await;
    running.stop().await;
    let bodies: Vec<_> = FakeCarrier::new(with_journal(journal)).unwrap().messages();
    let bodies: Vec<_> = bodies.iter().map(|message| message.body.as_str()).collect();
    assert_eq!(bodies, ["whole", "next"]);
}

#[test]
fn a_broken_journal_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("carrier.jsonl");
    fs::write(&journal, "no json\n").unwrap();
    assert!(FakeCarrier::new(with_journal(journal)).is_err());
}
