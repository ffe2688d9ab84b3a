//! A tenant's leads: who may become a customer.

mod body;
pub mod change;
pub mod create;
pub mod delete;
mod detail;
pub mod export;
pub mod get;
pub mod list;
pub mod merge;
pub mod note;
mod query;
pub mod set_status;
pub mod tag;
pub mod unmerge;

use lead::{Field, HeardBy, LeadStatus};
use tenancy::TenantScope;

pub use body::LeadBody;
pub use detail::{FactBody, LeadDetailBody, MergedLeadBody, NoteBody, ScorePartBody, UnmergedBody};
pub use query::LeadQuery;

use crate::{
    bridges::phones_of,
    http::{
        api::wire::one_of,
        problem::{FieldError, Problem},
    },
    services::Services,
};

/// Reads a status on the wire.
fn status(name: &str) -> Result<LeadStatus, FieldError> {
    one_of("status", name, LeadStatus::ALL, LeadStatus::as_str)
}

/// Returns what of the business helps to read a phone: its own numbers, and by them whose are meant where there is no
/// country code.
async fn business_for<'a>(
    services: &Services,
    scope: &TenantScope,
    mut fields: impl Iterator<Item = &'a Field>,
) -> Result<HeardBy, Problem> {
    if !fields.any(|field| *field == Field::Phone) {
        return Ok(HeardBy::default());
    }
    let bindings = services.channels.list(scope).await?;
    Ok(HeardBy::reached_at(String::new(), phones_of(bindings.iter())))
}
