//! The fake keeps the promises of the port.

use usage::testing::UsageStores;

mod usage_store {
    usage::usage_store_contract!(super::UsageStores::memory());
}
