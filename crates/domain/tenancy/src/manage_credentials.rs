//! Minting, rotating, listing and revoking API keys, owner tokens and widget tokens.

use std::sync::Arc;

use chrono::TimeDelta;
use kernel::{ApiKeyId, BindingId, Clock, Entropy, IdGenerator, StoreError, Timestamp, WidgetTokenId};
use url::Url;

use crate::{
    AccessError, Actor, Address, ApiKey, Channel, ChannelBinding, ChannelStore, CredentialStore, KeyKind,
    KeyMode, Permissions, Provider, SecretDigest, SecretText, TenancyError, TenantScope, WidgetToken,
    secret::make_secret,
};

/// A new credential with its secret, which is shown this once.
#[derive(Debug)]
pub struct Minted<T> {
    /// What is kept.
    pub credential: T,
    /// What the caller must keep.
    pub secret: SecretText,
}

/// An API key to be made.
#[derive(Clone, Debug)]
pub struct NewApiKey<'a> {
    /// What it is for.
    pub name: &'a str,
    /// Whether it is for real use.
    pub mode: KeyMode,
    /// What it may do; `None` for all that the caller may give.
    pub scopes: Option<Permissions>,
    /// When it stops working by itself.
    pub expires_at: Option<Timestamp>,
}

impl<'a> NewApiKey<'a> {
    /// A key for real use, with all that the caller may give, for ever.
    pub fn named(name: &'a str) -> Self {
        Self { name, mode: KeyMode::Live, scopes: None, expires_at: None }
    }
}

/// Mints, rotates, lists and revokes API keys, owner tokens and widget tokens.
pub struct ManageCredentials {
    store: Arc<dyn CredentialStore>,
    channels: Arc<dyn ChannelStore>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
    entropy: Arc<dyn Entropy>,
}

impl ManageCredentials {
    /// How long an API key may go on working beside the one that takes its place.
    pub const LONGEST_OVERLAP: TimeDelta = TimeDelta::days(7);

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

    /// Mints an API key. Nobody gives a key what they may not do themselves, nor does what a key makes outlive it.
    ///
    /// # Errors
    /// When the name, the scopes or the time is not usable, the caller may not give so much, or randomness or the store
    /// fails.
    pub async fn mint_api_key(
        &self,
        scope: &TenantScope,
        new: NewApiKey<'_>,
    ) -> Result<Minted<ApiKey>, TenancyError> {
        let scopes = scopes_to_give(scope, new.scopes)?;
        let minted = self.new_key(scope, (KeyKind::Program, new.mode.prefix()), new.name, scopes)?;
        let expires_at = self.end(scope, new.expires_at)?;
        self.keep(scope, minted, expires_at).await
    }

    /// Mints an owner token, which may look and change nothing. Nobody gives one who may not see so much themselves.
    ///
    /// # Errors
    /// When the name or the time is not usable, the caller may not give so much, or randomness or the store fails.
    pub async fn mint_owner_token(
        &self,
        scope: &TenantScope,
        name: &str,
        expires_at: Option<Timestamp>,
    ) -> Result<Minted<ApiKey>, TenancyError> {
        let scopes = at_most(scope.actor().permissions(), Permissions::of_owner_tokens())?;
        let minted = self.new_key(scope, (KeyKind::Owner, "cc_owner_"), name, scopes)?;
        let expires_at = self.end(scope, expires_at)?;
        self.keep(scope, minted, expires_at).await
    }

    /// Mints an API key that takes the place of another, with the same name, scopes and end. The old one works on for
    /// `overlap`, and never longer than it would have.
    ///
    /// # Errors
    /// When the tenant has no such key that works, another has taken its place already, the overlap is longer than seven
    /// days, the caller may not give so much, or randomness or the store fails.
    pub async fn rotate_api_key(
        &self,
        scope: &TenantScope,
        id: ApiKeyId,
        overlap: TimeDelta,
    ) -> Result<Minted<ApiKey>, TenancyError> {
        if overlap < TimeDelta::zero() || overlap > Self::LONGEST_OVERLAP {
            let message = "write 0 to 604800 seconds, which are seven days".into();
            return Err(TenancyError::Invalid { field: "overlap_seconds", message });
        }
        let now = self.clock.now();
        let no_such_key = || TenancyError::NotFound { what: "api key" };
        let keys = self.list_api_keys(scope, KeyKind::Program).await?;
        let old = keys.into_iter().find(|key| key.id == id && key.is_live(now)).ok_or_else(no_such_key)?;
        let scopes = scopes_to_give(scope, Some(old.scopes))?;
        // Which mode the old one was of nobody has kept: the new one is for real use.
        let mut minted =
            self.new_key(scope, (KeyKind::Program, KeyMode::Live.prefix()), &old.name, scopes)?;
        minted.credential.expires_at = no_later_than_maker(scope, old.expires_at);
        match self.store.rotate_api_key(scope, id, &minted.credential, now + overlap, now).await {
            Ok(true) => Ok(minted),
            Ok(false) => Err(no_such_key()),
            Err(StoreError::Conflict) => Err(TenancyError::KeyRotated),
            Err(error) => Err(error.into()),
        }
    }

