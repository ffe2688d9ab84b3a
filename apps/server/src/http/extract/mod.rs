//! What handlers get of a request: who asks, and what is asked, already checked.

mod address;
mod admitted;
mod body;
mod caller;
mod identity;
mod json;
mod json_text;
mod objects_only;
mod page;
mod path_id;
mod query;
mod raw_body;
mod tenant_path;

pub(crate) use address::calling_address;
pub use admitted::Admitted;
pub use body::BODY_TIMEOUT;
pub(crate) use body::read as read_body;
pub use caller::{LeavingMember, MemberCaller, PlatformCaller, TenantCaller, Visitor};
pub(crate) use caller::{act_for, services};
pub use identity::{
    ADMIN_COOKIE, ADMIN_KEY, API_KEY, BUSINESS_ID, OWNER_TOKEN, TENANT_ID, VISITOR_TOKEN, WIDGET_TOKEN,
};
pub(crate) use identity::{Identity, identify, selected_tenant};
pub use json::{ApiJson, JSON_LIMIT};
pub use page::{PageQuery, cursor_text, read_cursor};
pub use path_id::{InPath, OwnerTokenId, PathId};
pub use query::{ApiQuery, address_in_query};
pub use raw_body::{RawBody, WEBHOOK_LIMIT};
pub use tenant_path::{TenantHistory, TenantPath, TenantRecord};
