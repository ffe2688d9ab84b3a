//! The tenancy stores on Postgres keep the promises of the ports.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, also in what makes its stores")]

use std::sync::Arc;

use tenancy::testing::TenancyStores;

mod support;

async fn fresh() -> TenancyStores {
    let (stores, database) = support::stores().await;
    TenancyStores {
        tenants: Arc::new(stores.clone()),
        credentials: Arc::new(stores.clone()),
        channels: Arc::new(stores.clone()),
        accounts: Arc::new(stores),
        keep: Box::new(database),
    }
}

mod tenant_store {
    tenancy::tenant_store_contract!(super::fresh().await);
}

mod credential_store {
    tenancy::credential_store_contract!(super::fresh().await);
}

mod channel_store {
    tenancy::channel_store_contract!(super::fresh().await);
}

mod provider_account_store {
    tenancy::provider_account_store_contract!(super::fresh().await);
}
