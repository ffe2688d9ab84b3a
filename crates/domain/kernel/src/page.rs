//! Paging by keyset: a cursor names the last item seen, so a page never shifts under inserts.

use uuid::Uuid;

/// Where the next page begins: after the item with this time (microseconds since 1970) and id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The last item's sort time in microseconds since 1970.
    pub micros: i64,
    /// The last item's id, which decides between equal times.
    pub id: Uuid,
}

/// Which page is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRequest {
    limit: u16,
    after: Option<Cursor>,
}

impl PageRequest {
    /// Items on a page when the caller does not say.
    pub const DEFAULT_LIMIT: u16 = 50;
    /// The most items a page may hold.
    pub const MAX_LIMIT: u16 = 200;

    /// Asks for `limit` items after `after`; `None` when the limit is not within 1 to 200.
    pub fn new(limit: u16, after: Option<Cursor>) -> Option<Self> {
        (1..=Self::MAX_LIMIT).contains(&limit).then_some(Self { limit, after })
    }

    /// Returns how many items the page may hold.
    pub fn limit(&self) -> u16 {
        self.limit
    }

    /// Returns where the page begins; `None` for the first.
    pub fn after(&self) -> Option<Cursor> {
        self.after
    }
}

impl Default for PageRequest {
    fn default() -> Self {
        Self { limit: Self::DEFAULT_LIMIT, after: None }
    }
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<Cursor>,
}

impl<T> Page<T> {
    /// Makes a page from up to `limit + 1` rows: the extra one only tells that there is more.
    pub fn from_rows(mut rows: Vec<T>, request: &PageRequest, key: impl Fn(&T) -> Cursor) -> Self {
        let limit = usize::from(request.limit());
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = if more { rows.last().map(key) } else { None };
        Self { items: rows, next }
    }

    /// Turns each item into another.
    pub fn map<U>(self, turn: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(turn).collect(), next: self.next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that `from_rows` asks for")]
    fn key(number: &i64) -> Cursor {
        Cursor { micros: *number, id: Uuid::nil() }
    }

    #[test]
    fn a_limit_outside_1_to_200_is_refused() {
        assert_eq!(PageRequest::new(0, None), None);
        assert_eq!(PageRequest::new(201, None), None);
        assert!(PageRequest::new(200, None).is_some());
    }

    #[test]
    fn the_extra_row_becomes_a_cursor_at_the_last_item_shown() {
        let request = PageRequest::new(2, None).unwrap();
        let page = Page::from_rows(vec![1, 2, 3], &request, key);
        assert_eq!(page.items, [1, 2]);
        assert_eq!(page.next, Some(key(&2)));
    }

    #[test]
    fn the_last_page_has_no_cursor() {
        let request = PageRequest::new(2, None).unwrap();
        assert_eq!(Page::from_rows(vec![1, 2], &request, key).next, None);
    }
}
