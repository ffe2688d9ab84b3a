//! A receptionist that needs no key: deterministic, in English.
//!
//! It is a pure function of the request: it reads the transcript from its beginning each time, remembers nothing
//! between two calls and knows no clock but `request.now`. It understands little and says so; what it does not
//! know it passes on, and it never says that something is settled.

mod about_business;
mod address;
mod calendar;
mod clean;
mod clock;
mod emergency;
mod facts;
mod hours_words;
mod name;
mod need;
mod noting;
mod odd;
mod question;
mod reply;
mod safety;
mod story;
mod summary;
#[cfg(test)]
mod testing;
mod topics;
mod when;
mod words;

use async_trait::async_trait;
use conversation::{Deltas, LanguageModel, ModelError, ModelReply, ModelRequest, Summarized};

/// A receptionist that needs no key.
#[derive(Clone, Copy, Debug, Default)]
pub struct OfflineModel;

#[async_trait]
impl LanguageModel for OfflineModel {
    /// Answers at once, from the request alone; what it has newly understood it notes down before.
    ///
    /// # Errors
    /// When it is asked for a summary of what it cannot read.
    async fn reply(&self, request: &ModelRequest, deltas: &dyn Deltas) -> Result<ModelReply, ModelError> {
        if request.output.as_ref().is_some_and(|output| output.name == Summarized::SHAPE) {
            return summary::summary(request);
        }
        let reply = reply::reply(request);
        if !reply.text.is_empty() {
            deltas.delta(&reply.text);
        }
        Ok(reply)
    }
}
