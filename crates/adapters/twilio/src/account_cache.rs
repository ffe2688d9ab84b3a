//! The tenants' accounts that webhooks were lately verified by, so that a busy number does not cost a look-up
//! and an unsealing for each of its messages.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::TimeDelta;
use kernel::Timestamp;
use tenancy::ProviderAccount;

const KEPT_FOR: TimeDelta = TimeDelta::seconds(30);
const MAX_ACCOUNTS: usize = 10_000;

/// Accounts by their id at Twilio, each for half a minute.
#[derive(Default)]
pub(crate) struct AccountCache {
    accounts: Mutex<HashMap<String, (Timestamp, ProviderAccount)>>,
}

impl AccountCache {
    /// Returns an account that was kept not long ago.
    pub(crate) fn find(&self, account_sid: &str, now: Timestamp) -> Option<ProviderAccount> {
        let accounts = self.lock();
        let (kept_at, account) = accounts.get(account_sid)?;
        is_fresh(*kept_at, now).then(|| account.clone())
    }

    /// Keeps an account. Only accounts whose signature has held are kept, so strangers fill nothing.
    pub(crate) fn keep(&self, account: ProviderAccount, now: Timestamp) {
        let mut accounts = self.lock();
        if accounts.len() >= MAX_ACCOUNTS {
            accounts.retain(|_, (kept_at, _)| is_fresh(*kept_at, now));
        }
        if accounts.len() < MAX_ACCOUNTS {
            accounts.insert(account.account_sid.clone(), (now, account));
        }
    }

    /// Drops an account.
    pub(crate) fn forget(&self, account_sid: &str) {
        self.lock().remove(account_sid);
    }

    /// A panic while it was held leaves a whole map behind.
    fn lock(&self) -> MutexGuard<'_, HashMap<String, (Timestamp, ProviderAccount)>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_fresh(kept_at: Timestamp, now: Timestamp) -> bool {
    now.signed_duration_since(kept_at) < KEPT_FOR
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{Clock as _, ProviderAccountId, TenantId, testing::ManualClock};
    use tenancy::{Provider, SecretText};
    use uuid::Uuid;

    fn account(number: usize) -> ProviderAccount {
        ProviderAccount {
            id: ProviderAccountId::new(Uuid::nil()),
            tenant_id: TenantId::new(Uuid::nil()),
            provider: Provider::Twilio,
            account_sid: format!("AC{number}"),
            auth_token: SecretText::new("token"),
            created_at: Timestamp::default(),
        }
    }

    #[test]
    fn an_account_is_kept_for_half_a_minute() {
        let (cache, clock) = (AccountCache::default(), ManualClock::default());
        cache.keep(account(1), clock.now());
        clock.advance(TimeDelta::seconds(29));
        assert_eq!(cache.find("AC1", clock.now()), Some(account(1)));
        clock.advance(TimeDelta::seconds(1));
        assert_eq!(cache.find("AC1", clock.now()), None);
    }

    #[test]
    fn a_forgotten_account_is_gone() {
        let (cache, clock) = (AccountCache::default(), ManualClock::default());
        cache.keep(account(1), clock.now());
        cache.forget("AC1");
        assert_eq!(cache.find("AC1", clock.now()), None);
    }

    #[test]
    fn it_never_holds_more_than_it_may() {
        let (cache, clock) = (AccountCache::default(), ManualClock::default());
        for number in 0..=MAX_ACCOUNTS {
            cache.keep(account(number), clock.now());
        }
        assert_eq!(cache.lock().len(), MAX_ACCOUNTS);
        clock.advance(KEPT_FOR);
        cache.keep(account(MAX_ACCOUNTS), clock.now());
        assert_eq!(cache.lock().len(), 1);
    }
}
