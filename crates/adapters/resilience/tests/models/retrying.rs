//! A model is asked again where that may help, after a wait, and not without end.

use std::{error::Error as _, sync::Arc, time::Duration};

use conversation::{LanguageModel as _, ModelError, Unheard};
use kernel::{
    BoxError, Entropy, Timestamp,
    testing::{CountingEntropy, ManualClock},
};
use resilience::{RetryingModel, RetryingSettings};
use tokio::time::Instant;

use crate::scripted::{Act, Ear, Scripted, USEFUL_FOR, down, late, rate_limited, rejected, request};

/// Chance that always falls the same way.
struct Fixed(u8);

impl Entropy for Fixed {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), BoxError> {
        bytes.fill(self.0);
        Ok(())
    }
}

/// No chance at all.
struct Dry;

impl Entropy for Dry {
    fn fill(&self, _: &mut [u8]) -> Result<(), BoxError> {
        Err("dry".into())
    }
}

fn retrying(model: &Arc<Scripted>, attempts: u32) -> RetryingModel {
    let settings = RetryingSettings { attempts, ..RetryingSettings::default() };
    with_chance(model, CountingEntropy::default(), settings)
}

/// The answer is of use for as long as a request of [`request`] says: its clock stands.
fn with_chance(
    model: &Arc<Scripted>,
    entropy: impl Entropy + 'static,
    settings: RetryingSettings,
) -> RetryingModel {
    let clock = Arc::new(ManualClock::at(Timestamp::default()));
    RetryingModel::new(model.clone(), clock, Arc::new(entropy), settings)
}

async fn waited(model: &Arc<Scripted>, entropy: impl Entropy + 'static) -> Duration {
    let settings = RetryingSettings { attempts: 3, ..RetryingSettings::default() };
    let retrying = with_chance(model, entropy, settings);
    let began = Instant::now();
    retrying.reply(&request(), &Unheard).await.unwrap();
    began.elapsed()
}

#[tokio::test(start_paused = true)]
async fn the_second_try_counts_and_what_was_heard_of_the_first_is_void() {
    let model = Scripted::new([Act::SaysAndFails("Hel", down()), Act::Says("Hello")]);
    let ear = Ear::default();
    assert_eq!(retrying(&model, 2).reply(&request(), &ear).await.unwrap().text, "Hello");
    assert_eq!(ear.heard(), "Hel|Hello");
}

#[tokio::test(start_paused = true)]
async fn what_was_not_heard_is_not_called_void() {
    let model = Scripted::new([Act::SaysAndFails("", down()), Act::Says("Hello")]);
    let ear = Ear::default();
    retrying(&model, 2).reply(&request(), &ear).await.unwrap();
    assert_eq!(ear.heard(), "Hello");
}

#[tokio::test(start_paused = true)]
async fn it_is_asked_no_more_often_than_it_may() {
    let model = Scripted::failing([down(), ModelError::TimedOut("it ended"), down()]);
    let error = retrying(&model, 2).reply(&request(), &Unheard).await.unwrap_err();
    assert!(matches!(error, ModelError::TimedOut(_)), "{error:?}");
    assert_eq!(model.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_no_is_not_asked_again() {
    for error in [rejected(), ModelError::Blocked { reason: "rules".into() }] {
        let model = Scripted::failing([error]);
        retrying(&model, 5).reply(&request(), &Unheard).await.unwrap_err();
        assert_eq!(model.count(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn the_wait_grows_and_is_spread_by_chance() {
    let failing = || Scripted::new([down(), down()].map(|error| Act::SaysAndFails("", error)));
    for (chance, expected) in [(0, 600), (255, 900)] {
        let model = failing();
        model.then(Act::Says("Hi"));
        assert_eq!(waited(&model, Fixed(chance)).await, Duration::from_millis(expected), "{chance}");
    }
    let model = failing();
    model.then(Act::Says("Hi"));
    assert_eq!(waited(&model, Dry).await, Duration::from_millis(600));
}

#[tokio::test(start_paused = true)]
async fn patience_that_is_asked_for_is_had() {
    let model = Scripted::failing([rate_limited(3)]);
    model.then(Act::Says("Hi"));
    assert_eq!(waited(&model, Fixed(0)).await, Duration::from_secs(3));
}

#[tokio::test(start_paused = true)]
async fn too_much_patience_is_not_had() {
    let model = Scripted::failing([rate_limited(4)]);
    let began = Instant::now();
    let error = retrying(&model, 2).reply(&request(), &Unheard).await.unwrap_err();
    assert!(matches!(error, ModelError::RateLimited { .. }), "{error:?}");
    assert_eq!((model.count(), began.elapsed()), (1, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn what_has_not_ended_when_it_is_of_no_use_any_more_has_timed_out() {
    let model = Scripted::new([Act::Hangs]);
    let began = Instant::now();
    let error = retrying(&model, 2).reply(&request(), &Unheard).await.unwrap_err();
    assert!(matches!(error, ModelError::TimedOut(_)), "{error:?}");
    assert_eq!((model.count(), began.elapsed()), (1, USEFUL_FOR));
}

#[tokio::test(start_paused = true)]
async fn it_is_asked_again_only_while_another_model_can_be_asked_after_it() {
    let half = USEFUL_FOR / 2;
    for (long, times) in [(USEFUL_FOR / 3, 2), (half, 1)] {
        let model = Scripted::new([Act::FailsAfter(long, down()), Act::SaysAndFails("", down())]);
        retrying(&model, 2).reply(&request(), &Unheard).await.unwrap_err();
        assert_eq!(model.count(), times, "after {long:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_of_no_use_any_more_is_not_waited_for() {
    let model = Scripted::new([Act::Hangs]);
    let began = Instant::now();
    let error = retrying(&model, 2).reply(&request(), &Unheard).await.unwrap_err();
    assert!(matches!(error, ModelError::TimedOut(_)), "{error:?}");
    assert_eq!(began.elapsed(), USEFUL_FOR);
}

#[tokio::test]
async fn what_can_be_of_no_use_is_not_asked_for() {
    let model = Scripted::new([]);
    let error = retrying(&model, 2).reply(&late(), &Unheard).await.unwrap_err();
    assert_eq!(error.source().unwrap().to_string(), "no time was left");
    assert_eq!(model.count(), 0);
}
