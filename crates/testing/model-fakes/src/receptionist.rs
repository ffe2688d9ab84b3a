//! How requests that no test has scripted are answered: as a simple receptionist would.

use serde_json::{Map, Value, json};

use crate::{FakeAnswer, asked::Asked};

const TOOL: &str = "capture_lead";

/// Answers what is asked, always in the same way.
pub(crate) fn answer(asked: &Asked) -> FakeAnswer {
    if let Some(schema) = &asked.schema {
        return FakeAnswer::Structured(sample(schema));
    }
    if asked.ends_with_result {
        return FakeAnswer::says("Thank you, I have noted that. Is there anything else?");
    }
    let arguments = details(&asked.last_words);
    if !arguments.is_empty() && asked.tools.iter().any(|tool| tool == TOOL) {
        return FakeAnswer::CallsTool {
            name: TOOL.to_owned(),
            arguments: Value::Object(arguments),
            text_before: "One moment, ".to_owned(),
            text_after: "I write that down.".to_owned(),
        };
    }
    if asked.count <= 1 {
        return FakeAnswer::Says(vec!["Hello! ".to_owned(), "How can I help you?".to_owned()]);
    }
    FakeAnswer::Says(vec!["I see. ".to_owned(), format!("You wrote: {}", asked.last_words)])
}

/// Finds a name and a phone number in what somebody wrote.
fn details(words: &str) -> Map<String, Value> {
    let found = [("name", name(words)), ("phone", phone(words))];
    found.into_iter().filter_map(|(key, value)| Some((key.to_owned(), json!(value?)))).collect()
}

fn name(words: &str) -> Option<String> {
    let lower = words.to_ascii_lowercase();
    let start = lower.find("my name is ")? + "my name is ".len();
    let rest = words.get(start..)?;
    let end = rest.find(['.', ',', '!', '?', '\n']).unwrap_or(rest.len());
    let parts: Vec<&str> =
        rest.get(..end)?.split_whitespace().take_while(|part| *part != "and").take(3).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// Finds a run of digits that is long enough, whatever is written between them.
fn phone(words: &str) -> Option<String> {
    let is_part = |letter: char| letter.is_ascii_digit() || "+-() .".contains(letter);
    let runs = words.split(|letter: char| !is_part(letter));
    let bare = |run: &str| run.chars().filter(|letter| letter.is_ascii_digit() || *letter == '+').collect();
    runs.map(bare).find(|run: &String| (7..=16).contains(&run.len()))
}

/// Makes the smallest value that fits a schema, in either dialect.
fn sample(schema: &Value) -> Value {
    if let Some(first) = schema.get("enum").and_then(|choices| choices.get(0)) {
        return first.clone();
    }
    let kind = schema.get("type").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
    match kind.as_str() {
        "object" => {
            let members = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
            Value::Object(members.map(|(name, member)| (name.clone(), sample(member))).collect())
        }
        "array" => json!([]),
        "string" => json!("example"),
        "integer" | "number" => schema.get("minimum").cloned().unwrap_or_else(|| json!(0)),
        "boolean" => json!(false),
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(words: &str) -> Asked {
        Asked { last_words: words.to_owned(), count: 2, tools: vec![TOOL.to_owned()], ..Asked::default() }
    }

    #[test]
    fn a_first_word_is_greeted() {
        let first = Asked { count: 1, ..asked("Hi") };
        assert_eq!(answer(&first), FakeAnswer::Says(vec!["Hello! ".into(), "How can I help you?".into()]));
    }

    #[test]
    fn a_name_and_a_number_are_captured_where_the_tool_is_offered() {
        let words = "Hi, my name is Ann Lee and my number is +1 (555) 000-1111.";
        let FakeAnswer::CallsTool { arguments, .. } = answer(&asked(words)) else { panic!("no call") };
        assert_eq!(arguments, json!({ "name": "Ann Lee", "phone": "+15550001111" }));
        let without = Asked { tools: Vec::new(), ..asked(words) };
        assert!(matches!(answer(&without), FakeAnswer::Says(_)));
    }

    #[test]
    fn a_result_is_thanked_for() {
        let after = Asked { ends_with_result: true, ..asked("my name is Ann") };
        assert_eq!(answer(&after), FakeAnswer::says("Thank you, I have noted that. Is there anything else?"));
    }

    #[test]
    fn anything_else_is_echoed() {
        assert_eq!(
            answer(&asked("My tap drips")),
            FakeAnswer::Says(vec!["I see. ".into(), "You wrote: My tap drips".into()])
        );
    }

    #[test]
    fn a_wanted_shape_is_filled() {
        let schema = json!({ "type": "OBJECT", "properties": {
            "name": { "type": "STRING" }, "days": { "type": "INTEGER", "minimum": 2 },
            "kind": { "type": "string", "enum": ["a", "b"] }, "tags": { "type": "array" },
        } });
        let shaped = Asked { schema: Some(schema), ..asked("x") };
        let value = json!({ "name": "example", "days": 2, "kind": "a", "tags": [] });
        assert_eq!(answer(&shaped), FakeAnswer::Structured(value));
    }
}
