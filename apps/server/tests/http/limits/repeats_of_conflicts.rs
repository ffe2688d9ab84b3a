//! Repeats of what somebody else was in the way of.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use kernel::{BindingId, StoreError, Timestamp};
use serde_json::json;
use tenancy::{Address, Channel, ChannelBinding, ChannelStore, PlatformScope, TenantScope};

use crate::support::World;

const REPEATED: &str = "Idempotency-Replayed";

/// A store of channels that somebody else is always writing to, while it is told so.
struct Contested {
    inner: Arc<dyn ChannelStore>,
    is_contested: AtomicBool,
}

#[async_trait]
impl ChannelStore for Contested {
    async fn insert(&self, scope: &TenantScope, binding: &ChannelBinding) -> Result<(), StoreError> {
        if self.is_contested.load(Ordering::Relaxed) {
            return Err(StoreError::Conflict);
        }
        self.inner.insert(scope, binding).await
    }
    async fn find(&self, scope: &TenantScope, id: BindingId) -> Result<Option<ChannelBinding>, StoreError> {
        self.inner.find(scope, id).await
    }
    async fn list(&self, scope: &TenantScope) -> Result<Vec<ChannelBinding>, StoreError> {
        self.inner.list(scope).await
    }
    async fn set_active(
        &self,
        scope: &TenantScope,
        id: BindingId,
        is_active: bool,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        self.inner.set_active(scope, id, is_active, at).await
    }
    async fn find_by_address(
        &self,
        platform: &PlatformScope,
        channel: Channel,
        address: &Address,
    ) -> Result<Option<ChannelBinding>, StoreError> {
        self.inner.find_by_address(platform, channel, address).await
    }
    async fn has_address(
        &self,
        platform: &PlatformScope,
        channel: Channel,
        address: &Address,
    ) -> Result<bool, StoreError> {
        self.inner.has_address(platform, channel, address).await
    }
}

#[actix_web::test]
async fn a_conflict_that_passes_is_not_remembered_and_one_that_stays_is() {
    let mut contested = None;
    let world = World::with(|_, ports| {
        let inner = Arc::clone(&ports.stores.channels);
        let store = Arc::new(Contested { inner, is_contested: AtomicBool::new(false) });
        ports.stores.channels = store.clone();
        contested = Some(store);
    });
    let (contested, business) = (contested.unwrap(), world.business("Bristol", "+15551230000").await);
    let bind = |key: &'static str, address: &str| {
        let body = json!({"channel": "sms", "provider": "twilio", "address": address});
        let call = world.post(&business.path("/channels")).operator().json(&body);
        call.header("Idempotency-Key", key).send()
    };
    contested.is_contested.store(true, Ordering::Relaxed);
    bind("once", "+15551230007").await.expect_problem(409, "conflict");
    contested.is_contested.store(false, Ordering::Relaxed);
    let done = bind("once", "+15551230007").await;
    assert_eq!((done.status, done.header(REPEATED)), (201, ""));
    bind("taken", "+15551230000").await.expect_problem(409, "already_exists");
    assert_eq!(bind("taken", "+15551230000").await.header(REPEATED), "true");
}
