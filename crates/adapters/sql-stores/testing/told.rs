//! What has been told of a tenant, as the contract of conversations asks for it.

use std::sync::Arc;

use conversation::testing::Told;
use tenancy::{EventLog, EventPosition, RecordedEvent, TenantScope};

/// Reads from the beginning, which is little in a database of one case.
pub(crate) fn told<S: EventLog + 'static>(stores: S) -> Told {
    let stores = Arc::new(stores);
    Box::new(move |scope| Box::pin(read(Arc::clone(&stores), scope.clone())))
}

async fn read<S: EventLog>(stores: Arc<S>, scope: TenantScope) -> Vec<RecordedEvent> {
    stores.read_events(&scope, EventPosition::START, 1_000).await.unwrap()
}
