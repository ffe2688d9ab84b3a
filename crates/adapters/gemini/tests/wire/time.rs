//! The model answers in its time, or not at all.

use std::time::Duration;

use conversation::{LanguageModel as _, ModelError, ModelTimeouts, Unheard};
use gemini::{GeminiModel, GeminiSettings};
use model_fakes::{FakeAnswer, FakeModelServer, FullServer, HangsWhen};

use crate::fixture::{Ear, model_at, model_with, request, settings};

const SHORT: Duration = Duration::from_millis(150);
const LONG: Duration = Duration::from_secs(30);

async fn failure(answer: FakeAnswer, timeouts: ModelTimeouts) -> ModelError {
    let server = FakeModelServer::start().await.unwrap();
    server.then(answer);
    model_with(&server, timeouts).reply(&request(&["Hi"]), &Unheard).await.unwrap_err()
}

fn first_token_within(first_token: Duration) -> ModelTimeouts {
    ModelTimeouts { connect: LONG, first_token, total: LONG }
}

#[tokio::test]
async fn a_first_word_that_does_not_come_is_not_waited_for() {
    let hangs = FakeAnswer::Hangs(HangsWhen::BeforeFirstByte);
    let error = failure(hangs, first_token_within(SHORT)).await;
    assert!(matches!(error, ModelError::TimedOut("its first word")), "{error:?}");
}

#[tokio::test]
async fn an_end_that_does_not_come_is_not_waited_for() {
    let (enough, more) = (Duration::from_millis(1400), Duration::from_millis(1500));
    for (first_token, total) in [(enough, more), (LONG, SHORT)] {
        let timeouts = ModelTimeouts { connect: LONG, first_token, total };
        let error = failure(FakeAnswer::Hangs(HangsWhen::AfterFirstPiece), timeouts).await;
        assert!(matches!(error, ModelError::TimedOut("it ended")), "{error:?}");
    }
}

#[tokio::test]
async fn a_model_that_is_slow_and_in_time_is_heard_out() {
    let server = FakeModelServer::start().await.unwrap();
    let slow = Duration::from_millis(60);
    server.then(FakeAnswer::Delayed { first: slow, between: slow });
    let timeouts = first_token_within(Duration::from_secs(20));
    let ear = Ear::default();
    let reply = model_with(&server, timeouts).reply(&request(&["Hi"]), &ear).await.unwrap();
    assert_eq!(ear.pieces().concat(), reply.text);
    assert_eq!(ear.pieces().len(), 4);
}

#[tokio::test]
async fn who_no_longer_waits_closes_the_connection() {
    for when in [HangsWhen::BeforeFirstByte, HangsWhen::AfterFirstPiece] {
        let server = FakeModelServer::start().await.unwrap();
        server.then(FakeAnswer::Hangs(when));
        let (model, asked) = (model_at(&server), request(&["Hi"]));
        let asking = tokio::time::timeout(SHORT, model.reply(&asked, &Unheard)).await;
        assert!(asking.is_err());
        server.wait_for_hang_up(LONG).await.unwrap();
    }
}

#[tokio::test]
async fn a_model_that_is_not_reached_is_not_waited_for() {
    let (full, elsewhere) = (FullServer::start().await.unwrap(), FakeModelServer::start().await.unwrap());
    let timeouts = ModelTimeouts { connect: SHORT, first_token: LONG, total: LONG };
    let settings = GeminiSettings { api_base: full.base(), timeouts, ..settings(&elsewhere) };
    let error = GeminiModel::new(settings).unwrap().reply(&request(&["Hi"]), &Unheard).await.unwrap_err();
    assert!(matches!(error, ModelError::TimedOut("it was reached")), "{error:?}");
}

#[tokio::test]
async fn one_connection_serves_one_question_after_another() {
    let server = FakeModelServer::start().await.unwrap();
    let model = model_at(&server);
    for _ in 0..3 {
        model.reply(&request(&["Hi"]), &Unheard).await.unwrap();
    }
    assert_eq!((server.requests().len(), server.connections()), (3, 1));
}
