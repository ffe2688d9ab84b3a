//! People write in fragments; they get one answer.

use crate::rig::{Rig, of_direction};

#[tokio::test(flavor = "multi_thread")]
async fn ten_quick_fragments_make_one_turn_with_one_reply() {
    let rig = Rig::start_with(|spec| spec.with("DEBOUNCE_MS", "1000"));
    let phone = "+15555550170";
    for part in ["hi", "my", "kitchen", "sink", "is", "leaking", "since", "this", "morning", "please help"] {
        rig.text(phone, part).await;
    }
    rig.wait_for(phone, 1).await;
    rig.settle().await;
    let messages = rig.messages(phone).await;
    assert_eq!(of_direction(&messages, "inbound").len(), 10);
    assert_eq!(of_direction(&messages, "outbound").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn conversations_run_in_parallel_and_each_gets_its_own_answer() {
    let rig = Rig::start();
    let phones: Vec<_> = (0..12).map(|number| format!("+155555502{number:02}")).collect();
    futures_util::future::join_all(phones.iter().map(|phone| rig.text(phone, "What are your hours?"))).await;
    for phone in &phones {
        rig.wait_for(phone, 1).await;
    }
    rig.settle().await;
    for phone in &phones {
        assert_eq!(rig.brought_to(phone).await.len(), 1, "{phone}");
    }
}
