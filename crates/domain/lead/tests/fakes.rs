//! The fake keeps the promises of the port.

use lead::testing::LeadStores;

mod lead_store {
    lead::lead_store_contract!(super::LeadStores::memory());
}
