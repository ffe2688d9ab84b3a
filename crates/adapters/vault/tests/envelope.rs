//! What the vault promises, seen from outside: nothing opens where it was not sealed, and rotation re-wraps only.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails as a test does")]

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use kernel::{BoxError, ContactId, Entropy, TenantId, testing::CountingEntropy};
use proptest::prelude::*;
use tenancy::{
    ContactVault, IndexKind, KeyWrapper as _, Place, Sealed, TenantVault, Vault, VaultError, WrappedKey,
};
use uuid::Uuid;
use vault::{EnvelopeVault, KeyRing};

const KEK_1: &str = "1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
const KEK_2: &str = "2:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";
const NAME: Place = Place { table: "contacts", column: "name", row: Uuid::from_u128(7) };

fn vault(keks: &str) -> EnvelopeVault {
    EnvelopeVault::new(KeyRing::parse(keks).unwrap(), Arc::new(CountingEntropy::default()))
}

fn tenant(number: u128) -> TenantId {
    TenantId::new(Uuid::from_u128(number))
}

fn contact(number: u128) -> ContactId {
    ContactId::new(Uuid::from_u128(number))
}

fn unlocked(vault: &EnvelopeVault, tenant: TenantId) -> Arc<dyn TenantVault> {
    let key = vault.mint_tenant_key(tenant).unwrap();
    vault.unlock_tenant(tenant, &key).unwrap()
}

fn unlocked_contact(tenant: &dyn TenantVault, contact: ContactId) -> Arc<dyn ContactVault> {
    let key = tenant.mint_contact_key(contact).unwrap();
    tenant.unlock_contact(contact, &key).unwrap()
}

fn does_not_open<T>(outcome: &Result<T, VaultError>) -> bool {
    matches!(outcome, Err(VaultError::DoesNotOpen))
}

fn elsewhere() -> [Place; 3] {
    [
        Place { row: Uuid::from_u128(8), ..NAME },
        Place { column: "notes", ..NAME },
        Place { table: "leads", ..NAME },
    ]
}

#[test]
fn what_a_tenant_sealed_opens_in_its_place_and_nowhere_else() {
    let vault = unlocked(&vault(KEK_1), tenant(1));
    let sealed = vault.seal(NAME, b"Ann").unwrap();
    assert_eq!(vault.open(NAME, &sealed).unwrap(), b"Ann");
    for place in elsewhere() {
        assert!(does_not_open(&vault.open(place, &sealed)), "{place:?}");
    }
}

#[test]
fn what_a_contact_sealed_opens_in_its_place_and_nowhere_else() {
    let tenant = unlocked(&vault(KEK_1), tenant(1));
    let vault = unlocked_contact(&*tenant, contact(1));
    let sealed = vault.seal(NAME, b"Ann").unwrap();
    assert_eq!(vault.open(NAME, &sealed).unwrap(), b"Ann");
    for place in elsewhere() {
        assert!(does_not_open(&vault.open(place, &sealed)), "{place:?}");
    }
}

#[test]
fn another_tenant_opens_neither_the_values_nor_the_keys() {
    let vault = vault(KEK_1);
    let key = vault.mint_tenant_key(tenant(1)).unwrap();
    let ours = vault.unlock_tenant(tenant(1), &key).unwrap();
    let theirs = unlocked(&vault, tenant(2));
    assert!(does_not_open(&theirs.open(NAME, &ours.seal(NAME, b"Ann").unwrap())));
    assert!(does_not_open(&vault.unlock_tenant(tenant(2), &key)));
    let contact_key = ours.mint_contact_key(contact(1)).unwrap();
    assert!(does_not_open(&theirs.unlock_contact(contact(1), &contact_key)));
}

#[test]
fn the_tenant_is_bound_into_values_even_where_two_tenants_keys_are_equal() {
    let ours = unlocked(&vault(KEK_1), tenant(1));
    let theirs = unlocked(&vault(KEK_1), tenant(2));
    let index = ours.blind_index(IndexKind::Email, "ann@example.com");
    assert_eq!(theirs.blind_index(IndexKind::Email, "ann@example.com"), index, "the keys are equal");
    let sealed = ours.seal(NAME, b"Ann").unwrap();
    assert!(does_not_open(&theirs.open(NAME, &sealed)));
}

#[test]
fn another_contact_opens_neither_the_values_nor_the_key() {
    let tenant = unlocked(&vault(KEK_1), tenant(1));
    let ann = unlocked_contact(&*tenant, contact(1));
    let bob = unlocked_contact(&*tenant, contact(2));
    assert!(does_not_open(&bob.open(NAME, &ann.seal(NAME, b"Ann").unwrap())));
    let key = tenant.mint_contact_key(contact(1)).unwrap();
    assert!(does_not_open(&tenant.unlock_contact(contact(2), &key)));
}

#[test]
fn a_contacts_value_is_not_the_tenants() {
    let tenant = unlocked(&vault(KEK_1), tenant(1));
    let ann = unlocked_contact(&*tenant, contact(1));
    assert!(does_not_open(&tenant.open(NAME, &ann.seal(NAME, b"Ann").unwrap())));
    assert!(does_not_open(&ann.open(NAME, &tenant.seal(NAME, b"Ann").unwrap())));
}

