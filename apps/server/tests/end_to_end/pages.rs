//! The pages in a real browser: what the server forbids browsers must not break them.

use std::collections::BTreeSet;

use harness::{Browser, Page};
use serde_json::Value;

use crate::rig::Rig;

/// Opens a page of the server; nothing on it may run into the server's own Content-Security-Policy.
async fn open(rig: &Rig, path: &str) -> Page {
    let url = rig.url(path);
    let page = tokio::task::spawn_blocking(move || Browser::find().unwrap().open(&url).unwrap());
    let page = page.await.unwrap();
    let refused: Vec<_> =
        page.console.iter().filter(|line| line.contains("Content Security Policy")).collect();
    assert!(refused.is_empty(), "{path}: {refused:?}");
    page
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_docs_show_every_operation() {
    let rig = Rig::start();
    let page = open(&rig, "/docs").await;
    let blocks: Vec<_> = page.document.split("class=\"opblock opblock-").skip(1).collect();
    let is_chat = |block: &&str| block.starts_with("post") && block.contains("data-path=\"/api/v1/chat\"");
    assert!(blocks.iter().any(is_chat), "{}", page.document);
    let response = rig.http.get(rig.url("/openapi.json")).send().await.unwrap();
    let description: Value = response.json().await.unwrap();
    let items = description["paths"].as_object().unwrap().values();
    let operations: usize = items.map(|item| item.as_object().unwrap().len()).sum();
    assert_eq!(blocks.len(), operations);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_home_page_says_what_this_is_and_its_links_lead_somewhere() {
    let rig = Rig::start();
    let page = open(&rig, "/").await;
    assert!(page.document.contains("<h1>Chatter Cheetah</h1>"), "{}", page.document);
    let links = page.document.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let links: BTreeSet<_> = links.collect();
    assert!(links.contains("/docs/"), "{links:?}");
    for link in links {
        assert!(link.starts_with('/'), "{link} leads away from this server");
        let response = rig.http.get(rig.url(link)).send().await.unwrap();
        assert_eq!(response.status().as_u16(), 200, "{link}");
    }
}
