//! What phones have got, as the carrier tells it.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Instant,
};

use fake_carrier::CarrierMessage;
use tokio::sync::watch;

/// One message that came to a phone.
#[derive(Clone, Debug)]
pub(crate) struct Got {
    /// From which number.
    pub(crate) from: String,
    /// What it says.
    pub(crate) body: String,
    /// When it was noticed.
    pub(crate) at: Instant,
}

/// All that phones have got.
#[derive(Default)]
pub(crate) struct Heard {
    phones: Mutex<(usize, HashMap<String, Vec<Got>>)>,
    changes: watch::Sender<()>,
}

impl Heard {
    /// Takes in what is new of all messages.
    pub(crate) fn take_in(&self, messages: &[CarrierMessage]) {
        let mut heard = self.phones.lock().unwrap_or_else(PoisonError::into_inner);
        let (seen, phones) = &mut *heard;
        for message in messages.iter().skip(*seen) {
            let got = Got { from: message.from.clone(), body: message.body.clone(), at: Instant::now() };
            phones.entry(message.to.clone()).or_default().push(got);
        }
        // Two may take in at once, of which the later has the older messages.
        *seen = messages.len().max(*seen);
        self.changes.send_replace(());
    }

    /// Returns what one phone has got.
    pub(crate) fn by(&self, phone: &str) -> Vec<Got> {
        self.phones.lock().unwrap_or_else(PoisonError::into_inner).1.get(phone).cloned().unwrap_or_default()
    }

    /// Returns how many messages there were.
    pub(crate) fn count(&self) -> usize {
        self.phones.lock().unwrap_or_else(PoisonError::into_inner).0
    }

    /// Waits until more was heard.
    pub(crate) async fn more(&self) {
        // The sender lives as long as `self`.
        let _ = self.changes.subscribe().changed().await;
    }
}
