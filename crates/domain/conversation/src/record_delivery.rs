//! Recording what a carrier reports about a message.

use std::sync::Arc;

use kernel::Clock;
use tenancy::TenantScope;

use crate::{
    delivery_ledger::{DeliveryLedger, DeliveryReport},
    error::ConversationError,
};

/// Records carriers' reports.
pub struct RecordDelivery {
    ledger: Arc<dyn DeliveryLedger>,
    clock: Arc<dyn Clock>,
}

impl RecordDelivery {
    /// Makes the use case.
    pub fn new(ledger: Arc<dyn DeliveryLedger>, clock: Arc<dyn Clock>) -> Self {
        Self { ledger, clock }
    }

    /// Records a report, in whatever order reports come; `false` when no message of the tenant is meant.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn record(
        &self,
        scope: &TenantScope,
        report: &DeliveryReport,
    ) -> Result<bool, ConversationError> {
        Ok(self.ledger.report(scope, report, self.clock.now()).await?)
    }
}
