//! The places of the API's description in which a caller says which thing is meant.

use serde_json::{Value, json};
use server::http::openapi;

use crate::support::Operation;

/// Where it is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    Path,
    Query,
    Header,
    Body,
}

/// What is named there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Names {
    /// A thing, by its id; it is one of those that `ids_of` makes.
    Thing(&'static str),
    /// What entries are about: a thing's id, whether or not the thing is there.
    Subject(&'static str),
    /// A contact's phone.
    Phone,
    /// A page's beginning.
    Cursor,
    /// An event's position.
    Position,
    /// A request.
    Request,
    /// A visitor's session, as the page calls it.
    Session,
    /// What one tenant of an installation may claim: a number, an account.
    Claimed(&'static str),
    /// Nothing that a tenant has: words, numbers, states.
    Nothing,
}

/// A place.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) at: At,
    pub(super) name: String,
    pub(super) names: Names,
}

use Names::{Claimed, Cursor, Nothing, Phone, Position, Request, Session, Subject, Thing};

/// What each name in a place names; `*` stands for every operation that has no row of its own.
const KNOWN: &[(At, &str, &[&str], Names)] = &[
    (At::Path, "*", &["tenant_id"], Thing("tenant_id")),
    (At::Path, "*", &["member_id"], Thing("member_id")),
    (At::Path, "*", &["key_id"], Thing("key_id")),
    (At::Path, "*", &["owner_token_id"], Thing("owner_token_id")),
    (At::Path, "*", &["token_id"], Thing("token_id")),
    (At::Path, "*", &["account_id"], Thing("account_id")),
    (At::Path, "*", &["channel_id"], Thing("channel_id")),
    (At::Path, "*", &["prompt_id"], Thing("prompt_id")),
    (At::Path, "*", &["example_id"], Thing("example_id")),
    (At::Path, "*", &["profile_id"], Thing("profile_id")),
    (At::Path, "*", &["contact_id"], Thing("contact_id")),
    (At::Path, "*", &["conversation_id"], Thing("conversation_id")),
    (At::Path, "*", &["lead_id"], Thing("lead_id")),
    (At::Path, "*", &["flag", "tag"], Nothing),
    (At::Query, "*", &["against"], Thing("prompt_id")),
    (At::Query, "*", &["message"], Subject("message_id")),
    (At::Query, "*", &["resource_id"], Subject("lead_id")),
    (At::Query, "*", &["address", "phone", "contact_address"], Phone),
    (At::Query, "*", &["cursor"], Cursor),
    (At::Query, "*", &["action", "channel", "from", "limit", "min_score", "q"], Nothing),
    (At::Query, "*", &["source", "status", "tag", "to"], Nothing),
    (At::Header, "*", &["Idempotency-Key"], Request),
    (At::Header, "*", &["Last-Event-ID"], Position),
    (At::Body, "log_in", &["tenant_id"], Thing("tenant_id")),
    (At::Body, "merge_leads", &["lead_id"], Thing("other_lead_id")),
    (At::Body, "unmerge_leads", &["lead_id"], Thing("merged_lead_id")),
    (At::Body, "create_example_from_conversation", &["conversation_id"], Thing("conversation_id")),
    (At::Body, "draft_prompt", &["from"], Thing("prompt_id")),
    (At::Body, "draft_base_prompt", &["from"], Thing("prompt_id")),
    (At::Body, "run_prompt_examples", &["example_id"], Thing("example_id")),
    (At::Body, "run_prompt_examples", &["cursor"], Cursor),
    (At::Body, "create_lead", &["phone"], Phone),
    (At::Body, "change_lead", &["phone"], Phone),
    (At::Body, "chat", &["session_id"], Session),
    (At::Body, "bind_channel", &["address"], Claimed("number")),
    (At::Body, "add_provider_account", &["account_sid"], Claimed("account")),
    (At::Body, "*", &["service_address"], Nothing),
    (At::Body, "put_profile", &["address", "calendar_id", "owner.phone"], Nothing),
];

fn what(operation: &str, at: At, name: &str) -> Names {
    let row = |of: &str| {
        let mut rows = KNOWN.iter();
        rows.find(|(place, whose, names, _)| *place == at && *whose == of && names.contains(&name))
    };
    let found = row(operation).or_else(|| row("*"));
    found.unwrap_or_else(|| panic!("{operation} has {name} in its {at:?}: say in this test what it names")).3
}

/// Returns every place of an operation that names something.
pub(super) fn places(operation: &Operation) -> Vec<Place> {
    let mut found: Vec<Place> = Vec::new();
    let mut add = |at, name: &str| {
        let place = Place { at, name: name.to_owned(), names: what(operation.id(), at, name) };
        found.push(place);
    };
    for parameter in operation.description()["parameters"].as_array().into_iter().flatten() {
        let at = match parameter["in"].as_str().unwrap() {
            "path" => At::Path,
            "query" => At::Query,
            "header" => At::Header,
            other => panic!("{} has a parameter in its {other}: give it a place", operation.id()),
        };
        add(at, parameter["name"].as_str().unwrap());
    }
    let in_path = operation.path.matches('{').count();
    let schema = &operation.description()["requestBody"]["content"]["application/json"]["schema"];
    let mut named = Vec::new();
    walk(&json!(openapi::document()), schema, "", &mut named);
    for name in &named {
        add(At::Body, name);
    }
    assert_eq!(found.iter().filter(|place| place.at == At::Path).count(), in_path, "{}", operation.id());
    found.retain(|place| place.names != Nothing);
    found
}

/// Collects the properties whose names or formats say that they name something.
fn walk(document: &Value, schema: &Value, path: &str, named: &mut Vec<String>) {
    if let Some(reference) = schema["$ref"].as_str() {
        return walk(document, document.pointer(&reference[1..]).unwrap(), path, named);
    }
    for one in ["allOf", "anyOf", "oneOf"].iter().filter_map(|of| schema[of].as_array()).flatten() {
        walk(document, one, path, named);
    }
    if schema["items"].is_object() {
        walk(document, &schema["items"], path, named);
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        let ends = ["_id", "_ids", "_sid", "phone", "address", "cursor", "session"];
        if property["format"] == "uuid" || ends.iter().any(|end| name.ends_with(end)) {
            named.push(path.clone());
        }
        walk(document, property, &path, named);
    }
}
