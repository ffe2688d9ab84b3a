//! Whose calls or attempts are counted together.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::TenantId;
use tenancy::SecretDigest;

use crate::digest::digest_of;

/// Routes that share a quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RouteClass {
    /// The API, for reading.
    Read,
    /// The API, for writing.
    Write,
    /// Where end customers write: web chat and the widget.
    Chat,
    /// Where they read what was said, again and again.
    ChatRead,
    /// Where carriers report.
    Webhook,
    /// Where somebody proves who they are.
    Login,
}

impl RouteClass {
    /// Returns the name that keys and logs carry.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Chat => "chat",
            Self::ChatRead => "chat_read",
            Self::Webhook => "webhook",
            Self::Login => "login",
        }
    }
}

/// Whose calls or attempts are counted together: a class of routes, and a tenant, credential, caller or account.
///
/// Its text is short ASCII such as `read:tenant:<uuid>` and holds no secret, address or e-mail: those are digested.
/// The digest hides them from who reads a log; it does not stop somebody who tries every IPv4 address, so the keys
/// belong in no place that is kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ThrottleKey(String);

impl ThrottleKey {
    /// Counts for a tenant, whichever of its credentials is used.
    pub fn tenant(class: RouteClass, tenant: TenantId) -> Self {
        Self(format!("{}:tenant:{tenant}", class.as_str()))
    }

    /// Counts for one credential.
    pub fn credential(class: RouteClass, credential: &SecretDigest) -> Self {
        Self::digested(class, "credential", credential.as_bytes())
    }

    /// Counts for whoever calls from an address. All addresses of an IPv6 network of 64 bits are one caller: a
    /// household gets as many. An IPv4 address counts the same in either spelling.
    pub fn caller(class: RouteClass, address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::digested(class, "caller", &address.octets()),
            IpAddr::V6(address) => Self::digested(class, "caller", &network(address)),
        }
    }

    /// Counts for the account that somebody wants into, by the name they gave, whether or not there is one. Letter
    /// case and surrounding space make no difference.
    pub fn login(name: &str) -> Self {
        Self::digested(RouteClass::Login, "account", name.trim().to_lowercase().as_bytes())
    }

    /// Counts for whoever tries to get into an account from an address, so that nobody elsewhere has to wait for it.
    pub fn login_from(name: &str, address: IpAddr) -> Self {
        let (Self(account), Self(caller)) = (Self::login(name), Self::caller(RouteClass::Login, address));
        Self::digested(RouteClass::Login, "account-from", format!("{account} {caller}").as_bytes())
    }

    /// Returns the key's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn digested(class: RouteClass, kind: &str, value: &[u8]) -> Self {
        let digest = digest_of(&[b"throttle key", kind.as_bytes(), value]);
        Self(format!("{}:{kind}:{}", class.as_str(), URL_SAFE_NO_PAD.encode(digest)))
    }
}

impl fmt::Display for ThrottleKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Returns the first 64 bits of an address, and zeros.
fn network(address: Ipv6Addr) -> [u8; 16] {
    (address.to_bits() & (u128::MAX << 64)).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn caller(address: &str) -> ThrottleKey {
        ThrottleKey::caller(RouteClass::Chat, address.parse().unwrap())
    }

    #[test]
    fn a_tenants_key_names_class_and_tenant() {
        let key = ThrottleKey::tenant(RouteClass::Write, TenantId::new(Uuid::from_u128(7)));
        assert_eq!(key.as_str(), "write:tenant:00000000-0000-0000-0000-000000000007");
    }

    #[test]
    fn no_key_shows_what_identifies_somebody() {
        let digest = SecretDigest::of("cc_live_secret");
        let keys = [
            caller("203.0.113.9"),
            caller("2001:db8::1"),
            ThrottleKey::login("owner@example.com"),
            ThrottleKey::login_from("owner@example.com", IpAddr::from([203, 0, 113, 9])),
            ThrottleKey::credential(RouteClass::Read, &digest),
        ];
        let bare = URL_SAFE_NO_PAD.encode(digest.as_bytes());
        for key in keys {
            for secret in ["203.0", "2001", "owner", "example", "cc_live", &bare] {
                assert!(!format!("{key} {key:?}").contains(secret), "{key}");
            }
            assert!(key.as_str().is_ascii() && key.as_str().len() <= 64, "{key}");
        }
    }

    #[test]
    fn an_address_is_one_caller_in_every_spelling() {
        assert_eq!(caller("203.0.113.9"), caller("::ffff:203.0.113.9"));
        assert_eq!(caller("2001:db8::1"), caller("2001:0db8:0:0:0:0:0:1"));
    }

    #[test]
    fn a_network_of_64_bits_is_one_caller_and_its_neighbour_another() {
        assert_eq!(caller("2001:db8:0:7::1"), caller("2001:db8:0:7:ffff:ffff:ffff:ffff"));
        assert_ne!(caller("2001:db8:0:7::1"), caller("2001:db8:0:8::1"));
        assert_ne!(caller("203.0.113.9"), caller("203.0.113.10"));
    }

    #[test]
    fn an_account_is_one_in_every_letter_case() {
        assert_eq!(ThrottleKey::login(" Owner@Example.com\n"), ThrottleKey::login("owner@example.com"));
        assert_ne!(ThrottleKey::login("owner@example.com"), ThrottleKey::login("owner2@example.com"));
    }

    #[test]
    fn an_account_is_counted_apart_for_each_caller_and_a_caller_for_each_account() {
        let [here, there] = [9, 10].map(|last| IpAddr::from([203, 0, 113, last]));
        let key = ThrottleKey::login_from("owner@example.com", here);
        assert_eq!(key, ThrottleKey::login_from(" Owner@example.com", here));
        assert_ne!(key, ThrottleKey::login_from("owner@example.com", there));
        assert_ne!(key, ThrottleKey::login_from("other@example.com", here));
    }

    #[test]
    fn keys_of_two_classes_differ() {
        let address = IpAddr::from([203, 0, 113, 9]);
        assert_ne!(
            ThrottleKey::caller(RouteClass::Read, address),
            ThrottleKey::caller(RouteClass::Login, address)
        );
    }
}
