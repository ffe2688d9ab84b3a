//! The fakes keep the promises of the ports.

use tenancy::testing::{TenancyStores, WrappedKeys};

mod tenant_store {
    tenancy::tenant_store_contract!(super::TenancyStores::memory());
}

mod credential_store {
    tenancy::credential_store_contract!(super::TenancyStores::memory());
}

mod channel_store {
    tenancy::channel_store_contract!(super::TenancyStores::memory());
}

mod provider_account_store {
    tenancy::provider_account_store_contract!(super::TenancyStores::memory());
}

mod member_store {
    tenancy::member_store_contract!(super::TenancyStores::memory());
}

mod flag_store {
    tenancy::flag_store_contract!(super::TenancyStores::memory());
}

mod audit_log {
    tenancy::audit_log_contract!(super::TenancyStores::memory());
}

mod event_log {
    tenancy::event_log_contract!(super::TenancyStores::memory());
}

mod wrapped_key_store {
    tenancy::wrapped_key_store_contract!(super::WrappedKeys::memory().await);
}
