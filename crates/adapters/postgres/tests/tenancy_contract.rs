//! The tenancy stores on Postgres keep the promises of the ports.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, also in what makes its stores")]

use std::sync::Arc;

use tenancy::testing::{TenancyStores, WrappedKeys};

mod support;

async fn fresh() -> TenancyStores {
    let (stores, database) = support::stores().await;
    TenancyStores::all(&stores, Box::new(database))
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

mod member_store {
    tenancy::member_store_contract!(super::fresh().await);
}

mod flag_store {
    tenancy::flag_store_contract!(super::fresh().await);
}

mod audit_log {
    tenancy::audit_log_contract!(super::fresh().await);
}

mod event_log {
    tenancy::event_log_contract!(super::fresh().await);
}

async fn fresh_keys() -> WrappedKeys {
    let (stores, database) = support::stores().await;
    WrappedKeys::of(Arc::new(stores.clone()), &stores, Box::new(database)).await
}

mod wrapped_key_store {
    tenancy::wrapped_key_store_contract!(super::fresh_keys().await);
}
