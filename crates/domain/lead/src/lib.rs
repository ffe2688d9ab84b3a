//! Leads: who may become a customer, what is known of them, and how it is known.
//!
//! Conversations tell of people by [`CaptureLead`]; people and programs work with leads by [`ManageLeads`] and take
//! them away by [`ExportLeads`]. All that was ever told is kept with its source; what is believed is computed.

mod arrival;
mod capture_lead;
mod csv;
mod document;
mod error;
mod events;
mod export_leads;
mod extract;
mod fact;
mod facts;
mod field;
mod heard;
mod held;
mod identity;
mod lead;
mod lead_store;
mod manage_leads;
mod merge;
mod person_name;
mod region;
mod score;
mod source;
mod status;
mod tag;
#[cfg(feature = "testing")]
pub mod testing;
mod unite_leads;
mod urgency;
mod words;

pub use arrival::Arrived;
pub use capture_lead::CaptureLead;
pub use csv::{lead_header, lead_line};
pub use document::{LeadColumns, LeadDocument};
pub use error::LeadError;
pub use events::{
    LEAD_CAPTURED, LEAD_DELETED, LEAD_MERGED, LEAD_STATUS_CHANGED, LEAD_UNMERGED, LEAD_UPDATED,
};
pub use export_leads::{ExportLeads, ExportedPage};
pub use extract::extract;
pub use fact::{Confidence, Fact, Told};
pub use facts::Facts;
pub use field::{FactValue, Field};
pub use heard::{CapturedFact, Heard, HeardBy, Said};
pub use identity::Identity;
pub use lead::Lead;
pub use lead_store::{Clues, LeadChange, LeadFilter, LeadStore, Recognised};
pub use manage_leads::{LeadEdit, ManageLeads};
pub use person_name::Strength;
pub use region::Region;
pub use score::{Score, ScorePart, ScoreReason};
pub use source::{FactSource, LeadSource};
pub use status::LeadStatus;
pub use tag::{Note, Tag};
pub use urgency::Urgency;
