//! How rows hold what is sealed: which place each value has, and what its bytes are.

use conversation::Body;
use kernel::StoreError;
use tenancy::{Address, BlindIndex, ContactVault, IndexKind, Place, Sealed, TenantVault, WrappedKey};
use uuid::Uuid;

use crate::errors::{corrupt, vault_error};

/// Returns the digest by which an address is found.
pub(crate) fn address_index(vault: &dyn TenantVault, address: &Address) -> BlindIndex {
    vault.blind_index(IndexKind::Address, &address_text(address))
}

/// An address as it is sealed and indexed: its kind, a NUL, its text.
fn address_text(address: &Address) -> String {
    let (kind, text) = address.to_stored();
    format!("{kind}\0{text}")
}

/// Seals the address of a channel binding.
pub(crate) fn seal_binding_address(
    vault: &dyn TenantVault,
    binding: Uuid,
    address: &Address,
) -> Result<Vec<u8>, StoreError> {
    let place = Place { table: "channel_bindings", column: "address_sealed", row: binding };
    Ok(vault.seal(place, address_text(address).as_bytes()).map_err(vault_error)?.0)
}

/// Opens the address of a channel binding.
pub(crate) fn open_binding_address(
    vault: &dyn TenantVault,
    binding: Uuid,
    sealed: Vec<u8>,
) -> Result<Address, StoreError> {
    let place = Place { table: "channel_bindings", column: "address_sealed", row: binding };
    read_address(&vault.open(place, &Sealed(sealed)).map_err(vault_error)?)
}

/// Seals an address of a contact.
pub(crate) fn seal_contact_address(
    vault: &dyn ContactVault,
    contact: Uuid,
    address: &Address,
) -> Result<Vec<u8>, StoreError> {
    let place = Place { table: "contact_addresses", column: "address_sealed", row: contact };
    Ok(vault.seal(place, address_text(address).as_bytes()).map_err(vault_error)?.0)
}

/// Opens an address of a contact.
pub(crate) fn open_contact_address(
    vault: &dyn ContactVault,
    contact: Uuid,
    sealed: Vec<u8>,
) -> Result<Address, StoreError> {
    let place = Place { table: "contact_addresses", column: "address_sealed", row: contact };
    read_address(&vault.open(place, &Sealed(sealed)).map_err(vault_error)?)
}

fn read_address(plain: &[u8]) -> Result<Address, StoreError> {
    let text = std::str::from_utf8(plain).map_err(|_| corrupt("address"))?;
    let (kind, text) = text.split_once('\0').ok_or_else(|| corrupt("address"))?;
    Address::from_stored(kind, text).ok_or_else(|| corrupt("address"))
}

/// A contact's key as a row holds it.
pub(crate) fn contact_key(bytes: Vec<u8>) -> WrappedKey {
    WrappedKey { kek_version: 0, bytes }
}

/// Seals what a message says.
pub(crate) fn seal_body(vault: &dyn ContactVault, message: Uuid, body: &Body) -> Result<Vec<u8>, StoreError> {
    let place = Place { table: "messages", column: "body_sealed", row: message };
    let plain = serde_json::to_vec(body).map_err(|error| StoreError::Corrupt(error.into()))?;
    Ok(vault.seal(place, &plain).map_err(vault_error)?.0)
}

/// Opens what a message says.
pub(crate) fn open_body(
    vault: &dyn ContactVault,
    message: Uuid,
    sealed: Vec<u8>,
) -> Result<Body, StoreError> {
    let place = Place { table: "messages", column: "body_sealed", row: message };
    let plain = vault.open(place, &Sealed(sealed)).map_err(vault_error)?;
    serde_json::from_slice(&plain).map_err(|_| corrupt("message body"))
}

/// Seals a text of a contact: a name, a refused message.
pub(crate) fn seal_contact_text(
    vault: &dyn ContactVault,
    place: Place,
    text: &str,
) -> Result<Vec<u8>, StoreError> {
    Ok(vault.seal(place, text.as_bytes()).map_err(vault_error)?.0)
}

/// Opens a text of a contact.
pub(crate) fn open_contact_text(
    vault: &dyn ContactVault,
    place: Place,
    sealed: Vec<u8>,
) -> Result<String, StoreError> {
    String::from_utf8(vault.open(place, &Sealed(sealed)).map_err(vault_error)?).map_err(|_| corrupt("text"))
}

/// Where a contact's name is sealed.
pub(crate) fn name_place(contact: Uuid) -> Place {
    Place { table: "contacts", column: "name_sealed", row: contact }
}

/// Where the text of a refused send is sealed.
pub(crate) fn refused_place(refused: Uuid) -> Place {
    Place { table: "refused_sends", column: "text_sealed", row: refused }
}

/// Where the running summary of a conversation is sealed.
pub(crate) fn running_summary_place(conversation: Uuid) -> Place {
    Place { table: "conversations", column: "summary_sealed", row: conversation }
}

/// Where the summary of a hand-off is sealed.
pub(crate) fn summary_place(handoff: Uuid) -> Place {
    Place { table: "handoffs", column: "summary_sealed", row: handoff }
}

/// Where the evidence of a consent change is sealed, with the tenant's key: it may concern no contact.
pub(crate) fn evidence_place(entry: Uuid) -> Place {
    Place { table: "consent_ledger", column: "evidence_sealed", row: entry }
}

/// Where a business profile is sealed.
pub(crate) fn profile_place(tenant: Uuid) -> Place {
    Place { table: "business_profiles", column: "profile_sealed", row: tenant }
}

/// Where a carrier's token is sealed.
pub(crate) fn token_place(account: Uuid) -> Place {
    Place { table: "provider_accounts", column: "token_sealed", row: account }
}

/// Where the answer to a request with an idempotency key is sealed. `entry` comes from the key's digest, which is made
/// of its owner and caller as well.
pub(crate) fn answer_place(entry: Uuid) -> Place {
    Place { table: "idempotency_keys", column: "body_sealed", row: entry }
}
