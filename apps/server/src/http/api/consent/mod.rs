//! Consent by address, whether or not a contact has it, and the ledger that proves it.

pub mod change;
pub mod ledger;
pub mod show;

use chrono::{DateTime, Utc};
use conversation::{Consent, ConsentAction};
use serde::{Deserialize, Serialize};
use tenancy::Address;
use utoipa::{IntoParams, ToSchema};

use super::wire::one_of;
use crate::http::problem::Problem;

/// Which address is meant.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AddressQuery {
    /// A phone number with its country code, or what else a contact has.
    address: String,
}

/// Whether an address may be written to.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsentBody {
    /// The address.
    address: String,
    /// `unknown`, `opted_in` or `opted_out`.
    state: &'static str,
    /// When that changed last; null when nobody has said.
    changed_at: Option<DateTime<Utc>>,
}

/// A yes or no to be recorded on a person's word.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeConsent {
    /// `opted_in` or `opted_out`.
    state: String,
    /// How the contact said so. Required for a yes, as proof; it is kept sealed in the ledger.
    #[serde(default)]
    evidence: String,
}

impl ConsentBody {
    /// Shows what stands for an address.
    pub fn new(address: &Address, consent: &Consent) -> Self {
        Self {
            address: address.as_str().to_owned(),
            state: consent.state.as_str(),
            changed_at: consent.changed_at,
        }
    }
}

impl ChangeConsent {
    /// Reads what is to be recorded.
    ///
    /// # Errors
    /// When the state is none that can be recorded.
    pub fn action(&self) -> Result<ConsentAction, Problem> {
        Ok(one_of("state", &self.state, ConsentAction::ALL, |action| action.leads_to().as_str())?)
    }

    /// Returns how the contact said so.
    pub fn evidence(&self) -> &str {
        &self.evidence
    }
}
