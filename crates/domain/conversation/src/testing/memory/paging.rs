//! Keyset paging over rows in memory.

use std::cmp::Reverse;

use kernel::{Cursor, Page, PageRequest, Timestamp};
use uuid::Uuid;

/// Makes a page of rows by rising time and id.
pub(super) fn oldest_first<T>(
    rows: impl Iterator<Item = T>,
    request: &PageRequest,
    key: impl Fn(&T) -> (Timestamp, Uuid),
) -> Page<T> {
    let key = |row: &T| cursor(key(row));
    let after = request.after().map(position);
    let mut rows: Vec<T> = rows.filter(|row| after.is_none_or(|after| position(key(row)) > after)).collect();
    rows.sort_by_key(|row| position(key(row)));
    Page::from_rows(rows, request, key)
}

/// Makes a page of rows by falling time and id.
pub(super) fn newest_first<T>(
    rows: impl Iterator<Item = T>,
    request: &PageRequest,
    key: impl Fn(&T) -> (Timestamp, Uuid),
) -> Page<T> {
    let key = |row: &T| cursor(key(row));
    let after = request.after().map(position);
    let mut rows: Vec<T> = rows.filter(|row| after.is_none_or(|after| position(key(row)) < after)).collect();
    rows.sort_by_key(|row| Reverse(position(key(row))));
    Page::from_rows(rows, request, key)
}

fn cursor((time, id): (Timestamp, Uuid)) -> Cursor {
    Cursor { micros: time.timestamp_micros(), id }
}

fn position(cursor: Cursor) -> (i64, Uuid) {
    (cursor.micros, cursor.id)
}
