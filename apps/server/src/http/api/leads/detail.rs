//! A lead with all that is known of it, and how it is known.

use chrono::{DateTime, Utc};
use kernel::{ConversationId, LeadId};
use lead::{Fact, Lead, LeadStatus, Note, ScorePart};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::LeadBody;

/// One thing that was told of a lead.
#[derive(Debug, Serialize, ToSchema)]
pub struct FactBody {
    /// What it is about, such as `phone`.
    field: &'static str,
    /// What was told.
    value: String,
    /// Where it comes from: `person`, `channel`, `supplied`, `pattern`, `model` or `carrier`.
    source: &'static str,
    /// How sure it is, 0 to 100.
    confidence: u8,
    /// `weak` for a name that says nothing about a person, else `strong`.
    strength: &'static str,
    /// When it was told.
    told_at: DateTime<Utc>,
    /// In which conversation, if in any.
    conversation_id: Option<Uuid>,
}

/// A part of a score.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScorePartBody {
    /// What the points are for, such as `reachable_phone`.
    reason: &'static str,
    /// How many; less than none where something speaks against the lead.
    points: i16,
}

/// Something that was written about a lead.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoteBody {
    /// Who wrote it, as the audit log names them.
    author: String,
    /// When.
    at: DateTime<Utc>,
    /// What it says.
    text: String,
}

/// A lead that was merged into another one.
#[derive(Debug, Serialize, ToSchema)]
pub struct MergedLeadBody {
    /// Its id.
    lead_id: Uuid,
    /// When it was merged.
    at: DateTime<Utc>,
}

/// A lead with all that is known of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct LeadDetailBody {
    /// What is believed.
    #[serde(flatten)]
    lead: LeadBody,
    /// What is believed of each field, and how it is known.
    facts: Vec<FactBody>,
    /// What else was told of each field, oldest first.
    alternatives: Vec<FactBody>,
    /// Every name that was told, oldest first.
    names: Vec<FactBody>,
    /// What the score is made of.
    score_parts: Vec<ScorePartBody>,
    /// What was written about it, oldest first.
    notes: Vec<NoteBody>,
    /// The conversations that belong to it.
    conversation_ids: Vec<Uuid>,
    /// What its status may become next.
    next_statuses: Vec<&'static str>,
    /// The leads that were merged into it and can be taken out again.
    merged: Vec<MergedLeadBody>,
    /// The lead that it is part of now, which is the one to work on.
    merged_into: Option<Uuid>,
}

/// Two leads of which one was taken out of the other.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnmergedBody {
    /// The one that remained.
    pub(super) lead: LeadDetailBody,
    /// The one that is there again.
    pub(super) unmerged: LeadDetailBody,
}

impl From<&Fact> for FactBody {
    fn from(fact: &Fact) -> Self {
        let told = fact.told();
        Self {
            field: fact.field().as_str(),
            value: fact.value().to_owned(),
            source: fact.source().as_str(),
            confidence: fact.confidence().percent(),
            strength: fact.strength().as_str(),
            told_at: told.at,
            conversation_id: told.conversation_id.map(ConversationId::uuid),
        }
    }
}

impl From<&ScorePart> for ScorePartBody {
    fn from(part: &ScorePart) -> Self {
        Self { reason: part.reason.as_str(), points: part.points }
    }
}

impl From<&Note> for NoteBody {
    fn from(note: &Note) -> Self {
        Self { author: note.author().to_owned(), at: note.at(), text: note.text().to_owned() }
    }
}

impl From<Lead> for LeadDetailBody {
    fn from(lead: Lead) -> Self {
        let facts = lead.facts();
        let (believed, others): (Vec<_>, Vec<_>) =
            facts.iter().partition(|fact| facts.believed(fact.field()) == Some(fact));
        let merged = lead.merged().into_iter();
        Self {
            facts: believed.into_iter().map(FactBody::from).collect(),
            alternatives: others.into_iter().map(FactBody::from).collect(),
            names: lead.names().iter().map(FactBody::from).collect(),
            score_parts: lead.score().parts().iter().map(ScorePartBody::from).collect(),
            notes: lead.notes().iter().map(NoteBody::from).collect(),
            conversation_ids: lead.conversations().into_iter().map(ConversationId::uuid).collect(),
            next_statuses: lead.status().next().iter().copied().map(LeadStatus::as_str).collect(),
            merged: merged.map(|(id, at)| MergedLeadBody { lead_id: id.uuid(), at }).collect(),
            merged_into: lead.merged_into().map(LeadId::uuid),
            lead: LeadBody::from(&lead),
        }
    }
}
