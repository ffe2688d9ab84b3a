//! The platform's versions of prompts, the base that every tenant begins with.

pub mod change;
pub mod diff;
pub mod draft;
pub mod get;
pub mod list;
pub mod publish;
pub mod roll_back;
pub mod submit;

use prompt::PromptVersion;
use tenancy::{AuditAction, PlatformScope};

/// Says in the server's log who has done what to which version: no tenant's audit log has a place for it.
fn tell(platform: &PlatformScope, action: AuditAction, version: &PromptVersion) {
    tracing::info!(
        actor = %platform.actor(),
        action = action.as_str(),
        prompt.id = %version.id(),
        prompt.channel = version.channel().as_str(),
        prompt.number = version.number(),
        "a prompt of the platform was changed"
    );
}
