//! The counters in memory keep the promises of the ports, also when others crowd them.

use std::time::Duration;

use chrono::TimeDelta;
use in_process::{LocalCoolDown, LocalThrottle};
use kernel::{Clock as _, TenantId, testing::ManualClock};
use limits::{CoolDown as _, Quota, RouteClass, Throttle as _, ThrottleKey, Verdict};
use uuid::Uuid;

mod throttle {
    limits::throttle_contract!(super::LocalThrottle::default());
}

mod cool_down {
    limits::cool_down_contract!(super::LocalCoolDown::default());
}

fn key(number: u128) -> ThrottleKey {
    ThrottleKey::tenant(RouteClass::Write, TenantId::new(Uuid::from_u128(number)))
}

#[tokio::test]
async fn a_caller_who_is_denied_stays_denied_while_thousands_of_others_come() {
    let (throttle, now) = (LocalThrottle::new(100), ManualClock::default().now());
    let quota = Quota::new(2, Duration::from_secs(60)).expect("a quota");
    for _ in 0..2 {
        assert_eq!(throttle.take(&key(0), &quota, now).await, Verdict::Allowed);
    }
    for other in 1..5_000 {
        assert_eq!(throttle.take(&key(other), &quota, now).await, Verdict::Allowed);
    }
    let denied = Verdict::Denied { retry_after: Duration::from_secs(30) };
    assert_eq!(throttle.take(&key(0), &quota, now).await, denied);
}

#[tokio::test]
async fn who_must_wait_still_must_after_thousands_of_others_have_guessed() {
    let (cool_down, now) = (LocalCoolDown::new(100), ManualClock::default().now());
    for _ in 0..5 {
        assert_eq!(cool_down.begin_attempt(&key(0), now).await, Verdict::Allowed);
    }
    for other in 1..5_000 {
        assert_eq!(cool_down.begin_attempt(&key(other), now).await, Verdict::Allowed);
    }
    let later = now + TimeDelta::seconds(10);
    let denied = Verdict::Denied { retry_after: Duration::from_secs(20) };
    assert_eq!(cool_down.begin_attempt(&key(0), later).await, denied);
}

#[tokio::test]
async fn of_thousands_who_succeed_those_are_known_who_did_last() {
    let (cool_down, now) = (LocalCoolDown::new(100), ManualClock::default().now());
    for other in 0..5_000 {
        let at = now + TimeDelta::milliseconds(i64::try_from(other).unwrap());
        cool_down.succeeded(&key(other), at).await;
        assert!(cool_down.has_succeeded(&key(other), at).await);
    }
    assert!(!cool_down.has_succeeded(&key(0), now).await);
    for other in 4_950..5_000 {
        assert!(cool_down.has_succeeded(&key(other), now).await, "{other}");
    }
}

#[tokio::test]
async fn four_failures_are_remembered_while_thousands_of_others_fail_once() {
    let (cool_down, now) = (LocalCoolDown::new(100), ManualClock::default().now());
    for _ in 0..4 {
        assert_eq!(cool_down.begin_attempt(&key(0), now).await, Verdict::Allowed);
    }
    // The others are remembered for longer, and matter less all the same.
    let later = now + TimeDelta::seconds(1);
    for other in 1..5_000 {
        assert_eq!(cool_down.begin_attempt(&key(other), later).await, Verdict::Allowed);
    }
    assert_eq!(cool_down.begin_attempt(&key(0), later).await, Verdict::Allowed);
    assert_ne!(cool_down.begin_attempt(&key(0), later).await, Verdict::Allowed);
}
