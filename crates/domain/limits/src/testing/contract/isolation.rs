//! Who never meets whom.

use super::samples::{Request, answer};
use crate::{Begun, IdempotencyOwner, testing::LimitsStores};

pub async fn two_tenants_with_one_key_never_meet(stores: &LimitsStores) {
    let [ours, theirs, _] = everybody(stores);
    assert_never_meet(ours, theirs).await;
}

pub async fn two_callers_of_a_tenant_with_one_key_never_meet(stores: &LimitsStores) {
    let [ours, ..] = everybody(stores);
    assert_never_meet(ours, ours.by("credential:two")).await;
}

pub async fn the_platform_and_a_tenant_with_one_key_never_meet(stores: &LimitsStores) {
    let [ours, _, platform] = everybody(stores);
    assert_never_meet(ours, platform).await;
}

pub async fn nobody_ends_anothers_attempt(stores: &LimitsStores) {
    let [ours, theirs, platform] = everybody(stores);
    let attempt = ours.start("{}", 0).await;
    for stranger in [theirs, platform, ours.by("credential:two")] {
        stranger.finish_in_vain(attempt, 1).await;
        stranger.abandon(attempt).await;
        assert!(matches!(ours.begin("{}", 1).await, Begun::InFlight { .. }));
    }
    ours.finish(attempt, &answer("ours"), 2).await.unwrap();
    assert_eq!(ours.begin("{}", 3).await, Begun::Answered(answer("ours")));
}

/// Lets both make the same request, each with an answer of its own.
async fn assert_never_meet(one: Request<'_>, other: Request<'_>) {
    let first = one.start("{}", 0).await;
    let second = other.start("{}", 0).await;
    one.finish(first, &answer("one"), 1).await.unwrap();
    assert!(matches!(other.begin("{}", 2).await, Begun::InFlight { .. }));
    other.finish(second, &answer("other"), 3).await.unwrap();
    assert_eq!(one.begin("{}", 4).await, Begun::Answered(answer("one")));
    assert_eq!(other.begin("{}", 4).await, Begun::Answered(answer("other")));
}

fn everybody(stores: &LimitsStores) -> [Request<'_>; 3] {
    [
        IdempotencyOwner::Tenant(&stores.tenant),
        IdempotencyOwner::Tenant(&stores.other),
        IdempotencyOwner::Platform(&stores.platform),
    ]
    .map(|owner| Request::new(&stores.idempotency, owner, "key"))
}
