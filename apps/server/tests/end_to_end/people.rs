//! A person takes over, and the receptionist does not talk over them.

use serde_json::{Value, json};

use crate::rig::{Rig, of_direction};

#[tokio::test(flavor = "multi_thread")]
async fn a_persons_reply_goes_out_and_silences_the_receptionist_until_resumed() {
    let rig = Rig::start();
    let phone = "+15555550700";
    rig.ask(phone, "Hello").await;
    let id = rig.conversations(phone).await[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/conversations/{id}/messages");
    let (status, written) = rig.post(&path, &json!({ "text": "Hi, this is Joe himself." })).await;
    assert_eq!((status, &written["author"]), (201, &json!("human")), "{written}");
    let brought = rig.wait_for(phone, 2).await;
    assert_eq!(brought[1], "Hi, this is Joe himself.");
    assert_eq!(rig.get(&format!("/api/v1/conversations/{id}")).await["owner"], "human");
    rig.text(phone, "Great, thanks Joe").await;
    rig.settle().await;
    assert_eq!(rig.brought_to(phone).await.len(), 2, "the receptionist is silent");
    let (status, _) = rig.post(&format!("/api/v1/conversations/{id}/resume"), &Value::Null).await;
    assert_eq!(status, 200);
    rig.ask(phone, "What are your hours?").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_ends_a_thread_and_the_next_message_opens_another() {
    let rig = Rig::start();
    let phone = "+15555550701";
    rig.ask(phone, "Hello").await;
    let id = rig.conversations(phone).await[0]["id"].as_str().unwrap().to_owned();
    let (status, closed) = rig.post(&format!("/api/v1/conversations/{id}/close"), &Value::Null).await;
    assert_eq!((status, &closed["status"]), (200, &json!("closed")));
    let path = format!("/api/v1/conversations/{id}/messages");
    assert_eq!(rig.post(&path, &json!({ "text": "too late" })).await.0, 409);
    rig.ask(phone, "Hello again").await;
    assert_eq!(rig.conversations(phone).await.len(), 2);
    let (status, problem) = rig.post(&format!("/api/v1/conversations/{id}/reopen"), &Value::Null).await;
    assert_eq!(status, 409, "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_raise_the_delivery_state_to_delivered() {
    let rig = Rig::start();
    let phone = "+15555550702";
    rig.ask(phone, "Hello").await;
    for _ in 0..100 {
        let messages = rig.messages(phone).await;
        if of_direction(&messages, "outbound")[0]["delivery_state"] == "delivered" {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("never delivered: {:?}", rig.messages(phone).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_model_in_the_box_gives_whoever_asks_for_a_person_to_one() {
    let rig = Rig::start();
    let phone = "+15555550703";
    let reply = rig.ask(phone, "Can I talk to a person?").await;
    assert!(reply.contains("a person from Bristol Plumbing will get back to you"), "{reply}");
    assert_eq!(rig.conversations(phone).await[0]["owner"], "human");
    rig.text(phone, "Hello?").await;
    rig.settle().await;
    assert_eq!(rig.brought_to(phone).await.len(), 1, "the receptionist is silent");
}
