//! An answer while it is being written: passed on as it comes, and never longer than anybody reads.

use conversation::{Deltas, FinishReason, ModelError, ModelReply, TokenUsage, ToolCall};

use super::failure::Unreadable;

/// The most bytes of words and arguments that are taken in.
const MAX_BYTES: usize = 256 * 1024;
/// The most tools that are asked for at once.
const MAX_CALLS: usize = 64;

/// Why a model ended, as its provider says it.
pub(crate) enum Ending {
    /// It had said what it wanted, or wants results.
    Whole,
    /// It had written as many tokens as it may.
    Cut,
    /// Rules forbid the answer.
    Blocked,
    /// It failed in the middle.
    Failed,
}

/// An answer while it is being written.
pub(crate) struct Answer<'a> {
    deltas: &'a dyn Deltas,
    text: String,
    calls: Vec<ToolCall>,
    bytes: usize,
}

impl<'a> Answer<'a> {
    /// Begins an answer that is heard by `deltas`.
    pub(crate) fn new(deltas: &'a dyn Deltas) -> Self {
        Self { deltas, text: String::new(), calls: Vec::new(), bytes: 0 }
    }

    /// Takes in the next piece of words.
    pub(crate) fn say(&mut self, piece: &str) -> Result<(), Unreadable> {
        if piece.is_empty() {
            return Ok(());
        }
        self.count(piece.len())?;
        self.text.push_str(piece);
        self.deltas.delta(piece);
        Ok(())
    }

    /// Takes in a call.
    pub(crate) fn call(&mut self, call: ToolCall) -> Result<(), Unreadable> {
        make_room(self.calls.len())?;
        self.calls.push(call);
        Ok(())
    }

    /// Counts bytes that are kept, wherever they are kept.
    pub(crate) fn count(&mut self, bytes: usize) -> Result<(), Unreadable> {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > MAX_BYTES { Err(Unreadable::WithoutEnd) } else { Ok(()) }
    }

    /// Tells whether a word was said or a tool asked for.
    pub(crate) fn has_begun(&self) -> bool {
        !self.text.is_empty() || !self.calls.is_empty()
    }

    /// Ends the answer for `reason`, the provider's own word.
    pub(crate) fn end(
        self,
        ending: &Ending,
        reason: String,
        usage: TokenUsage,
        model: String,
    ) -> Result<ModelReply, ModelError> {
        let is_silent = self.text.trim().is_empty() && self.calls.is_empty();
        let finish = match ending {
            Ending::Blocked => return Err(ModelError::Blocked { reason }),
            _ if is_silent => return Err(ModelError::Empty { reason }),
            Ending::Failed => return Err(Unreadable::EndedWith(reason).into()),
            Ending::Cut => FinishReason::Length,
            Ending::Whole if self.calls.is_empty() => FinishReason::Stop,
            Ending::Whole => FinishReason::ToolCalls,
        };
        Ok(ModelReply { text: self.text, tool_calls: self.calls, finish, usage, model })
    }
}

/// Looks whether there is room for another call beside those that there are.
pub(crate) fn make_room(calls: usize) -> Result<(), Unreadable> {
    if calls < MAX_CALLS { Ok(()) } else { Err(Unreadable::WithoutEnd) }
}
