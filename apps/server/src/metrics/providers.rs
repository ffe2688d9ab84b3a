//! Counts what came of what each provider of words was asked. What a chain of models answers does not show that the
//! first of them is dead.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use kernel::ModelProvider;

type Series = (&'static str, &'static str);

/// What came of what each provider was asked, since the start. It is there before what counts all else: models are
/// opened first.
#[derive(Debug, Default)]
pub struct ProviderCalls(Mutex<BTreeMap<Series, u64>>);

impl ProviderCalls {
    /// Notes what came of a question.
    pub fn note(&self, provider: ModelProvider, outcome: &'static str) {
        let mut counts = self.lock();
        let count = counts.entry((provider.as_str(), outcome)).or_default();
        *count = count.saturating_add(1);
    }

    /// Returns how often what came of it, by provider and outcome.
    pub(super) fn counts(&self) -> Vec<(Series, u64)> {
        self.lock().iter().map(|(series, count)| (*series, *count)).collect()
    }

    /// A panic while it was held leaves whole values behind.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<Series, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
