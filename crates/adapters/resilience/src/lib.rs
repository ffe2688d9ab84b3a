//! What stands between the use cases and a model that fails: another try, a breaker that leaves a failing service alone,
//! and another model.
//!
//! They are models themselves and are put around one another, the chain outermost: each model of a [`ModelChain`] is a
//! [`BreakingModel`] around a [`RetryingModel`] around an adapter, so that a model that is left alone says so at once.

mod breaking;
mod chain;
mod heard;
mod retrying;

pub use breaking::{BreakingModel, BreakingSettings, CircuitOpen};
pub use chain::{ChainObserver, ModelChain, NoModel};
pub use retrying::{NoTimeLeft, RetryingModel, RetryingSettings};
