//! A table with a bound: when it is full, what matters least is forgotten, and nobody who waits ever is.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use kernel::Timestamp;
use limits::{ThrottleKey, Verdict};

/// When the table is full, one key in so many makes room: each look at all of them pays for many new ones.
const FORGOTTEN_OF: usize = 8;

/// What is kept of a key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kept<S> {
    /// What the next verdict is made from.
    pub(crate) state: S,
    /// Until then the key is denied.
    pub(crate) open_at: Timestamp,
    /// From then on the key is as good as new.
    pub(crate) forget_at: Timestamp,
    /// Who has less goes first when the table is full; of two with the same, the one that is as good as new earlier.
    pub(crate) weight: u32,
}

/// Keys and what is kept of each, at most so many.
///
/// When it is full, the keys that are as good as new are forgotten; then those that weigh least. A key that is denied
/// stays, however many others come: nobody gets rid of a wait by making up keys. Where every key is denied, a new one
/// is too, until the first wait is over.
///
/// One lock is enough: a decision takes less than a microsecond.
#[derive(Debug)]
pub(crate) struct Table<S> {
    at_most: usize,
    rows: Mutex<Rows<S>>,
}

#[derive(Debug)]
struct Rows<S> {
    keys: HashMap<ThrottleKey, Kept<S>>,
    /// Until then every key is denied, and it is no use to look for one that is not.
    full_until: Option<Timestamp>,
}

impl<S: Copy> Table<S> {
    /// Makes a table for at most so many keys; for one, if that is none.
    pub(crate) fn new(at_most: usize) -> Self {
        let rows = Rows { keys: HashMap::new(), full_until: None };
        Self { at_most: at_most.max(1), rows: Mutex::new(rows) }
    }

    /// Decides on a key by what is kept of it, and keeps what the decision says. Nobody else decides meanwhile.
    pub(crate) fn decide(
        &self,
        key: &ThrottleKey,
        now: Timestamp,
        decide: impl FnOnce(Option<S>) -> (Verdict, Kept<S>),
    ) -> Verdict {
        let mut rows = self.lock();
        if let Some(kept) = rows.keys.get_mut(key) {
            let (verdict, next) = decide(Some(kept.state));
            *kept = next;
            return verdict;
        }
        if rows.keys.len() >= self.at_most
            && let Some(full_until) = rows.make_room(self.at_most, now)
        {
            return Verdict::Denied { retry_after: (full_until - now).to_std().unwrap_or_default() };
        }
        let (verdict, kept) = decide(None);
        rows.keys.insert(key.clone(), kept);
        verdict
    }

    /// Returns what is kept of a key, and changes nothing.
    pub(crate) fn find(&self, key: &ThrottleKey) -> Option<S> {
        self.lock().keys.get(key).map(|kept| kept.state)
    }

    /// Changes what is kept of a key, where it is known.
    pub(crate) fn change(&self, key: &ThrottleKey, change: impl FnOnce(S) -> Kept<S>) {
        let mut rows = self.lock();
        rows.full_until = None;
        if let Some(kept) = rows.keys.get_mut(key) {
            *kept = change(kept.state);
        }
    }

    /// Forgets a key.
    pub(crate) fn forget(&self, key: &ThrottleKey) {
        let mut rows = self.lock();
        rows.full_until = None;
        rows.keys.remove(key);
    }

    fn lock(&self) -> MutexGuard<'_, Rows<S>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S> Rows<S> {
    /// Forgets what matters least. Where nothing may be forgotten, returns until when.
    fn make_room(&mut self, at_most: usize, now: Timestamp) -> Option<Timestamp> {
        if let Some(full_until) = self.full_until.filter(|full_until| *full_until > now) {
            return Some(full_until);
        }
        self.keys.retain(|_, kept| kept.forget_at > now);
        let wanted = at_most.div_ceil(FORGOTTEN_OF);
        let missing = wanted.saturating_sub(at_most - self.keys.len());
        self.forget_lightest(missing, now);
        self.full_until =
            if self.keys.len() < at_most { None } else { self.keys.values().map(|kept| kept.open_at).min() };
        self.full_until
    }

