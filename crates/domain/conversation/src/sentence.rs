//! Where the last whole sentence of a text ends.

use unicode_segmentation::UnicodeSegmentation as _;

/// What a sentence ends with.
const ENDS: [char; 10] = ['.', '!', '?', '…', '。', '！', '？', '।', '؟', '۔'];
/// What may stand behind that.
const CLOSING: [char; 9] = ['"', '\'', '”', '’', '»', ')', ']', '*', '_'];
/// What ends with a full stop and no sentence.
const TITLES: [&str; 5] = ["Mr.", "Mrs.", "Ms.", "Dr.", "Prof."];

/// Returns a text that was cut off up to the end of its last whole sentence or line; empty when none is whole.
pub(crate) fn whole_sentences(text: &str) -> &str {
    let ends = text.split_sentence_bound_indices().filter_map(|(at, piece)| {
        let end = at + piece.len();
        is_whole(piece, end == text.len()).then_some(end)
    });
    ends.last().and_then(|end| text.get(..end)).unwrap_or_default().trim_end()
}

/// Tells whether a piece is a sentence that has ended, or a line of a list.
fn is_whole(piece: &str, is_last: bool) -> bool {
    let bare = piece.trim_end().trim_end_matches(CLOSING);
    // The number of a list's next entry is no sentence.
    if !bare.contains(char::is_alphabetic) {
        return false;
    }
    if !bare.ends_with(ENDS) {
        return piece.contains('\n') && bare.ends_with(char::is_alphanumeric);
    }
    let last_word = bare.split_whitespace().next_back().unwrap_or_default();
    !(TITLES.contains(&last_word) || is_last && may_go_on(last_word))
}

/// Tells whether the full stop at the end may be in the middle of something, as of a number or a link.
fn may_go_on(last_word: &str) -> bool {
    let is_in_word = |c: char| c.is_alphabetic() || "'’-".contains(c);
    last_word.strip_suffix('.').is_some_and(|word| !word.chars().all(is_in_word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_the_last_whole_sentence_is_left_out() {
        for (text, whole) in [
            ("We open at nine. We close at", "We open at nine."),
            ("Yes! Is it the boiler? If it", "Yes! Is it the boiler?"),
            ("He said \"come in.\" Then he", "He said \"come in.\""),
            ("It costs $3.50. For two it costs $3.", "It costs $3.50."),
            ("See you then. Book at https://bristol.", "See you then."),
            ("It is fixed. Please ask for Dr. Lu", "It is fixed."),
            ("We come at 9 a.m. on Monday", ""),
            ("修好了。明天我", "修好了。"),
            ("We fix:\n- boilers\n- sinks (all of them)\n- dr", "We fix:\n- boilers\n- sinks (all of them)"),
            ("Two things help. First:\n1. Turn it", "Two things help."),
        ] {
            assert_eq!(whole_sentences(text), whole, "{text}");
        }
    }

    #[test]
    fn a_text_that_ends_with_a_sentence_stays_whole() {
        for text in ["We open at nine.", "Yes! We do.", "Anything else?", "It's Ann's."] {
            assert_eq!(whole_sentences(text), text);
        }
    }

    #[test]
    fn where_no_sentence_is_whole_nothing_is_left() {
        for text in ["", "  \n", "We open at", "1. ", "We fix:\n- bo", "Dr. Lu"] {
            assert_eq!(whole_sentences(text), "", "{text}");
        }
    }
}
