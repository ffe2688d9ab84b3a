//! What the OpenAPI document says of answers and parameters, held against what the server does.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::{Value, json};
use server::http::openapi;

use crate::support::{Webhook, World, faulty_fields, ids_of};

fn document() -> Value {
    json!(openapi::document())
}

/// Returns the schema of an answer's body.
fn schema_of(document: &Value, (path, method): (&str, &str), (status, content_type): (&str, &str)) -> Value {
    document["paths"][path][method]["responses"][status]["content"][content_type]["schema"].clone()
}

/// Returns the schema that a reference stands for.
fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let Some(reference) = schema["$ref"].as_str() else { return schema };
    document.pointer(reference.trim_start_matches('#')).unwrap_or_else(|| panic!("{reference} is nowhere"))
}

/// Makes sure that a value has what its schema requires, and nothing that the schema does not know.
fn fits(document: &Value, schema: &Value, value: &Value, place: &str) {
    let schema = resolved(document, schema);
    let choices = schema["oneOf"].as_array();
    if let Some(choice) = choices.and_then(|all| all.iter().find(|one| one["type"] != "null")) {
        if !value.is_null() {
            fits(document, choice, value, place);
        }
        return;
    }
    match value {
        Value::Object(members) => {
            // What is flattened into an object is described beside it.
            let parts = schema["allOf"].as_array().cloned().unwrap_or_else(|| vec![schema.clone()]);
            let parts: Vec<_> = parts.iter().map(|part| resolved(document, part)).collect();
            for required in parts.iter().filter_map(|part| part["required"].as_array()).flatten() {
                assert!(members.contains_key(required.as_str().unwrap()), "{place} has no {required}");
            }
            if parts.iter().all(|part| part["properties"].is_null()) {
                return;
            }
            for (name, member) in members {
                let described = parts.iter().find_map(|part| part["properties"].get(name));
                let described = described.unwrap_or_else(|| panic!("{place}.{name} is not described"));
                fits(document, described, member, &format!("{place}.{name}"));
            }
        }
        Value::Array(items) => {
            assert!(schema["items"].is_object(), "{place} is described as no list");
            for item in items {
                fits(document, &schema["items"], item, &format!("{place}[]"));
            }
        }
        _ => {}
    }
}

#[actix_web::test]
async fn readiness_looks_as_it_is_described() {
    let (world, document) = (World::new(), document());
    for path in ["/health", "/readyz"] {
        let answer = world.get(path).send().await.expect(200);
        assert!(!answer["checks"].as_array().unwrap().is_empty(), "{answer}");
        fits(&document, &schema_of(&document, (path, "get"), ("200", "application/json")), &answer, path);
    }
}

#[actix_web::test]
async fn what_a_prompt_would_answer_looks_as_it_is_described() {
    let (world, document) = (World::new(), document());
    let business = world.business("Ann's", "+15550001001").await;
    let prompt = ids_of(&world, &business).await.remove("prompt_id").unwrap();
    let body = json!({"text": "hello"});
    let call = world.post(&business.path(&format!("/prompts/{prompt}/test"))).key(&business.key);
    let answer = call.json(&body).send().await.expect(200);
    let described = ("/api/v1/tenants/{tenant_id}/prompts/{prompt_id}/test", "post");
    fits(&document, &schema_of(&document, described, ("200", "application/json")), &answer, "answer");
}

#[actix_web::test]
async fn what_a_person_answers_looks_as_it_is_described() {
    let (world, document) = (World::new(), document());
    let business = world.business("Ann's", "+15550001001").await;
    let path = format!("/api/v1/conversations/{}/messages", business.conversation_id(&world).await);
    let answer =
        world.post(&path).key(&business.key).json(&json!({"text": "hello"})).send().await.expect(201);
    let described = ("/api/v1/conversations/{conversation_id}/messages", "post");
    fits(&document, &schema_of(&document, described, ("201", "application/json")), &answer, "answer");
}

