//! How often somebody may ask, guess and sign in here, and what a repeated request gets. All of it is counted over all
//! processes where they share Redis, and in each process always; the stricter count holds.

mod guesses;
mod old_keys;
mod refusal;
mod settings;
mod sign_in;

use std::{net::IpAddr, sync::Arc};

use kernel::{Clock, TenantId};
use limits::{CoolDown, IdempotencyStore, Quota, RouteClass, Throttle, ThrottleKey, Verdict};
use tenancy::SecretDigest;

pub use guesses::Guesses;
pub use old_keys::OldKeys;
pub use refusal::{LimitReason, Refusal, RetryAfter};
pub use settings::{ClassQuotas, LimitsSettings, Quotas};
pub use sign_in::{SignIn, SignInName};

use crate::{config::TrustedProxies, metrics::Metrics};

/// What limits are composed of.
pub struct LimitsParts {
    /// Counts calls.
    pub throttle: Arc<dyn Throttle>,
    /// Makes guessing slow.
    pub cool_down: Arc<dyn CoolDown>,
    /// Remembers requests with an idempotency key.
    pub idempotency: Arc<dyn IdempotencyStore>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where refusals are counted.
    pub metrics: Arc<Metrics>,
}

/// How often somebody may ask, guess and sign in.
pub struct Limits {
    /// Sign-ins with a name and a password.
    pub sign_in: SignIn,
    /// Wrong credentials, by the address that they came from.
    pub guesses: Arc<Guesses>,
    /// Requests with an idempotency key.
    pub idempotency: Arc<dyn IdempotencyStore>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Which proxies are believed when they say who has called them.
    pub proxies: TrustedProxies,
    quotas: Quotas,
    throttle: Arc<dyn Throttle>,
    metrics: Arc<Metrics>,
}

impl Limits {
    /// Puts the limits together.
    pub fn new(parts: LimitsParts, settings: LimitsSettings) -> Self {
        let LimitsParts { throttle, cool_down, idempotency, clock, metrics } = parts;
        let LimitsSettings { quotas, trusted_proxies: proxies } = settings;
        let guesses = Arc::new(Guesses::new(
            Arc::clone(&throttle),
            Arc::clone(&clock),
            quotas.wrong_credentials,
            Arc::clone(&metrics),
        ));
        let sign_in = SignIn::new(
            cool_down,
            (Arc::clone(&throttle), quotas.sign_ins),
            Arc::clone(&guesses),
            Arc::clone(&clock),
            Arc::clone(&metrics),
        );
        Self { sign_in, guesses, idempotency, clock, proxies, quotas, throttle, metrics }
    }

    /// Counts a request of an address. Ask it before anything is looked up for the request.
    ///
    /// # Errors
    /// When the address has to wait.
    pub async fn admit_address(&self, class: RouteClass, address: IpAddr) -> Result<(), Refusal> {
        let quota = self.quotas.of(class).address;
        self.take(class, LimitReason::Address, &ThrottleKey::caller(class, address), &quota).await
    }

    /// Counts a request of a credential, by its stable name, and of its tenant, if it is a tenant's. A credential that
    /// has to wait costs its tenant nothing.
    ///
    /// # Errors
    /// When one of the two has to wait.
    pub async fn admit_credential(
        &self,
        class: RouteClass,
        credential: &str,
        tenant: Option<TenantId>,
    ) -> Result<(), Refusal> {
        let quotas = self.quotas.of(class);
        let key = ThrottleKey::credential(class, &SecretDigest::of(credential));
        self.take(class, LimitReason::Credential, &key, &quotas.credential).await?;
        let Some(tenant) = tenant else { return Ok(()) };
        self.take(class, LimitReason::Tenant, &ThrottleKey::tenant(class, tenant), &quotas.tenant).await
    }

    async fn take(
        &self,
        class: RouteClass,
        reason: LimitReason,
        key: &ThrottleKey,
        quota: &Quota,
    ) -> Result<(), Refusal> {
        match self.throttle.take(key, quota, self.clock.now()).await {
            Verdict::Allowed => Ok(()),
            Verdict::Denied { retry_after } => {
                self.metrics.request_limited(class, reason);
                Err(Refusal { reason, retry_after: RetryAfter(retry_after) })
            }
        }
    }
}
