//! Makes of a body the JSON text that it means, where a strict parser would refuse characters that nobody can
//! store: people's devices do send them, and an answer is better than a refusal.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Replaces invalid UTF-8 and lone surrogate escapes by U+FFFD, and drops NUL, escaped or not.
pub(super) fn mend(body: &[u8]) -> Cow<'_, str> {
    let text = String::from_utf8_lossy(body);
    if text.contains('\0') || text.contains("\\u") {
        Cow::Owned(mend_escapes(&text.replace('\0', "")))
    } else {
        text
    }
}

fn mend_escapes(text: &str) -> String {
    let mut mended = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, escape)) = rest.split_once('\\') {
        mended.push_str(before);
        rest = mend_escape(escape, &mut mended);
    }
    mended.push_str(rest);
    mended
}

/// Writes one escape and returns what comes after it. `escape` begins after its backslash.
fn mend_escape<'text>(escape: &'text str, mended: &mut String) -> &'text str {
    let Some((unit, rest)) = code_unit(escape) else {
        let mut chars = escape.chars();
        mended.push('\\');
        mended.extend(chars.next());
        return chars.as_str();
    };
    match unit {
        0 => rest,
        0xD800..=0xDBFF => {
            if let Some((low @ 0xDC00..=0xDFFF, after)) = rest.strip_prefix('\\').and_then(code_unit) {
                // Writing to a `String` does not fail.
                let _ = write!(mended, "\\u{unit:04x}\\u{low:04x}");
                return after;
            }
            mended.push(char::REPLACEMENT_CHARACTER);
            rest
        }
        0xDC00..=0xDFFF => {
            mended.push(char::REPLACEMENT_CHARACTER);
            rest
        }
        unit => {
            let _ = write!(mended, "\\u{unit:04x}");
            rest
        }
    }
}

/// Reads `uXXXX`, and returns what comes after it.
fn code_unit(escape: &str) -> Option<(u16, &str)> {
    let (digits, rest) = escape.strip_prefix('u')?.split_at_checked(4)?;
    let are_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let unit = are_hex.then(|| u16::from_str_radix(digits, 16).ok())??;
    Some((unit, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_is_not_copied() {
        assert!(matches!(mend("{\"a\": \"grüß\\n\"}".as_bytes()), Cow::Borrowed(_)));
    }

    #[test]
    fn what_cannot_be_stored_is_replaced_or_dropped() {
        for (body, mended) in [
            (br#""a\u0000b""#.as_slice(), r#""ab""#),
            (b"\"a\0b\"", r#""ab""#),
            (br#""a\ud800b""#, "\"a\u{fffd}b\""),
            (br#""a\uDC00b""#, "\"a\u{fffd}b\""),
            (br#""\ud83d\ud83d\ude00""#, "\"\u{fffd}\\ud83d\\ude00\""),
            (b"\"a\xffb\"", "\"a\u{fffd}b\""),
        ] {
            assert_eq!(mend(body), mended);
        }
    }

    #[test]
    fn what_only_looks_like_an_escape_stays() {
        for body in [r#""C:\\u0000""#, r#""\\\\ud800""#, r#""\u12""#, r#""\u+123""#, r#""\"#, r#""\é""#] {
            assert_eq!(mend(body.as_bytes()), body);
        }
    }

    #[test]
    fn pairs_and_other_escapes_keep_their_meaning() {
        let body = r#""\ud83d\ude00 \u00e9 \n""#;
        let read = |text: &str| serde_json::from_str::<String>(text).unwrap();
        assert_eq!(read(&mend(body.as_bytes())), "😀 é \n");
    }
}
