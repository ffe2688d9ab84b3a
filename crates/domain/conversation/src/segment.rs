//! How carriers count and cut text messages.

/// The most UTF-16 units that a carrier takes in one message.
pub const MAX_MESSAGE_UNITS: usize = 1_600;

/// Returns how many segments a carrier counts for a text.
pub fn segment_count(_text: &str) -> usize {
    1
}

/// Cuts a text into messages.
pub fn split(text: &str) -> Vec<String> {
    vec![text.to_owned()]
}