#[test]
fn one_altered_bit_anywhere_and_it_does_not_open() {
    let vault = unlocked(&vault(KEK_1), tenant(1));
    let sealed = vault.seal(NAME, b"Ann").unwrap();
    for position in 0..sealed.0.len() {
        let mut altered = sealed.clone();
        altered.0[position] ^= 1;
        assert!(does_not_open(&vault.open(NAME, &altered)), "byte {position}");
    }
}

#[test]
fn a_value_cut_short_does_not_open() {
    let vault = unlocked(&vault(KEK_1), tenant(1));
    let sealed = vault.seal(NAME, b"").unwrap();
    for length in 0..sealed.0.len() {
        assert!(does_not_open(&vault.open(NAME, &Sealed(sealed.0[..length].to_vec()))), "{length} bytes");
    }
}

#[test]
fn one_altered_bit_in_a_wrapped_key_and_it_does_not_open() {
    let vault = vault(KEK_1);
    let key = vault.mint_tenant_key(tenant(1)).unwrap();
    let tenant_vault = vault.unlock_tenant(tenant(1), &key).unwrap();
    let contact_key = tenant_vault.mint_contact_key(contact(1)).unwrap();
    for position in 0..key.bytes.len() {
        let mut altered = key.clone();
        altered.bytes[position] ^= 1;
        assert!(does_not_open(&vault.unlock_tenant(tenant(1), &altered)), "tenant key, byte {position}");
        let mut altered = contact_key.clone();
        altered.bytes[position] ^= 1;
        assert!(
            does_not_open(&tenant_vault.unlock_contact(contact(1), &altered)),
            "contact key, byte {position}"
        );
    }
}

#[test]
fn a_contacts_key_does_not_pass_for_one_that_the_operator_wrapped() {
    let tenant = unlocked(&vault(KEK_1), tenant(1));
    let key = tenant.mint_contact_key(contact(1)).unwrap();
    assert_eq!(key.kek_version, 0);
    assert!(does_not_open(&tenant.unlock_contact(contact(1), &WrappedKey { kek_version: 1, ..key })));
}

#[test]
fn the_version_that_wraps_a_key_is_bound_into_it() {
    let same_key_as_1 = KEK_1.replacen('1', "2", 1);
    let vault = vault(&format!("{KEK_1},{same_key_as_1}"));
    let key = vault.mint_tenant_key(tenant(1)).unwrap();
    assert_eq!(key.kek_version, 2);
    assert!(does_not_open(&vault.unlock_tenant(tenant(1), &WrappedKey { kek_version: 1, ..key })));
}

#[test]
fn an_unknown_version_of_the_operators_key_says_which() {
    let key = vault(KEK_1).mint_tenant_key(tenant(1)).unwrap();
    let outcome = vault(KEK_2).unlock_tenant(tenant(1), &key);
    assert!(matches!(outcome, Err(VaultError::UnknownKeyVersion(1))));
}

#[test]
fn two_seals_of_one_text_differ() {
    let vault = unlocked(&vault(KEK_1), tenant(1));
    assert!(vault.seal(NAME, b"Ann").unwrap() != vault.seal(NAME, b"Ann").unwrap());
}

#[test]
fn equal_values_have_one_index_within_a_tenant_and_kind() {
    let vault = vault(KEK_1);
    let key = vault.mint_tenant_key(tenant(1)).unwrap();
    let ours = vault.unlock_tenant(tenant(1), &key).unwrap();
    let later = vault.unlock_tenant(tenant(1), &key).unwrap();
    let index = ours.blind_index(IndexKind::Address, "phone:+15551230000");
    assert_eq!(later.blind_index(IndexKind::Address, "phone:+15551230000"), index);
    assert_ne!(ours.blind_index(IndexKind::Email, "phone:+15551230000"), index);
    assert_ne!(ours.blind_index(IndexKind::Address, "phone:+15551230001"), index);
    let theirs = unlocked(&vault, tenant(2));
    assert_ne!(theirs.blind_index(IndexKind::Address, "phone:+15551230000"), index);
}

#[test]
fn equal_texts_of_two_kinds_have_two_indexes() {
    let vault = unlocked(&vault(KEK_1), tenant(1));
    let kinds = [IndexKind::Address, IndexKind::Email, IndexKind::Phone, IndexKind::Tag, IndexKind::Database];
    let indexes: std::collections::HashSet<_> =
        kinds.iter().map(|kind| vault.blind_index(*kind, "vip")).collect();
    assert_eq!(indexes.len(), kinds.len());
}

