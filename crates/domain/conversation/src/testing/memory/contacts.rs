//! The store of contacts, in memory.

use async_trait::async_trait;
use kernel::{ContactId, Page, PageRequest, StoreError};
use tenancy::{Address, TenantScope};

use super::{MemoryStores, paging};
use crate::{Consent, ConsentChange, Contact, ContactStore, LedgerEntry};

#[async_trait]
impl ContactStore for MemoryStores {
    async fn find(&self, scope: &TenantScope, id: ContactId) -> Result<Option<Contact>, StoreError> {
        Ok(self.with(scope, |rows| rows.contacts.get(&id).cloned()))
    }

    async fn find_by_address(
        &self,
        scope: &TenantScope,
        address: &Address,
    ) -> Result<Option<Contact>, StoreError> {
        Ok(self.with(scope, |rows| rows.contact_with(address).cloned()))
    }

    async fn list(&self, scope: &TenantScope, page: &PageRequest) -> Result<Page<Contact>, StoreError> {
        Ok(self.with(scope, |rows| {
            let contacts = rows.contacts.values().cloned();
            paging::newest_first(contacts, page, |contact| (contact.created_at, contact.id.uuid()))
        }))
    }

    async fn consent(&self, scope: &TenantScope, address: &Address) -> Result<Consent, StoreError> {
        Ok(self.with(scope, |rows| rows.consent(address)))
    }

    async fn change_consent(
        &self,
        scope: &TenantScope,
        address: &Address,
        change: &ConsentChange,
    ) -> Result<Consent, StoreError> {
        Ok(self.with(scope, |rows| rows.change_consent(address, change)))
    }

    async fn list_ledger(
        &self,
        scope: &TenantScope,
        address: &Address,
        page: &PageRequest,
    ) -> Result<Page<LedgerEntry>, StoreError> {
        Ok(self.with(scope, |rows| {
            let entries = rows.ledger.iter().filter(|entry| entry.address == *address).cloned();
            paging::oldest_first(entries, page, |entry| (entry.change.at, entry.change.entry_id.uuid()))
        }))
    }
}
