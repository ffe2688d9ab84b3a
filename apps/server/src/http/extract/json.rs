//! A JSON body, read strictly in shape and leniently in characters.

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header::CONTENT_TYPE};
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;

use super::{body, json_text, objects_only::ObjectsOnly};
use crate::http::problem::{Code, Problem};

/// The most bytes that a JSON body may have.
pub const JSON_LIMIT: usize = 256 * 1_024;

/// Characters of a parser's message that are passed on: it may quote what was sent.
const LONGEST_MESSAGE: usize = 300;

/// A JSON body of type `T`.
#[derive(Debug)]
pub struct ApiJson<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for ApiJson<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            require_json(&request)?;
            let bytes = body::read(&request, payload, JSON_LIMIT).await?;
            parse(&json_text::mend(&bytes)).map(Self)
        })
    }
}

fn require_json(request: &HttpRequest) -> Result<(), Problem> {
    let content_type =
        request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_json =
        essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"));
    let refusal =
        || Problem::new(Code::UnsupportedMediaType, "send JSON with `Content-Type: application/json`");
    is_json.then_some(()).ok_or_else(refusal)
}

fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(ObjectsOnly(&mut reader))
        .map_err(|error| explain(&error.path().to_string(), error.inner()))?;
    reader.end().map_err(|error| explain(".", &error))?;
    Ok(value)
}

fn explain(path: &str, error: &serde_json::Error) -> Problem {
    let message: String = error.to_string().chars().take(LONGEST_MESSAGE).collect();
    let problem =
        Problem::new(Code::MalformedJson, format!("the body is not the JSON that is expected: {message}"));
    if !error.is_data() {
        return problem;
    }
    // A missing field's own name stands in the message; the path leads to where it is missing.
    let missing = message.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
    let field = match (path, missing) {
        (".", Some(missing)) => missing.to_owned(),
        (path, Some(missing)) => format!("{path}.{missing}"),
        (".", None) => "body".to_owned(),
        (path, None) => path.to_owned(),
    };
    problem.with_field(field.chars().take(LONGEST_MESSAGE).collect::<String>(), message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the reading is looked at")]
    struct Pet {
        name: String,
        toys: Vec<Toy>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the reading is looked at")]
    struct Toy {
        colour: String,
    }

    fn faulty_field(text: &str) -> Option<String> {
        parse::<Pet>(text).unwrap_err().errors().first().map(|error| error.field.clone())
    }

    #[test]
    fn the_field_that_is_wrong_is_named() {
        for (text, field) in [
            (r#"{"name": 5, "toys": []}"#, "name"),
            (r#"{"toys": []}"#, "name"),
            (r#"{"name": "Tom", "toys": [{}]}"#, "toys[0].colour"),
            (r#"{"name": "Tom", "toys": [{"colour": null}]}"#, "toys[0].colour"),
            (r#"{"name": "Tom", "toys": [], "tenant_id": "x"}"#, "tenant_id"),
            ("[]", "body"),
        ] {
            assert_eq!(faulty_field(text).as_deref(), Some(field), "{text}");
        }
    }

    #[test]
    fn what_is_no_json_is_told_without_fields() {
        for text in ["", "{", r#"{"name": "Tom"#, r#"{"name": "Tom", "toys": []} x"#] {
            let problem = parse::<Pet>(text).unwrap_err();
            assert_eq!(problem.code(), Code::MalformedJson);
            assert!(problem.errors().is_empty(), "{text}");
        }
    }
}
