//! What nobody outside may read, known again however it is written.

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};

/// A secret in the forms that a model can be talked into.
#[derive(Clone, Debug)]
pub(super) struct Secret {
    /// As letters and digits: forwards, backwards, turned by half the alphabet, and as hexadecimal digits.
    folded: [String; 4],
    /// In base 64, wherever it begins.
    encoded: [String; 3],
}

/// A text in which secrets are looked for.
pub(super) struct Haystack {
    folded: String,
    encoded: String,
}

impl Secret {
    /// Takes a secret in; `None` when it has too few letters and digits to be known again.
    pub(super) fn of(text: &str) -> Option<Self> {
        /// Fewer come about by chance.
        const LEAST: usize = 8;
        let folded = folded(text);
        let halves = text.bytes().flat_map(|byte| [byte >> 4, byte & 0xf]);
        let hex = halves.filter_map(|half| char::from_digit(u32::from(half), 16)).collect();
        let forms = [folded.chars().rev().collect(), folded.chars().map(turned).collect(), hex];
        let [backwards, turned, hex] = forms;
        let encoded = [0, 1, 2].map(|offset| encoded(text, offset));
        (folded.chars().count() >= LEAST)
            .then_some(Self { folded: [folded, backwards, turned, hex], encoded })
    }

    /// Tells whether a text gives the secret away.
    pub(super) fn is_in(&self, text: &Haystack) -> bool {
        self.folded.iter().any(|form| text.folded.contains(form))
            || self.encoded.iter().any(|form| text.encoded.contains(form))
    }
}

impl Haystack {
    /// Prepares a text.
    pub(super) fn of(text: &str) -> Self {
        let in_alphabet = |c: char| match c {
            '-' => Some('+'),
            '_' => Some('/'),
            c => (c.is_ascii_alphanumeric() || c == '+' || c == '/').then_some(c),
        };
        Self { folded: folded(text), encoded: text.chars().filter_map(in_alphabet).collect() }
    }
}

/// Leaves letters and digits: small, of usual width, and nothing between them.
fn folded(text: &str) -> String {
    let usual = |c: char| match u32::from(c) {
        wide @ 0xFF01..=0xFF5E => char::from_u32(wide - 0xFEE0).unwrap_or(c),
        _ => c,
    };
    text.chars().map(usual).filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// Turns a letter by half the alphabet.
fn turned(c: char) -> char {
    match c {
        'a'..='m' => char::from_u32(u32::from(c) + 13).unwrap_or(c),
        'n'..='z' => char::from_u32(u32::from(c) - 13).unwrap_or(c),
        _ => c,
    }
}

/// Returns what base 64 makes of a text that has so many bytes before it, without the signs at its ends, which depend on
/// its neighbours.
fn encoded(text: &str, before: usize) -> String {
    let mut bytes = vec![0; before];
    bytes.extend(text.bytes());
    let whole = bytes.len() / 3 * 3;
    let signs = STANDARD_NO_PAD.encode(bytes.get(..whole).unwrap_or_default());
    signs.get(if before == 0 { 0 } else { 4 }..).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};

    use super::*;

    const TOLD: &str = "Rules: the mark cc0f1e2d3c4b5a6978 stays here.";

    fn is_known(text: &str) -> bool {
        Secret::of("cc0f1e2d3c4b5a6978").unwrap().is_in(&Haystack::of(text))
    }

    #[test]
    fn a_secret_is_known_in_every_form() {
        let hex = TOLD.bytes().fold(String::new(), |hex, byte| hex + &format!("{byte:02X} "));
        let wide: String =
            "cc0f1e2d3c4b5a6978".chars().map(|c| char::from_u32(u32::from(c) + 0xFEE0).unwrap()).collect();
        for text in
            [TOLD.to_owned(), TOLD.chars().rev().collect(), TOLD.chars().map(turned).collect(), hex, wide]
        {
            assert!(is_known(&text), "{text}");
        }
        for before in ["", "x", "xy", "xyz"] {
            let told = format!("{before}{TOLD}");
            for text in [STANDARD.encode(&told), URL_SAFE.encode(&told)] {
                assert!(is_known(&text), "{text}");
                let wrapped: Vec<_> =
                    text.as_bytes().chunks(19).map(|line| String::from_utf8_lossy(line)).collect();
                assert!(is_known(&wrapped.join("\n")), "{text}");
            }
        }
    }

    #[test]
    fn ordinary_words_are_no_secret_and_short_ones_cannot_be() {
        assert!(!is_known("We open at 8, cc: Ann. Our mark is a tap."));
        assert!(Secret::of("(a) b: c!").is_none());
    }
}
