//! The fake vault hides nothing and keeps the port's other promises.

use kernel::{ContactId, TenantId};
use tenancy::{IndexKind, Place, Vault as _, VaultError, WrappedKey, testing::PlainVault};
use uuid::Uuid;

const NAME: Place = Place { table: "contacts", column: "name", row: Uuid::from_u128(7) };
const OURS: TenantId = TenantId::new(Uuid::from_u128(1));
const THEIRS: TenantId = TenantId::new(Uuid::from_u128(2));
const ANN: ContactId = ContactId::new(Uuid::from_u128(3));
const BOB: ContactId = ContactId::new(Uuid::from_u128(4));

#[test]
fn a_value_opens_in_its_place_for_its_owner_only() {
    let ours = PlainVault.unlock_tenant(OURS, &PlainVault.mint_tenant_key(OURS).unwrap()).unwrap();
    let theirs = PlainVault.unlock_tenant(THEIRS, &PlainVault.mint_tenant_key(THEIRS).unwrap()).unwrap();
    let ann = ours.unlock_contact(ANN, &ours.mint_contact_key(ANN).unwrap()).unwrap();
    let bob = ours.unlock_contact(BOB, &ours.mint_contact_key(BOB).unwrap()).unwrap();
    let (by_tenant, by_ann) = (ours.seal(NAME, b"Ann").unwrap(), ann.seal(NAME, b"Ann").unwrap());
    assert_eq!(ours.open(NAME, &by_tenant).unwrap(), b"Ann");
    assert_eq!(ann.open(NAME, &by_ann).unwrap(), b"Ann");
    let moved = Place { column: "notes", ..NAME };
    for outcome in [
        ours.open(moved, &by_tenant),
        theirs.open(NAME, &by_tenant),
        ann.open(NAME, &by_tenant),
        ours.open(NAME, &by_ann),
        ann.open(moved, &by_ann),
        bob.open(NAME, &by_ann),
    ] {
        assert!(matches!(outcome, Err(VaultError::DoesNotOpen)), "{outcome:?}");
    }
}

#[test]
fn a_key_opens_for_its_owner_only() {
    let key = PlainVault.mint_tenant_key(OURS).unwrap();
    let ours = PlainVault.unlock_tenant(OURS, &key).unwrap();
    let contact_key = ours.mint_contact_key(ANN).unwrap();
    assert!(matches!(PlainVault.unlock_tenant(THEIRS, &key), Err(VaultError::DoesNotOpen)));
    assert!(matches!(ours.unlock_contact(BOB, &contact_key), Err(VaultError::DoesNotOpen)));
    let unknown = WrappedKey { kek_version: 9, ..key };
    assert!(matches!(PlainVault.unlock_tenant(OURS, &unknown), Err(VaultError::UnknownKeyVersion(9))));
}

#[test]
fn indexes_are_equal_within_a_tenant_and_kind_only() {
    let ours = PlainVault.unlock_tenant(OURS, &PlainVault.mint_tenant_key(OURS).unwrap()).unwrap();
    let theirs = PlainVault.unlock_tenant(THEIRS, &PlainVault.mint_tenant_key(THEIRS).unwrap()).unwrap();
    let index = ours.blind_index(IndexKind::Email, "ann@example.com");
    assert_eq!(ours.blind_index(IndexKind::Email, "ann@example.com"), index);
    assert_ne!(ours.blind_index(IndexKind::Address, "ann@example.com"), index);
    assert_ne!(theirs.blind_index(IndexKind::Email, "ann@example.com"), index);
}
