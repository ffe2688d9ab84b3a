//! The stores of tenancy on a real SQLite file, with real encryption, keep the promises of the ports.

use std::sync::Arc;

use kernel::testing::CountingEntropy;
use sqlite::Stores;
use tenancy::testing::TenancyStores;
use vault::{EnvelopeVault, KeyRing};

fn fresh() -> TenancyStores {
    let keks = KeyRing::parse("1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=").expect("a key ring");
    let vault = EnvelopeVault::new(keks, Arc::new(CountingEntropy::default()));
    let stores = Arc::new(Stores::temporary(Arc::new(vault)).expect("a database"));
    TenancyStores {
        tenants: stores.clone(),
        credentials: stores.clone(),
        channels: stores.clone(),
        accounts: stores,
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
