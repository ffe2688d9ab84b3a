//! What a store of feature flags must do.

use super::samples::{at, tenant};
use crate::{FeatureFlag, testing::TenancyStores};

pub async fn flags_that_nobody_set_are_not_listed(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    assert_eq!(stores.flags.list(&scope).await.unwrap(), []);
}

pub async fn the_last_value_counts_and_names_are_in_order(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    for (flag, value) in [
        (FeatureFlag::RequireHumanReview, false),
        (FeatureFlag::AllowAiBooking, false),
        (FeatureFlag::AllowAiBooking, true),
    ] {
        stores.flags.set(&scope, flag, value, at(1)).await.unwrap();
    }
    let set = [(FeatureFlag::AllowAiBooking, true), (FeatureFlag::RequireHumanReview, false)];
    assert_eq!(stores.flags.list(&scope).await.unwrap(), set);
}

pub async fn each_tenant_has_flags_of_its_own(stores: &TenancyStores) {
    let (ours, theirs) = (tenant(stores, 1).await, tenant(stores, 2).await);
    stores.flags.set(&ours, FeatureFlag::EnableRag, true, at(1)).await.unwrap();
    stores.flags.set(&theirs, FeatureFlag::EnableRag, false, at(1)).await.unwrap();
    assert_eq!(stores.flags.list(&ours).await.unwrap(), [(FeatureFlag::EnableRag, true)]);
    assert_eq!(stores.flags.list(&theirs).await.unwrap(), [(FeatureFlag::EnableRag, false)]);
}
