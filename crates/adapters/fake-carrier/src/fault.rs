//! What a test may let go wrong.

use std::time::Duration;

/// What becomes of one request instead of the usual.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is refused with this status and Twilio code; nothing is done.
    Status {
        /// The HTTP status.
        status: u16,
        /// Twilio's code.
        code: u32,
        /// How long the caller is asked to wait, in whole seconds.
        retry_after: Option<Duration>,
    },
    /// It is done, and the connection breaks before the answer has arrived.
    AcceptThenDrop,
    /// It is done, and answered with this status, a 5xx as a rule.
    AcceptThenStatus(u16),
    /// It is done, and answered only after this time.
    AcceptThenHang(Duration),
    /// Nothing is done, and that is said only after this time.
    Hang(Duration),
    /// It is done, and the answer is broken JSON.
    Garbage,
    /// It is refused since the recipient has opted out.
    OptedOut,
}
