//! How carriers count and cut text messages.

use unicode_segmentation::UnicodeSegmentation as _;

/// The most UTF-16 units that a carrier takes in one message.
pub const MAX_MESSAGE_UNITS: usize = 1_600;

/// The GSM 03.38 basic alphabet beside ASCII letters and digits: one septet each.
const GSM_BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà";

/// The GSM 03.38 extension table: an escape and a character, two septets.
const GSM_EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// Returns how many segments a carrier counts for a text; an empty one has none.
///
/// In the GSM alphabet a lone segment holds 160 septets, otherwise 70 UTF-16 units. Several segments carry a
/// header each, which leaves 153 and 67; neither an escape sequence nor a surrogate pair straddles two.
pub fn segment_count(text: &str) -> usize {
    let septets: Option<Vec<usize>> = text.chars().map(septets).collect();
    match septets {
        Some(septets) => count(&septets, 160, 153),
        None => count(&text.chars().map(char::len_utf16).collect::<Vec<_>>(), 70, 67),
    }
}

/// Cuts a text into messages of at most [`MAX_MESSAGE_UNITS`]; a text without anything to see gives none.
///
/// It cuts between paragraphs where it can, else between sentences, else between words, else between
/// graphemes; only a grapheme that is longer than a message is cut in itself. White space at a cut is
/// dropped, and nothing else.
pub fn split(text: &str) -> Vec<String> {
    let mut messages = Vec::new();
    let mut rest = trim(text);
    while !rest.is_empty() {
        let (message, after) = rest.split_at(next_cut(rest));
        messages.push(trim(message).to_owned());
        rest = trim(after);
    }
    messages
}

fn septets(c: char) -> Option<usize> {
    if c.is_ascii_alphanumeric() || GSM_BASIC.contains(c) {
        Some(1)
    } else {
        GSM_EXTENSION.contains(c).then_some(2)
    }
}

/// Counts the segments that hold characters of these lengths, none of them cut.
fn count(lengths: &[usize], alone: usize, in_a_row: usize) -> usize {
    let total: usize = lengths.iter().sum();
    if total <= alone {
        return usize::from(total > 0);
    }
    let (full, _) = lengths.iter().fold((0, 0), |(full, used), length| {
        if used + length > in_a_row { (full + 1, *length) } else { (full, used + length) }
    });
    full + 1
}

/// What a cut in white space parts.
enum Cut {
    Paragraph,
    Sentence,
    Word,
}

/// Returns the byte at which to cut a text that begins with something to see; more than 0.
fn next_cut(text: &str) -> usize {
    let mut units = 0;
    // The last place of each kind; paragraphs and sentences only from the middle on, for a cut before it
    // would leave a message that is mostly empty.
    let (mut paragraph, mut sentence, mut word) = (None, None, None);
    for (at, grapheme) in text.grapheme_indices(true) {
        if is_blank(grapheme) {
            word = Some(at);
            match cut_at(text, at) {
                Cut::Paragraph if units * 2 >= MAX_MESSAGE_UNITS => paragraph = Some(at),
                Cut::Sentence if units * 2 >= MAX_MESSAGE_UNITS => sentence = Some(at),
                Cut::Paragraph | Cut::Sentence | Cut::Word => {}
            }
        }
        units += utf16_len(grapheme);
        if units > MAX_MESSAGE_UNITS {
            return paragraph.or(sentence).or(word).unwrap_or_else(|| hard_cut(text, at));
        }
    }
    text.len()
}

fn cut_at(text: &str, at: usize) -> Cut {
    let (before, after) = text.split_at(at);
    let gap = after.chars().take_while(|c| c.is_whitespace());
    let before = before.trim_end_matches(['"', '\'', '”', '’', ')', ']']);
    if gap.filter(|c| *c == '\n').count() > 1 {
        Cut::Paragraph
    } else if before.ends_with(['.', '!', '?', '…', '。']) {
        Cut::Sentence
    } else {
        Cut::Word
    }
}

/// Cuts before the grapheme at `at`, or within it when it is the first and longer than a message.
fn hard_cut(text: &str, at: usize) -> usize {
    if at > 0 {
        return at;
    }
    let mut units = 0;
    let beyond = text.char_indices().find(|(_, c)| {
        units += c.len_utf16();
        units > MAX_MESSAGE_UNITS
    });
    beyond.map_or(text.len(), |(at, _)| at)
}

/// Trims white space, but not from under a combining mark.
fn trim(text: &str) -> &str {
    let mut seen = text.grapheme_indices(true).filter(|(_, grapheme)| !is_blank(grapheme));
    let Some((start, first)) = seen.next() else {
        return "";
    };
    let (last_at, last) = seen.next_back().unwrap_or((start, first));
    text.get(start..last_at + last.len()).unwrap_or_default()
}

fn is_blank(grapheme: &str) -> bool {
    grapheme.chars().all(char::is_whitespace)
}

