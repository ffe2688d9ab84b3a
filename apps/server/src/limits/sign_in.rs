//! Signing in with a name and a password: guessing is slow, by the name and by the address it comes from.

use std::{net::IpAddr, sync::Arc};

use kernel::{Clock, MemberId, TenantId};
use limits::{CoolDown, Quota, RouteClass, Throttle, ThrottleKey, Verdict};

use super::{Guesses, LimitReason, RetryAfter};
use crate::metrics::Metrics;

/// The name by which somebody wants in, whether or not anybody has it. Letter case and surrounding space make no
/// difference. It is digested before it is counted, and never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct SignInName(String);

impl SignInName {
    /// The operator, by the name that was given.
    pub fn operator(name: &str) -> Self {
        // No member's address looks like this, so nobody's failures are another's.
        Self(format!("operator:{name}"))
    }

    /// Whoever has an address, at the tenant that was named, or at any. A member of several tenants is another account
    /// at each: who has proved to be one has proved nothing of the others.
    pub fn address(email: &str, tenant: Option<TenantId>) -> Self {
        let email = email.trim();
        Self(tenant.map_or_else(|| email.to_owned(), |tenant| format!("{tenant} {email}")))
    }

    /// A member who has signed in, and says the password once more.
    pub fn member(id: MemberId) -> Self {
        Self(format!("member:{id}"))
    }
}

/// Makes guessing passwords slow.
///
/// A handler asks [`check`](Self::check) before it verifies anything, and then says whether it has
/// [`succeeded`](Self::succeeded), was [`right`](Self::right) or is [`withdrawn`](Self::withdrawn); of what failed it says
/// nothing. Three counts hold:
/// - by name and address, a cool-down: five attempts, then longer and longer waits until one succeeds;
/// - by name alone, a quota, which bounds what many addresses can guess together. Where the name has succeeded from the
///   address within 60 days it is not asked, so that whoever uses it up keeps the owner out of new addresses only;
/// - by address alone, the quota of all wrong credentials, which bounds what one address can guess of many names.
pub struct SignIn {
    cool_down: Arc<dyn CoolDown>,
    throttle: Arc<dyn Throttle>,
    by_name: Quota,
    guesses: Arc<Guesses>,
    clock: Arc<dyn Clock>,
    metrics: Arc<Metrics>,
}

impl SignIn {
    pub(super) fn new(
        cool_down: Arc<dyn CoolDown>,
        (throttle, by_name): (Arc<dyn Throttle>, Quota),
        guesses: Arc<Guesses>,
        clock: Arc<dyn Clock>,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self { cool_down, throttle, by_name, guesses, clock, metrics }
    }

    /// Begins an attempt. It counts as a failure until it has succeeded, so that many at once are no way around.
    /// `address` is who calls, as `http::extract` tells; without one the name alone counts.
    ///
    /// # Errors
    /// When the attempt must not be made now; nothing may be verified for it, and the answer must not depend on
    /// whether there is such a name.
    pub async fn check(&self, name: &SignInName, address: Option<IpAddr>) -> Result<(), RetryAfter> {
        if let Some(address) = address {
            self.guesses.begin(address).await.map_err(|refusal| refusal.retry_after)?;
        }
        let begun = self.begin(name, address).await;
        if begun.is_err() {
            self.right(address).await;
        }
        begun
    }

    /// Notes that the attempt succeeded: what failed before it from this address is forgotten.
    pub async fn succeeded(&self, name: &SignInName, address: Option<IpAddr>) {
        self.cool_down.succeeded(&subject(name, address), self.clock.now()).await;
        self.right(address).await;
    }

    /// Notes that the password was somebody's, though not surely of everybody whom the name means: the address has
    /// presented nothing wrong, and under the name it counts as a guess.
    pub async fn right(&self, address: Option<IpAddr>) {
        if let Some(address) = address {
            self.guesses.take_back(address).await;
        }
    }

    /// Notes that nothing was found out: the attempt is not held against anybody.
    pub async fn withdrawn(&self, name: &SignInName, address: Option<IpAddr>) {
        let (subject, now) = (subject(name, address), self.clock.now());
        self.cool_down.withdrawn(&subject).await;
        if !self.cool_down.has_succeeded(&subject, now).await {
            self.throttle.give_back(&ThrottleKey::login(&name.0), &self.by_name, now).await;
        }
        self.right(address).await;
    }

    async fn begin(&self, name: &SignInName, address: Option<IpAddr>) -> Result<(), RetryAfter> {
        let (subject, now) = (subject(name, address), self.clock.now());
        self.allowed(self.cool_down.begin_attempt(&subject, now).await)?;
        if self.cool_down.has_succeeded(&subject, now).await {
            return Ok(());
        }
        let by_name = ThrottleKey::login(&name.0);
        let by_name = self.allowed(self.throttle.take(&by_name, &self.by_name, now).await);
        if by_name.is_err() {
            // It is not made, so nobody waits the longer for it.
            self.cool_down.withdrawn(&subject).await;
        }
        by_name
    }

