//! What of a text the type of its field does not say: which words there are, and how long it may be. The words are those
//! of the domain, so that the description follows them.

use conversation::{ConsentAction, ConversationStatus};
use kernel::ModelProvider;
use lead::{LeadSource, LeadStatus, Urgency};
use prompt::{AiRole, ExampleWeight, LineAuthor, PromptChannel, RunMode};
use serde_json::Value;
use tenancy::{AuditAction, Channel, MemberStatus, Permission, Plan, Provider, Role, TenantStatus};
use utoipa::{
    Modify,
    openapi::{
        Object, OpenApi as Document, RefOr, Schema, Type,
        path::Operation,
        schema::{ArrayItems, SchemaType},
    },
};

type Words = Vec<&'static str>;

fn names<T: Copy>(all: &[T], name: impl Fn(T) -> &'static str) -> Words {
    all.iter().copied().map(name).collect()
}

/// The words of fields, by the names of schema and field.
fn of_fields() -> Vec<(&'static str, &'static str, Words)> {
    let role = || names(&Role::ALL, Role::as_str);
    let plan = || names(&Plan::ALL, Plan::as_str);
    let ai_role = || names(AiRole::VALUES, AiRole::as_str);
    let channel = || names(PromptChannel::VALUES, PromptChannel::as_str);
    let weight = || names(ExampleWeight::VALUES, ExampleWeight::as_str);
    let urgency = || names(Urgency::ALL, Urgency::as_str);
    let status = || names(LeadStatus::ALL, LeadStatus::as_str);
    vec![
        ("AddMember", "role", role()),
        ("AddProviderAccount", "provider", names(&[Provider::Twilio], Provider::as_str)),
        ("BindChannel", "channel", names(&[Channel::Sms, Channel::WebChat], Channel::as_str)),
        ("BindChannel", "provider", names(&Provider::ALL, Provider::as_str)),
        ("ChangeAiProfile", "role", ai_role()),
        ("ChangeConsent", "state", names(ConsentAction::ALL, |action| action.leads_to().as_str())),
        ("ChangeLead", "status", status()),
        ("ChangeLead", "urgency", urgency()),
        ("ChangeMember", "role", role()),
        ("ChangeMember", "status", names(&MemberStatus::ALL, MemberStatus::as_str)),
        ("ChangeTenant", "plan", plan()),
        ("ChangeTenant", "status", names(&TenantStatus::ALL, TenantStatus::as_str)),
        ("ComposePromptInput", "channel", channel()),
        ("CreateAiProfile", "role", ai_role()),
        ("CreateApiKey", "mode", vec!["live", "test"]),
        ("CreateApiKey", "scopes", names(Permission::ALL, Permission::as_str)),
        ("CreateLead", "urgency", urgency()),
        ("CreateTenant", "plan", plan()),
        ("DraftPrompt", "channel", channel()),
        ("ExampleInput", "channel", channel()),
        ("ExampleInput", "weight", weight()),
        (
            "ExpectationBody",
            "kind",
            vec![
                "must_mention",
                "must_not_mention",
                "must_call_tool",
                "must_not_call_tool",
                "must_hand_off",
                "judged",
            ],
        ),
        ("FromConversation", "weight", weight()),
        ("LineBody", "author", names(LineAuthor::VALUES, LineAuthor::as_str)),
        ("RunInput", "mode", names(RunMode::VALUES, RunMode::as_str)),
        ("SetLeadStatus", "status", status()),
        ("SettingsBody", "providers", names(&ModelProvider::ALL, ModelProvider::as_str)),
        (
            "StatusForm",
            "MessageStatus",
            vec![
                "accepted",
                "scheduled",
                "queued",
                "sending",
                "sent",
                "delivered",
                "undelivered",
                "failed",
                "canceled",
                "read",
            ],
        ),
        ("TestPrompt", "channel", channel()),
    ]
}

/// The words of queries, by the names of operation and parameter. An empty one is as good as none.
fn of_queries() -> Vec<(&'static str, &'static str, Words)> {
    let action = || names(AuditAction::ALL, AuditAction::as_str);
    let channel = || names(PromptChannel::VALUES, PromptChannel::as_str);
    let status = || names(LeadStatus::ALL, LeadStatus::as_str);
    let source = || names(LeadSource::ALL, LeadSource::as_str);
    vec![
        ("export_leads", "source", source()),
        ("export_leads", "status", status()),
        ("list_audit_log", "action", action()),
        ("list_base_prompts", "channel", channel()),
        ("list_conversations", "status", names(ConversationStatus::ALL, ConversationStatus::as_str)),
        ("list_leads", "source", source()),
        ("list_leads", "status", status()),
        ("list_platform_audit_log", "action", action()),
        ("list_prompts", "channel", channel()),
    ]
}

/// How long texts are at least and at most, in characters, by the names of schema and field.
const LENGTHS: &[(&str, &str, usize, usize)] = &[
    ("AddMember", "name", 1, 100),
    ("AddMember", "password", 12, 256),
    ("AddNote", "text", 1, 4_000),
    ("AnswerInPerson", "text", 1, 10_000),
    ("ChangeAiProfile", "name", 1, 100),
    ("ChangeAiProfile", "system_prompt", 1, 16_000),
    ("ChangeMember", "name", 1, 100),
    ("ChangePassword", "new_password", 12, 256),
    ("ChangePrompt", "note", 0, 500),
    ("ChatMessage", "session_id", 1, 128),
    ("CreateAiProfile", "name", 1, 100),
    ("CreateAiProfile", "system_prompt", 1, 16_000),
    ("CreateApiKey", "name", 1, 100),
    ("CreateOwnerToken", "name", 1, 100),
    ("CreateTenant", "name", 1, 200),
    ("CreateWidgetToken", "name", 1, 100),
    ("DraftPrompt", "note", 0, 500),
    ("ExampleInput", "name", 1, 100),
    ("FromConversation", "name", 1, 100),
    ("LineBody", "text", 1, 4_000),
    ("SectionBody", "content", 0, 16_000),
    ("SetPassword", "password", 12, 256),
];

