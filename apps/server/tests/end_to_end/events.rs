//! What happens is streamed as it happens, whichever process does it, and goes on where it was cut off.

use std::time::Duration;

use futures_util::{Stream, StreamExt as _};
use serde_json::Value;

use crate::installation::{Installation, phones};

/// How long an event may take to be seen.
const PATIENCE: Duration = Duration::from_secs(30);

/// A reader of one server's stream.
struct Reader {
    body: std::pin::Pin<Box<dyn Stream<Item = reqwest::Result<Vec<u8>>>>>,
    unread: String,
    last: Option<String>,
}

impl Reader {
    async fn open(installation: &Installation, server: usize, last: Option<String>) -> Self {
        let demo = std::fs::read_to_string(installation.folder.path().join("keys/demo.json")).unwrap();
        let demo: Value = serde_json::from_str(&demo).unwrap();
        let base = installation.servers[server].as_ref().unwrap().base_url();
        let url = format!("{base}/api/v1/tenants/{}/events", demo["tenant_id"].as_str().unwrap());
        let request = reqwest::Client::builder().no_proxy().build().unwrap().get(url);
        let request = request.header("X-API-Key", demo["api_key"].as_str().unwrap());
        let request = last.iter().fold(request, |request, id| request.header("Last-Event-ID", id));
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        let pieces = response.bytes_stream().map(|piece| piece.map(|bytes| bytes.to_vec()));
        let mut reader = Self { body: Box::pin(pieces), unread: String::new(), last };
        // What a stream says first is where it is.
        assert!(reader.block().await.unwrap().contains("id: "));
        reader
    }

    /// Returns what stands before the next empty line, and remembers its id; `None` when the stream has ended.
    async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.unread.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.unread = rest;
                let id = block.lines().find_map(|line| line.strip_prefix("id: "));
                self.last = id.map(str::to_owned).or(self.last.take());
                return Some(block);
            }
            let piece = tokio::time::timeout(PATIENCE, self.body.next()).await.unwrap();
            self.unread += &String::from_utf8(piece?.ok()?).unwrap();
        }
    }

    /// Reads on until an event has been seen so often, or, where none is named, until the stream ends.
    async fn read(&mut self, seen: &mut Vec<String>, until: Option<(&str, usize)>) {
        let is_enough = |seen: &[String]| {
            until.is_some_and(|(name, count)| seen.iter().filter(|one| *one == name).count() >= count)
        };
        while !is_enough(seen) {
            let Some(block) = self.block().await else {
                assert_eq!(until, None, "the stream has ended after {seen:?}");
                return;
            };
            seen.extend(block.lines().find_map(|line| line.strip_prefix("event: ")).map(str::to_owned));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_process_does_is_streamed_by_another_and_a_reader_that_is_cut_off_misses_nothing() {
    let mut installation = Installation::start().await;
    let phones = phones(2);
    let mut seen = Vec::new();
    let mut reader = Reader::open(&installation, 0, None).await;
    installation.text_to(1, &phones[0], "SMfirst").await.unwrap();
    // What the server has claimed by then would wait for the end of its lease.
    for name in ["message.delivery_changed", "lead.captured"] {
        reader.read(&mut seen, Some((name, 1))).await;
    }
    // The server that streams goes, and while nobody reads somebody writes.
    installation.servers[0].take().unwrap().kill().unwrap();
    reader.read(&mut seen, None).await;
    installation.text_to(1, &phones[1], "SMsecond").await.unwrap();
    installation.carrier.carrier().wait_for_count(2, PATIENCE).await.unwrap();
    let mut reader = Reader::open(&installation, 1, reader.last).await;
    reader.read(&mut seen, Some(("lead.captured", 2))).await;
    let count = |name: &str| seen.iter().filter(|one| *one == name).count();
    for name in ["conversation.opened", "message.received", "turn.committed", "lead.captured"] {
        assert_eq!(count(name), 2, "{name} in {seen:?}");
    }
    let at = |name: &str| seen.iter().position(|one| one == name).unwrap();
    assert!(at("conversation.opened") < at("message.received"), "{seen:?}");
    assert!(at("message.received") < at("turn.committed"), "{seen:?}");
    assert!(at("turn.committed") < at("message.delivery_changed"), "{seen:?}");
}
