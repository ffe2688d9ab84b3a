//! What a flag's value is when somebody has said, nobody has, and nobody can be asked.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{StoreError, TenantId, Timestamp, testing::ManualClock};
use tenancy::{
    FeatureFlag, FeatureFlags, FlagStore, TenantScope,
    testing::{MemoryFlagStore, scope},
};

/// A store whose database is away.
struct Down;

#[async_trait]
impl FlagStore for Down {
    async fn list(&self, _: &TenantScope) -> Result<Vec<(FeatureFlag, bool)>, StoreError> {
        Err(StoreError::Unavailable("down".into()))
    }

    async fn set(&self, _: &TenantScope, _: FeatureFlag, _: bool, _: Timestamp) -> Result<(), StoreError> {
        Err(StoreError::Unavailable("down".into()))
    }
}

const SAFEST: [(FeatureFlag, bool); 3] = [
    (FeatureFlag::AllowAiBooking, false),
    (FeatureFlag::EnableRag, false),
    (FeatureFlag::RequireHumanReview, true),
];

fn flags(store: impl FlagStore + 'static) -> FeatureFlags {
    FeatureFlags::new(Arc::new(store), Arc::new(ManualClock::default()))
}

fn tenant() -> TenantScope {
    scope(TenantId::new(uuid::Uuid::from_u128(1)))
}

#[tokio::test]
async fn a_flag_that_nobody_has_set_has_the_safest_value() {
    let flags = flags(MemoryFlagStore::default());
    for (flag, safest) in SAFEST {
        let found = flags.value(&tenant(), flag).await;
        assert_eq!((found.value, found.failure.is_none()), (safest, true), "{flag:?}");
    }
}

#[tokio::test]
async fn a_flag_that_cannot_be_read_has_the_safest_value_and_says_why() {
    let flags = flags(Down);
    for (flag, safest) in SAFEST {
        let found = flags.value(&tenant(), flag).await;
        assert_eq!((found.value, found.failure.is_some()), (safest, true), "{flag:?}");
    }
    assert!(flags.list(&tenant()).await.is_err(), "who looks is told that nothing could be read");
}

#[tokio::test]
async fn a_flag_that_was_set_has_that_value_for_its_own_tenant_only() {
    let flags = flags(MemoryFlagStore::default());
    for (flag, safest) in SAFEST {
        flags.set(&tenant(), flag, !safest).await.unwrap();
        assert_eq!(flags.value(&tenant(), flag).await.value, !safest);
        let other = scope(TenantId::new(uuid::Uuid::from_u128(2)));
        assert_eq!(flags.value(&other, flag).await.value, safest);
    }
}
