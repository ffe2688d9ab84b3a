//! Carriers repeat themselves; customers must not notice.

use crate::rig::{Rig, of_direction};

#[tokio::test(flavor = "multi_thread")]
async fn the_same_message_sid_50_times_in_parallel_is_stored_once_and_answered_once() {
    let rig = Rig::start();
    let phone = "+15555550160";
    let posts = (0..50).map(|_| rig.text_as(phone, "What are your hours?", "SMsame"));
    let statuses = futures_util::future::join_all(posts).await;
    assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
    rig.wait_for(phone, 1).await;
    rig.settle().await;
    assert_eq!(rig.brought_to(phone).await.len(), 1);
    let messages = rig.messages(phone).await;
    assert_eq!(of_direction(&messages, "inbound").len(), 1);
    assert_eq!(of_direction(&messages, "outbound").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_15_a_valid_replay_after_a_restart_has_no_effect() {
    let rig = Rig::start();
    let phone = "+15555550161";
    assert_eq!(rig.text_as(phone, "Hello", "SMreplayed").await, 200);
    rig.wait_for(phone, 1).await;
    let rig = rig.stop_and_restart();
    assert_eq!(rig.text_as(phone, "Hello", "SMreplayed").await, 200);
    rig.settle().await;
    assert_eq!(rig.messages(phone).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_16_the_same_sid_with_another_body_keeps_the_first_and_warns() {
    let rig = Rig::start();
    let phone = "+15555550162";
    assert_eq!(rig.text_as(phone, "first words", "SMtwice").await, 200);
    assert_eq!(rig.text_as(phone, "other words", "SMtwice").await, 200);
    rig.wait_for(phone, 1).await;
    let messages = rig.messages(phone).await;
    let inbound = of_direction(&messages, "inbound");
    assert_eq!(inbound.len(), 1);
    assert_eq!(inbound[0]["text"], "first words");
    let warning = "a second message with a known id says something else; the first is kept";
    let log = rig.server.log().unwrap();
    assert_eq!(log.matches(warning).count(), 1, "{log}");
}