    /// Returns the tenant's keys of a kind, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list_api_keys(
        &self,
        scope: &TenantScope,
        kind: KeyKind,
    ) -> Result<Vec<ApiKey>, TenancyError> {
        let mut keys = self.store.list_api_keys(scope).await?;
        keys.retain(|key| key.kind == kind);
        Ok(keys)
    }

    /// Revokes a key of a kind at once.
    ///
    /// # Errors
    /// When the tenant has no such key, or the store fails.
    pub async fn revoke_api_key(
        &self,
        scope: &TenantScope,
        kind: KeyKind,
        id: ApiKeyId,
    ) -> Result<(), TenancyError> {
        let what = match kind {
            KeyKind::Program => "api key",
            KeyKind::Owner => "owner token",
        };
        let is_there = self.list_api_keys(scope, kind).await?.iter().any(|key| key.id == id);
        let found = is_there && self.store.revoke_api_key(scope, id, self.clock.now()).await?;
        found.then_some(()).ok_or(TenancyError::NotFound { what })
    }

    /// Mints a widget token, and opens the tenant's web chat if it is the first. Who wants it open to every page says so,
    /// by [`WidgetToken::ANY_ORIGIN`].
    ///
    /// # Errors
    /// When no origin is named, the name, an origin or the time is not usable, or randomness or the store fails.
    pub async fn mint_widget_token(
        &self,
        scope: &TenantScope,
        name: &str,
        allowed_origins: &[String],
        expires_at: Option<Timestamp>,
    ) -> Result<Minted<WidgetToken>, TenancyError> {
        let name = credential_name(name)?;
        let allowed_origins = web_origins(allowed_origins)?;
        let expires_at = self.end(scope, expires_at)?;
        self.open_web_chat(scope).await?;
        let secret = make_secret("cc_widget_", &*self.entropy).map_err(TenancyError::Entropy)?;
        let token = WidgetToken {
            id: WidgetTokenId::new(self.ids.next()),
            tenant_id: scope.tenant_id(),
            name,
            digest: SecretDigest::of(&secret),
            allowed_origins,
            created_at: self.clock.now(),
            expires_at,
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

    fn new_key(
        &self,
        scope: &TenantScope,
        (kind, prefix): (KeyKind, &str),
        name: &str,
        scopes: Permissions,
    ) -> Result<Minted<ApiKey>, TenancyError> {
        let name = credential_name(name)?;
        let secret = make_secret(prefix, &*self.entropy).map_err(TenancyError::Entropy)?;
        let credential = ApiKey {
            id: ApiKeyId::new(self.ids.next()),
            tenant_id: scope.tenant_id(),
            kind,
            name,
            digest: SecretDigest::of(&secret),
            scopes,
            created_at: self.clock.now(),
            expires_at: None,
            revoked_at: None,
        };
        Ok(Minted { credential, secret: SecretText::new(secret) })
    }

    async fn keep(
        &self,
        scope: &TenantScope,
        mut minted: Minted<ApiKey>,
        expires_at: Option<Timestamp>,
    ) -> Result<Minted<ApiKey>, TenancyError> {
        minted.credential.expires_at = expires_at;
        self.store.insert_api_key(scope, &minted.credential).await?;
        Ok(minted)
    }

    /// Returns when something new ends: as asked for, and no later than the key that makes it.
    fn end(&self, scope: &TenantScope, asked: Option<Timestamp>) -> Result<Option<Timestamp>, TenancyError> {
        if asked.is_some_and(|at| at <= self.clock.now()) {
            let message = "name a time to come, or leave the field out".into();
            return Err(TenancyError::Invalid { field: "expires_at", message });
        }
        Ok(no_later_than_maker(scope, asked))
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

/// Returns what a new key is to have: what was asked for, if the caller has it.
fn scopes_to_give(scope: &TenantScope, asked: Option<Permissions>) -> Result<Permissions, TenancyError> {
    let most = Permissions::of_programs().within(scope.actor().permissions());
    let asked = asked.unwrap_or(most);
    if asked.is_empty() {
        let message = "name at least one scope, or leave the field out".into();
        return Err(TenancyError::Invalid { field: "scopes", message });
    }
    at_most(most, asked)
}

fn at_most(most: Permissions, asked: Permissions) -> Result<Permissions, TenancyError> {
    match asked.beyond(most).iter().next() {
        Some(lacking) => Err(AccessError::Lacks(lacking).into()),
        None => Ok(asked),
    }
}

fn no_later_than_maker(scope: &TenantScope, asked: Option<Timestamp>) -> Option<Timestamp> {
    let own = if let Actor::ApiKey { expires_at, .. } = scope.actor() { *expires_at } else { None };
    [asked, own].into_iter().flatten().min()
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

fn web_origins(origins: &[String]) -> Result<Vec<String>, TenancyError> {
    if origins.is_empty() {
        let message = "name the origins of your pages, as in https://example.com, or * for every page".into();
        return Err(TenancyError::Invalid { field: "allowed_origins", message });
    }
    origins.iter().map(|origin| web_origin(origin)).collect()
}

/// Reads an origin, and writes it as browsers do: without the port that its scheme has anyway, and in ASCII.
fn web_origin(origin: &str) -> Result<String, TenancyError> {
    let origin = origin.trim();
    if origin == WidgetToken::ANY_ORIGIN {
        return Ok(origin.to_owned());
    }
    let is_origin = |url: &Url| {
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let is_anybodys = url.username().is_empty() && url.password().is_none();
        ["http", "https"].contains(&url.scheme()) && bare && is_anybodys && !origin.contains('*')
    };
    let url = Url::parse(origin).ok().filter(is_origin).ok_or_else(|| TenancyError::Invalid {
        field: "allowed_origins",
        message: "an origin is a scheme and a host, as in https://example.com, or * for every page".into(),
    })?;
    Ok(url.origin().ascii_serialization())
}