#[test]
fn rotation_wraps_the_tenants_key_again_and_leaves_what_was_sealed() {
    let before = vault(KEK_1);
    let key = before.mint_tenant_key(tenant(1)).unwrap();
    let unlocked = before.unlock_tenant(tenant(1), &key).unwrap();
    let sealed = unlocked.seal(NAME, b"Ann").unwrap();
    let index = unlocked.blind_index(IndexKind::Email, "ann@example.com");
    let contact_key = unlocked.mint_contact_key(contact(1)).unwrap();
    let words = unlocked.unlock_contact(contact(1), &contact_key).unwrap().seal(NAME, b"hello").unwrap();

    let rewrapped = vault(&format!("{KEK_1},{KEK_2}")).rewrap(tenant(1), &key).unwrap();
    assert_eq!(rewrapped.kek_version, 2);

    let after = vault(KEK_2).unlock_tenant(tenant(1), &rewrapped).unwrap();
    assert_eq!(after.open(NAME, &sealed).unwrap(), b"Ann");
    assert_eq!(after.blind_index(IndexKind::Email, "ann@example.com"), index);
    let contact_vault = after.unlock_contact(contact(1), &contact_key).unwrap();
    assert_eq!(contact_vault.open(NAME, &words).unwrap(), b"hello");
}

#[test]
fn rotation_refuses_another_tenants_key() {
    let vault = vault(KEK_1);
    let key = vault.mint_tenant_key(tenant(1)).unwrap();
    assert!(does_not_open(&vault.rewrap(tenant(2), &key)));
}

#[test]
fn without_randomness_nothing_is_sealed() {
    struct Dry;
    impl Entropy for Dry {
        fn fill(&self, _: &mut [u8]) -> Result<(), BoxError> {
            Err("dry".into())
        }
    }
    let key = vault(KEK_1).mint_tenant_key(tenant(1)).unwrap();
    let dry = EnvelopeVault::new(KeyRing::parse(KEK_1).unwrap(), Arc::new(Dry));
    assert!(matches!(dry.mint_tenant_key(tenant(1)), Err(VaultError::Entropy(_))));
    let tenant = dry.unlock_tenant(tenant(1), &key).unwrap();
    assert!(matches!(tenant.seal(NAME, b"Ann"), Err(VaultError::Entropy(_))));
    assert!(matches!(tenant.mint_contact_key(contact(1)), Err(VaultError::Entropy(_))));
}

#[test]
fn debug_output_shows_versions_only() {
    assert_eq!(format!("{:?}", vault(KEK_1)), "EnvelopeVault { keks: KeyRing { versions: [1], .. }, .. }");
}

// What lies in databases must open with every later version of this crate: a change that fails here needs a
// new scheme version, and the old one kept for opening.
#[test]
fn what_the_first_version_wrapped_sealed_and_indexed_stays_good() {
    let stored = |text: &str| STANDARD.decode(text).unwrap();
    let key = WrappedKey {
        kek_version: 1,
        bytes: stored("AQQAAAAAAAAABQAAAGgU4KQT6TWtsZ7lsgt7d8NCEeoDk7UIqrGcOuQGPJNb4mYWN+67JSiyt69jaiWdWg=="),
    };
    let tenant_vault = vault(KEK_1).unlock_tenant(tenant(1), &key).unwrap();
    assert_eq!(
        tenant_vault.open(NAME, &Sealed(stored("AQYAAAAAAAAABwAAACQ535GLP96HzmpmLePNJaUo+kQ="))).unwrap(),
        b"Ann"
    );
    let index = tenant_vault.blind_index(IndexKind::Email, "ann@example.com");
    assert_eq!(index.0.as_slice(), stored("RqG4ZCiRfTQK67nmHnQw3wyzuFPFYrhjfxvfRWjcRew="));
    let contact_key = WrappedKey {
        kek_version: 0,
        bytes: stored("AQwAAAAAAAAADQAAAPi2iSjidgpv0BeEND8YmMGb0pruqN2YvO33aS0/HAqt2dtMt210hjoJ6r5dcCsivQ=="),
    };
    let contact_vault = tenant_vault.unlock_contact(contact(1), &contact_key).unwrap();
    assert_eq!(
        contact_vault
            .open(NAME, &Sealed(stored("AQ4AAAAAAAAADwAAAKTOxrQL1v+hBDYwk2OX/TJLyNSsGQ==")))
            .unwrap(),
        b"hello"
    );
}

proptest! {
    #[test]
    fn whatever_is_sealed_opens_to_the_same_bytes(
        plain in prop::collection::vec(any::<u8>(), 0..2048),
        row in any::<u128>(),
        owner in any::<u128>(),
        customer in any::<u128>(),
    ) {
        let place = Place { row: Uuid::from_u128(row), ..NAME };
        let tenant_vault = unlocked(&vault(KEK_1), tenant(owner));
        let contact_vault = unlocked_contact(&*tenant_vault, contact(customer));
        let sealed = tenant_vault.seal(place, &plain).unwrap();
        prop_assert_eq!(tenant_vault.open(place, &sealed).unwrap(), plain.clone());
        let sealed = contact_vault.seal(place, &plain).unwrap();
        prop_assert_eq!(contact_vault.open(place, &sealed).unwrap(), plain);
    }

    #[test]
    fn bytes_that_nobody_sealed_do_not_open(bytes in prop::collection::vec(any::<u8>(), 0..128)) {
        prop_assert!(does_not_open(&unlocked(&vault(KEK_1), tenant(1)).open(NAME, &Sealed(bytes))));
    }
}