fn utf16_len(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn row_30_161_gsm_7_characters_make_two_segments() {
        for (length, segments) in [(1, 1), (160, 1), (161, 2), (306, 2), (307, 3), (459, 3), (460, 4)] {
            assert_eq!(segment_count(&"a".repeat(length)), segments, "{length}");
        }
        assert_eq!(segment_count(""), 0);
        assert_eq!(segment_count(&"é¿Ω@".repeat(40)), 1);
    }

    #[test]
    fn row_31_71_ucs_2_units_make_two_segments() {
        for (length, segments) in [(1, 1), (70, 1), (71, 2), (134, 2), (135, 3)] {
            assert_eq!(segment_count(&"ш".repeat(length)), segments, "{length}");
        }
        assert_eq!(segment_count(&format!("{}ç", "a".repeat(70))), 2, "one letter outside GSM changes all");
    }

    #[test]
    fn row_32_an_extension_character_counts_two_septets_and_straddles_nothing() {
        assert_eq!(segment_count("€^{}[]~|\\"), 1);
        assert_eq!(segment_count(&"€".repeat(80)), 1);
        assert_eq!(segment_count(&"€".repeat(81)), 2);
        // 153 is odd: 76 fit into a segment, not 76 and a half.
        assert_eq!(segment_count(&"€".repeat(152)), 2);
        assert_eq!(segment_count(&"€".repeat(153)), 3);
    }

    #[test]
    fn row_31_a_surrogate_pair_straddles_no_two_segments() {
        assert_eq!(segment_count(&"😀".repeat(35)), 1);
        assert_eq!(segment_count(&"😀".repeat(66)), 2);
        assert_eq!(segment_count(&"😀".repeat(67)), 3);
    }

    #[test]
    fn row_33_a_reply_over_1600_characters_is_split_between_words() {
        let words = "word ".repeat(700);
        let messages = split(&words);
        assert_eq!(messages.len(), 3);
        assert!(messages.iter().all(|message| message.split(' ').all(|word| word == "word")));
        assert_eq!(split(&"x".repeat(1_600)).len(), 1);
        assert_eq!(split(&"x".repeat(1_601)).len(), 2);
    }

    #[test]
    fn row_33_a_paragraph_is_a_better_cut_than_a_sentence_and_that_than_a_word() {
        let sentence = format!("{}.", "word ".repeat(190).trim_end());
        let paragraphs = format!("{sentence} More\n\nNext. {sentence}");
        assert_eq!(split(&paragraphs)[0], format!("{sentence} More"));
        assert_eq!(split(&format!("{sentence} {sentence}"))[0], sentence);
        assert_eq!(
            split(&format!("Hi.\n\n{}", "word ".repeat(400)))[0].len(),
            1_599,
            "not a message for a greeting"
        );
    }

    #[test]
    fn row_28_a_text_without_anything_to_see_gives_no_message() {
        for text in ["", " ", "\n\t\u{a0}"] {
            assert_eq!(split(text), Vec::<String>::new(), "{text:?}");
        }
        assert_eq!(split("  hi \n"), ["hi"]);
    }

    #[test]
    fn row_27_a_grapheme_of_5000_marks_is_cut_and_loses_no_mark() {
        let text = format!("a{} b", "\u{301}".repeat(5_000));
        let messages = split(&text);
        assert!(messages.iter().all(|message| utf16_len(message) <= MAX_MESSAGE_UNITS));
        assert_eq!(without_space(&messages.concat()), without_space(&text));
    }

    #[test]
    fn row_33_a_family_at_the_limit_stays_together() {
        let messages = split(&format!("{}👨‍👩‍👧 end", "x".repeat(1_597)));
        assert_eq!(messages[1], "👨‍👩‍👧 end");
    }

    fn without_space(text: &str) -> String {
        text.chars().filter(|c| !c.is_whitespace()).collect()
    }

    fn long_text() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            Just(" ".to_owned()),
            Just(". ".to_owned()),
            Just("\r\n\r\n".to_owned()),
            Just("👨‍👩‍👧🇩🇪".to_owned()),
            "[a-z]{1,40}",
            r"\PC{0,12}",
            r"[\s\u{300}-\u{306}\u{200d}]{0,8}",
        ];
        proptest::collection::vec(piece, 0..600).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn every_piece_fits_and_only_white_space_is_lost(text in long_text()) {
            let messages = split(&text);
            for message in &messages {
                prop_assert!(!trim(message).is_empty());
                prop_assert!(utf16_len(message) <= MAX_MESSAGE_UNITS);
            }
            prop_assert_eq!(without_space(&messages.concat()), without_space(&text));
        }

        #[test]
        fn no_grapheme_that_fits_is_broken(text in long_text()) {
            let seen = |text: &str| -> Vec<String> {
                text.graphemes(true).filter(|grapheme| !is_blank(grapheme)).map(str::to_owned).collect()
            };
            let pieces: Vec<String> = split(&text).iter().flat_map(|message| seen(message)).collect();
            prop_assert_eq!(pieces, seen(&text));
        }

        #[test]
        fn a_longer_text_never_has_fewer_segments(text in any::<String>(), more in any::<String>()) {
            let longer = text.clone() + &more;
            prop_assert!(segment_count(&longer) >= segment_count(&text));
        }
    }
}
