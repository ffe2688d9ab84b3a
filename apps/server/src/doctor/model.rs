//! The language model.

use super::{Finding, Patient};
use crate::config::ModelChoice;

const CHECK: &str = "model";

pub(super) fn look(patient: &Patient) -> Finding {
    match patient.config.model {
        ModelChoice::Offline => Finding::ok(CHECK, "the built-in one, which is always there"),
    }
}
