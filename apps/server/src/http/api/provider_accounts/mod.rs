//! A tenant's accounts at carriers.

pub mod add;
pub mod list;
pub mod remove;

use chrono::{DateTime, Utc};
use serde::Serialize;
use tenancy::ProviderAccount;
use utoipa::ToSchema;
use uuid::Uuid;

/// A tenant's account at a carrier, without its token.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProviderAccountBody {
    /// The account's id here.
    id: Uuid,
    /// The carrier.
    provider: &'static str,
    /// The account's id at the carrier.
    account_sid: String,
    /// When it was stored.
    created_at: DateTime<Utc>,
}

impl From<ProviderAccount> for ProviderAccountBody {
    fn from(account: ProviderAccount) -> Self {
        Self {
            id: account.id.uuid(),
            provider: account.provider.as_str(),
            account_sid: account.account_sid,
            created_at: account.created_at,
        }
    }
}
