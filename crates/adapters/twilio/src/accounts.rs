//! Whose account a webhook is of, and whose account a message leaves by.

use std::sync::Arc;

use conversation::SendingAccount;
use kernel::{Clock, GatewayError, StoreError, TenantId};
use tenancy::{PlatformScope, Provider, ProviderAccount, ProviderAccountStore, SecretText, TenantScope};
use url::Url;

use crate::{
    account_cache::AccountCache,
    signature::{Algorithm, SignatureError, SignedRequest, verify},
};

/// No account stores another choice yet.
const ALGORITHM: Algorithm = Algorithm::Sha1;

/// An account of the operator's, or of the carrier that is built in.
#[derive(Clone, Debug)]
pub struct PlatformAccount {
    /// The account's id at Twilio.
    pub account_sid: String,
    /// The token that signs webhooks and authenticates requests.
    pub auth_token: SecretText,
    /// Where its interface is, such as `https://api.twilio.com`.
    pub api_base: Url,
}

/// Whose account has signed a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerifiedBy {
    /// The account's tenant; `None` when it is the platform's, which any tenant's number may be on.
    pub tenant: Option<TenantId>,
}

/// Why a webhook is not let in.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// Nobody here has the account. To the caller that is the same as a wrong signature: 403.
    #[error("the account is not known")]
    UnknownAccount,
    /// The account's token has not signed the request.
    #[error("the request is not signed by its account")]
    Signature(#[from] SignatureError),
    /// The account could not be looked up: 503, and Twilio's fallback.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// Chooses accounts: by the webhook that claims one, and by the tenant that sends.
pub struct TwilioAccounts {
    store: Arc<dyn ProviderAccountStore>,
    platform: PlatformScope,
    clock: Arc<dyn Clock>,
    api_base: Url,
    platform_accounts: Vec<PlatformAccount>,
    cache: AccountCache,
}

impl TwilioAccounts {
    /// Makes the choice between the tenants' accounts, whose interface is at `api_base`, and the platform's.
    /// Tenants without an account send by the first of the platform's.
    pub fn new(
        store: Arc<dyn ProviderAccountStore>,
        platform: PlatformScope,
        clock: Arc<dyn Clock>,
        api_base: Url,
        platform_accounts: Vec<PlatformAccount>,
    ) -> Self {
        Self { store, platform, clock, api_base, platform_accounts, cache: AccountCache::default() }
    }

    /// Checks that a webhook is signed by the account that it claims to be of, and tells whose that is.
    ///
    /// The platform's accounts come first, so that no tenant can shadow one. A token that was replaced at
    /// another server is found at once; one that was deleted there counts for up to
    /// [half a minute](TwilioAccounts::forget).
    ///
    /// # Errors
    /// When it is not, nobody has the account, or that could not be found out.
    pub async fn verify(
        &self,
        account_sid: &str,
        request: &SignedRequest<'_>,
        presented: &str,
    ) -> Result<VerifiedBy, VerifyError> {
        if let Some(account) = self.of_platform(account_sid) {
            verify(&account.auth_token, ALGORITHM, request, presented)?;
            return Ok(VerifiedBy { tenant: None });
        }
        let now = self.clock.now();
        if let Some(account) = self.cache.find(account_sid, now)
            && verify(&account.auth_token, ALGORITHM, request, presented).is_ok()
        {
            return Ok(VerifiedBy { tenant: Some(account.tenant_id) });
        }
        let Some(account) = self.store.find_by_sid(&self.platform, Provider::Twilio, account_sid).await?
        else {
            // The same work as for a known account, so that time does not tell which accounts there are.
            let _ = verify(&SecretText::new("nobody's token"), ALGORITHM, request, presented);
            return Err(VerifyError::UnknownAccount);
        };
        verify(&account.auth_token, ALGORITHM, request, presented)?;
        let verified = VerifiedBy { tenant: Some(account.tenant_id) };
        self.cache.keep(account, now);
        Ok(verified)
    }

    /// Forgets what is remembered of a tenant's account. Call it when the account was deleted; otherwise its
    /// token verifies webhooks for up to half a minute more.
    pub fn forget(&self, account_sid: &str) {
        self.cache.forget(account_sid);
    }

    /// Returns the account by which a tenant sends: its own, or else the platform's.
    ///
    /// # Errors
    /// [`GatewayError::Rejected`] with `no_account` when there is neither; [`GatewayError::Unavailable`] when
    /// the store failed.
    pub(crate) async fn sender(&self, scope: &TenantScope) -> Result<SendingAccount, GatewayError> {
        let own = self.own(scope).await?.into_iter().next();
        let platform = || self.platform_accounts.first();
        own.or_else(|| platform().map(sending)).ok_or_else(|| GatewayError::Rejected {
            code: "no_account".into(),
            detail:
                "neither the tenant nor the platform has a Twilio account; add one, or set TWILIO_ACCOUNT_SID"
                    .into(),
        })
    }

    /// Returns the account by which an attempt was made, with the token that it has now; the sender's where that was not
    /// kept.
    ///
    /// # Errors
    /// [`GatewayError::Rejected`] with `account_gone` when neither the tenant nor the platform has it any more, and as
    /// [`sender`](Self::sender) says.
    pub(crate) async fn of_attempt(
        &self,
        scope: &TenantScope,
        account_sid: Option<&str>,
    ) -> Result<SendingAccount, GatewayError> {
        let Some(account_sid) = account_sid else { return self.sender(scope).await };
        if let Some(account) = self.of_platform(account_sid) {
            return Ok(sending(account));
        }
        let own = self.own(scope).await?.into_iter().find(|account| account.account_sid == account_sid);
        own.ok_or_else(|| GatewayError::Rejected {
            code: "account_gone".into(),
            detail: "the Twilio account by which the message was sent is not here any more".into(),
        })
    }

    /// Returns an account with where it is reached.
    pub(crate) fn reached(&self, account: SendingAccount) -> PlatformAccount {
        let SendingAccount { account_sid, auth_token } = account;
        let api_base = self.of_platform(&account_sid).map_or(&self.api_base, |account| &account.api_base);
        PlatformAccount { api_base: api_base.clone(), account_sid, auth_token }
    }

    /// Returns the tenant's own accounts, oldest first.
    async fn own(&self, scope: &TenantScope) -> Result<Vec<SendingAccount>, GatewayError> {
        let accounts =
            self.store.list(scope).await.map_err(|error| GatewayError::Unavailable(error.into()))?;
        let twilios = accounts.into_iter().filter(|account| account.provider == Provider::Twilio);
        let sending =
            |ProviderAccount { account_sid, auth_token, .. }| SendingAccount { account_sid, auth_token };
        Ok(twilios.map(sending).collect())
    }

    fn of_platform(&self, account_sid: &str) -> Option<&PlatformAccount> {
        self.platform_accounts.iter().find(|account| account.account_sid == account_sid)
    }
}

fn sending(account: &PlatformAccount) -> SendingAccount {
    SendingAccount { account_sid: account.account_sid.clone(), auth_token: account.auth_token.clone() }
}
