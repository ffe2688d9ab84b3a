//! The ports to what hashes passwords and signs tokens.

use async_trait::async_trait;
use kernel::{BoxError, MemberId, SessionId, TenantId, Timestamp, WidgetTokenId};

use crate::{PasswordHash, SecretText};

/// Why a password was not hashed or checked.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// More are being hashed than there is room for.
    #[error("too many passwords are being checked")]
    Busy,
    /// It cannot be done.
    #[error("a password cannot be hashed")]
    Failed(#[source] BoxError),
}

/// Hashes and checks passwords.
///
/// An adapter MUST use a slow hash with a salt of its own for each password, MUST NOT block the caller's thread, and
/// MUST bound how much is hashed at once: a hash takes memory and time.
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// Hashes a password.
    ///
    /// # Errors
    /// As [`HashError`] says.
    async fn hash(&self, password: &SecretText) -> Result<PasswordHash, HashError>;

    /// Tells whether a password is the one that was hashed.
    ///
    /// # Errors
    /// As [`HashError`] says.
    async fn verify(&self, password: &SecretText, hash: &PasswordHash) -> Result<bool, HashError>;

    /// Spends the time of a check on nobody's password, so that an unknown name answers no sooner than a known one.
    ///
    /// # Errors
    /// As [`HashError`] says.
    async fn verify_nobody(&self, password: &SecretText) -> Result<(), HashError>;
}

/// What an access token says: who has signed in where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessClaims {
    /// The member.
    pub member: MemberId,
    /// The member's tenant.
    pub tenant: TenantId,
    /// The sign-in.
    pub session: SessionId,
    /// When it was signed.
    pub issued_at: Timestamp,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

/// What a refresh token says: of which sign-in it is, and a secret that no other has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshClaims {
    /// The sign-in.
    pub session: SessionId,
    /// What tells it from the others of the sign-in: 256 random bits.
    pub secret: String,
    /// When it was signed.
    pub issued_at: Timestamp,
    /// Until when it is good, where no other has taken its place.
    pub expires_at: Timestamp,
}

/// What a visitor's token says: who writes on whose page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitorClaims {
    /// The page's tenant.
    pub tenant: TenantId,
    /// The widget token that opened the session.
    pub token: WidgetTokenId,
    /// The visitor's session, as web chat knows it.
    pub visitor: String,
    /// When it was signed.
    pub issued_at: Timestamp,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

/// Why a token is not signed, or not taken.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// It was not signed here, or not for this, or was altered.
    #[error("the token is not valid")]
    Invalid,
    /// It was good until a moment that has passed.
    #[error("the token has expired")]
    Expired,
    /// It could not be signed.
    #[error("a token cannot be signed")]
    Unsigned(#[source] BoxError),
}

/// Signs tokens, and checks them.
///
/// An adapter MUST take no token of another kind, of another signer, without a signature, or of another algorithm than
/// its own, and MUST go by the `now` that it is given.
pub trait TokenSigner: Send + Sync {
    /// Signs an access token.
    ///
    /// # Errors
    /// [`TokenError::Unsigned`].
    fn sign_access(&self, claims: &AccessClaims) -> Result<SecretText, TokenError>;

    /// Checks an access token.
    ///
    /// # Errors
    /// [`TokenError::Invalid`] and [`TokenError::Expired`].
    fn verify_access(&self, token: &str, now: Timestamp) -> Result<AccessClaims, TokenError>;

    /// Signs a refresh token.
    ///
    /// # Errors
    /// [`TokenError::Unsigned`].
    fn sign_refresh(&self, claims: &RefreshClaims) -> Result<SecretText, TokenError>;

    /// Checks a refresh token: whether it was ever given to anybody. Whether it is the one that is good now, the store
    /// of sessions knows.
    ///
    /// # Errors
    /// [`TokenError::Invalid`] and [`TokenError::Expired`].
    fn verify_refresh(&self, token: &str, now: Timestamp) -> Result<RefreshClaims, TokenError>;

    /// Signs a visitor's token.
    ///
    /// # Errors
    /// [`TokenError::Unsigned`].
    fn sign_visitor(&self, claims: &VisitorClaims) -> Result<SecretText, TokenError>;

    /// Checks a visitor's token.
    ///
    /// # Errors
    /// [`TokenError::Invalid`] and [`TokenError::Expired`].
    fn verify_visitor(&self, token: &str, now: Timestamp) -> Result<VisitorClaims, TokenError>;
}

/// Checks the tokens that the operator's command line signs.
///
/// An adapter MUST hold them to the rules of [`TokenSigner`], and MUST NOT take one that is good for longer than an hour.
pub trait AdminTokenVerifier: Send + Sync {
    /// Checks a token and returns whom it names.
    ///
    /// # Errors
    /// [`TokenError::Invalid`] and [`TokenError::Expired`].
    fn verify_admin(&self, token: &str, now: Timestamp) -> Result<String, TokenError>;
}
