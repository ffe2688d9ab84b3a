//! Nothing of a message, a name or a number stands in plain text in the database or the log.

use crate::rig::Rig;

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_conversation_leaves_no_plain_text_in_any_table_or_log_line() {
    let rig = Rig::start_with(|spec| spec.with("RUST_LOG", "trace"));
    let phone = "+15555550600";
    let mut said = vec![
        "Hello there zebrafish".to_owned(),
        "My name is Wilhelmina Quackenbush".to_owned(),
        "My dishwasher is leaking marmalade".to_owned(),
        "Tomorrow at 3pm".to_owned(),
        "please stop texting me".to_owned(),
        "START".to_owned(),
    ];
    for text in &said {
        rig.text(phone, text).await;
        rig.settle().await;
    }
    let id = rig.conversations(phone).await[0]["id"].as_str().unwrap().to_owned();
    let person = serde_json::json!({ "text": "A person named Bartholomew answers" });
    let (status, _) = rig.post(&format!("/api/v1/conversations/{id}/messages"), &person).await;
    assert_eq!(status, 201);
    rig.settle().await;
    let brought = rig.brought_to(phone).await;
    assert!(brought.len() >= 5, "the conversation went on: {brought:?}");
    assert_eq!(rig.conversations(phone).await[0]["contact"]["name"], "Wilhelmina Quackenbush");
    said.extend(brought);
    let widget_token = rig.demo["widget_token"].as_str().unwrap().to_owned();
    let api_key = rig.demo["api_key"].as_str().unwrap().to_owned();
    let secrets =
        ["5555550600", "5555550100", "Wilhelmina", "Quackenbush", "zebrafish", "marmalade", "Bartholomew"]
            .map(str::to_owned)
            .into_iter()
            .chain([widget_token, api_key, rig.token.clone(), rig.admin_key.clone()])
            .chain(said.into_iter().filter(|text| text.len() > 12));
    let (database, log) = (rig.database_bytes(), rig.server.log().unwrap());
    assert!(database.len() > 50_000 && log.len() > 1_000, "there is something to look through");
    for secret in secrets {
        assert!(!contains(&database, secret.as_bytes()), "the database holds {secret:?}");
        let line = log.lines().find(|line| line.contains(&secret));
        assert!(line.is_none(), "the log holds {secret:?}: {line:?}");
    }
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}
