//! Sees to it that of many who miss the same answer, one loads it.

use std::{
    collections::{HashMap, hash_map::Entry},
    hash::Hash,
    sync::{Mutex, PoisonError},
};

use tokio::sync::watch;

/// The answers that are being loaded.
pub(super) struct Flights<K>(Mutex<HashMap<K, watch::Receiver<()>>>);

/// The right to load an answer. Dropping it lets those go on who wait for it, also when the loading was cancelled.
pub(super) struct Landing<'a, K: Clone + Eq + Hash> {
    flights: &'a Flights<K>,
    key: K,
    _sender: watch::Sender<()>,
}

/// Somebody else loads the answer.
pub(super) struct UnderWay(watch::Receiver<()>);

impl UnderWay {
    /// Waits until it has been loaded or given up.
    pub(super) async fn landed(mut self) {
        // Nothing is ever sent: the error says that the sender is gone, which is what we wait for.
        while self.0.changed().await.is_ok() {}
    }
}

impl<K> Default for Flights<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Clone + Eq + Hash> Flights<K> {
    /// Takes the right to load an answer.
    ///
    /// # Errors
    /// When somebody else has it; the error is what to wait for.
    pub(super) fn join(&self, key: &K) -> Result<Landing<'_, K>, UnderWay> {
        let mut flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match flights.entry(key.clone()) {
            Entry::Occupied(entry) => Err(UnderWay(entry.get().clone())),
            Entry::Vacant(entry) => {
                let (sender, receiver) = watch::channel(());
                entry.insert(receiver);
                Ok(Landing { flights: self, key: key.clone(), _sender: sender })
            }
        }
    }
}

impl<K: Clone + Eq + Hash> Drop for Landing<'_, K> {
    fn drop(&mut self) {
        self.flights.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_loads_and_the_others_wait_until_it_is_dropped() {
        let flights = Flights::default();
        let landing = flights.join(&"a").ok().unwrap();
        let waiting = flights.join(&"a").err().unwrap();
        assert!(flights.join(&"b").is_ok(), "another answer is another flight");
        drop(landing);
        waiting.landed().await;
        assert!(flights.join(&"a").is_ok());
    }
}
