//! What another client understands of the fake's answers: `google-generative-ai-rs` confirms their shape, and shows why
//! it is not the one that is used.

use google_generative_ai_rs::v1::{
    api::Client,
    gemini::{Content, Model, Part, ResponseType, Role, request::Request, response::GeminiResponse},
};
use model_fakes::{FakeAnswer, FakeModelServer};
use serde_json::json;

async fn read(answer: FakeAnswer) -> Result<GeminiResponse, String> {
    let server = FakeModelServer::start().await.unwrap();
    server.then(answer);
    let client = Client {
        url: format!("{}v1beta/models/gemini-2.5-flash:generateContent?key=k", server.gemini_base()),
        model: Model::default(),
        region: None,
        project_id: None,
        response_type: ResponseType::GenerateContent,
    };
    let part = Part { text: Some("Hi".to_owned()), inline_data: None, file_data: None, video_metadata: None };
    let contents = vec![Content { role: Role::User, parts: vec![part] }];
    let result = client.post(30, &Request::new(contents, Vec::new(), Vec::new(), None)).await;
    result.map(|result| result.rest().unwrap()).map_err(|error| error.message)
}

#[tokio::test]
async fn it_reads_words_reason_and_usage() {
    let response = read(FakeAnswer::Says(vec!["Hello, ".into(), "Zoë!".into()])).await.unwrap();
    let candidate = &response.candidates[0];
    let texts: Vec<_> = candidate.content.parts.iter().filter_map(|part| part.text.as_deref()).collect();
    assert_eq!(texts, ["Hello, ", "Zoë!"]);
    assert_eq!(candidate.finish_reason.as_deref(), Some("STOP"));
    let usage = response.usage_metadata.unwrap();
    assert_eq!((usage.prompt_token_count, usage.candidates_token_count), (12, 7));
}

#[tokio::test]
async fn it_drops_calls_of_tools_without_a_word() {
    let calls = FakeAnswer::CallsTools(vec![("capture_lead".into(), json!({ "name": "Ann" }))]);
    let response = read(calls).await.unwrap();
    let parts = &response.candidates[0].content.parts;
    assert_eq!(parts.len(), 1);
    assert!(!format!("{parts:?}").contains("capture_lead"));
}

#[tokio::test]
async fn it_fails_to_read_an_answer_that_is_all_thoughts_and_a_prompt_that_is_blocked() {
    for answer in [FakeAnswer::MaxTokensWithoutParts, FakeAnswer::Blocked] {
        let error = read(answer).await.unwrap_err();
        assert!(error.contains("Failed to deserialize"), "{error}");
    }
}

#[tokio::test]
async fn it_keeps_nothing_of_a_refusal_but_status_and_message() {
    let error = read(FakeAnswer::RateLimited { retry_after: Some(std::time::Duration::from_secs(12)) }).await;
    let error = error.unwrap_err();
    assert!(error.contains("Too many requests") && !error.contains("12"), "{error}");
}
