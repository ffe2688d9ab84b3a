//! All tools that there are, and which of them a tenant's model is offered.

use std::sync::Arc;

use serde_json::{Value, json};
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

/// What came of a call: what the model is told, and what is to be done if it was done.
pub(crate) struct Called {
    pub(crate) result: ToolResult,
    pub(crate) outcome: Option<ToolOutcome>,
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

    /// Returns what a tenant's model is shown of the tools that it is offered, for whoever asks it outside of a turn.
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
    let Some(tool) = tools.iter().find(|tool| tool.spec().name == call.name) else {
        return refused(call, json!({ "error": "there is no such tool" }));
    };
    let arguments = match tool.spec().parameters.check(&call.arguments) {
        Ok(arguments) => arguments,
        Err(faults) => {
            return refused(call, json!({ "error": "the arguments do not fit", "faults": faults }));
        }
    };
    match tool.call(scene, &arguments).await {
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
