//! What a lead holds, and what it holds on behalf of leads that were merged into it.

use std::collections::BTreeMap;

use kernel::{ConversationId, LeadId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Facts, Field, Identity, LeadStatus, Note, Tag};

/// What a lead holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Held {
    pub(crate) facts: Facts,
    pub(crate) tags: Vec<Tag>,
    pub(crate) notes: Vec<Note>,
    pub(crate) conversations: Vec<ConversationId>,
    pub(crate) identities: Vec<Identity>,
    /// Which fields somebody has emptied, and when at last: what was told of them before is not taken in any more.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) forgotten: BTreeMap<Field, Timestamp>,
}

/// What came from a lead that was merged into this one. It is held apart, so that taking the merge back takes out that
/// and nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Absorbed {
    pub(crate) lead: LeadId,
    pub(crate) at: Timestamp,
    /// The status that it brought; `None` once somebody has decided about the whole.
    pub(crate) status: Option<LeadStatus>,
    pub(crate) held: Held,
}
