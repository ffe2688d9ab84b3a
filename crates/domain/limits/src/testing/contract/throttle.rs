//! What a throttle must do.

use std::{net::IpAddr, sync::Arc, time::Duration};

use kernel::TenantId;
use uuid::Uuid;

use super::samples::{at, at_once};
use crate::{Quota, RouteClass, Throttle, ThrottleKey, Verdict};

#[doc(hidden)]
pub fn share(throttle: impl Throttle + 'static) -> Arc<dyn Throttle> {
    Arc::new(throttle)
}

pub async fn a_burst_is_allowed_at_once_and_no_more(throttle: &Arc<dyn Throttle>) {
    let quota = quota(3, 60_000);
    for _ in 0..3 {
        assert_eq!(throttle.take(&key(1), &quota, at(0)).await, Verdict::Allowed);
    }
    assert_eq!(denied_for(throttle, &quota, 0).await, 20_000);
}

pub async fn who_waits_as_long_as_told_is_allowed_and_who_does_not_is_denied(throttle: &Arc<dyn Throttle>) {
    let quota = quota(2, 10_000);
    drain(throttle, &quota, 0, 2).await;
    assert_eq!(denied_for(throttle, &quota, 1_000).await, 4_000);
    assert_eq!(denied_for(throttle, &quota, 4_999).await, 1);
    drain(throttle, &quota, 5_000, 1).await;
}

pub async fn a_denied_call_costs_nothing(throttle: &Arc<dyn Throttle>) {
    let quota = quota(2, 10_000);
    drain(throttle, &quota, 0, 2).await;
    for millis in 0..100 {
        assert_eq!(denied_for(throttle, &quota, millis).await, 5_000 - millis);
    }
    drain(throttle, &quota, 5_000, 1).await;
}

pub async fn a_quota_is_refilled_evenly(throttle: &Arc<dyn Throttle>) {
    let quota = quota(4, 60_000);
    drain(throttle, &quota, 0, 4).await;
    for turn in 1..=4 {
        drain(throttle, &quota, turn * 15_000, 1).await;
        assert_eq!(denied_for(throttle, &quota, turn * 15_000).await, 15_000);
    }
    drain(throttle, &quota, 90_000, 2).await;
    assert_eq!(denied_for(throttle, &quota, 90_000).await, 15_000);
}

pub async fn a_long_rest_gives_one_burst_and_no_more(throttle: &Arc<dyn Throttle>) {
    let quota = quota(3, 3_000);
    drain(throttle, &quota, 0, 1).await;
    let week = 7 * 24 * 3_600_000;
    drain(throttle, &quota, week, 3).await;
    assert_eq!(denied_for(throttle, &quota, week).await, 1_000);
}

pub async fn a_burst_of_one_spaces_calls_evenly(throttle: &Arc<dyn Throttle>) {
    let quota = quota(1, 1_000);
    for turn in 0..5 {
        drain(throttle, &quota, turn * 1_000, 1).await;
        assert_eq!(denied_for(throttle, &quota, turn * 1_000).await, 1_000);
    }
}

pub async fn a_quota_that_does_not_divide_evenly_gives_no_more_than_it_says(throttle: &Arc<dyn Throttle>) {
    let quota = quota(7, 1_000);
    drain(throttle, &quota, 0, 7).await;
    let mut allowed = 0;
    for millis in 1..=10_000 {
        let verdict = throttle.take(&key(1), &quota, at(millis)).await;
        allowed += u32::from(verdict == Verdict::Allowed);
    }
    // Rounding may cost a call, and never gives one.
    assert!((69..=70).contains(&allowed), "{allowed}");
}

pub async fn two_keys_are_counted_apart(throttle: &Arc<dyn Throttle>) {
    let quota = quota(1, 60_000);
    let tenant = TenantId::new(Uuid::from_u128(1));
    let keys = [
        ThrottleKey::tenant(RouteClass::Read, tenant),
        ThrottleKey::tenant(RouteClass::Write, tenant),
        ThrottleKey::tenant(RouteClass::Read, TenantId::new(Uuid::from_u128(2))),
        ThrottleKey::caller(RouteClass::Read, IpAddr::from([203, 0, 113, 9])),
        ThrottleKey::login("owner@example.com"),
    ];
    for key in &keys {
        assert_eq!(throttle.take(key, &quota, at(0)).await, Verdict::Allowed, "{key}");
    }
    for key in &keys {
        assert_ne!(throttle.take(key, &quota, at(0)).await, Verdict::Allowed, "{key}");
    }
}

