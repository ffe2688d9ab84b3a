//! What the turns of a tenant have used, as the contract of conversations asks for it.

use std::sync::Arc;

use chrono::TimeDelta;
use conversation::testing::TokensUsed;
use kernel::{Clock as _, testing::ManualClock};
use tenancy::TenantScope;
use usage::{Counts, Days, UsageStore};

/// Adds up the tokens of the day on which the contract's cases begin, and of the next.
pub(crate) fn tokens_used<S: UsageStore + 'static>(stores: S) -> TokensUsed {
    let stores = Arc::new(stores);
    Box::new(move |scope| Box::pin(count(Arc::clone(&stores), scope.clone())))
}

async fn count<S: UsageStore>(stores: Arc<S>, scope: TenantScope) -> u64 {
    let today = ManualClock::default().now().date_naive();
    let days = Days::new(today, today + TimeDelta::days(1)).unwrap();
    let lines = stores.lines(&scope, days).await.unwrap();
    let total = Counts::total(lines.into_iter().map(|line| line.counts));
    total.tokens_in + total.tokens_out
}