    /// Forgets at most so many keys that are not denied, those that weigh least first.
    fn forget_lightest(&mut self, count: usize, now: Timestamp) {
        let rank = |kept: &Kept<S>| (kept.weight, kept.forget_at);
        let open = self.keys.values().filter(|kept| kept.open_at <= now);
        let mut ranks: Vec<_> = open.map(rank).collect();
        ranks.sort_unstable();
        let Some(heaviest) = count.checked_sub(1).and_then(|last| ranks.get(last).or(ranks.last())).copied()
        else {
            return;
        };
        // Several may weigh the same: no more of them go than must.
        let mut left = count;
        self.keys.retain(|_, kept| {
            let goes = left > 0 && kept.open_at <= now && rank(kept) <= heaviest;
            left -= usize::from(goes);
            !goes
        });
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::TimeDelta;
    use kernel::{Clock as _, testing::ManualClock};

    use super::*;

    fn after(seconds: i64) -> Timestamp {
        ManualClock::default().now() + TimeDelta::seconds(seconds)
    }

    fn key(number: usize) -> ThrottleKey {
        ThrottleKey::login(&format!("{number}@example.com"))
    }

    /// Adds a key that is denied for so many seconds, as good as new after so many, and weighs so much.
    fn add(table: &Table<()>, number: usize, (denied, kept, weight): (i64, i64, u32)) -> Verdict {
        let row = Kept { state: (), open_at: after(denied), forget_at: after(kept), weight };
        table.decide(&key(number), after(0), |_| (Verdict::Allowed, row))
    }

    fn knows(table: &Table<()>, number: usize) -> bool {
        table.lock().keys.contains_key(&key(number))
    }

    fn size(table: &Table<()>) -> usize {
        table.lock().keys.len()
    }

    #[test]
    fn however_many_keys_come_no_more_stay_than_there_is_room_for() {
        let table = Table::new(100);
        for number in 0..10_000 {
            assert_eq!(add(&table, number, (0, 60, 1)), Verdict::Allowed);
            assert!(size(&table) <= 100);
        }
        assert!(knows(&table, 9_999));
    }

    #[test]
    fn keys_that_are_as_good_as_new_go_before_all_others() {
        let table = Table::new(16);
        for number in 0..8 {
            add(&table, number, (0, 60, 1));
        }
        for number in 8..16 {
            add(&table, number, (0, 0, 9));
        }
        add(&table, 16, (0, 60, 1));
        assert!((0..8).chain([16]).all(|number| knows(&table, number)));
        assert_eq!(size(&table), 9);
    }

    #[test]
    fn the_lightest_keys_go_first_and_of_two_the_one_that_is_sooner_as_good_as_new() {
        let table = Table::new(16);
        for number in 0..12 {
            add(&table, number, (0, 60, 5));
        }
        for number in 12..14 {
            add(&table, number, (0, 90, 1));
        }
        for number in 14..16 {
            add(&table, number, (0, 80, 1));
        }
        add(&table, 16, (0, 60, 1));
        assert!(!knows(&table, 14) && !knows(&table, 15));
        assert!((0..14).chain([16]).all(|number| knows(&table, number)));
    }

    #[test]
    fn a_key_that_is_denied_stays_however_many_others_come() {
        let table = Table::new(8);
        add(&table, 0, (30, 60, 0));
        for number in 1..1_000 {
            add(&table, number, (0, 3_600, 9));
            assert!(knows(&table, 0), "{number}");
        }
    }

    #[test]
    fn a_key_that_is_not_denied_makes_way_however_heavy_it_is() {
        let table = Table::new(8);
        for number in 0..7 {
            add(&table, number, (30, 60, 0));
        }
        add(&table, 7, (0, 60, 9));
        assert_eq!(add(&table, 8, (0, 60, 1)), Verdict::Allowed);
        assert!(!knows(&table, 7) && (0..7).all(|number| knows(&table, number)));
    }

    #[test]
    fn where_every_key_is_denied_a_new_one_waits_until_the_first_of_them_need_not() {
        let table = Table::new(4);
        for number in 0..4 {
            add(&table, number, (10 + i64::try_from(number).unwrap(), 60, 1));
        }
        let denied = Verdict::Denied { retry_after: Duration::from_secs(10) };
        for newcomer in 4..50 {
            assert_eq!(add(&table, newcomer, (0, 60, 1)), denied);
        }
        assert!((0..4).all(|number| knows(&table, number)));
        let row = Kept { state: (), open_at: after(0), forget_at: after(60), weight: 1 };
        assert_eq!(table.decide(&key(4), after(10), |_| (Verdict::Allowed, row)), Verdict::Allowed);
        assert!(knows(&table, 4) && !knows(&table, 0) && knows(&table, 1));
    }

    #[test]
    fn a_key_that_is_forgotten_makes_room_at_once() {
        let table = Table::new(2);
        add(&table, 0, (30, 60, 1));
        add(&table, 1, (30, 60, 1));
        assert_ne!(add(&table, 2, (0, 60, 1)), Verdict::Allowed);
        table.forget(&key(1));
        assert_eq!(add(&table, 2, (0, 60, 1)), Verdict::Allowed);
        // And the one that took the room can make way for the next.
        assert_eq!(add(&table, 3, (0, 60, 1)), Verdict::Allowed);
        assert!(knows(&table, 0) && !knows(&table, 2) && knows(&table, 3));
    }

    #[test]
    fn a_table_for_no_keys_has_one() {
        let table = Table::new(0);
        assert_eq!(add(&table, 0, (0, 60, 1)), Verdict::Allowed);
        assert_eq!(add(&table, 1, (0, 60, 1)), Verdict::Allowed);
        assert_eq!(size(&table), 1);
    }
}