pub async fn of_fifty_calls_at_once_a_burst_is_allowed(throttle: &Arc<dyn Throttle>) {
    let quota = quota(10, 60_000);
    let verdicts =
        at_once(50, throttle, |throttle| async move { throttle.take(&key(1), &quota, at(0)).await }).await;
    assert_eq!(verdicts.iter().filter(|verdict| **verdict == Verdict::Allowed).count(), 10);
}

pub async fn a_look_says_what_a_call_would_be_told(throttle: &Arc<dyn Throttle>) {
    let quota = quota(2, 10_000);
    let look = async |millis| throttle.look(&key(1), &quota, at(millis)).await;
    assert_eq!(look(0).await, Verdict::Allowed, "of nobody anything is known");
    drain(throttle, &quota, 0, 1).await;
    assert_eq!(look(0).await, Verdict::Allowed);
    drain(throttle, &quota, 0, 1).await;
    assert_eq!(look(0).await, Verdict::Denied { retry_after: Duration::from_secs(5) });
    assert_eq!(look(5_000).await, Verdict::Allowed);
}

pub async fn looking_takes_nothing(throttle: &Arc<dyn Throttle>) {
    let quota = quota(2, 10_000);
    for _ in 0..100 {
        assert_eq!(throttle.look(&key(1), &quota, at(0)).await, Verdict::Allowed);
    }
    drain(throttle, &quota, 0, 2).await;
    for _ in 0..100 {
        assert_ne!(throttle.look(&key(1), &quota, at(0)).await, Verdict::Allowed);
    }
    drain(throttle, &quota, 5_000, 1).await;
}

pub async fn what_is_given_back_may_be_taken_again(throttle: &Arc<dyn Throttle>) {
    let quota = quota(3, 60_000);
    drain(throttle, &quota, 0, 3).await;
    throttle.give_back(&key(1), &quota, at(0)).await;
    drain(throttle, &quota, 0, 1).await;
    assert_eq!(denied_for(throttle, &quota, 0).await, 20_000);
}

pub async fn nobody_is_given_more_than_a_burst(throttle: &Arc<dyn Throttle>) {
    let quota = quota(3, 60_000);
    drain(throttle, &quota, 0, 1).await;
    for _ in 0..5 {
        throttle.give_back(&key(1), &quota, at(1)).await;
    }
    drain(throttle, &quota, 1, 3).await;
    assert_eq!(denied_for(throttle, &quota, 1).await, 20_000);
}

pub async fn what_is_given_back_of_one_key_is_not_anothers(throttle: &Arc<dyn Throttle>) {
    let quota = quota(2, 60_000);
    drain(throttle, &quota, 0, 2).await;
    throttle.give_back(&key(2), &quota, at(0)).await;
    assert_eq!(denied_for(throttle, &quota, 0).await, 30_000);
}

pub async fn of_fifty_calls_at_once_that_are_given_back_nothing_stays(throttle: &Arc<dyn Throttle>) {
    let quota = quota(10, 60_000);
    at_once(50, throttle, |throttle| async move {
        if throttle.take(&key(1), &quota, at(0)).await == Verdict::Allowed {
            throttle.give_back(&key(1), &quota, at(0)).await;
        }
    })
    .await;
    drain(throttle, &quota, 0, 10).await;
    assert_eq!(denied_for(throttle, &quota, 0).await, 6_000);
}

fn key(number: u128) -> ThrottleKey {
    ThrottleKey::tenant(RouteClass::Write, TenantId::new(Uuid::from_u128(number)))
}

fn quota(burst: u32, per_millis: u64) -> Quota {
    Quota::new(burst, Duration::from_millis(per_millis)).unwrap()
}

async fn drain(throttle: &Arc<dyn Throttle>, quota: &Quota, millis: i64, calls: usize) {
    for call in 0..calls {
        let verdict = throttle.take(&key(1), quota, at(millis)).await;
        assert_eq!(verdict, Verdict::Allowed, "call {call} after {millis} ms");
    }
}

/// Returns for how many milliseconds the next call is denied, rounded to the nearest.
async fn denied_for(throttle: &Arc<dyn Throttle>, quota: &Quota, millis: i64) -> i64 {
    match throttle.take(&key(1), quota, at(millis)).await {
        Verdict::Denied { retry_after } => {
            assert!(!retry_after.is_zero());
            i64::try_from((retry_after.as_micros() + 500) / 1_000).unwrap()
        }
        Verdict::Allowed => panic!("allowed after {millis} ms"),
    }
}
