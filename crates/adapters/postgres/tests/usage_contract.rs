//! The store of usage on Postgres keeps the promises of the port.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, also in what makes its stores"
)]

use usage::testing::UsageStores;

mod support;
#[path = "../../sql-stores/testing/using.rs"]
mod using;

async fn fresh() -> UsageStores {
    let (stores, database) = support::stores().await;
    using::usage_stores(stores, Box::new(database)).await
}

mod usage_store {
    usage::usage_store_contract!(super::fresh().await);
}
