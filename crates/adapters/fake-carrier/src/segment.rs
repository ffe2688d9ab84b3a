//! How many segments a carrier counts and bills for a text.

const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const EXTENDED: &str = "\u{c}^{}\\[~]|€";

/// Returns the number of segments: by septets where the GSM alphabet suffices, else by UTF-16 units.
pub(crate) fn segment_count(text: &str) -> usize {
    let septets = text.chars().try_fold(0, |sum, letter| septets(letter).map(|own| sum + own));
    match septets {
        Some(septets) => parts(septets, 160, 153),
        None => parts(text.encode_utf16().count(), 70, 67),
    }
}

fn septets(letter: char) -> Option<usize> {
    if BASIC.contains(letter) { Some(1) } else { EXTENDED.contains(letter).then_some(2) }
}

fn parts(units: usize, alone: usize, joined: usize) -> usize {
    if units <= alone { 1 } else { units.div_ceil(joined) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_counted_as_carriers_do() {
        for (text, segments) in [
            (String::new(), 1),
            ("a".repeat(160), 1),
            ("a".repeat(161), 2),
            ("a".repeat(306), 2),
            ("a".repeat(307), 3),
            ("€".repeat(80), 1),
            ("€".repeat(81), 2),
            ("ж".repeat(70), 1),
            ("ж".repeat(71), 2),
            ("\u{1f600}".repeat(36), 2),
        ] {
            assert_eq!(segment_count(&text), segments, "{} characters", text.chars().count());
        }
    }
}
