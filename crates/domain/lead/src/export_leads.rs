//! Giving out leads as one long table, page by page.

use std::sync::Arc;

use kernel::{Clock, Cursor, PageRequest};
use tenancy::{AuditAction, TenantScope};

use crate::{LeadChange, LeadError, LeadFilter, LeadStore, csv};

/// A piece of an export.
#[derive(Clone, PartialEq, Eq)]
pub struct ExportedPage {
    /// Whole lines of comma-separated values.
    pub lines: String,
    /// Where the next piece begins; `None` after the last.
    pub next: Option<Cursor>,
}

crate::words::shows_only!(ExportedPage: next);

/// Gives out leads as one long table.
pub struct ExportLeads {
    store: Arc<dyn LeadStore>,
    clock: Arc<dyn Clock>,
}

impl ExportLeads {
    /// Makes the use case.
    pub fn new(store: Arc<dyn LeadStore>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// Records in the audit log that leads are exported, and returns the line that names the columns.
    ///
    /// # Errors
    /// When the store fails; then nothing is given out.
    pub async fn begin(&self, scope: &TenantScope) -> Result<String, LeadError> {
        let audit = vec![(AuditAction::LeadsExported, scope.tenant_id().uuid())];
        self.store.save(scope, &LeadChange { audit, ..LeadChange::at(self.clock.now()) }).await?;
        Ok(csv::lead_header())
    }

    /// Returns the next lines, newest lead first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn next(
        &self,
        scope: &TenantScope,
        filter: &LeadFilter,
        after: Option<Cursor>,
    ) -> Result<ExportedPage, LeadError> {
        let request = PageRequest::new(PageRequest::MAX_LIMIT, after).unwrap_or_default();
        let page = self.store.list(scope, filter, &request).await?;
        Ok(ExportedPage { lines: page.items.iter().map(csv::lead_line).collect(), next: page.next })
    }
}
