//! Minting, listing and revoking API keys and widget tokens.

use std::sync::Arc;

use kernel::{ApiKeyId, BindingId, Clock, Entropy, IdGenerator, StoreError, WidgetTokenId};

use crate::{
    Address, ApiKey, Channel, ChannelBinding, ChannelStore, CredentialStore, KeyMode, Provider, SecretDigest,
    SecretText, TenancyError, TenantScope, WidgetToken, secret::make_secret,
};

/// A new credential with its secret, which is shown this once.
#[derive(Debug)]
pub struct Minted<T> {
    /// What is kept.
    pub credential: T,
    /// What the caller must keep.
    pub secret: SecretText,
}

/// Mints, lists and revokes API keys and widget tokens.
pub struct ManageCredentials {
    store: Arc<dyn CredentialStore>,
    channels: Arc<dyn ChannelStore>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
    entropy: Arc<dyn Entropy>,
}

impl ManageCredentials {
    /// Makes the use case.
    pub fn new(
        store: Arc<dyn CredentialStore>,
        channels: Arc<dyn ChannelStore>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdGenerator>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self { store, channels, clock, ids, entropy }
    }

    /// Mints an API key.
    ///
    /// # Errors
    /// When the name is not usable, or randomness or the store fails.
    pub async fn mint_api_key(
        &self,
        scope: &TenantScope,
        name: &str,
        mode: KeyMode,
    ) -> Result<Minted<ApiKey>, TenancyError> {
        let name = credential_name(name)?;
        let secret = make_secret(mode.prefix(), &*self.entropy).map_err(TenancyError::Entropy)?;
        let key = ApiKey {
            id: ApiKeyId::new(self.ids.next()),
            tenant_id: scope.tenant_id(),
            name,
            digest: SecretDigest::of(&secret),
            created_at: self.clock.now(),
            revoked_at: None,
        };
        self.store.insert_api_key(scope, &key).await?;
        Ok(Minted { credential: key, secret: SecretText::new(secret) })
    }

    /// Returns the tenant's API keys, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list_api_keys(&self, scope: &TenantScope) -> Result<Vec<ApiKey>, TenancyError> {
        Ok(self.store.list_api_keys(scope).await?)
    }

    /// Revokes an API key at once.
    ///
    /// # Errors
    /// When the tenant has no such key, or the store fails.
    pub async fn revoke_api_key(&self, scope: &TenantScope, id: ApiKeyId) -> Result<(), TenancyError> {
        let found = self.store.revoke_api_key(scope, id, self.clock.now()).await?;
        found.then_some(()).ok_or(TenancyError::NotFound { what: "api key" })
    }

    /// Mints a widget token, and opens the tenant's web chat if it is the first.
    ///
    /// # Errors
    /// When the name or an origin is not usable, or randomness or the store fails.
    pub async fn mint_widget_token(
        &self,
        scope: &TenantScope,
        name: &str,
        allowed_origins: &[String],
    ) -> Result<Minted<WidgetToken>, TenancyError> {
        let name = credential_name(name)?;
        let allowed_origins =
            allowed_origins.iter().map(|origin| web_origin(origin)).collect::<Result<Vec<_>, _>>()?;
        self.open_web_chat(scope).await?;
        let secret = make_secret("cc_widget_", &*self.entropy).map_err(TenancyError::Entropy)?;
        let token = WidgetToken {
            id: WidgetTokenId::new(self.ids.next()),
            tenant_id: scope.tenant_id(),
            name,
            digest: SecretDigest::of(&secret),
            allowed_origins,
            created_at: self.clock.now(),
            revoked_at: None,
        };
        self.store.insert_widget_token(scope, &token).await?;
        Ok(Minted { credential: token, secret: SecretText::new(secret) })
    }

    /// Returns the tenant's widget tokens, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list_widget_tokens(&self, scope: &TenantScope) -> Result<Vec<WidgetToken>, TenancyError> {
        Ok(self.store.list_widget_tokens(scope).await?)
    }

    /// Revokes a widget token at once.
    ///
    /// # Errors
    /// When the tenant has no such token, or the store fails.
    pub async fn revoke_widget_token(
        &self,
        scope: &TenantScope,
        id: WidgetTokenId,
    ) -> Result<(), TenancyError> {
        let found = self.store.revoke_widget_token(scope, id, self.clock.now()).await?;
        found.then_some(()).ok_or(TenancyError::NotFound { what: "widget token" })
    }

    /// The web chat is a channel like any other; its address is the tenant's own id, so there is one.
    async fn open_web_chat(&self, scope: &TenantScope) -> Result<(), TenancyError> {
        let binding = ChannelBinding::bind(
            scope,
            BindingId::new(self.ids.next()),
            Channel::WebChat,
            Provider::BuiltIn,
            Address::Session(scope.tenant_id().to_string()),
            self.clock.now(),
        )?;
        match self.channels.insert(scope, &binding).await {
            Ok(()) | Err(StoreError::Duplicate) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

fn credential_name(name: &str) -> Result<String, TenancyError> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
        return Err(TenancyError::Invalid {
            field: "name",
            message: "give a name of 1 to 100 characters, so that you know later what it is for".into(),
        });
    }
    Ok(name.to_owned())
}

fn web_origin(origin: &str) -> Result<String, TenancyError> {
    let origin = origin.trim().trim_end_matches('/').to_ascii_lowercase();
    let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    match host {
        Some(host) if !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ', '*']) => Ok(origin),
        _ => Err(TenancyError::Invalid {
            field: "allowed_origins",
            message: "an origin is a scheme and a host, as in https://example.com".into(),
        }),
    }
}
