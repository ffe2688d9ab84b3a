//! Odd texts make one sensible turn, and nothing breaks.

use conversation::{Attachment, InboundIntent, InboundText};

use crate::desk::Desk;

async fn stored(text: &str) -> (Desk, String) {
    let desk = Desk::open().await;
    let conversation = desk.text_and_wait(text).await;
    let body = desk.messages(conversation).await[0].body.text.clone();
    (desk, body)
}

#[tokio::test]
async fn row_23_nul_and_control_characters_are_stripped_and_the_rest_is_answered() {
    let (desk, body) = stored("he\0llo\u{7}\u{1b}[31m\u{85} there\r\n\tfriend").await;
    assert_eq!(body, "hello[31m there\n\tfriend");
    assert_eq!(desk.model.requests()[0].transcript[0].text, "hello[31m there\n\tfriend");
    assert_eq!(desk.sent().len(), 1);
}

#[tokio::test]
async fn row_23_a_keyword_with_nul_in_it_is_a_keyword() {
    let (desk, _) = stored("ST\0OP").await;
    assert!(desk.consent().await.is_opted_out());
}

#[tokio::test]
async fn row_26_a_right_to_left_override_is_stored_as_it_is() {
    let text = "invoice\u{202e}fdp.exe";
    let (desk, body) = stored(text).await;
    assert_eq!(body, text);
    assert_eq!(desk.sent().len(), 1);
}

#[tokio::test]
async fn row_27_five_thousand_combining_marks_are_stored_and_answered() {
    let text = format!("Z{}", "\u{301}".repeat(5_000));
    let (desk, body) = stored(&text).await;
    assert_eq!(body, text);
    desk.drain().await;
    assert!(!desk.sent().is_empty());
}

#[tokio::test]
async fn row_28_emoji_only_empty_and_white_space_make_one_sensible_turn() {
    for text in ["👍", "🛑", "", "   ", "\n\n", "?"] {
        let desk = Desk::open().await;
        desk.model.then_says("How can we help?");
        let conversation = desk.text_and_wait(text).await;
        desk.drain().await;
        let requests = desk.model.requests();
        assert_eq!((requests.len(), requests[0].unanswered), (1, 1), "{text:?}");
        assert_eq!(requests[0].transcript[0].text, text);
        assert_eq!(desk.sent(), ["How can we help?"], "{text:?}");
        assert_eq!(desk.messages(conversation).await[0].intent, InboundIntent::Ordinary);
    }
}

#[tokio::test]
async fn row_29_media_only_is_stored_and_the_model_is_told_how_many() {
    let desk = Desk::open().await;
    let mut inbound = desk.inbound("");
    let picture = Attachment { url: "https://example.com/1".into(), content_type: "image/jpeg".into() };
    inbound.attachments = vec![picture.clone(), picture];
    desk.model.then_says("Thank you for the pictures.");
    let (conversation, _) = desk.take_in(inbound).await;
    desk.drain().await;
    assert_eq!(desk.messages(conversation).await[0].body.attachments.len(), 2);
    assert_eq!(desk.model.requests()[0].transcript[0].attachments, 2);
    assert_eq!(desk.sent(), ["Thank you for the pictures."]);
}

#[tokio::test]
async fn row_37_sql_is_plain_text() {
    let text = "'; DROP TABLE messages; --";
    let (_, body) = stored(text).await;
    assert_eq!(body, text);
}

#[tokio::test]
async fn a_text_beyond_all_measure_is_cut() {
    let (desk, body) = stored(&"é".repeat(InboundText::MAX_LENGTH + 500)).await;
    assert_eq!(body.chars().count(), InboundText::MAX_LENGTH);
    assert_eq!(desk.model.requests().len(), 1);
}
