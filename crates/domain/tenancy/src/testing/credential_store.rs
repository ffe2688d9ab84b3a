//! API keys and widget tokens, in memory.

use async_trait::async_trait;
use kernel::{ApiKeyId, StoreError, Timestamp, WidgetTokenId};

use super::rows::Rows;
use crate::{ApiKey, CredentialStore, PlatformScope, SecretDigest, TenantScope, WidgetToken};

/// Keeps API keys and widget tokens in memory.
#[derive(Debug, Default)]
pub struct MemoryCredentialStore {
    api_keys: Rows<ApiKey>,
    widget_tokens: Rows<WidgetToken>,
}

#[async_trait]
impl CredentialStore for MemoryCredentialStore {
    async fn insert_api_key(&self, scope: &TenantScope, key: &ApiKey) -> Result<(), StoreError> {
        if key.tenant_id != scope.tenant_id() {
            return Err(StoreError::Conflict);
        }
        let mut rows = self.api_keys.lock();
        if rows.iter().any(|stored| stored.digest == key.digest || stored.id == key.id) {
            return Err(StoreError::Duplicate);
        }
        rows.push(key.clone());
        Ok(())
    }

    async fn list_api_keys(&self, scope: &TenantScope) -> Result<Vec<ApiKey>, StoreError> {
        Ok(self.api_keys.list(|key| key.tenant_id == scope.tenant_id(), |key| (key.created_at, key.id)))
    }

    async fn revoke_api_key(
        &self,
        scope: &TenantScope,
        id: ApiKeyId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut rows = self.api_keys.lock();
        let key = rows.iter_mut().find(|key| key.id == id && key.tenant_id == scope.tenant_id());
        Ok(key.map(|key| key.revoked_at.get_or_insert(at)).is_some())
    }

    async fn find_api_key(
        &self,
        _: &PlatformScope,
        digest: &SecretDigest,
    ) -> Result<Option<ApiKey>, StoreError> {
        Ok(self.api_keys.find(|key| key.digest == *digest))
    }

    async fn insert_widget_token(&self, scope: &TenantScope, token: &WidgetToken) -> Result<(), StoreError> {
        if token.tenant_id != scope.tenant_id() {
            return Err(StoreError::Conflict);
        }
        let mut rows = self.widget_tokens.lock();
        if rows.iter().any(|stored| stored.digest == token.digest || stored.id == token.id) {
            return Err(StoreError::Duplicate);
        }
        rows.push(token.clone());
        Ok(())
    }

    async fn list_widget_tokens(&self, scope: &TenantScope) -> Result<Vec<WidgetToken>, StoreError> {
        Ok(self
            .widget_tokens
            .list(|token| token.tenant_id == scope.tenant_id(), |token| (token.created_at, token.id)))
    }

    async fn revoke_widget_token(
        &self,
        scope: &TenantScope,
        id: WidgetTokenId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut rows = self.widget_tokens.lock();
        let token = rows.iter_mut().find(|token| token.id == id && token.tenant_id == scope.tenant_id());
        Ok(token.map(|token| token.revoked_at.get_or_insert(at)).is_some())
    }

    async fn find_widget_token(
        &self,
        _: &PlatformScope,
        digest: &SecretDigest,
    ) -> Result<Option<WidgetToken>, StoreError> {
        Ok(self.widget_tokens.find(|token| token.digest == *digest))
    }
}
