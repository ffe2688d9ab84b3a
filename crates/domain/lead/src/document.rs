//! A lead as stores keep it: plain columns, and one document that is sealed whole.

use kernel::{LeadId, TenantId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Lead, LeadSource, LeadStatus,
    held::{Absorbed, Held},
};

/// What of a lead is kept plain: nothing personal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeadColumns {
    /// The lead's id.
    pub id: LeadId,
    /// Whose lead it is.
    pub tenant_id: TenantId,
    /// Where it was first heard of.
    pub source: LeadSource,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub changed_at: Timestamp,
    /// The version of the row.
    pub version: i64,
    /// The lead that it is part of now.
    pub merged_into: Option<LeadId>,
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
}

/// What of a lead is sealed: everything else. It is JSON by serde, and of no other use than to be stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeadDocument {
    status: LeadStatus,
    held: Held,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    absorbed: Vec<Absorbed>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    kept_apart: Vec<LeadId>,
}

impl Lead {
    /// Returns what of the lead is kept plain. Beside it stand [`Lead::status`], [`Lead::score`] and
    /// [`Lead::conversation_id`], which are computed and written for filtering only.
    pub fn columns(&self) -> LeadColumns {
        LeadColumns {
            id: self.id,
            tenant_id: self.tenant_id,
            source: self.source,
            created_at: self.created_at,
            changed_at: self.changed_at,
            version: self.version,
            merged_into: self.merged_into,
            deleted_at: self.deleted_at,
        }
    }

    /// Returns what of the lead is sealed.
    pub fn document(&self) -> LeadDocument {
        LeadDocument {
            status: self.own_status,
            held: self.held.clone(),
            absorbed: self.absorbed.clone(),
            kept_apart: self.kept_apart.clone(),
        }
    }

    /// Rebuilds a lead from what a store kept.
    pub fn from_stored(columns: LeadColumns, document: LeadDocument) -> Self {
        Self {
            id: columns.id,
            tenant_id: columns.tenant_id,
            source: columns.source,
            own_status: document.status,
            held: document.held,
            absorbed: document.absorbed,
            kept_apart: document.kept_apart,
            created_at: columns.created_at,
            changed_at: columns.changed_at,
            version: columns.version,
            merged_into: columns.merged_into,
            deleted_at: columns.deleted_at,
        }
    }
}
