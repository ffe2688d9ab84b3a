//! The tenancy stores on SQLite keep the promises of the ports.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, also in what makes its stores")]

use std::sync::Arc;

use sqlite::Stores;
use tenancy::testing::{TenancyStores, WrappedKeys};

mod support;

fn fresh() -> TenancyStores {
    let stores = Stores::temporary(support::vault()).unwrap();
    TenancyStores::all(&stores, Box::new(()))
}

mod tenant_store {
    tenancy::tenant_store_contract!(super::fresh());
}

mod credential_store {
    tenancy::credential_store_contract!(super::fresh());
}

mod channel_store {
    tenancy::channel_store_contract!(super::fresh());
}

mod provider_account_store {
    tenancy::provider_account_store_contract!(super::fresh());
}

mod member_store {
    tenancy::member_store_contract!(super::fresh());
}

mod flag_store {
    tenancy::flag_store_contract!(super::fresh());
}

mod audit_log {
    tenancy::audit_log_contract!(super::fresh());
}

mod event_log {
    tenancy::event_log_contract!(super::fresh());
}

async fn fresh_keys() -> WrappedKeys {
    let stores = Stores::temporary(support::vault()).unwrap();
    WrappedKeys::of(Arc::new(stores.clone()), &stores, Box::new(())).await
}

mod wrapped_key_store {
    tenancy::wrapped_key_store_contract!(super::fresh_keys().await);
}
