//! The tool by which a model gives a conversation to a person.

use async_trait::async_trait;
use serde_json::{Map, Value, json};

use super::{
    effects::Effects,
    tool::{Scene, Tool, ToolError, ToolOutcome, text},
};
use crate::{
    handoff::{Handoff, HandoffReason},
    inbound_text::printable,
    model::{Parameter, ParameterKind, Parameters, ToolSpec},
};

/// Gives a conversation to a person. It ends the turn.
#[derive(Clone, Copy, Debug, Default)]
pub struct RequestHandoff;

const TAKES: Parameters = Parameters(&[
    Parameter {
        name: "reason",
        description: "Why a person is wanted",
        kind: ParameterKind::Choice(&["asked", "not_understood", "not_allowed", "complaint", "urgent"]),
        is_required: true,
    },
    Parameter {
        name: "summary",
        description: "What it is about, in a sentence or two, for the person who takes over",
        kind: ParameterKind::Text { max: Handoff::MAX_SUMMARY },
        is_required: false,
    },
]);

#[async_trait]
impl Tool for RequestHandoff {
    fn spec(&self) -> ToolSpec {
        ToolSpec {
            name: "request_handoff",
            description: "Gives the conversation to a person of the business and ends your part in it. Call it when the \
                contact asks for a person, complains, or wants what you may not decide, and tell the contact so in the \
                same answer.",
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
        let reason = text(arguments, "reason").and_then(HandoffReason::from_name);
        let reason =
            reason.ok_or_else(|| ToolError::Refused("the reason is none that is known".to_owned()))?;
        let summary = printable(text(arguments, "summary").unwrap_or_default()).collect();
        Ok(ToolOutcome {
            content: json!({ "handed_over": true }),
            effects: Effects { handoff: Some((reason, summary)), ..Effects::default() },
            ends_turn: true,
        })
    }
}
