//! The rows that a fake keeps, behind a lock that outlives a failed test.

use std::sync::{Mutex, MutexGuard, PoisonError};

use kernel::{Cursor, Page, PageRequest, Timestamp};
use uuid::Uuid;

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

    /// Returns the rows that fit.
    pub(super) fn all(&self, fits: impl Fn(&T) -> bool) -> Vec<T> {
        self.lock().iter().filter(|row| fits(row)).cloned().collect()
    }
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

/// In which direction a list goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    OldestFirst,
    NewestFirst,
}

/// Cuts a page out of rows, by time and id.
pub(super) fn page_of<T>(
    mut rows: Vec<T>,
    page: &PageRequest,
    order: Order,
    key: impl Fn(&T) -> (Timestamp, Uuid),
) -> Page<T> {
    rows.sort_by_key(&key);
    if order == Order::NewestFirst {
        rows.reverse();
    }
    let cursor = |row: &T| {
        let (at, id) = key(row);
        Cursor { micros: at.timestamp_micros(), id }
    };
    let place = |row: &T| (cursor(row).micros, cursor(row).id);
    if let Some(after) = page.after() {
        let after = (after.micros, after.id);
        rows.retain(|row| match order {
            Order::OldestFirst => place(row) > after,
            Order::NewestFirst => place(row) < after,
        });
    }
    rows.truncate(usize::from(page.limit()) + 1);
    Page::from_rows(rows, page, cursor)
}
