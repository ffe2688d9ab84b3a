//! API keys and widget tokens, as digests, kept in the process while that is safe.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{ApiKeyId, StoreError, Timestamp, WidgetTokenId};
use tenancy::{
    ApiKey, CredentialStore, Invalidations, PlatformScope, SecretDigest, TenantScope, WidgetToken,
};

use crate::{Cache, CacheLimits};

const FAMILY: &str = "credentials";

/// Keeps credentials that were found by their digest, which every request asks for.
pub struct CachedCredentialStore {
    inner: Arc<dyn CredentialStore>,
    api_keys: Cache<SecretDigest, ApiKey>,
    widget_tokens: Cache<SecretDigest, WidgetToken>,
}

impl CachedCredentialStore {
    /// Wraps a store.
    pub fn new(
        inner: Arc<dyn CredentialStore>,
        invalidations: &Arc<dyn Invalidations>,
        limits: CacheLimits,
    ) -> Self {
        let api_keys = Cache::new(invalidations, FAMILY, |key: &ApiKey| key.tenant_id, limits);
        let widget_tokens = Cache::new(invalidations, FAMILY, |token: &WidgetToken| token.tenant_id, limits);
        Self { inner, api_keys, widget_tokens }
    }
}

#[async_trait]
impl CredentialStore for CachedCredentialStore {
    async fn insert_api_key(&self, scope: &TenantScope, key: &ApiKey) -> Result<(), StoreError> {
        let change = self.api_keys.change(scope.tenant_id());
        let outcome = self.inner.insert_api_key(scope, key).await;
        change.done().await;
        outcome
    }

    async fn list_api_keys(&self, scope: &TenantScope) -> Result<Vec<ApiKey>, StoreError> {
        self.inner.list_api_keys(scope).await
    }

    async fn revoke_api_key(
        &self,
        scope: &TenantScope,
        id: ApiKeyId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let change = self.api_keys.change(scope.tenant_id());
        let outcome = self.inner.revoke_api_key(scope, id, at).await;
        change.done().await;
        outcome
    }

    async fn rotate_api_key(
        &self,
        scope: &TenantScope,
        old: ApiKeyId,
        new: &ApiKey,
        until: Timestamp,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let change = self.api_keys.change(scope.tenant_id());
        let outcome = self.inner.rotate_api_key(scope, old, new, until, at).await;
        change.done().await;
        outcome
    }

    async fn find_api_key(
        &self,
        platform: &PlatformScope,
        digest: &SecretDigest,
    ) -> Result<Option<ApiKey>, StoreError> {
        self.api_keys.read(digest, self.inner.find_api_key(platform, digest)).await
    }

    async fn insert_widget_token(&self, scope: &TenantScope, token: &WidgetToken) -> Result<(), StoreError> {
        let change = self.widget_tokens.change(scope.tenant_id());
        let outcome = self.inner.insert_widget_token(scope, token).await;
        change.done().await;
        outcome
    }

    async fn list_widget_tokens(&self, scope: &TenantScope) -> Result<Vec<WidgetToken>, StoreError> {
        self.inner.list_widget_tokens(scope).await
    }

    async fn revoke_widget_token(
        &self,
        scope: &TenantScope,
        id: WidgetTokenId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let change = self.widget_tokens.change(scope.tenant_id());
        let outcome = self.inner.revoke_widget_token(scope, id, at).await;
        change.done().await;
        outcome
    }

    async fn find_widget_token(
        &self,
        platform: &PlatformScope,
        digest: &SecretDigest,
    ) -> Result<Option<WidgetToken>, StoreError> {
        self.widget_tokens.read(digest, self.inner.find_widget_token(platform, digest)).await
    }
}
