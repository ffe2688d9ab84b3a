//! The operator's key-encryption keys, by version.

use std::{collections::BTreeMap, fmt};

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use tenancy::VaultError;
use zeroize::Zeroizing;

use crate::sealing_key::SealingKey;

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// The operator's key-encryption keys, by version. The highest version wraps new keys; the others open what
/// they wrapped before.
#[derive(Clone)]
pub struct KeyRing {
    newest: (i32, SealingKey),
    older: BTreeMap<i32, SealingKey>,
}

/// Why a text is not a key ring. It names the entry by its place and never repeats it: it may be a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RingError {
    /// There is no entry.
    #[error(
        "no key is given; write 1: and then 32 random bytes in base64, such as `openssl rand -base64 32` prints"
    )]
    Empty,
    /// An entry has no colon.
    #[error("entry {0} has no version; write version:base64, as in 1:…")]
    NoVersion(usize),
    /// What stands before the colon is no version.
    #[error("the version of entry {0} is not a whole number from 1 to 2147483647")]
    BadVersion(usize),
    /// What stands behind the colon is not base64.
    #[error("the key of version {0} is not base64; write what `openssl rand -base64 32` prints")]
    NotBase64(i32),
    /// The key has another length.
    #[error(
        "the key of version {version} has {bytes} bytes; it must have 32, as `openssl rand -base64 32` prints"
    )]
    BadLength {
        /// Which key.
        version: i32,
        /// How long it is.
        bytes: usize,
    },
    /// Two entries have one version.
    #[error("version {0} is given twice; give each key a version of its own")]
    Twice(i32),
}

impl KeyRing {
    /// Reads `version:base64` entries, separated by commas or white space: `1:…,2:…`.
    ///
    /// Each key has 32 bytes, in standard or URL-safe base64, with or without padding.
    ///
    /// # Errors
    /// Says which entry is wrong and how to mend it.
    pub fn parse(text: &str) -> Result<Self, RingError> {
        let entries = text.split(|letter: char| letter == ',' || letter.is_whitespace());
        let mut keys = BTreeMap::new();
        for (entry, place) in entries.filter(|entry| !entry.is_empty()).zip(1..) {
            let (version, key) = parse_entry(entry, place)?;
            if keys.insert(version, key).is_some() {
                return Err(RingError::Twice(version));
            }
        }
        let newest = keys.pop_last().ok_or(RingError::Empty)?;
        Ok(Self { newest, older: keys })
    }

    /// Returns the version that wraps new keys.
    pub fn newest_version(&self) -> i32 {
        self.newest.0
    }

    pub(crate) fn newest(&self) -> (i32, &SealingKey) {
        (self.newest.0, &self.newest.1)
    }

    pub(crate) fn key(&self, version: i32) -> Result<&SealingKey, VaultError> {
        if version == self.newest.0 {
            return Ok(&self.newest.1);
        }
        self.older.get(&version).ok_or(VaultError::UnknownKeyVersion(version))
    }
}

/// Shows the versions and nothing of the keys.
impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let versions: Vec<i32> = self.older.keys().copied().chain([self.newest.0]).collect();
        f.debug_struct("KeyRing").field("versions", &versions).finish_non_exhaustive()
    }
}

fn parse_entry(entry: &str, place: usize) -> Result<(i32, SealingKey), RingError> {
    let (version, key) = entry.split_once(':').ok_or(RingError::NoVersion(place))?;
    let version = version.parse().ok().filter(|version| *version > 0).ok_or(RingError::BadVersion(place))?;
    let engine = if key.contains(['-', '_']) { URL_SAFE } else { STANDARD };
    let bytes = Zeroizing::new(engine.decode(key).map_err(|_| RingError::NotBase64(version))?);
    let bytes: &[u8; 32] =
        bytes.as_slice().try_into().map_err(|_| RingError::BadLength { version, bytes: bytes.len() })?;
    Ok((version, SealingKey::new(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    // 32 bytes of 0xfb: both letters in which the two alphabets differ.
    const STANDARD_KEY: &str = "+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/s=";
    const URL_SAFE_KEY: &str = "-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s";

    #[test]
    fn the_highest_version_is_the_newest_wherever_it_stands() {
        for text in [
            format!("3:{STANDARD_KEY},1:{URL_SAFE_KEY}"),
            format!(" 1:{STANDARD_KEY}\n3:{URL_SAFE_KEY} "),
            format!("1:{STANDARD_KEY}, 3:{URL_SAFE_KEY},"),
        ] {
            let ring = KeyRing::parse(&text).unwrap();
            assert_eq!(ring.newest_version(), 3, "{text}");
            assert!(ring.key(1).is_ok(), "{text}");
        }
    }

    #[test]
    fn every_spelling_of_a_key_is_the_same_key() {
        let aad = crate::aad::Parts::of("test");
        let entropy = kernel::testing::CountingEntropy::default();
        let ring = KeyRing::parse(&format!("1:{STANDARD_KEY}")).unwrap();
        let sealed = ring.newest().1.seal(&entropy, &aad, b"text").unwrap();
        for spelling in [URL_SAFE_KEY.to_owned(), format!("{URL_SAFE_KEY}="), STANDARD_KEY.replace('=', "")] {
            let ring = KeyRing::parse(&format!("1:{spelling}")).unwrap();
            assert_eq!(ring.newest().1.open(&aad, &sealed).unwrap(), b"text", "{spelling}");
        }
    }

    #[test]
    fn what_is_no_ring_says_which_entry_and_how_to_mend_it() {
        let short = "AAAA";
        for (text, error) in [
            (String::new(), RingError::Empty),
            (" , ".to_owned(), RingError::Empty),
            (STANDARD_KEY.to_owned(), RingError::NoVersion(1)),
            (format!("1:{STANDARD_KEY} {URL_SAFE_KEY}"), RingError::NoVersion(2)),
            (format!("0:{STANDARD_KEY}"), RingError::BadVersion(1)),
            (format!("-1:{STANDARD_KEY}"), RingError::BadVersion(1)),
            (format!("new:{STANDARD_KEY}"), RingError::BadVersion(1)),
            (format!("2147483648:{STANDARD_KEY}"), RingError::BadVersion(1)),
            ("1:not*base64".to_owned(), RingError::NotBase64(1)),
            ("7:".to_owned(), RingError::BadLength { version: 7, bytes: 0 }),
            (format!("7:{short}"), RingError::BadLength { version: 7, bytes: 3 }),
            (format!("1:{STANDARD_KEY},1:{URL_SAFE_KEY}"), RingError::Twice(1)),
        ] {
            assert_eq!(KeyRing::parse(&text).err(), Some(error), "{text}");
        }
    }

    #[test]
    fn errors_and_debug_output_do_not_repeat_the_key() {
        let error = KeyRing::parse(&format!("1:{STANDARD_KEY}x")).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("v7"), "{error}");
        let ring = KeyRing::parse(&format!("1:{STANDARD_KEY},2:{URL_SAFE_KEY}")).unwrap();
        assert_eq!(format!("{ring:?}"), "KeyRing { versions: [1, 2], .. }");
    }
}
