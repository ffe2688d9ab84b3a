//! The fakes keep the promises of the ports.

use limits::testing::{LimitsStores, MemoryCoolDown, MemoryThrottle};

mod throttle {
    limits::throttle_contract!(super::MemoryThrottle::default());
}

mod cool_down {
    limits::cool_down_contract!(super::MemoryCoolDown::default());
}

mod idempotency_store {
    limits::idempotency_store_contract!(super::LimitsStores::memory());
}
