//! Digests of several parts, which can be read one way only.

use sha2::{Digest as _, Sha256};

/// Digests parts, each behind its length, so that no two lists of parts are the same bytes.
pub(crate) fn digest_of(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_cannot_move_from_one_part_to_the_next() {
        assert_ne!(digest_of(&[b"ab", b"c"]), digest_of(&[b"a", b"bc"]));
        assert_ne!(digest_of(&[b"ab"]), digest_of(&[b"ab", b""]));
    }
}