#[actix_web::test]
async fn a_webhook_is_described_by_its_fields_and_its_answer() {
    let (world, document) = (World::new(), document());
    let business = world.business("Ann's", "+15550001001").await;
    let sms = |fields: &[(&str, &str)]| {
        Webhook::sms("SM1", &business.customer, &business.number, "hello").fields(fields)
    };
    let answer = sms(&[]).send(&world).await;
    let content = &document["paths"]["/webhooks/twilio/sms"]["post"]["responses"]["200"]["content"];
    let essence = answer.header("content-type").split(';').next().unwrap();
    assert!(content[essence].is_object(), "{essence} is not described");
    for (path, form) in [("/webhooks/twilio/sms", "SmsForm"), ("/webhooks/twilio/status", "StatusForm")] {
        let body = &document["paths"][path]["post"]["requestBody"]["content"];
        let schema = resolved(&document, &body["application/x-www-form-urlencoded"]["schema"]);
        assert_eq!(schema, &document["components"]["schemas"][form], "{path}");
    }
    for field in document["components"]["schemas"]["SmsForm"]["required"].as_array().unwrap() {
        let field = field.as_str().unwrap();
        let refused = sms(&[(field, "")]).send(&world).await;
        assert!([400, 403].contains(&refused.status), "{field} is required: {}", refused.status);
    }
}

#[actix_web::test]
async fn a_position_in_the_stream_that_is_no_text_is_refused() {
    let world = World::new();
    let business = world.business("Ann's", "+15550001001").await;
    let call = world.get(&business.path("/events")).key(&business.key).header("Last-Event-ID", "\u{84}");
    let problem = call.send().await.expect_problem(400, "invalid_request");
    assert_eq!(faulty_fields(&problem), ["Last-Event-ID"]);
}

#[test]
fn no_parameter_is_described_as_null() {
    let document = document();
    let operations =
        document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap());
    let parameters: Vec<_> =
        operations.flat_map(|(_, one)| one["parameters"].as_array().into_iter().flatten()).collect();
    assert!(parameters.len() > 100, "{}", parameters.len());
    for parameter in parameters {
        assert!(!parameter["schema"].to_string().contains("null"), "{parameter}");
    }
}

#[actix_web::test]
async fn a_name_of_a_request_is_described_as_it_is_read() {
    let document = document();
    let parameters = document["paths"]["/api/v1/tenants"]["post"]["parameters"].as_array().unwrap();
    let key = parameters.iter().find(|parameter| parameter["name"] == "Idempotency-Key").unwrap();
    assert_eq!(key["schema"]["pattern"], "^[!-~]+$");
    let call = World::new();
    let call = call.post("/api/v1/tenants").operator().header("Idempotency-Key", "a b");
    call.json(&json!({"name": "Ann's"})).send().await.expect_problem(400, "invalid_request");
}

#[test]
fn what_the_server_requires_of_a_query_is_described_as_required() {
    let document = document();
    for path in
        ["/api/v1/admin/prompts/{prompt_id}/diff", "/api/v1/tenants/{tenant_id}/prompts/{prompt_id}/diff"]
    {
        let parameters = document["paths"][path]["get"]["parameters"].as_array().unwrap();
        let against = parameters.iter().find(|parameter| parameter["name"] == "against").unwrap();
        assert_eq!(against["required"], true, "{path}");
    }
}

/// Two types of one name are one schema in the document, whichever comes last.
#[test]
fn no_two_described_types_have_one_name() {
    let mut named = BTreeMap::<String, Vec<String>>::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http"), &mut |path, text| {
        for described in described_types(text) {
            named.entry(described).or_default().push(path.display().to_string());
        }
    });
    assert!(named.len() > 50, "the walk found {}", named.len());
    named.retain(|_, places| places.len() > 1);
    assert!(named.is_empty(), "rename one of each: {named:#?}");
}

fn walk(folder: &Path, found: &mut impl FnMut(&Path, &str)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found(&path, &fs::read_to_string(&path).unwrap());
        }
    }
}

/// Returns the names of the types of a file that derive a schema.
fn described_types(text: &str) -> impl Iterator<Item = String> {
    let derived = text.split("#[derive(").skip(1).filter(|rest| {
        rest.split(')').next().is_some_and(|traits| traits.split(", ").any(|one| one == "ToSchema"))
    });
    derived.filter_map(|rest| {
        let mut words = rest.split_whitespace().skip_while(|word| !["struct", "enum"].contains(word)).skip(1);
        let name = words.next()?;
        Some(name.split(|letter: char| !letter.is_alphanumeric()).next()?.to_owned())
    })
}
