//! The store of usage on SQLite keeps the promises of the port.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, also in what makes its stores"
)]

use sqlite::Stores;
use usage::testing::UsageStores;

mod support;
#[path = "../../sql-stores/testing/using.rs"]
mod using;

async fn fresh() -> UsageStores {
    using::usage_stores(Stores::temporary(support::vault()).unwrap(), Box::new(())).await
}

mod usage_store {
    usage::usage_store_contract!(super::fresh().await);
}
