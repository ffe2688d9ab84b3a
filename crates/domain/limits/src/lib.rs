//! How often somebody may ask ([`Throttle`]), how often somebody may guess ([`CoolDown`]), and what a repeated
//! request gets ([`IdempotencyStore`]).
//!
//! The rules are pure functions here ([`Quota::admit`], [`CoolDownPolicy::attempt`]); adapters keep the state.

mod cool_down;
mod digest;
mod error;
mod idempotency_key;
mod idempotency_store;
mod quota;
#[cfg(feature = "testing")]
pub mod testing;
mod throttle;
mod throttle_key;

pub use cool_down::{CoolDown, CoolDownPolicy, CoolDownState};
pub use error::LimitsError;
pub use idempotency_key::{CallerId, Fingerprint, IdempotencyKey};
pub use idempotency_store::{Attempt, Begun, IdempotencyOwner, IdempotencyStore, KEPT_FOR, StoredAnswer};
pub use quota::{Admission, Quota, Verdict};
pub use throttle::Throttle;
pub use throttle_key::{RouteClass, ThrottleKey};
