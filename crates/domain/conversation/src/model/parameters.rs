//! What a tool takes: one description that a model is shown and that its arguments are held to.

use serde_json::{Map, Value, json};

/// What a parameter may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterKind {
    /// A text of at most so many characters.
    Text {
        /// The most characters.
        max: usize,
    },
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A whole number within these bounds, both included.
    Number {
        /// The least.
        min: i64,
        /// The most.
        max: i64,
    },
}

/// One thing that a tool takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// The name.
    pub name: &'static str,
    /// What it is, for the model to read.
    pub description: &'static str,
    /// What it may hold.
    pub kind: ParameterKind,
    /// Whether it must be given.
    pub is_required: bool,
}

/// All that a tool takes. Nothing else is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameters(pub &'static [Parameter]);

impl Parameters {
    /// Returns the JSON Schema of an object with these members.
    pub fn schema(&self) -> Value {
        let members: Map<_, _> =
            self.0.iter().map(|parameter| (parameter.name.to_owned(), parameter.schema())).collect();
        let required: Vec<_> =
            self.0.iter().filter(|parameter| parameter.is_required).map(|parameter| parameter.name).collect();
        json!({
            "type": "object",
            "properties": members,
            "required": required,
            "additionalProperties": false,
        })
    }

    /// Checks arguments. Members that are null count as not given.
    ///
    /// # Errors
    /// Each fault in words that the model can mend it by.
    pub fn check(&self, arguments: &Value) -> Result<Map<String, Value>, Vec<String>> {
        let Value::Object(given) = arguments else {
            return Err(vec!["the arguments must be an object".to_owned()]);
        };
        let given: Map<_, _> =
            given.iter().filter(|(_, value)| !value.is_null()).map(|(k, v)| (k.clone(), v.clone())).collect();
        let unknown = given
            .keys()
            .filter(|name| !self.0.iter().any(|parameter| parameter.name == name.as_str()))
            .map(|name| format!("{} is not taken", shortened(name)));
        let faults: Vec<_> =
            unknown.chain(self.0.iter().filter_map(|one| one.fault(given.get(one.name)))).collect();
        if faults.is_empty() { Ok(given) } else { Err(faults) }
    }
}

impl Parameter {
    fn schema(&self) -> Value {
        match self.kind {
            ParameterKind::Text { max } => {
                json!({ "type": "string", "description": self.description, "maxLength": max })
            }
            ParameterKind::Choice(words) => {
                json!({ "type": "string", "description": self.description, "enum": words })
            }
            ParameterKind::Number { min, max } => json!({
                "type": "integer", "description": self.description, "minimum": min, "maximum": max,
            }),
        }
    }

    fn fault(&self, value: Option<&Value>) -> Option<String> {
        let name = self.name;
        let Some(value) = value else {
            return self.is_required.then(|| format!("{name} is missing"));
        };
        match self.kind {
            ParameterKind::Text { max } => match value.as_str() {
                Some(text) if text.chars().count() <= max => None,
                _ => Some(format!("{name} must be a text of at most {max} characters")),
            },
            ParameterKind::Choice(words) => {
                let fits = value.as_str().is_some_and(|word| words.contains(&word));
                (!fits).then(|| format!("{name} must be one of {}", words.join(", ")))
            }
            ParameterKind::Number { min, max } => {
                let fits = value.as_i64().is_some_and(|number| (min..=max).contains(&number));
                (!fits).then(|| format!("{name} must be a whole number from {min} to {max}"))
            }
        }
    }
}

/// A model may make up names without end.
fn shortened(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAKES: Parameters = Parameters(&[
        Parameter {
            name: "name",
            description: "Who",
            kind: ParameterKind::Text { max: 5 },
            is_required: true,
        },
        Parameter {
            name: "urgency",
            description: "How soon",
            kind: ParameterKind::Choice(&["low", "high"]),
            is_required: false,
        },
        Parameter {
            name: "days",
            description: "In how many days",
            kind: ParameterKind::Number { min: 0, max: 30 },
            is_required: false,
        },
    ]);

    #[test]
    fn the_schema_says_what_is_taken_and_nothing_else_is() {
        assert_eq!(
            TAKES.schema(),
            json!({
                "type": "object",
                "properties": {
                    "name": { "type": "string", "description": "Who", "maxLength": 5 },
                    "urgency": { "type": "string", "description": "How soon", "enum": ["low", "high"] },
                    "days": { "type": "integer", "description": "In how many days", "minimum": 0, "maximum": 30 },
                },
                "required": ["name"],
                "additionalProperties": false,
            })
        );
    }

    #[test]
    fn arguments_that_fit_are_taken_without_what_is_null() {
        let taken = TAKES.check(&json!({ "name": "Zoë", "urgency": "high", "days": null })).unwrap();
        assert_eq!(Value::Object(taken), json!({ "name": "Zoë", "urgency": "high" }));
    }

    #[test]
    fn each_fault_is_told() {
        let faults = TAKES.check(&json!({ "urgency": "soon", "days": 31, "tenant_id": 1 })).unwrap_err();
        assert_eq!(
            faults,
            [
                "tenant_id is not taken",
                "name is missing",
                "urgency must be one of low, high",
                "days must be a whole number from 0 to 30",
            ]
        );
        assert_eq!(
            TAKES.check(&json!({ "name": "Ferdinand" })).unwrap_err(),
            ["name must be a text of at most 5 characters"]
        );
        for arguments in [json!("Ann"), json!([1]), json!(null), json!({ "name": 5 })] {
            assert!(TAKES.check(&arguments).is_err(), "{arguments}");
        }
    }
}