    fn allowed(&self, verdict: Verdict) -> Result<(), RetryAfter> {
        match verdict {
            Verdict::Allowed => Ok(()),
            Verdict::Denied { retry_after } => {
                self.metrics.request_limited(RouteClass::Login, LimitReason::SignIn);
                Err(RetryAfter(retry_after))
            }
        }
    }
}

fn subject(name: &SignInName, address: Option<IpAddr>) -> ThrottleKey {
    match address {
        Some(address) => ThrottleKey::login_from(&name.0, address),
        None => ThrottleKey::login(&name.0),
    }
}

#[cfg(test)]
mod tests {
    use std::{net::Ipv4Addr, time::Duration};

    use chrono::TimeDelta;
    use kernel::testing::ManualClock;
    use limits::testing::{MemoryCoolDown, MemoryThrottle};

    use super::*;

    const HERE: Option<IpAddr> = Some(IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9)));
    const ELSEWHERE: Option<IpAddr> = Some(IpAddr::V4(Ipv4Addr::new(198, 51, 100, 1)));

    fn sign_in(by_name: Quota, wrong_credentials: Quota) -> (SignIn, Arc<ManualClock>) {
        let (clock, throttle) = (Arc::<ManualClock>::default(), Arc::<MemoryThrottle>::default());
        let metrics = Arc::new(Metrics::new(1).unwrap());
        let guesses = Guesses::new(throttle.clone(), clock.clone(), wrong_credentials, metrics.clone());
        let cool_down = Arc::<MemoryCoolDown>::default();
        let sign_in = SignIn::new(cool_down, (throttle, by_name), Arc::new(guesses), clock.clone(), metrics);
        (sign_in, clock)
    }

    fn plenty() -> Quota {
        Quota::per_minute(1_000)
    }

    async fn fails(sign_in: &SignIn, name: &str, address: Option<IpAddr>) -> Result<(), RetryAfter> {
        sign_in.check(&SignInName::address(name, None), address).await
    }

    #[tokio::test]
    async fn after_five_failures_the_next_attempt_waits_and_nobody_elsewhere_does() {
        let (sign_in, clock) = sign_in(plenty(), plenty());
        for _ in 0..5 {
            fails(&sign_in, "owner@example.com", HERE).await.unwrap();
        }
        let wait = RetryAfter(Duration::from_secs(30));
        assert_eq!(fails(&sign_in, " Owner@Example.com", HERE).await, Err(wait));
        assert_eq!(fails(&sign_in, "owner@example.com", ELSEWHERE).await, Ok(()));
        assert_eq!(fails(&sign_in, "other@example.com", HERE).await, Ok(()));
        clock.advance(TimeDelta::seconds(30));
        assert_eq!(fails(&sign_in, "owner@example.com", HERE).await, Ok(()));
    }

    #[tokio::test]
    async fn a_success_forgets_the_failures_before_it() {
        let (sign_in, _) = sign_in(plenty(), plenty());
        let name = SignInName::address("owner@example.com", None);
        for _ in 0..20 {
            sign_in.check(&name, HERE).await.unwrap();
            sign_in.succeeded(&name, HERE).await;
        }
    }

    #[tokio::test]
    async fn an_attempt_that_found_nothing_out_is_not_held_against_anybody() {
        let (sign_in, clock) = sign_in(Quota::per_hour(6), plenty());
        let name = SignInName::address("owner@example.com", None);
        let find_nothing_out = async || {
            for _ in 0..20 {
                sign_in.check(&name, HERE).await.unwrap();
                sign_in.withdrawn(&name, HERE).await;
            }
        };
        find_nothing_out().await;
        for _ in 0..5 {
            fails(&sign_in, "owner@example.com", HERE).await.unwrap();
        }
        clock.advance(TimeDelta::seconds(30));
        find_nothing_out().await;
        assert_eq!(fails(&sign_in, "owner@example.com", HERE).await, Ok(()));
    }

    #[tokio::test]
    async fn an_attempt_that_the_names_quota_denies_makes_nobody_wait_longer() {
        let (sign_in, clock) = sign_in(Quota::new(1, Duration::from_secs(10)).unwrap(), plenty());
        fails(&sign_in, "owner@example.com", ELSEWHERE).await.unwrap();
        let wait = RetryAfter(Duration::from_secs(10));
        for _ in 0..20 {
            assert_eq!(fails(&sign_in, "owner@example.com", HERE).await, Err(wait));
        }
        clock.advance(TimeDelta::seconds(10));
        assert_eq!(fails(&sign_in, "owner@example.com", HERE).await, Ok(()));
    }

    #[test]
    fn an_address_is_another_account_at_each_tenant_in_every_spelling() {
        let at = |number| Some(TenantId::new(uuid::Uuid::from_u128(number)));
        let key = |email, tenant| subject(&SignInName::address(email, tenant), HERE);
        for tenant in [None, at(1)] {
            assert_eq!(key("owner@example.com", tenant), key(" Owner@Example.com ", tenant));
        }
        assert_ne!(key("owner@example.com", at(1)), key("owner@example.com", at(2)));
        assert_ne!(key("owner@example.com", at(1)), key("owner@example.com", None));
    }

    #[tokio::test]
    async fn many_addresses_together_guess_no_more_than_the_name_allows() {
        let (sign_in, _) = sign_in(Quota::per_hour(8), plenty());
        for last in 0..8 {
            fails(&sign_in, "owner@example.com", Some([192, 0, 2, last].into())).await.unwrap();
        }
        assert!(fails(&sign_in, "owner@example.com", HERE).await.is_err());
        assert!(fails(&sign_in, "other@example.com", HERE).await.is_ok());
    }

    #[tokio::test]
    async fn however_many_addresses_guess_whoever_has_signed_in_from_one_gets_in_from_there() {
        let (sign_in, clock) = sign_in(Quota::per_hour(8), plenty());
        let owner = SignInName::address("owner@example.com", None);
        sign_in.check(&owner, HERE).await.unwrap();
        sign_in.succeeded(&owner, HERE).await;
        clock.advance(TimeDelta::days(30));
        for last in 0..100 {
            let _ = fails(&sign_in, "owner@example.com", Some([192, 0, 2, last].into())).await;
        }
        assert!(fails(&sign_in, "owner@example.com", ELSEWHERE).await.is_err(), "nobody has signed in there");
        for _ in 0..5 {
            assert_eq!(fails(&sign_in, "owner@example.com", HERE).await, Ok(()));
        }
        let wait = RetryAfter(Duration::from_secs(30));
        assert_eq!(fails(&sign_in, "owner@example.com", HERE).await, Err(wait), "as whoever guesses");
        clock.advance(TimeDelta::days(31));
        for last in 0..100 {
            let _ = fails(&sign_in, "owner@example.com", Some([192, 0, 2, last].into())).await;
        }
        assert!(fails(&sign_in, "owner@example.com", HERE).await.is_err(), "61 days are long");
    }

    #[tokio::test]
    async fn one_address_guesses_many_names_no_more_often_than_it_may_be_wrong() {
        let (sign_in, _) = sign_in(plenty(), Quota::per_minute(3));
        for name in ["a", "b", "c"] {
            fails(&sign_in, name, HERE).await.unwrap();
        }
        assert_eq!(fails(&sign_in, "d", HERE).await, Err(RetryAfter(Duration::from_secs(20))));
        assert!(fails(&sign_in, "d", ELSEWHERE).await.is_ok());
    }

    #[tokio::test]
    async fn of_fifty_names_at_once_one_address_guesses_no_more_than_it_may_be_wrong() {
        let (sign_in, _) = sign_in(plenty(), Quota::per_minute(30));
        let names: Vec<_> =
            (0..50).map(|number| SignInName::address(&format!("{number}@example.com"), None)).collect();
        // All have begun before any of them is verified.
        let mut begun = Vec::new();
        for name in &names {
            if sign_in.check(name, HERE).await.is_ok() {
                begun.push(name);
            }
        }
        assert_eq!(begun.len(), 30);
        sign_in.succeeded(begun[0], HERE).await;
        sign_in.right(HERE).await;
        sign_in.withdrawn(begun[2], HERE).await;
        for name in &names[40..43] {
            assert_eq!(sign_in.check(name, HERE).await, Ok(()), "those three were not wrong");
        }
        assert!(sign_in.check(&names[43], HERE).await.is_err());
    }

    #[tokio::test]
    async fn who_must_wait_for_one_name_has_presented_nothing_wrong_meanwhile() {
        let (sign_in, _) = sign_in(Quota::per_hour(6), Quota::per_minute(10));
        for _ in 0..5 {
            fails(&sign_in, "owner@example.com", HERE).await.unwrap();
        }
        fails(&sign_in, "owner@example.com", ELSEWHERE).await.unwrap();
        for _ in 0..20 {
            assert!(fails(&sign_in, "owner@example.com", HERE).await.is_err());
            assert!(fails(&sign_in, "owner@example.com", ELSEWHERE).await.is_err());
        }
        assert_eq!(fails(&sign_in, "other@example.com", HERE).await, Ok(()));
        assert_eq!(fails(&sign_in, "other@example.com", ELSEWHERE).await, Ok(()));
    }

    #[tokio::test]
    async fn without_an_address_the_name_alone_counts() {
        let (sign_in, _) = sign_in(plenty(), plenty());
        for _ in 0..5 {
            fails(&sign_in, "owner@example.com", None).await.unwrap();
        }
        assert!(fails(&sign_in, "owner@example.com", None).await.is_err());
    }
}
