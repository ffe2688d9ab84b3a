//! What waiting for work must do.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::case::Case;
use crate::{JobKind, testing::ConversationStores};

pub async fn a_message_wakes_whoever_waits(stores: &ConversationStores) {
    let case = Case::of(stores);
    let wait = case.jobs.wait(case.jobs.seen(), Duration::from_secs(600));
    let both = async { tokio::join!(wait, case.said("Hello")) };
    tokio::time::timeout(Duration::from_secs(30), both).await.unwrap();
}

pub async fn what_is_signalled_before_the_wait_is_not_missed(stores: &ConversationStores) {
    let case = Case::of(stores);
    let before = case.jobs.seen();
    let (id, _) = case.said("Hello").await;
    let asked_for = case.jobs.seen();
    let claim = case.claim(JobKind::Turn, id).await;
    let before_release = case.jobs.seen();
    case.release(&claim).await;
    let before_commit = case.jobs.seen();
    case.reply(id, &["Hi"]).await;
    let claim = case.claim(JobKind::Delivery, id).await;
    let before_finish = case.jobs.seen();
    case.finish(&claim).await;
    for seen in [before, asked_for, before_release, before_commit, before_finish] {
        let wait = case.jobs.wait(seen, Duration::from_secs(600));
        tokio::time::timeout(Duration::from_secs(30), wait).await.unwrap();
    }
}

pub async fn a_signal_wakes_everybody_who_waits(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (mut waiting, seen) = (JoinSet::new(), case.jobs.seen());
    for _ in 0..5 {
        let jobs = Arc::clone(&case.jobs);
        waiting.spawn(async move { jobs.wait(seen, Duration::from_secs(600)).await });
    }
    case.said("Hello").await;
    tokio::time::timeout(Duration::from_secs(30), waiting.join_all()).await.unwrap();
}

pub async fn waiting_ends_in_time_when_there_is_no_work(stores: &ConversationStores) {
    let case = Case::of(stores);
    case.said("Hello").await;
    let wait = case.jobs.wait(case.jobs.seen(), Duration::from_millis(5));
    tokio::time::timeout(Duration::from_secs(30), wait).await.unwrap();
}
