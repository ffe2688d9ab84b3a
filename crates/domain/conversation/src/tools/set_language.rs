//! The tool by which a model remembers which language a contact wants.

use async_trait::async_trait;
use serde_json::{Map, Value, json};

use super::{
    effects::{Effects, Language},
    tool::{Scene, Tool, ToolError, ToolOutcome, text},
};
use crate::model::{Parameter, ParameterKind, Parameters, ToolSpec};

/// Remembers which language a contact wants.
#[derive(Clone, Copy, Debug, Default)]
pub struct SetLanguage;

const TAKES: Parameters = Parameters(&[Parameter {
    name: "language",
    description: "The language as a BCP 47 tag, as in es or pt-BR",
    kind: ParameterKind::Text { max: 35 },
    is_required: true,
}]);

#[async_trait]
impl Tool for SetLanguage {
    fn spec(&self) -> ToolSpec {
        ToolSpec {
            name: "set_language",
            description: "Remembers the language that the contact writes in or asks for, so that they are answered in \
                it from now on. Call it when it changes, and answer in it at once.",
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
        let language = text(arguments, "language").and_then(Language::from_tag);
        let language = language.ok_or_else(|| {
            ToolError::Refused("language must be a BCP 47 tag, as in es or pt-BR".to_owned())
        })?;
        let content = json!({ "language": language.as_str() });
        Ok(ToolOutcome {
            content,
            effects: Effects { language: Some(language), ..Effects::default() },
            ends_turn: false,
        })
    }
}
