//! Kill -9 and start again: nothing lost, nothing answered twice.

use std::time::Duration;

use crate::rig::{Rig, of_direction};

#[tokio::test(flavor = "multi_thread")]
async fn a_five_message_conversation_survives_a_kill_in_the_middle() {
    let mut rig = Rig::start();
    let phone = "+15555550180";
    for text in ["Hi there", "I'm Ann Lee", "My water heater is leaking"] {
        rig.ask(phone, text).await;
    }
    // Acknowledged and not answered yet: the reply is still waiting for more to be said.
    rig.text(phone, "Tomorrow at 3pm").await;
    rig = rig.kill_and_restart();
    rig.wait_for(phone, 4).await;
    let reply = rig.ask(phone, "What is my name?").await;
    assert!(reply.contains("Ann"), "{reply}");
    rig.settle().await;
    assert_eq!(rig.brought_to(phone).await.len(), 5);
    let messages = rig.messages(phone).await;
    assert_eq!(of_direction(&messages, "inbound").len(), 5);
    assert_eq!(of_direction(&messages, "outbound").len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn kills_at_many_moments_lose_nothing_and_answer_nothing_twice() {
    let mut rig = Rig::start();
    let phones: Vec<_> = (0..6).map(|number| format!("+155555503{number:02}")).collect();
    for (round, phone) in phones.iter().enumerate() {
        rig.text(phone, "What are your hours?").await;
        // From before the turn is due to after the delivery: 0, 60, … 300 ms after the acknowledgement.
        tokio::time::sleep(Duration::from_millis(60 * u64::try_from(round).unwrap())).await;
        rig = rig.kill_and_restart();
    }
    for phone in &phones {
        rig.wait_for(phone, 1).await;
    }
    rig.settle().await;
    for phone in &phones {
        let messages = rig.messages(phone).await;
        assert_eq!(of_direction(&messages, "inbound").len(), 1, "{phone}");
        assert_eq!(of_direction(&messages, "outbound").len(), 1, "{phone}");
        assert_eq!(rig.brought_to(phone).await.len(), 1, "{phone}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_polite_stop_finishes_what_was_claimed() {
    let rig = Rig::start();
    let phone = "+15555550190";
    rig.text(phone, "Where are you?").await;
    let rig = rig.stop_and_restart();
    rig.wait_for(phone, 1).await;
    rig.settle().await;
    assert_eq!(rig.brought_to(phone).await.len(), 1);
}

#[test]
fn a_stop_right_after_the_start_is_polite_too() {
    let folder = tempfile::tempdir().unwrap();
    crate::rig::spec(folder.path()).start_until_logged("serving at ").unwrap().stop().unwrap();
}
