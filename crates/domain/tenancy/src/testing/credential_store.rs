//! API keys and widget tokens, in memory.

use async_trait::async_trait;
use kernel::{ApiKeyId, StoreError, Timestamp, WidgetTokenId};

use super::{MemoryAuditLog, rows::Rows};
use crate::{ApiKey, AuditAction, CredentialStore, PlatformScope, SecretDigest, TenantScope, WidgetToken};

/// Keeps API keys and widget tokens in memory.
#[derive(Debug, Default)]
pub struct MemoryCredentialStore {
    api_keys: Rows<ApiKey>,
    rotated: Rows<ApiKeyId>,
    widget_tokens: Rows<WidgetToken>,
    audit: MemoryAuditLog,
}

impl MemoryCredentialStore {
    /// Makes an empty store that records in a log.
    pub fn recording_in(audit: &MemoryAuditLog) -> Self {
        Self { audit: audit.clone(), ..Self::default() }
    }
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
        self.audit.record(scope, key.created_at, AuditAction::ApiKeyCreated, key.id);
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
        let Some(key) = key else { return Ok(false) };
        if key.revoked_at.is_none() {
            key.revoked_at = Some(at);
            self.audit.record(scope, at, AuditAction::ApiKeyRevoked, id);
        }
        Ok(true)
    }

    async fn rotate_api_key(
        &self,
        scope: &TenantScope,
        old: ApiKeyId,
        new: &ApiKey,
        until: Timestamp,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        if new.tenant_id != scope.tenant_id() {
            return Err(StoreError::Conflict);
        }
        let mut rows = self.api_keys.lock();
        if rows.iter().any(|stored| stored.digest == new.digest || stored.id == new.id) {
            return Err(StoreError::Duplicate);
        }
        let is_own = |key: &&mut ApiKey| key.id == old && key.tenant_id == scope.tenant_id();
        let Some(key) = rows.iter_mut().find(is_own).filter(|key| key.is_live(at)) else { return Ok(false) };
        let mut rotated = self.rotated.lock();
        if rotated.contains(&old) {
            return Err(StoreError::Conflict);
        }
        rotated.push(old);
        key.expires_at = Some(key.expires_at.map_or(until, |sooner| sooner.min(until)));
        rows.push(new.clone());
        self.audit.record(scope, at, AuditAction::ApiKeyCreated, new.id);
        self.audit.record(scope, at, AuditAction::ApiKeyRotated, old);
        Ok(true)
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
        self.audit.record(scope, token.created_at, AuditAction::WidgetTokenCreated, token.id);
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
        let Some(token) = token else { return Ok(false) };
        if token.revoked_at.is_none() {
            token.revoked_at = Some(at);
            self.audit.record(scope, at, AuditAction::WidgetTokenRevoked, id);
        }
        Ok(true)
    }

    async fn find_widget_token(
        &self,
        _: &PlatformScope,
        digest: &SecretDigest,
    ) -> Result<Option<WidgetToken>, StoreError> {
        Ok(self.widget_tokens.find(|token| token.digest == *digest))
    }
}
