//! Each way to fail is told apart.

use std::{error::Error as _, time::Duration};

use conversation::{LanguageModel as _, ModelError, ModelRequest, Unheard};
use model_fakes::{FakeAnswer, FakeModelServer};
use openai::{OpenAiModel, OpenAiSettings, SettingsError};
use tenancy::SecretText;
use url::Url;

use crate::fixture::{ask, model_at, request, settings};

async fn failure(answer: FakeAnswer) -> ModelError {
    ask(answer).await.0.unwrap_err()
}

/// Returns why a model was not available.
async fn why_unavailable(answer: FakeAnswer) -> String {
    match failure(answer).await {
        error @ ModelError::Unavailable(_) => error.source().unwrap().to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_answer_that_stops_in_the_middle_broke_off() {
    assert_eq!(why_unavailable(FakeAnswer::CutInTheMiddle).await, "the connection failed");
    assert_eq!(why_unavailable(FakeAnswer::EndsWithoutReason).await, "broke off");
}

#[tokio::test]
async fn an_answer_without_end_is_left() {
    assert_eq!(why_unavailable(FakeAnswer::OneMegabyte).await, "answered without end");
    assert_eq!(why_unavailable(FakeAnswer::ManyCalls(65)).await, "answered without end");
    let bytes = 1024 * 1024 + 1;
    assert_eq!(why_unavailable(FakeAnswer::OneLine { bytes }).await, "answered without end");
    assert_eq!(ask(FakeAnswer::ManyCalls(64)).await.0.unwrap().tool_calls.len(), 64);
}

#[tokio::test]
async fn what_is_no_json_is_not_understood_and_not_repeated() {
    let why = why_unavailable(FakeAnswer::InvalidJson).await;
    assert!(why.starts_with("the answer is not understood, at line 1"), "{why}");
}

#[tokio::test]
async fn a_service_that_fails_is_not_available() {
    assert_eq!(why_unavailable(FakeAnswer::ServerError).await, "failed with HTTP status 500");
    assert_eq!(why_unavailable(FakeAnswer::FailsInTheMiddle).await, "failed with HTTP status 500");
    for status in [408, 409, 502, 529] {
        let refused = FakeAnswer::Refused { status, code: "X".into(), message: "No".into() };
        assert_eq!(why_unavailable(refused).await, format!("failed with HTTP status {status}"));
    }
}

#[tokio::test]
async fn a_reason_to_finish_that_leaves_the_answer_in_the_middle_is_a_failure() {
    for reason in ["error", "something_new"] {
        let said = FakeAnswer::Finishes { text: "I note".into(), reason: reason.into() };
        assert_eq!(why_unavailable(said).await, format!("ended with {reason}"));
        match failure(FakeAnswer::Finishes { text: String::new(), reason: reason.into() }).await {
            ModelError::Empty { reason: told } => assert_eq!(told, reason),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_model_that_asks_for_patience_says_how_much() {
    let twelve = Some(Duration::from_secs(12));
    match failure(FakeAnswer::RateLimited { retry_after: twelve }).await {
        ModelError::RateLimited { retry_after } => assert_eq!(retry_after, twelve),
        other => panic!("{other:?}"),
    }
    let silent = failure(FakeAnswer::RateLimited { retry_after: None }).await;
    assert!(matches!(silent, ModelError::RateLimited { retry_after: None }), "{silent:?}");
}

#[tokio::test]
async fn what_rules_forbid_is_blocked() {
    for (answer, expected) in [
        (FakeAnswer::Blocked, "content_filter"),
        (FakeAnswer::StoppedByRules, "content_filter"),
        (FakeAnswer::Declines, "refusal"),
        (refused_for_its_content(), "content_policy_violation"),
    ] {
        match failure(answer).await {
            ModelError::Blocked { reason } => assert_eq!(reason, expected),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn nothing_said_is_empty_with_the_reason() {
    for (answer, expected) in [
        (FakeAnswer::Empty, "stop"),
        (FakeAnswer::says(" \n"), "stop"),
        (FakeAnswer::MaxTokensWithoutParts, "length"),
    ] {
        match failure(answer).await {
            ModelError::Empty { reason } => assert_eq!(reason, expected),
            other => panic!("{other:?}"),
        }
    }
}

fn refused_for_its_content() -> FakeAnswer {
    FakeAnswer::Refused { status: 400, code: "content_policy_violation".into(), message: "No".into() }
}

async fn rejection(message: &str, request: &ModelRequest) -> (String, String) {
    let server = FakeModelServer::start().await.unwrap();
    server.then(FakeAnswer::Refused {
        status: 400,
        code: "FAILED_PRECONDITION".into(),
        message: message.to_owned(),
    });
    match model_at(&server).reply(request, &Unheard).await.unwrap_err() {
        ModelError::Rejected { code, detail } => (code, detail),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_refusal_is_told_in_the_services_own_words() {
    let told = rejection("Billing is not enabled.", &request(&["My tap drips"])).await;
    assert_eq!(told, ("FAILED_PRECONDITION".to_owned(), "Billing is not enabled.".to_owned()));
    let (_, long) = rejection(&"No. ".repeat(100), &request(&["My tap drips"])).await;
    assert_eq!(long.chars().count(), 200);
}

#[tokio::test]
async fn a_refusal_that_repeats_what_was_asked_loses_its_words() {
    let mut asked = request(&["Please call me at +15550001111 about the tap", "Hi"]);
    asked.contact_name = Some("Ann Lee".to_owned());
    for message in [
        "Cannot handle: please CALL me",
        "Bad value 15550001111 given",
        "Unknown entity 'Lee'",
        "The text 'hi' is too short",
        "Instruction 'answer for bright pipes' is bad",
    ] {
        let (code, detail) = rejection(message, &asked).await;
        assert_eq!(detail, "its words repeat what it was asked", "{message}");
        assert_eq!(code, "FAILED_PRECONDITION");
    }
}

#[tokio::test]
async fn a_wrong_key_or_an_unknown_model_is_rejected() {
    let server = FakeModelServer::start().await.unwrap();
    let wrong = OpenAiSettings { api_key: Some(SecretText::new("wrong")), ..settings(&server) };
    let keyless = OpenAiSettings { api_key: None, ..settings(&server) };
    let unknown = OpenAiSettings { default_model: "nonexistent".into(), ..settings(&server) };
    for (settings, expected) in
        [(wrong, "invalid_api_key"), (unknown, "model_not_found"), (keyless, "invalid_request_error")]
    {
        match OpenAiModel::new(settings).unwrap().reply(&request(&["Hi"]), &Unheard).await {
            Err(ModelError::Rejected { code, .. }) => assert_eq!(code, expected),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_service_that_is_not_there_is_not_available() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    drop(listener);
    let server = FakeModelServer::start().await.unwrap();
    let model = OpenAiModel::new(OpenAiSettings { api_base: base, ..settings(&server) }).unwrap();
    let error = model.reply(&request(&["Hi"]), &Unheard).await.unwrap_err();
    assert!(matches!(error, ModelError::Unavailable(_)), "{error:?}");
}

#[tokio::test]
async fn settings_that_cannot_work_are_refused() {
    let server = FakeModelServer::start().await.unwrap();
    let base = OpenAiSettings { api_base: Url::parse("data:text,x").unwrap(), ..settings(&server) };
    assert!(matches!(OpenAiModel::new(base), Err(SettingsError::Base)));
    let key = OpenAiSettings { api_key: Some(SecretText::new("a\nb")), ..settings(&server) };
    assert!(matches!(OpenAiModel::new(key), Err(SettingsError::Key)));
    assert!(!format!("{:?}", settings(&server)).contains("secret-key"));
}
