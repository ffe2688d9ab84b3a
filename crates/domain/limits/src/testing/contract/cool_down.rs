//! What a cool-down must do.

use std::sync::Arc;

use super::samples::{after, at_once};
use crate::{CoolDown, ThrottleKey, Verdict};

const DAY: i64 = 24 * 3600;

#[doc(hidden)]
pub fn share(cool_down: impl CoolDown + 'static) -> Arc<dyn CoolDown> {
    Arc::new(cool_down)
}

pub async fn five_attempts_are_allowed_at_once_and_the_sixth_waits(cool_down: &Arc<dyn CoolDown>) {
    fail(cool_down, 5, 0).await;
    assert_eq!(denied_for(cool_down, 0).await, 30);
    assert_eq!(denied_for(cool_down, 29).await, 1);
    fail(cool_down, 1, 30).await;
}

pub async fn waits_double_up_to_fifteen_minutes(cool_down: &Arc<dyn CoolDown>) {
    fail(cool_down, 5, 0).await;
    let mut now = 0;
    for wait in [30, 60, 120, 240, 480, 900, 900, 900] {
        assert_eq!(denied_for(cool_down, now).await, wait);
        assert_eq!(denied_for(cool_down, now + wait - 1).await, 1);
        now += wait;
        fail(cool_down, 1, now).await;
    }
}

pub async fn a_denied_attempt_makes_nobody_wait_longer(cool_down: &Arc<dyn CoolDown>) {
    fail(cool_down, 5, 0).await;
    for second in 0..30 {
        assert_eq!(denied_for(cool_down, second).await, 30 - second);
    }
    fail(cool_down, 1, 30).await;
    assert_eq!(denied_for(cool_down, 30).await, 60);
}

pub async fn a_success_forgets_the_failures(cool_down: &Arc<dyn CoolDown>) {
    fail(cool_down, 4, 0).await;
    cool_down.succeeded(&subject(1), after(0)).await;
    fail(cool_down, 5, 1).await;
    assert_eq!(denied_for(cool_down, 1).await, 30);
}

pub async fn a_success_ends_a_wait(cool_down: &Arc<dyn CoolDown>) {
    fail(cool_down, 5, 0).await;
    fail(cool_down, 1, 30).await;
    cool_down.succeeded(&subject(1), after(0)).await;
    fail(cool_down, 5, 31).await;
    assert_eq!(denied_for(cool_down, 31).await, 30);
}

pub async fn a_success_of_nobody_does_nothing(cool_down: &Arc<dyn CoolDown>) {
    cool_down.succeeded(&subject(1), after(0)).await;
    cool_down.succeeded(&subject(1), after(0)).await;
    fail(cool_down, 5, 0).await;
    assert_eq!(denied_for(cool_down, 0).await, 30);
}

pub async fn a_success_is_known_for_sixty_days(cool_down: &Arc<dyn CoolDown>) {
    assert!(!cool_down.has_succeeded(&subject(1), after(0)).await);
    cool_down.succeeded(&subject(1), after(0)).await;
    assert!(cool_down.has_succeeded(&subject(1), after(0)).await);
    assert!(cool_down.has_succeeded(&subject(1), after(60 * DAY - 1)).await);
    cool_down.succeeded(&subject(1), after(DAY)).await;
    assert!(cool_down.has_succeeded(&subject(1), after(61 * DAY - 1)).await, "from the last one on");
}

pub async fn a_success_stays_known_whatever_fails_after_it(cool_down: &Arc<dyn CoolDown>) {
    cool_down.succeeded(&subject(1), after(0)).await;
    fail(cool_down, 5, 1).await;
    assert_eq!(denied_for(cool_down, 1).await, 30, "and it waits all the same");
    assert!(cool_down.has_succeeded(&subject(1), after(1)).await);
}

pub async fn nobody_is_known_by_anothers_success_or_by_attempts(cool_down: &Arc<dyn CoolDown>) {
    cool_down.succeeded(&subject(2), after(0)).await;
    fail(cool_down, 1, 0).await;
    cool_down.withdrawn(&subject(1)).await;
    assert!(!cool_down.has_succeeded(&subject(1), after(0)).await);
}

