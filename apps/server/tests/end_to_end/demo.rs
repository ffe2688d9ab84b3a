//! The first five minutes: start, text, hold a conversation.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use server::compose::BOXED_ACCOUNT_SID;

use crate::rig::Rig;

fn cheetah(rig: &Rig) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cheetah"));
    command.env_clear().env("DATA_DIR", rig.server.data_dir()).current_dir(rig.server.data_dir());
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn the_printed_command_gets_a_sensible_reply() {
    let rig = Rig::start();
    let output = cheetah(&rig).args(["demo", "sms", "my kitchen is flooding"]).output().unwrap();
    let (reply, complaint) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{complaint}");
    assert!(reply.contains("911"), "an emergency gets the safety text: {reply}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_at_the_prompt_remembers_the_name() {
    let rig = Rig::start();
    let mut phone = cheetah(&rig)
        .args(["demo", "--from", "+15555550150"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let said = "Hi\nMy name is Ann Lee\nMy sink is leaking\nTomorrow at 3pm\nWhat's my name?\n";
    phone.stdin.take().unwrap().write_all(said.as_bytes()).unwrap();
    let output = phone.wait_with_output().unwrap();
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{shown}");
    assert_eq!(shown.matches("them> ").count(), 5, "{shown}");
    assert!(shown.rsplit("them> ").next().unwrap().contains("Ann"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_start_makes_no_second_demo_tenant() {
    let rig = Rig::start();
    let tenant = rig.demo["tenant_id"].clone();
    let rig = rig.stop_and_restart();
    assert_eq!(rig.demo["tenant_id"], tenant);
    let tenants = rig.http.get(rig.url("/api/v1/tenants")).header("X-Admin-API-Key", &rig.admin_key);
    let tenants: serde_json::Value = tenants.send().await.unwrap().json().await.unwrap();
    assert_eq!(tenants["items"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_tenant_answers_the_operators_own_number() {
    let (number, phone) = ("+15555550177", "+15555550170");
    let rig = Rig::start();
    let token = rig.token.clone();
    let mut rig = rig.stop_and_restart_with(move |spec| {
        spec.with("TWILIO_ACCOUNT_SID", BOXED_ACCOUNT_SID)
            .with("TWILIO_AUTH_TOKEN", &token)
            .with("TWILIO_API_BASE", "http://127.0.0.1:9")
            .with("TWILIO_PHONE_NUMBER", number)
    });
    for text in ["SMown1", "SMown2"] {
        assert_eq!(rig.text_to(number, (phone, "Hello"), text).await, 200);
        assert!(!rig.messages(phone).await.is_empty());
        rig = rig.stop_and_restart();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_server_the_demo_says_what_to_do() {
    let rig = Rig::start();
    let mut command = cheetah(&rig);
    command.args(["demo", "sms", "hello"]);
    let Rig { server, .. } = &rig;
    assert!(server.id() > 0);
    let folder = server.data_dir().to_owned();
    let empty = folder.join("empty");
    std::fs::create_dir(&empty).unwrap();
    let output = command.env("DATA_DIR", &empty).output().unwrap();
    assert!(!output.status.success());
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(complaint.contains("cargo run"), "{complaint}");
}