/// What texts look like, by the names of schema and field.
const PATTERNS: &[(&str, &str, &str)] = &[
    ("AddProviderAccount", "account_sid", "^[!-.0-~]{1,64}$"),
    ("AddProviderAccount", "auth_token", "^[!-~]{1,64}$"),
    ("SectionBody", "key", "^[a-z][a-z0-9_-]{0,63}$"),
    ("SpanBody", "closes", "^([01][0-9]|2[0-3]):[0-5][0-9]$"),
    ("SpanBody", "opens", "^([01][0-9]|2[0-3]):[0-5][0-9]$"),
];

/// Says of texts which words there are, and how long they may be.
pub(super) struct OfTexts;

impl Modify for OfTexts {
    fn modify(&self, document: &mut Document) {
        for (schema, field, words) in of_fields() {
            if let Some(described) = field_of(document, schema, field) {
                restrict(described, &words);
            }
        }
        for (schema, field, least, most) in LENGTHS {
            if let Some(described) = field_of(document, schema, field) {
                described.min_length = Some(*least);
                described.max_length = Some(*most);
            }
        }
        for (schema, field, pattern) in PATTERNS {
            if let Some(described) = field_of(document, schema, field) {
                described.pattern = Some((*pattern).to_owned());
            }
        }
        for (operation, name, mut words) in of_queries() {
            words.push("");
            if let Some(described) = query_of(document, operation, name) {
                restrict(described, &words);
            }
        }
    }
}

/// Says of parameters that may be left out that they are never null: there is no null in a path, a query or a header.
pub(super) struct NeverNull;

impl Modify for NeverNull {
    fn modify(&self, document: &mut Document) {
        for item in document.paths.paths.values_mut() {
            let operations =
                [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
            let parameters =
                operations.into_iter().flatten().flat_map(|operation| operation.parameters.iter_mut());
            for parameter in parameters.flatten() {
                if let RefOr::T(parameter) = parameter
                    && let Some(RefOr::T(Schema::Object(object))) = &mut parameter.schema
                {
                    without_null(object);
                }
            }
        }
    }
}

fn without_null(object: &mut Object) {
    if let SchemaType::Array(types) = &object.schema_type
        && let [only] = types.iter().filter(|one| **one != Type::Null).collect::<Vec<_>>().as_slice()
    {
        object.schema_type = SchemaType::Type((*only).clone());
    }
    if let Some(values) = &mut object.enum_values {
        values.retain(|value| !value.is_null());
    }
}

/// Lets a text, or each text of a list, be one of these words alone, or null where it may be.
fn restrict(object: &mut Object, words: &[&str]) {
    let null = matches!(&object.schema_type, SchemaType::Array(types) if types.contains(&Type::Null));
    let values = words.iter().map(|word| Value::from(*word));
    object.enum_values = Some(values.chain(null.then_some(Value::Null)).collect());
}

fn field_of<'document>(
    document: &'document mut Document,
    schema: &str,
    field: &str,
) -> Option<&'document mut Object> {
    let schema = document.components.as_mut()?.schemas.get_mut(schema)?;
    let RefOr::T(Schema::Object(object)) = schema else { return None };
    text_of(object.properties.get_mut(field)?)
}

fn query_of<'document>(
    document: &'document mut Document,
    operation: &str,
    name: &str,
) -> Option<&'document mut Object> {
    let gets = document.paths.paths.values_mut().filter_map(|item| item.get.as_mut());
    let named = |get: &&mut Operation| get.operation_id.as_deref() == Some(operation);
    let mut parameters = gets.into_iter().find(named)?.parameters.iter_mut().flatten();
    let parameter = parameters.find_map(|one| match one {
        RefOr::T(parameter) if parameter.name == name => Some(parameter),
        _ => None,
    })?;
    text_of(parameter.schema.as_mut()?)
}

/// Returns the text that a schema describes, or that the items of its list are.
fn text_of(schema: &mut RefOr<Schema>) -> Option<&mut Object> {
    match schema {
        RefOr::T(Schema::Object(object)) => Some(object),
        RefOr::T(Schema::Array(list)) => match &mut list.items {
            ArrayItems::RefOrSchema(items) => text_of(items),
            ArrayItems::False => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use utoipa::OpenApi as _;

    use super::*;

    #[test]
    fn every_row_names_a_text_of_the_description() {
        let mut document = super::super::Api::openapi();
        for (schema, field, words) in of_fields() {
            let described = field_of(&mut document, schema, field);
            let described = described.unwrap_or_else(|| panic!("{schema} has no text {field}"));
            assert_eq!(described.enum_values.as_ref().unwrap()[0], words[0], "{schema}.{field}");
        }
        for (schema, field, ..) in LENGTHS {
            let described = field_of(&mut document, schema, field);
            assert!(described.is_some_and(|text| text.max_length.is_some()), "{schema}.{field}");
        }
        for (schema, field, pattern) in PATTERNS {
            let described = field_of(&mut document, schema, field);
            assert!(
                described.is_some_and(|text| text.pattern.as_deref() == Some(pattern)),
                "{schema}.{field}"
            );
        }
        for (operation, name, words) in of_queries() {
            let described = query_of(&mut document, operation, name);
            let described = described.unwrap_or_else(|| panic!("{operation} has no text {name}"));
            assert_eq!(described.enum_values.as_ref().unwrap()[0], words[0], "{operation}.{name}");
        }
    }
}
