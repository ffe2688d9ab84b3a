//! What a person does with contacts: find them, see and change their consent.

use std::sync::Arc;

use kernel::{Clock, ContactId, IdGenerator, LedgerEntryId, Page, PageRequest};
use tenancy::{Address, TenantScope};

use crate::{
    consent::{Consent, ConsentAction, ConsentChange, ConsentSource, LedgerEntry},
    contact::Contact,
    contact_store::ContactStore,
    error::ConversationError,
};

/// Lets a person find contacts, and see and change consent.
pub struct ManageContacts {
    store: Arc<dyn ContactStore>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
}

impl ManageContacts {
    /// Makes the use case.
    pub fn new(store: Arc<dyn ContactStore>, clock: Arc<dyn Clock>, ids: Arc<dyn IdGenerator>) -> Self {
        Self { store, clock, ids }
    }

    /// Returns a contact.
    ///
    /// # Errors
    /// When the tenant has none with this id, or the store fails.
    pub async fn get(&self, scope: &TenantScope, id: ContactId) -> Result<Contact, ConversationError> {
        self.store.find(scope, id).await?.ok_or(ConversationError::NotFound { what: "contact" })
    }

    /// Returns the contact who has an address.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn find_by_address(
        &self,
        scope: &TenantScope,
        address: &Address,
    ) -> Result<Option<Contact>, ConversationError> {
        Ok(self.store.find_by_address(scope, address).await?)
    }

    /// Returns contacts, newest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list(
        &self,
        scope: &TenantScope,
        page: &PageRequest,
    ) -> Result<Page<Contact>, ConversationError> {
        Ok(self.store.list(scope, page).await?)
    }

    /// Returns what stands for an address, whether or not a contact has it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn consent(
        &self,
        scope: &TenantScope,
        address: &Address,
    ) -> Result<Consent, ConversationError> {
        Ok(self.store.consent(scope, address).await?)
    }

    /// Returns an address's ledger, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list_ledger(
        &self,
        scope: &TenantScope,
        address: &Address,
        page: &PageRequest,
    ) -> Result<Page<LedgerEntry>, ConversationError> {
        Ok(self.store.list_ledger(scope, address, page).await?)
    }

    /// Changes consent for an address on a person's word, and keeps that word in the ledger.
    ///
    /// # Errors
    /// When `evidence` is empty for an opt-in, or the store fails.
    pub async fn change_consent(
        &self,
        scope: &TenantScope,
        address: &Address,
        action: ConsentAction,
        evidence: &str,
    ) -> Result<Consent, ConversationError> {
        let evidence = evidence.trim();
        if evidence.chars().count() > 1_000 || (action == ConsentAction::OptIn && evidence.is_empty()) {
            return Err(ConversationError::Invalid {
                field: "evidence",
                message: "say in 1 to 1000 characters how the contact agreed, as proof".into(),
            });
        }
        let change = ConsentChange {
            entry_id: LedgerEntryId::new(self.ids.next()),
            action,
            source: ConsentSource::Person,
            evidence: evidence.to_owned(),
            message_id: None,
            at: self.clock.now(),
        };
        Ok(self.store.change_consent(scope, address, &change).await?)
    }
}
