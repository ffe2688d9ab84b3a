//! What a message asks of us beside an answer: to stop, to start again, for help.

use crate::message::stored_names;

/// What a message asks of us beside an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InboundIntent {
    /// Nothing but an answer.
    Ordinary,
    /// Never to be written to again.
    OptOut,
    /// To be written to again.
    OptIn,
    /// Who this is and how to make it stop.
    Help,
}

stored_names!(InboundIntent: Ordinary = "ordinary", OptOut = "opt_out", OptIn = "opt_in", Help = "help");

/// Tells what a message asks of us.
pub fn classify(_text: &str) -> InboundIntent {
    InboundIntent::Ordinary
}
