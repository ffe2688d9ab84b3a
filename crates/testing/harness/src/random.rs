//! Numbers that differ between calls and between processes.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

/// Returns a number that nobody can foretell. The keys of a fresh hasher come from the operating system.
pub(crate) fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_numbers_differ() {
        assert_ne!(random(), random());
    }
}
