//! By what a repeated request is known: the caller's key, who the caller is, and what was asked.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use tenancy::SecretDigest;

use crate::{IdempotencyOwner, LimitsError, digest::digest_of};

const LONGEST: usize = 255;

/// The name that a caller gave a request, so that it can be repeated safely.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Takes a key as a caller sent it.
    ///
    /// # Errors
    /// [`LimitsError::IdempotencyKey`] unless it has 1 to 255 visible ASCII characters.
    pub fn parse(text: &str) -> Result<Self, LimitsError> {
        if is_visible(text) { Ok(Self(text.to_owned())) } else { Err(LimitsError::IdempotencyKey) }
    }

    /// Returns the key's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Digests the key together with whose it is: no two owners or callers share a digest.
    pub fn digest(&self, owner: IdempotencyOwner<'_>, caller: &CallerId) -> [u8; 32] {
        digest_of(&[owner.id().as_bytes(), caller.0.as_bytes(), self.0.as_bytes()])
    }
}

/// Who asked, within a tenant or the platform: a name of the credential, never the credential itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CallerId(String);

impl CallerId {
    /// Names the caller who presented a credential.
    pub fn credential(credential: &SecretDigest) -> Self {
        let digest = digest_of(&[b"caller id", credential.as_bytes()]);
        Self(format!("credential:{}", URL_SAFE_NO_PAD.encode(digest)))
    }

    /// Takes a name such as `member:<uuid>`. It MUST hold nothing secret or personal.
    ///
    /// # Errors
    /// [`LimitsError::CallerId`] unless it has 1 to 255 visible ASCII characters.
    pub fn parse(text: &str) -> Result<Self, LimitsError> {
        if is_visible(text) { Ok(Self(text.to_owned())) } else { Err(LimitsError::CallerId) }
    }

    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What was asked: two requests with one fingerprint are the same request.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Fingerprints a request. `path` comes with the query, if there is one.
    pub fn of(method: &str, path: &str, body: &[u8]) -> Self {
        Self(digest_of(&[method.as_bytes(), path.as_bytes(), body]))
    }

    /// Names the request for whoever must know it again: by its fingerprint, and the key that its caller gave it. Another
    /// request that comes to have the same key has another name.
    pub fn named(&self, key: &IdempotencyKey, owner: IdempotencyOwner<'_>, caller: &CallerId) -> String {
        URL_SAFE_NO_PAD.encode(digest_of(&[b"request", &key.digest(owner, caller), &self.0]))
    }

    /// Takes a fingerprint as a store keeps it; `None` unless it has 32 bytes.
    pub fn from_stored(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Returns the 32 bytes, for stores.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Shows nothing: a short body could be guessed from its digest.
impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprint(…)")
    }
}

fn is_visible(text: &str) -> bool {
    (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use kernel::TenantId;
    use tenancy::testing::{platform, scope};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_key_has_1_to_255_visible_ascii_characters() {
        for text in ["a", "8e03978e-40d5-43dd-bc93-6894a57f9324", "!~\"quoted\"", &"k".repeat(255)] {
            assert_eq!(IdempotencyKey::parse(text).map(|key| key.0).as_deref(), Ok(text));
        }
        for text in ["", " ", "a b", "a\n", "a\0", "ä", "\u{7f}", &"k".repeat(256)] {
            assert_eq!(IdempotencyKey::parse(text), Err(LimitsError::IdempotencyKey), "{text:?}");
            assert_eq!(CallerId::parse(text), Err(LimitsError::CallerId), "{text:?}");
        }
    }

    #[test]
    fn a_digest_is_of_one_owner_one_caller_and_one_key() {
        let (ours, theirs) =
            (scope(TenantId::new(Uuid::from_u128(1))), scope(TenantId::new(Uuid::from_u128(2))));
        let platform = platform();
        let key = |text| IdempotencyKey::parse(text).unwrap();
        let caller = |text| CallerId::parse(text).unwrap();
        let digests = [
            key("a").digest(IdempotencyOwner::Tenant(&ours), &caller("c")),
            key("b").digest(IdempotencyOwner::Tenant(&ours), &caller("c")),
            key("a").digest(IdempotencyOwner::Tenant(&ours), &caller("d")),
            key("a").digest(IdempotencyOwner::Tenant(&theirs), &caller("c")),
            key("a").digest(IdempotencyOwner::Platform(&platform), &caller("c")),
            key("a").digest(IdempotencyOwner::Tenant(&ours), &caller("ca")),
        ];
        let distinct: std::collections::HashSet<_> = digests.iter().collect();
        assert_eq!(distinct.len(), digests.len());
    }

    #[test]
    fn a_fingerprint_is_of_method_path_and_body() {
        let one = Fingerprint::of("POST", "/api/v1/leads", b"{}");
        assert_eq!(one, Fingerprint::of("POST", "/api/v1/leads", b"{}"));
        for other in [
            Fingerprint::of("PUT", "/api/v1/leads", b"{}"),
            Fingerprint::of("POST", "/api/v1/leads?x", b"{}"),
            Fingerprint::of("POST", "/api/v1/leads", b"{} "),
            Fingerprint::of("POST", "/api/v1/leads{}", b""),
        ] {
            assert_ne!(one, other);
        }
        assert_eq!(Fingerprint::from_stored(one.as_bytes()), Some(one));
        assert_eq!(Fingerprint::from_stored(b"short"), None);
    }

    #[test]
    fn a_requests_name_is_of_its_key_its_caller_and_what_was_asked() {
        let tenant = scope(TenantId::new(Uuid::from_u128(1)));
        let name = |key, caller, body: &[u8]| {
            let (key, caller) = (IdempotencyKey::parse(key).unwrap(), CallerId::parse(caller).unwrap());
            Fingerprint::of("POST", "/", body).named(&key, IdempotencyOwner::Tenant(&tenant), &caller)
        };
        assert_eq!(name("a", "c", b"{}"), name("a", "c", b"{}"));
        for other in [name("b", "c", b"{}"), name("a", "d", b"{}"), name("a", "c", b"{ }")] {
            assert_ne!(name("a", "c", b"{}"), other);
        }
    }

    #[test]
    fn a_credentials_caller_does_not_show_the_digest() {
        let digest = SecretDigest::of("cc_live_secret");
        let caller = CallerId::credential(&digest);
        assert!(!caller.as_str().contains(&URL_SAFE_NO_PAD.encode(digest.as_bytes())));
        assert_eq!(CallerId::parse(caller.as_str()), Ok(caller));
    }
}
