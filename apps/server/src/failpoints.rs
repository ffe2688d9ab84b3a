//! Places at which a process can be made to die or to be slow, for `cargo xtask chaos`. Without the feature `failpoints`
//! none of it is compiled.

/// A webhook was read, and nothing is stored.
pub(crate) const API_BEFORE_COMMIT: &str = "api.before_commit";
/// A webhook's message is stored, and the carrier has not heard of it.
pub(crate) const API_AFTER_COMMIT: &str = "api.after_commit";
/// Jobs are claimed, and nothing is done.
pub(crate) const WORKER_CLAIMED: &str = "worker.claimed";
/// The model is about to be asked.
pub(crate) const MODEL_ASKED: &str = "model.asked";
/// The model has answered, and the turn is not committed.
pub(crate) const TURN_BEFORE_COMMIT: &str = "turn.before_commit";
/// The turn is committed, and nobody has heard of it.
pub(crate) const TURN_AFTER_COMMIT: &str = "turn.after_commit";
/// A message is about to be sent; that it is attempted is stored.
pub(crate) const SEND_BEFORE: &str = "send.before";
/// The carrier has answered, and what it said is not stored.
pub(crate) const SEND_AFTER: &str = "send.after";

/// Comes to a place. What `FAILPOINTS` tells to `return` there dies as by a power cut; the rest is as the crate `fail`
/// has it.
#[cfg(feature = "failpoints")]
pub(crate) fn reach(point: &'static str) {
    fail::fail_point!(point, |_| std::process::abort());
}

/// There are no such places.
#[cfg(not(feature = "failpoints"))]
pub(crate) const fn reach(_point: &'static str) {}

/// Reads `FAILPOINTS`, for as long as the process lives.
#[cfg(feature = "failpoints")]
pub fn set_up() {
    std::mem::forget(fail::FailScenario::setup());
}

/// There is nothing to read.
#[cfg(not(feature = "failpoints"))]
pub const fn set_up() {}

/// Returns the time that `FAILPOINT_<name>_MS` says, or the usual one.
#[cfg(feature = "failpoints")]
pub(crate) fn time(name: &str, usual: std::time::Duration) -> std::time::Duration {
    let millis = std::env::var(format!("FAILPOINT_{name}_MS")).ok().and_then(|value| value.parse().ok());
    millis.map_or(usual, std::time::Duration::from_millis)
}

/// Returns the usual time.
#[cfg(not(feature = "failpoints"))]
pub(crate) const fn time(_name: &str, usual: std::time::Duration) -> std::time::Duration {
    usual
}

/// Returns by how many seconds the clock is wrong.
#[cfg(feature = "failpoints")]
pub(crate) fn clock_error() -> chrono::TimeDelta {
    static ERROR: std::sync::LazyLock<chrono::TimeDelta> = std::sync::LazyLock::new(|| {
        let seconds = std::env::var("FAILPOINT_CLOCK_SECONDS").ok().and_then(|value| value.parse().ok());
        chrono::TimeDelta::seconds(seconds.unwrap_or(0))
    });
    *ERROR
}

/// It is right.
#[cfg(not(feature = "failpoints"))]
pub(crate) const fn clock_error() -> chrono::TimeDelta {
    chrono::TimeDelta::zero()
}
