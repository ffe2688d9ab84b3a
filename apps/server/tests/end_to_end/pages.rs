//! The pages in a real browser: what the server forbids browsers must not break them.

use harness::Browser;

use crate::rig::Rig;

#[tokio::test(flavor = "multi_thread")]
async fn the_api_docs_show_their_operations() {
    let rig = Rig::start();
    let url = rig.url("/docs/");
    let page =
        tokio::task::spawn_blocking(move || Browser::find().unwrap().document(&url).unwrap()).await.unwrap();
    assert!(page.matches("opblock-summary-path").count() > 20, "operations are rendered: {page}");
    assert!(page.contains("/conversations/"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_home_page_says_what_this_is_and_its_links_lead_somewhere() {
    let rig = Rig::start();
    let url = rig.url("/");
    let page =
        tokio::task::spawn_blocking(move || Browser::find().unwrap().document(&url).unwrap()).await.unwrap();
    assert!(page.contains("Chatter Cheetah"), "{page}");
    let links: Vec<_> = page.split("href=\"/").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(links.iter().any(|link| link.starts_with("docs")), "{links:?}");
    for link in links {
        let response = rig.http.get(rig.url(&format!("/{link}"))).send().await.unwrap();
        assert_eq!(response.status().as_u16(), 200, "{link}");
    }
}
