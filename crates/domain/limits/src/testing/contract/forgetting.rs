//! How long requests are remembered.

use super::samples::{Request, after, answer};
use crate::{Begun, IdempotencyOwner, testing::LimitsStores};

const DAY: i64 = 24 * 3600;

pub async fn an_answer_is_kept_for_a_day_from_when_it_was_given(stores: &LimitsStores) {
    let request = ours(stores, "key");
    let attempt = request.start("{}", 0).await;
    request.finish(attempt, &answer("made"), 20).await.unwrap();
    assert_eq!(request.begin("{}", DAY + 19).await, Begun::Answered(answer("made")));
    assert_eq!(request.begin("{ }", DAY + 19).await, Begun::OtherRequest);
    // Then the key is as good as new, for any request.
    let attempt = request.start("{ }", DAY + 20).await;
    request.finish(attempt, &answer("again"), DAY + 21).await.unwrap();
    assert_eq!(request.begin("{ }", DAY + 22).await, Begun::Answered(answer("again")));
}

pub async fn a_request_that_never_ended_is_forgotten_after_a_day(stores: &LimitsStores) {
    let request = ours(stores, "key");
    let first = request.start("{}", 0).await;
    assert_eq!(request.begin("{ }", DAY - 1).await, Begun::OtherRequest);
    let second = request.start("{ }", DAY).await;
    assert!(second > first);
}

pub async fn a_purge_deletes_what_is_old_of_every_owner_and_nothing_else(stores: &LimitsStores) {
    let theirs = Request::new(&stores.idempotency, IdempotencyOwner::Tenant(&stores.other), "key");
    let operators = Request::new(&stores.idempotency, IdempotencyOwner::Platform(&stores.platform), "key");
    for old in [ours(stores, "key"), theirs, operators] {
        old.done("old", 0).await;
    }
    ours(stores, "unfinished").start("old", 0).await;
    let (kept, in_flight) = (ours(stores, "kept"), ours(stores, "in-flight"));
    kept.done("kept", 10).await;
    in_flight.start("kept", 10).await;
    assert_eq!(purge(stores, 10, 100).await, 4);
    assert_eq!(kept.begin("kept", 11).await, Begun::Answered(answer("kept")));
    assert!(matches!(in_flight.begin("kept", 11).await, Begun::InFlight { .. }));
    for gone in [ours(stores, "key"), theirs, operators, ours(stores, "unfinished")] {
        gone.start("new", 11).await;
    }
    assert_eq!(purge(stores, 10, 100).await, 0);
}

pub async fn a_purge_deletes_the_oldest_first_and_at_most_so_many(stores: &LimitsStores) {
    for (key, seconds) in [("c", 3), ("a", 1), ("d", 4), ("b", 2), ("b2", 2)] {
        ours(stores, key).done("old", seconds).await;
    }
    assert_eq!(purge(stores, 60, 1).await, 1);
    assert_eq!(purge(stores, 60, 2).await, 2);
    for kept in ["c", "d"] {
        assert_eq!(ours(stores, kept).begin("old", 60).await, Begun::Answered(answer("old")), "{kept}");
    }
    assert_eq!(purge(stores, 60, 0).await, 0);
    assert_eq!(purge(stores, 60, 100).await, 2);
}

pub async fn an_empty_store_has_nothing_to_purge(stores: &LimitsStores) {
    assert_eq!(purge(stores, DAY, 100).await, 0);
}

async fn purge(stores: &LimitsStores, seconds: i64, at_most: usize) -> usize {
    stores.idempotency.purge(&stores.platform, after(seconds), at_most).await.unwrap()
}

fn ours<'a>(stores: &'a LimitsStores, key: &'a str) -> Request<'a> {
    Request::new(&stores.idempotency, IdempotencyOwner::Tenant(&stores.tenant), key)
}
