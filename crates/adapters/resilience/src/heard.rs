//! Whether anything of a reply was heard, so that what is void is called void, and only then.

use std::sync::atomic::{AtomicBool, Ordering};

use conversation::Deltas;

/// Passes everything on, and knows whether something was heard since the last restart.
pub(crate) struct Heard<'a> {
    deltas: &'a dyn Deltas,
    is_heard: AtomicBool,
}

impl<'a> Heard<'a> {
    /// Passes on to `deltas`.
    pub(crate) fn by(deltas: &'a dyn Deltas) -> Self {
        Self { deltas, is_heard: AtomicBool::new(false) }
    }

    /// Calls void what was heard, if something was.
    pub(crate) fn restart_if_heard(&self) {
        if self.is_heard.load(Ordering::Relaxed) {
            self.restart();
        }
    }
}

impl Deltas for Heard<'_> {
    fn delta(&self, text: &str) {
        self.is_heard.store(true, Ordering::Relaxed);
        self.deltas.delta(text);
    }

    fn restart(&self) {
        self.is_heard.store(false, Ordering::Relaxed);
        self.deltas.restart();
    }
}
