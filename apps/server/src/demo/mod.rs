//! Trying the product out: a demo tenant on somebody's own machine, and a customer's phone at the prompt.

mod guide;
mod phone;
mod profile;
mod seed;

use serde::{Deserialize, Serialize};

use crate::local_keys::LocalKeys;

pub use guide::guide;
pub use phone::{Phone, hold_conversation, text_once};
pub use seed::seed;

/// The demo business's number.
pub const BUSINESS_NUMBER: &str = "+15555550100";
/// The number that texts the demo business, unless told otherwise.
pub const CUSTOMER_NUMBER: &str = "+15555550142";

/// Where [`Demo`] is kept, among the local keys.
const FILE: &str = "demo.json";

/// What a local installation keeps of its demo tenant, so that it can be shown again.
#[derive(Clone, Serialize, Deserialize)]
pub struct Demo {
    /// The tenant's id.
    pub tenant_id: uuid::Uuid,
    /// An API key of the tenant.
    pub api_key: String,
    /// A widget token of the tenant.
    pub widget_token: String,
    /// Where the server listened when it last started.
    pub local_url: String,
    /// The address that the server's webhooks are signed for.
    pub public_url: String,
}

impl Demo {
    /// Reads what is kept; `None` when there is no demo tenant yet.
    ///
    /// # Errors
    /// When the file cannot be read. One that is not understood counts as none.
    pub fn read(keys: &LocalKeys) -> anyhow::Result<Option<Self>> {
        Ok(keys.read(FILE)?.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// Keeps it.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, keys: &LocalKeys) -> anyhow::Result<()> {
        keys.write(FILE, &serde_json::to_string_pretty(self)?)
    }
}
