//! The port to stored contacts and their consent.

use async_trait::async_trait;
use kernel::{ContactId, Page, PageRequest, StoreError};
use tenancy::{Address, TenantScope};

use crate::{
    consent::{Consent, ConsentChange, LedgerEntry},
    contact::Contact,
};

/// Keeps contacts, and consent by address.
///
/// An adapter MUST keep consent for addresses that have no contact, MUST write a change and its ledger line
/// together, and MUST keep names, addresses and evidence sealed.
#[async_trait]
pub trait ContactStore: Send + Sync {
    /// Returns a contact.
    ///
    /// # Errors
    /// When the store fails.
    async fn find(&self, scope: &TenantScope, id: ContactId) -> Result<Option<Contact>, StoreError>;

    /// Returns the contact who has an address.
    ///
    /// # Errors
    /// When the store fails.
    async fn find_by_address(
        &self,
        scope: &TenantScope,
        address: &Address,
    ) -> Result<Option<Contact>, StoreError>;

    /// Returns contacts, newest first.
    ///
    /// # Errors
    /// When the store fails.
    async fn list(&self, scope: &TenantScope, page: &PageRequest) -> Result<Page<Contact>, StoreError>;

    /// Returns what stands for an address; the default where nobody has said.
    ///
    /// # Errors
    /// When the store fails.
    async fn consent(&self, scope: &TenantScope, address: &Address) -> Result<Consent, StoreError>;

    /// Writes a change of consent with its ledger line, and returns what stands now. An adapter MUST record
    /// `consent.changed` in the audit log.
    ///
    /// # Errors
    /// When the store fails.
    async fn change_consent(
        &self,
        scope: &TenantScope,
        address: &Address,
        change: &ConsentChange,
    ) -> Result<Consent, StoreError>;

    /// Returns an address's ledger, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    async fn list_ledger(
        &self,
        scope: &TenantScope,
        address: &Address,
        page: &PageRequest,
    ) -> Result<Page<LedgerEntry>, StoreError>;
}
