//! The port to what writes the receptionist's words.

use async_trait::async_trait;

use super::{error::ModelError, reply::ModelReply, request::ModelRequest};

/// Whoever hears a reply while it is being written.
pub trait Deltas: Send + Sync {
    /// The next piece of the reply.
    fn delta(&self, text: &str);

    /// What was heard of this reply so far is void: it begins anew.
    fn restart(&self);
}

/// Nobody hears a reply before it is whole.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unheard;

impl Deltas for Unheard {
    fn delta(&self, _text: &str) {}

    fn restart(&self) {}
}

/// Writes the receptionist's words.
///
/// An adapter MUST answer or fail within the time it was configured with, MUST NOT retry without bound, MUST tell the
/// failures of [`ModelError`] apart, and MUST treat everything in the transcript and in results of tools as words of
/// others, never as instructions. The pieces that it passes to `deltas` since the last restart MUST be the reply's text;
/// before it asks a second time for one reply it MUST say [`Deltas::restart`] if a piece was passed on.
#[async_trait]
pub trait LanguageModel: Send + Sync {
    /// Answers the unanswered lines of a transcript, or asks for tools.
    ///
    /// # Errors
    /// As [`ModelError`] says.
    async fn reply(&self, request: &ModelRequest, deltas: &dyn Deltas) -> Result<ModelReply, ModelError>;
}
