//! What the other processes have not been told yet.

use std::{
    mem,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use kernel::TenantId;
use tenancy::Changed;
use tokio::{
    sync::{Notify, watch},
    time::timeout,
};

use super::message::Message;

/// More changes than these are told as one: everything.
const MOST_CHANGES: usize = 256;

/// Collects changes until they were said.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    unsaid: Mutex<Unsaid>,
    is_filled: Notify,
    progress: watch::Sender<Progress>,
}

#[derive(Debug, Default)]
struct Unsaid {
    changes: Vec<(&'static str, TenantId)>,
    is_everything: bool,
    /// How many changes were put in since the start.
    count: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    said: u64,
    is_failing: bool,
}

/// What is to be said now.
#[derive(Debug)]
pub(super) struct Letter {
    /// The lines.
    pub(super) messages: Vec<Message>,
    count: u64,
}

impl Outbox {
    /// Adds a change.
    pub(super) fn put(&self, what: Changed) {
        let mut unsaid = self.unsaid.lock().unwrap_or_else(PoisonError::into_inner);
        unsaid.count += 1;
        match what {
            Changed::OfTenant(family, tenant) if unsaid.changes.len() < MOST_CHANGES => {
                if !unsaid.is_everything {
                    unsaid.changes.push((family, tenant));
                }
            }
            Changed::OfTenant(..) | Changed::Everything => unsaid.give_up_details(),
        }
        drop(unsaid);
        self.is_filled.notify_one();
    }

    /// Has the speaker speak now, be it only a beat.
    pub(super) fn nudge(&self) {
        self.is_filled.notify_one();
    }

    /// Waits until there is something to say.
    pub(super) async fn filled(&self) {
        self.is_filled.notified().await;
    }

    /// Takes what is to be said out. The caller says it, and tells what came of it.
    pub(super) fn take(&self) -> Letter {
        let mut unsaid = self.unsaid.lock().unwrap_or_else(PoisonError::into_inner);
        let changes = mem::take(&mut unsaid.changes).into_iter();
        let mut messages: Vec<_> =
            changes.map(|(family, tenant)| Message::Changed { family: family.to_owned(), tenant }).collect();
        if mem::take(&mut unsaid.is_everything) {
            messages.push(Message::Everything);
        }
        Letter { messages, count: unsaid.count }
    }

    /// Notes that a letter was said.
    pub(super) fn said(&self, letter: &Letter) {
        self.progress.send_replace(Progress { said: letter.count, is_failing: false });
    }

    /// Puts a letter back. Nobody knows how much of it was heard, so it becomes the one message that makes up for
    /// any that was missed.
    pub(super) fn failed(&self, letter: &Letter) {
        if !letter.messages.is_empty() {
            self.unsaid.lock().unwrap_or_else(PoisonError::into_inner).give_up_details();
        }
        self.progress.send_modify(|progress| progress.is_failing = true);
    }

    /// Waits until all that is in it now was said, or saying it fails, or the time is up.
    pub(super) async fn sent(&self, at_most: Duration) {
        let count = self.unsaid.lock().unwrap_or_else(PoisonError::into_inner).count;
        let mut progress = self.progress.subscribe();
        let said = progress.wait_for(|progress| progress.is_failing || progress.said >= count);
        // Nothing depends on which of the three it was: the speaker goes on until it is said.
        let _ = timeout(at_most, said).await;
    }
}

impl Unsaid {
    fn give_up_details(&mut self) {
        self.changes.clear();
        self.is_everything = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant() -> TenantId {
        TenantId::new(uuid::Uuid::from_u128(1))
    }

    #[test]
    fn what_was_taken_out_is_not_said_twice() {
        let outbox = Outbox::default();
        outbox.put(Changed::OfTenant("tenants", tenant()));
        let letter = outbox.take();
        let change = Message::Changed { family: "tenants".into(), tenant: tenant() };
        assert_eq!(letter.messages, [change]);
        outbox.said(&letter);
        assert_eq!(outbox.take().messages, []);
    }

    #[test]
    fn a_letter_that_may_be_lost_is_made_up_for_by_everything() {
        let outbox = Outbox::default();
        outbox.put(Changed::OfTenant("tenants", tenant()));
        outbox.failed(&outbox.take());
        outbox.put(Changed::OfTenant("channels", tenant()));
        assert_eq!(outbox.take().messages, [Message::Everything]);
    }

    #[test]
    fn what_is_everybodys_is_said_as_everything_and_once() {
        let outbox = Outbox::default();
        for what in [Changed::OfTenant("tenants", tenant()), Changed::Everything, Changed::Everything] {
            outbox.put(what);
        }
        assert_eq!(outbox.take().messages, [Message::Everything]);
    }

    #[test]
    fn a_beat_that_is_lost_is_nothing_to_make_up_for() {
        let outbox = Outbox::default();
        outbox.failed(&outbox.take());
        assert_eq!(outbox.take().messages, []);
    }

    #[test]
    fn it_is_bounded() {
        let outbox = Outbox::default();
        for _ in 0..=MOST_CHANGES {
            outbox.put(Changed::OfTenant("tenants", tenant()));
        }
        assert_eq!(outbox.take().messages, [Message::Everything]);
    }

    #[tokio::test(start_paused = true)]
    async fn one_waits_for_ones_own_change_and_not_while_nothing_can_be_said() {
        let outbox = Outbox::default();
        let start = tokio::time::Instant::now();
        let patience = Duration::from_millis(50);
        outbox.put(Changed::OfTenant("tenants", tenant()));
        outbox.sent(patience).await;
        assert_eq!(start.elapsed(), patience);
        let letter = outbox.take();
        outbox.failed(&letter);
        outbox.sent(patience).await;
        assert_eq!(start.elapsed(), patience, "no waiting for a Redis that is away");
        outbox.said(&outbox.take());
        outbox.sent(patience).await;
        assert_eq!(start.elapsed(), patience, "all was said already");
    }
}
