//! What a tenant has switched on.

pub mod list;
pub mod set;

use serde::Serialize;
use tenancy::FlagState;
use utoipa::ToSchema;

/// A feature flag as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct FlagBody {
    /// `allow_ai_booking`, `enable_rag` or `require_human_review`.
    flag: &'static str,
    /// Whether it is on.
    enabled: bool,
    /// Whether somebody has said so; otherwise it has the safest value.
    is_set: bool,
}

impl From<FlagState> for FlagBody {
    fn from(state: FlagState) -> Self {
        Self { flag: state.flag.as_str(), enabled: state.value, is_set: state.is_set }
    }
}
