//! The tenancy stores on SQLite keep the promises of the ports.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, also in what makes its stores")]

use std::sync::Arc;

use sqlite::Stores;
use tenancy::testing::TenancyStores;

mod support;

fn fresh() -> TenancyStores {
    let stores = Stores::temporary(support::vault()).unwrap();
    TenancyStores {
        tenants: Arc::new(stores.clone()),
        credentials: Arc::new(stores.clone()),
        channels: Arc::new(stores.clone()),
        accounts: Arc::new(stores),
        keep: Box::new(()),
    }
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
