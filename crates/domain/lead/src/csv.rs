//! Leads as comma-separated values.

use chrono::SecondsFormat;
use kernel::csv_line;

use crate::{Field, Lead, Tag};

/// The columns that hold fields.
const FIELDS: [Field; 9] = [
    Field::Name,
    Field::Email,
    Field::Phone,
    Field::Need,
    Field::Urgency,
    Field::Zip,
    Field::ServiceAddress,
    Field::PreferredTime,
    Field::Language,
];

/// Returns the first line, which names the columns.
pub fn lead_header() -> String {
    let fields = FIELDS.map(Field::as_str);
    let before = ["id", "status", "score", "source"];
    let after = ["tags", "conversation_id", "created_at"];
    csv_line(before.iter().chain(&fields).chain(&after).map(|&name| name.to_owned()))
}

/// Returns the line of a lead.
pub fn lead_line(lead: &Lead) -> String {
    let facts = lead.facts();
    let before = [
        lead.id().to_string(),
        lead.status().as_str().to_owned(),
        lead.score().total().to_string(),
        lead.source().as_str().to_owned(),
    ];
    let value = |field| facts.believed(field).map(|fact| fact.value().to_owned()).unwrap_or_default();
    let after = [
        lead.tags().iter().map(Tag::as_str).collect::<Vec<_>>().join("; "),
        lead.conversation_id().map(|id| id.to_string()).unwrap_or_default(),
        lead.created_at().to_rfc3339_opts(SecondsFormat::Micros, true),
    ];
    csv_line(before.into_iter().chain(FIELDS.map(value)).chain(after))
}
