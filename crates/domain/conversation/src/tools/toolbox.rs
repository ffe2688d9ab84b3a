//! All tools that there are, and which of them a tenant's model is offered.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use tenancy::{FeatureFlags, TenantScope};

use super::{
    capture_lead::CaptureLead,
    request_handoff::RequestHandoff,
    set_language::SetLanguage,
    tool::{Scene, Tool, ToolError, ToolOutcome},
};
use crate::model::{ToolCall, ToolResult, ToolSpec};

/// All tools that there are.
pub struct Toolbox {
    tools: Vec<Arc<dyn Tool>>,
    flags: Arc<FeatureFlags>,
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Called {
    /// What the model is told.
    pub result: ToolResult,
    /// What is to be done; `None` where it was refused.
    pub outcome: Option<ToolOutcome>,
}

/// The tools that a tenant's model is offered, for whoever asks it outside of a turn.
pub struct OfferedTools(Vec<Arc<dyn Tool>>);

impl OfferedTools {
    /// Returns what the model is shown.
    pub fn specs(&self) -> Vec<ToolSpec> {
        specs(&self.0)
    }

    /// Says what would come of what a model asks for, in the words that it would get in a turn. Nothing is done.
    pub fn rehearse(&self, call: &ToolCall) -> Called {
        match fitting(&self.0, call) {
            Ok((tool, arguments)) => called(call, tool.rehearse(&arguments)),
            Err(why) => refused(call, why),
        }
    }
}

impl Toolbox {
    /// Makes a toolbox with the tools that every installation has.
    pub fn standard(flags: Arc<FeatureFlags>) -> Self {
        Self::new(vec![Arc::new(CaptureLead), Arc::new(RequestHandoff), Arc::new(SetLanguage)], flags)
    }

    /// Makes a toolbox.
    pub fn new(tools: Vec<Arc<dyn Tool>>, flags: Arc<FeatureFlags>) -> Self {
        Self { tools, flags }
    }

    /// Returns what a tenant's model is offered, for whoever asks it outside of a turn.
    pub async fn to_rehearse(&self, scope: &TenantScope) -> OfferedTools {
        OfferedTools(self.offered(scope).await)
    }

    /// Returns what a tenant's model is shown of the tools that it is offered.
    pub async fn specs(&self, scope: &TenantScope) -> Vec<ToolSpec> {
        specs(&self.offered(scope).await)
    }

    /// Returns what a tenant's model is offered. A tool whose flag cannot be read is not.
    pub(crate) async fn offered(&self, scope: &TenantScope) -> Vec<Arc<dyn Tool>> {
        let mut offered = Vec::new();
        for tool in &self.tools {
            let is_on = match tool.needs() {
                Some(flag) => self.flags.value(scope, flag).await.value,
                None => true,
            };
            if is_on {
                offered.push(Arc::clone(tool));
            }
        }
        offered
    }
}

/// Returns what a model is shown of tools.
pub(crate) fn specs(tools: &[Arc<dyn Tool>]) -> Vec<ToolSpec> {
    tools.iter().map(|tool| tool.spec()).collect()
}

/// Does what a model asks for, and says what came of it. A tool that is not offered does not exist.
pub(crate) async fn call(tools: &[Arc<dyn Tool>], scene: &Scene<'_>, call: &ToolCall) -> Called {
    match fitting(tools, call) {
        Ok((tool, arguments)) => called(call, tool.call(scene, &arguments).await),
        Err(why) => refused(call, why),
    }
}

/// Finds the tool that is asked for, and holds what it is given to its parameters; otherwise says why not.
fn fitting<'a>(
    tools: &'a [Arc<dyn Tool>],
    call: &ToolCall,
) -> Result<(&'a dyn Tool, Map<String, Value>), Value> {
    let tool = tools.iter().find(|tool| tool.spec().name == call.name);
    let tool = tool.ok_or_else(|| json!({ "error": "there is no such tool" }))?;
    match tool.spec().parameters.check(&call.arguments) {
        Ok(arguments) => Ok((&**tool, arguments)),
        Err(faults) => Err(json!({ "error": "the arguments do not fit", "faults": faults })),
    }
}

fn called(call: &ToolCall, outcome: Result<ToolOutcome, ToolError>) -> Called {
    match outcome {
        Ok(outcome) => {
            let result = result(call, outcome.content.clone(), false);
            Called { result, outcome: Some(outcome) }
        }
        Err(ToolError::Refused(why)) => refused(call, json!({ "error": why })),
        Err(ToolError::Failed(_)) => {
            refused(call, json!({ "error": "it failed, and nothing was done; do not say that it was" }))
        }
    }
}

fn refused(call: &ToolCall, content: Value) -> Called {
    Called { result: result(call, content, true), outcome: None }
}

fn result(call: &ToolCall, content: Value, is_error: bool) -> ToolResult {
    ToolResult { call_id: call.id.clone(), name: call.name.clone(), content, is_error }
}
