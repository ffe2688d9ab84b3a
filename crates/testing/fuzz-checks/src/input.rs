//! How bytes become what a check needs: texts, requests, and choices that the bytes themselves make.

use std::borrow::Cow;

/// Bytes cut as a request in a file: a line with the token, a line with the URL, and the body behind them.
pub(crate) struct Request<'a> {
    pub(crate) token: Cow<'a, str>,
    pub(crate) url: Cow<'a, str>,
    pub(crate) body: &'a [u8],
}

impl<'a> Request<'a> {
    pub(crate) fn of(data: &'a [u8]) -> Self {
        let (token, rest) = line(data);
        let (url, body) = line(rest);
        Self { token: String::from_utf8_lossy(token), url: String::from_utf8_lossy(url), body }
    }
}

/// Cuts the first line off.
fn line(data: &[u8]) -> (&[u8], &[u8]) {
    let mut parts = data.splitn(2, |byte| *byte == b'\n');
    (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
}

/// Chooses a place among `count` by the bytes alone, so that a finding can be repeated.
pub(crate) fn choice(data: &[u8], count: usize) -> usize {
    // FNV-1a.
    let hash =
        data.iter().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(16_777_619));
    usize::try_from(hash).unwrap_or_default().checked_rem(count).unwrap_or_default()
}

/// Returns the bytes with one bit of theirs turned over, or one byte where there is none.
pub(crate) fn with_a_bit_flipped(data: &[u8]) -> Vec<u8> {
    let mut changed = data.to_vec();
    let at = choice(data, data.len());
    match changed.get_mut(at) {
        Some(byte) => *byte ^= 1 << choice(data, 8),
        None => changed.push(b'x'),
    }
    changed
}

/// Returns the text with the letter at one place replaced, or one added where there is none.
pub(crate) fn with_a_letter_changed(text: &str) -> String {
    let place = choice(text.as_bytes(), text.chars().count());
    let mut changed: String = text
        .chars()
        .enumerate()
        .map(|(at, letter)| match (at == place, letter) {
            (true, '0') => '1',
            (true, _) => '0',
            (false, letter) => letter,
        })
        .collect();
    if changed.is_empty() {
        changed.push('0');
    }
    changed
}
