//! The port to something that a model may ask for.

use async_trait::async_trait;
use kernel::{BoxError, Timestamp};
use serde_json::{Map, Value, json};
use tenancy::{BusinessProfile, FeatureFlag, TenantScope};

use super::effects::Effects;
use crate::{conversation::Conversation, model::ToolSpec};

/// Where a tool is asked for. Whose data it works on is said here and nowhere else: no argument names a tenant, a
/// contact or a conversation.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// The tenant.
    pub scope: &'a TenantScope,
    /// The conversation, and by it the contact.
    pub conversation: &'a Conversation,
    /// What is known of the business.
    pub business: &'a BusinessProfile,
    /// The present moment.
    pub now: Timestamp,
}

/// What came of a tool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolOutcome {
    /// What the model is told.
    pub content: Value,
    /// What is to be done with the reply.
    pub effects: Effects,
    /// Whether nothing is said after the words that came with the call.
    pub ends_turn: bool,
}

/// Why a tool did not do it.
#[derive(Debug, thiserror::Error)]
pub enum ToolError {
    /// It may not be done so; the model is told these words and can mend it.
    #[error("{0}")]
    Refused(String),
    /// It failed; the model is told that it did, and nothing of why.
    #[error("the tool failed")]
    Failed(#[source] BoxError),
}

/// Something that a model may ask for.
///
/// An implementation MUST work on the scene's tenant, conversation and contact alone, MUST change nothing itself what
/// [`Effects`] can say, since a turn may be made again, and MUST NOT take longer than a few seconds.
#[async_trait]
pub trait Tool: Send + Sync {
    /// Returns what the model is shown.
    fn spec(&self) -> ToolSpec;

    /// Returns the flag that the tenant must have set for the tool to be offered.
    fn needs(&self) -> Option<FeatureFlag> {
        None
    }

    /// Does it, with arguments that fit the parameters.
    ///
    /// # Errors
    /// As [`ToolError`] says.
    async fn call(&self, scene: &Scene<'_>, arguments: &Map<String, Value>)
    -> Result<ToolOutcome, ToolError>;

    /// Returns what would come of it, and does nothing: for whoever tries a prompt out. A tool that refuses arguments
    /// although they fit the parameters refuses them here too.
    ///
    /// # Errors
    /// As [`ToolError`] says.
    fn rehearse(&self, _arguments: &Map<String, Value>) -> Result<ToolOutcome, ToolError> {
        Ok(ToolOutcome { content: json!({ "status": "noted" }), ..ToolOutcome::default() })
    }
}

/// Returns a text among arguments, without blanks around it; `None` when there is nothing in it.
pub(super) fn text<'a>(arguments: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    let text = arguments.get(name).and_then(Value::as_str).unwrap_or_default().trim();
    (!text.is_empty()).then_some(text)
}
