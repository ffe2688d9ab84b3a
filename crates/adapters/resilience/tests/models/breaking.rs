//! A service that fails is left alone, and tried again by one caller at a time.

use std::{error::Error as _, future::Future, pin::pin, sync::Arc, task::Context};

use chrono::TimeDelta;
use conversation::{LanguageModel as _, ModelError, Unheard};
use kernel::{
    Timestamp,
    testing::{CountingEntropy, ManualClock},
};
use resilience::{BreakingModel, BreakingSettings, RetryingModel, RetryingSettings};

use crate::scripted::{Act, Scripted, down, late, rate_limited, rejected, request};

const PAUSE: TimeDelta = TimeDelta::seconds(30);

fn breaking(model: &Arc<Scripted>) -> (BreakingModel, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::default());
    let settings = BreakingSettings { failures: 3, pause: PAUSE };
    (BreakingModel::new(model.clone(), clock.clone(), settings), clock)
}

/// Asks so often that the circuit opens.
async fn open(model: &Arc<Scripted>) -> (BreakingModel, Arc<ManualClock>) {
    let (breaking, clock) = breaking(model);
    for _ in 0..3 {
        breaking.reply(&request(), &Unheard).await.unwrap_err();
    }
    (breaking, clock)
}

async fn is_refused(breaking: &BreakingModel) -> bool {
    match breaking.reply(&request(), &Unheard).await {
        Err(error @ ModelError::Unavailable(_)) => error.source().unwrap().to_string() == "circuit open",
        Ok(_) | Err(_) => false,
    }
}

#[tokio::test]
async fn after_failures_in_a_row_nobody_is_let_through() {
    let model = Scripted::failing([down(), rate_limited(1), ModelError::TimedOut("it ended")]);
    let (breaking, clock) = open(&model).await;
    assert!(is_refused(&breaking).await);
    clock.advance(PAUSE - TimeDelta::microseconds(1));
    assert!(is_refused(&breaking).await);
    assert_eq!(model.count(), 3);
}

#[tokio::test]
async fn an_answer_between_failures_breaks_the_row() {
    for answer in [rejected(), ModelError::Empty { reason: "STOP".into() }] {
        let model = Scripted::failing([down(), down(), answer, down(), down()]);
        let (breaking, _clock) = breaking(&model);
        for _ in 0..5 {
            assert!(!is_refused(&breaking).await);
        }
        model.then(Act::Says("Hi"));
        assert_eq!(breaking.reply(&request(), &Unheard).await.unwrap().text, "Hi");
    }
}

#[tokio::test]
async fn a_probe_that_succeeds_lets_everybody_through() {
    let model = Scripted::failing([down(), down(), down()]);
    let (breaking, clock) = open(&model).await;
    clock.advance(PAUSE);
    for _ in 0..2 {
        model.then(Act::Says("Hi"));
        assert_eq!(breaking.reply(&request(), &Unheard).await.unwrap().text, "Hi");
    }
    // What failed before the pause no longer counts.
    for _ in 0..2 {
        model.then(Act::SaysAndFails("", down()));
        assert!(!is_refused(&breaking).await);
    }
    model.then(Act::Says("Hi"));
    assert_eq!(breaking.reply(&request(), &Unheard).await.unwrap().text, "Hi");
}

#[tokio::test]
async fn a_probe_that_fails_begins_another_pause() {
    let model = Scripted::failing([down(), down(), down(), down()]);
    let (breaking, clock) = open(&model).await;
    clock.advance(PAUSE);
    assert!(!is_refused(&breaking).await);
    assert!(is_refused(&breaking).await);
    clock.advance(PAUSE);
    model.then(Act::Says("Hi"));
    assert_eq!(breaking.reply(&request(), &Unheard).await.unwrap().text, "Hi");
}

#[tokio::test]
async fn only_one_caller_probes_and_one_that_gives_up_leaves_it_to_the_next() {
    let model = Scripted::failing([down(), down(), down()]);
    model.then(Act::Hangs);
    let (breaking, clock) = open(&model).await;
    clock.advance(PAUSE);
    let asked = request();
    {
        let mut probe = pin!(breaking.reply(&asked, &Unheard));
        assert!(probe.as_mut().poll(&mut Context::from_waker(std::task::Waker::noop())).is_pending());
        assert!(is_refused(&breaking).await);
    }
    model.then(Act::Says("Hi"));
    assert_eq!(breaking.reply(&asked, &Unheard).await.unwrap().text, "Hi");
}

/// Wraps a model as the chain does.
fn around(model: &Arc<Scripted>) -> (BreakingModel, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::at(Timestamp::default()));
    let settings = RetryingSettings { attempts: 1, ..RetryingSettings::default() };
    let entropy = Arc::<CountingEntropy>::default();
    let retrying = RetryingModel::new(model.clone(), clock.clone(), entropy, settings);
    let settings = BreakingSettings { failures: 3, pause: PAUSE };
    (BreakingModel::new(Arc::new(retrying), clock.clone(), settings), clock)
}

#[tokio::test]
async fn whom_nobody_had_the_time_to_ask_has_not_failed() {
    let model = Scripted::new([Act::Says("Hi")]);
    let (breaking, _clock) = around(&model);
    for _ in 0..5 {
        breaking.reply(&late(), &Unheard).await.unwrap_err();
    }
    assert_eq!(breaking.reply(&request(), &Unheard).await.unwrap().text, "Hi");
}

#[tokio::test]
async fn a_probe_without_the_time_to_ask_has_found_nothing() {
    let model = Scripted::failing([down(), down(), down(), down()]);
    let (breaking, clock) = around(&model);
    for _ in 0..3 {
        breaking.reply(&request(), &Unheard).await.unwrap_err();
    }
    clock.advance(PAUSE);
    breaking.reply(&late(), &Unheard).await.unwrap_err();
    assert!(!is_refused(&breaking).await, "the next one probes");
    assert!(is_refused(&breaking).await, "and its failure begins another pause");
}