pub async fn an_attempt_that_is_taken_back_was_never_made(cool_down: &Arc<dyn CoolDown>) {
    for _ in 0..10 {
        fail(cool_down, 1, 0).await;
        cool_down.withdrawn(&subject(1)).await;
    }
    fail(cool_down, 5, 0).await;
    assert_eq!(denied_for(cool_down, 0).await, 30);
}

pub async fn what_failed_before_an_attempt_that_is_taken_back_stays(cool_down: &Arc<dyn CoolDown>) {
    fail(cool_down, 5, 0).await;
    for seconds in 30..40 {
        fail(cool_down, 1, seconds).await;
        cool_down.withdrawn(&subject(1)).await;
    }
    fail(cool_down, 1, 40).await;
    assert_eq!(denied_for(cool_down, 40).await, 60);
}

pub async fn what_was_never_tried_is_not_taken_back(cool_down: &Arc<dyn CoolDown>) {
    cool_down.withdrawn(&subject(1)).await;
    cool_down.withdrawn(&subject(1)).await;
    fail(cool_down, 5, 0).await;
    assert_eq!(denied_for(cool_down, 0).await, 30);
}

pub async fn failures_are_remembered_for_a_day(cool_down: &Arc<dyn CoolDown>) {
    fail(cool_down, 5, 0).await;
    fail(cool_down, 1, DAY - 1).await;
    assert_eq!(denied_for(cool_down, DAY - 1).await, 60);
}

pub async fn failures_are_forgotten_after_a_day(cool_down: &Arc<dyn CoolDown>) {
    fail(cool_down, 5, 0).await;
    fail(cool_down, 5, DAY).await;
    assert_eq!(denied_for(cool_down, DAY).await, 30);
}

pub async fn two_subjects_are_counted_apart(cool_down: &Arc<dyn CoolDown>) {
    fail(cool_down, 5, 0).await;
    assert_eq!(cool_down.begin_attempt(&subject(2), after(0)).await, Verdict::Allowed);
    cool_down.succeeded(&subject(2), after(0)).await;
    assert_eq!(denied_for(cool_down, 0).await, 30);
}

pub async fn of_fifty_guesses_at_once_five_get_through(cool_down: &Arc<dyn CoolDown>) {
    assert_eq!(guesses_let_through(cool_down, 0).await, 5);
}

pub async fn of_fifty_guesses_after_a_wait_one_gets_through(cool_down: &Arc<dyn CoolDown>) {
    fail(cool_down, 5, 0).await;
    assert_eq!(guesses_let_through(cool_down, 30).await, 1);
    assert_eq!(guesses_let_through(cool_down, 89).await, 0);
    assert_eq!(guesses_let_through(cool_down, 90).await, 1);
}

fn subject(number: u32) -> ThrottleKey {
    ThrottleKey::login(&format!("owner{number}@example.com"))
}

async fn fail(cool_down: &Arc<dyn CoolDown>, attempts: usize, seconds: i64) {
    for attempt in 0..attempts {
        let verdict = cool_down.begin_attempt(&subject(1), after(seconds)).await;
        assert_eq!(verdict, Verdict::Allowed, "attempt {attempt} after {seconds} s");
    }
}

async fn guesses_let_through(cool_down: &Arc<dyn CoolDown>, seconds: i64) -> usize {
    let verdicts = at_once(50, cool_down, |cool_down| async move {
        cool_down.begin_attempt(&subject(1), after(seconds)).await
    })
    .await;
    verdicts.into_iter().filter(|verdict| *verdict == Verdict::Allowed).count()
}

/// Returns for how many seconds the next attempt is denied, rounded to the nearest.
async fn denied_for(cool_down: &Arc<dyn CoolDown>, seconds: i64) -> i64 {
    match cool_down.begin_attempt(&subject(1), after(seconds)).await {
        Verdict::Denied { retry_after } => {
            assert!(!retry_after.is_zero());
            i64::try_from((retry_after.as_millis() + 500) / 1_000).unwrap()
        }
        Verdict::Allowed => panic!("allowed after {seconds} s"),
    }
}
