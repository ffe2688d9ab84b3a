//! The tool by which a model notes down who the contact is and what is wanted.

use async_trait::async_trait;
use serde_json::{Map, Value, json};

use super::{
    effects::{CapturedFact, CapturedField, Effects},
    tool::{Scene, Tool, ToolError, ToolOutcome, text},
};
use crate::{
    inbound_text::printable,
    model::{Parameter, ParameterKind, Parameters, ToolSpec},
};

/// Notes down who the contact is and what is wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct CaptureLead;

const fn taken(name: &'static str, description: &'static str, max: usize) -> Parameter {
    Parameter { name, description, kind: ParameterKind::Text { max }, is_required: false }
}

const TAKES: Parameters = Parameters(&[
    taken("name", "The contact's own name, as they gave it", 100),
    taken("email", "Their e-mail address", 254),
    taken("phone", "The number to call them back on, if it is another than they write from", 40),
    taken("zip", "The postal code of where the work is", 16),
    taken("address", "The street address of where the work is", 200),
    taken("need", "What they want, in a few words", 300),
    Parameter {
        name: "urgency",
        description: "How soon it is wanted",
        kind: ParameterKind::Choice(&["low", "normal", "high", "emergency"]),
        is_required: false,
    },
    taken("preferred_time", "When it suits them, in their words", 100),
]);

#[async_trait]
impl Tool for CaptureLead {
    fn spec(&self) -> ToolSpec {
        ToolSpec {
            name: "capture_lead",
            description: "Notes down what the contact has told about themselves and what they need. Call it as soon as \
                something new is known, with the new facts only. Never guess, and never note what they did not say.",
            parameters: TAKES,
        }
    }

    async fn call(
        &self,
        _scene: &Scene<'_>,
        arguments: &Map<String, Value>,
    ) -> Result<ToolOutcome, ToolError> {
        self.rehearse(arguments)
    }

    fn rehearse(&self, arguments: &Map<String, Value>) -> Result<ToolOutcome, ToolError> {
        let facts = CapturedField::ALL.iter().filter_map(|field| {
            let value = text(arguments, field.as_str())?;
            let value = printable(value).collect::<String>().trim().to_owned();
            (!value.is_empty()).then_some(CapturedFact { field: *field, value })
        });
        let captured: Vec<_> = facts.collect();
        if captured.is_empty() {
            return Err(ToolError::Refused("nothing was given to note down".to_owned()));
        }
        let noted: Vec<_> = captured.iter().map(|fact| fact.field.as_str()).collect();
        Ok(ToolOutcome {
            content: json!({ "noted": noted }),
            effects: Effects { captured, ..Effects::default() },
            ends_turn: false,
        })
    }
}
