//! The rows that a fake keeps, behind a lock that outlives a failed test.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Rows in the order in which they were written.
#[derive(Debug)]
pub(super) struct Rows<T>(Mutex<Vec<T>>);

impl<T> Rows<T> {
    /// Locks the rows.
    pub(super) fn lock(&self) -> MutexGuard<'_, Vec<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Clone> Rows<T> {
    /// Returns the first row that fits.
    pub(super) fn find(&self, fits: impl Fn(&T) -> bool) -> Option<T> {
        self.lock().iter().find(|row| fits(row)).cloned()
    }

    /// Returns the rows that fit, by rising key.
    pub(super) fn list<K: Ord>(&self, fits: impl Fn(&T) -> bool, key: impl Fn(&T) -> K) -> Vec<T> {
        let mut rows: Vec<T> = self.lock().iter().filter(|row| fits(row)).cloned().collect();
        rows.sort_by_key(key);
        rows
    }
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}
