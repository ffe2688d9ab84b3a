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

use lead::{Field, LeadStatus, Region};
use tenancy::{Address, TenantScope};

pub use body::LeadBody;
pub use detail::{FactBody, LeadDetailBody, MergedLeadBody, NoteBody, ScorePartBody, UnmergedBody};
pub use query::LeadQuery;

use crate::{
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

/// Returns whose numbers are meant where a phone has no country code: those of the country in which the business is
/// reached.
async fn region_for<'a>(
    services: &Services,
    scope: &TenantScope,
    mut fields: impl Iterator<Item = &'a Field>,
) -> Result<Option<Region>, Problem> {
    if !fields.any(|field| *field == Field::Phone) {
        return Ok(None);
    }
    let bindings = services.channels.list(scope).await?;
    Ok(bindings.iter().find_map(|binding| match binding.address() {
        Address::Phone(number) => Region::of(number),
        Address::Session(_) | Address::Unreplyable(_) => None,
    }))
}
