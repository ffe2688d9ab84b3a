//! What the receptionist may do beside talking, and the tools by which a model asks for it.

mod capture_lead;
mod effects;
mod request_handoff;
mod set_language;
mod tool;
mod toolbox;

pub use capture_lead::CaptureLead;
pub use effects::{CapturedFact, CapturedField, Effects, Language};
pub use request_handoff::RequestHandoff;
pub use set_language::SetLanguage;
pub use tool::{Scene, Tool, ToolError, ToolOutcome};
pub use toolbox::{Called, OfferedTools, Toolbox};
pub(crate) use toolbox::{call, specs};
