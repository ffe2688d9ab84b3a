//! How long a model may take.

use std::time::Duration;

/// How long a model may take, each counted from the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModelTimeouts {
    /// To be reached.
    pub connect: Duration,
    /// To have said its first word, or asked for its first tool.
    pub first_token: Duration,
    /// To have ended.
    pub total: Duration,
}

impl Default for ModelTimeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            first_token: Duration::from_secs(15),
            total: Duration::from_secs(45),
        }
    }
}
