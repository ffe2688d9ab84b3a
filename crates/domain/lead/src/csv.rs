//! Leads as comma-separated values, by RFC 4180, harmless to spreadsheets.

use chrono::SecondsFormat;

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
pub fn csv_header() -> String {
    let fields = FIELDS.map(Field::as_str);
    let before = ["id", "status", "score", "source"];
    let after = ["tags", "conversation_id", "created_at"];
    line(before.iter().chain(&fields).chain(&after).map(|&name| name.to_owned()))
}

/// Returns the line of a lead.
pub fn csv_line(lead: &Lead) -> String {
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
    line(before.into_iter().chain(FIELDS.map(value)).chain(after))
}

/// Returns a value as it may stand in a line: what a spreadsheet would run has an apostrophe before it, and what holds a
/// comma, a quote or a line break stands in quotes.
pub fn csv_field(text: &str) -> String {
    let runs = |c: char| matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠');
    let is_run = text.starts_with(runs) || text.trim_start().starts_with(runs);
    let text = if is_run { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\r', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

fn line(values: impl Iterator<Item = String>) -> String {
    let values: Vec<String> = values.map(|value| csv_field(&value)).collect();
    format!("{}\r\n", values.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_made_harmless() {
        for (text, field) in [
            ("=1+1", "'=1+1"),
            ("+15551230000", "'+15551230000"),
            ("-2", "'-2"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "\"'\r=1\""),
            ("  =1", "'  =1"),
            ("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\""),
            ("a=b", "a=b"),
        ] {
            assert_eq!(csv_field(text), field, "{text:?}");
        }
    }

    #[test]
    fn commas_quotes_and_line_breaks_stand_in_quotes() {
        for (text, field) in [
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("a\nb", "\"a\nb\""),
            ("plain", "plain"),
            ("", ""),
        ] {
            assert_eq!(csv_field(text), field, "{text:?}");
        }
    }
}
