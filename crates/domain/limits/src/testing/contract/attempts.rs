//! What leases and attempts are worth.

use super::{
    requests::assert_one_started,
    samples::{LEASE, Request, after, answer, asked, at_once},
};
use crate::{Begun, CallerId, IdempotencyKey, IdempotencyOwner, testing::LimitsStores};

pub async fn a_lease_that_ended_lets_the_next_one_start(stores: &LimitsStores) {
    let request = request(stores);
    let first = request.start("{}", 0).await;
    let second = request.start("{}", 30).await;
    assert!(second > first);
}

pub async fn a_lease_that_was_taken_over_is_held_anew(stores: &LimitsStores) {
    let request = request(stores);
    request.start("{}", 0).await;
    let second = request.start("{}", 40).await;
    assert_eq!(request.begin("{}", 40).await, Begun::InFlight { retry_after: LEASE });
    request.finish(second, &answer("second"), 41).await.unwrap();
    assert_eq!(request.begin("{}", 42).await, Begun::Answered(answer("second")));
}

pub async fn of_fifty_after_the_lease_one_starts(stores: &LimitsStores) {
    request(stores).start("{}", 0).await;
    let begun = at_once(50, &stores.idempotency, |store| {
        let tenant = stores.tenant.clone();
        async move {
            let key = IdempotencyKey::parse("key").unwrap();
            let caller = CallerId::parse("credential:one").unwrap();
            let owner = IdempotencyOwner::Tenant(&tenant);
            store.begin(owner, &key, &caller, &asked("{}"), after(30), LEASE).await.unwrap()
        }
    })
    .await;
    assert_one_started(&begun);
}

pub async fn the_key_of_a_lease_that_ended_still_belongs_to_its_request(stores: &LimitsStores) {
    let request = request(stores);
    request.start("{}", 0).await;
    assert_eq!(request.begin("{ }", 40).await, Begun::OtherRequest);
    request.start("{}", 40).await;
}

pub async fn an_attempt_may_finish_late_if_nobody_took_over(stores: &LimitsStores) {
    let request = request(stores);
    let attempt = request.start("{}", 0).await;
    request.finish(attempt, &answer("late"), 300).await.unwrap();
    assert_eq!(request.begin("{}", 301).await, Begun::Answered(answer("late")));
}

pub async fn an_attempt_that_was_taken_over_does_not_finish(stores: &LimitsStores) {
    let request = request(stores);
    let first = request.start("{}", 0).await;
    let second = request.start("{}", 30).await;
    request.finish_in_vain(first, 31).await;
    assert!(matches!(request.begin("{}", 31).await, Begun::InFlight { .. }));
    request.finish(second, &answer("second"), 32).await.unwrap();
    request.finish_in_vain(first, 33).await;
    assert_eq!(request.begin("{}", 34).await, Begun::Answered(answer("second")));
}

pub async fn an_attempt_finishes_once(stores: &LimitsStores) {
    let request = request(stores);
    let attempt = request.start("{}", 0).await;
    request.finish(attempt, &answer("first"), 1).await.unwrap();
    request.finish_in_vain(attempt, 2).await;
    assert_eq!(request.begin("{}", 3).await, Begun::Answered(answer("first")));
}

pub async fn a_request_that_was_never_begun_does_not_finish(stores: &LimitsStores) {
    let elsewhere = Request::new(&stores.idempotency, IdempotencyOwner::Tenant(&stores.tenant), "other-key");
    let attempt = elsewhere.start("{}", 0).await;
    let request = request(stores);
    request.finish_in_vain(attempt, 1).await;
    request.start("{}", 2).await;
}

pub async fn an_abandoned_request_may_start_at_once_and_be_another(stores: &LimitsStores) {
    let request = request(stores);
    let attempt = request.start("{}", 0).await;
    request.abandon(attempt).await;
    let again = request.start("{ }", 0).await;
    request.finish(again, &answer("again"), 1).await.unwrap();
    assert_eq!(request.begin("{ }", 2).await, Begun::Answered(answer("again")));
}

pub async fn an_attempt_that_was_taken_over_abandons_nothing(stores: &LimitsStores) {
    let request = request(stores);
    let first = request.start("{}", 0).await;
    let second = request.start("{}", 30).await;
    request.abandon(first).await;
    assert!(matches!(request.begin("{}", 31).await, Begun::InFlight { .. }));
    request.finish(second, &answer("second"), 32).await.unwrap();
}

pub async fn what_was_answered_is_not_abandoned(stores: &LimitsStores) {
    let request = request(stores);
    let attempt = request.start("{}", 0).await;
    request.finish(attempt, &answer("made"), 1).await.unwrap();
    request.abandon(attempt).await;
    assert_eq!(request.begin("{}", 2).await, Begun::Answered(answer("made")));
}

pub async fn an_attempt_from_before_the_entry_was_deleted_ends_nothing(stores: &LimitsStores) {
    let request = request(stores);
    let first = request.start("{}", 0).await;
    let second = request.start("{}", 30).await;
    request.abandon(second).await;
    let third = request.start("{}", 31).await;
    request.finish_in_vain(first, 32).await;
    request.abandon(first).await;
    assert!(matches!(request.begin("{}", 33).await, Begun::InFlight { .. }));
    request.finish(third, &answer("third"), 34).await.unwrap();
}

fn request(stores: &LimitsStores) -> Request<'_> {
    Request::new(&stores.idempotency, IdempotencyOwner::Tenant(&stores.tenant), "key")
}
