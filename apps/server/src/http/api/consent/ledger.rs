//! `GET /api/v1/consent/ledger`

use actix_web::web::{Data, Json};
use chrono::{DateTime, Utc};
use conversation::LedgerEntry;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::AddressQuery;
use crate::{
    http::{
        api::{
            address_query::resolve,
            wire::{ListBody, Problems},
        },
        extract::{Admitted, ApiQuery, PageQuery, TenantCaller},
        problem::Problem,
    },
    services::Services,
};

/// A line of the consent ledger.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerEntryBody {
    /// The line's id.
    id: Uuid,
    /// The address it is about.
    address: String,
    /// `opt_in` or `opt_out`.
    action: &'static str,
    /// How we came to know: `message`, `carrier` or `person`.
    source: &'static str,
    /// The words that said so; empty when there were none.
    evidence: String,
    /// The message that said so, if one did.
    message_id: Option<Uuid>,
    /// When.
    created_at: DateTime<Utc>,
}

impl From<LedgerEntry> for LedgerEntryBody {
    fn from(entry: LedgerEntry) -> Self {
        Self {
            id: entry.change.entry_id.uuid(),
            address: entry.address.as_str().to_owned(),
            action: entry.change.action.as_str(),
            source: entry.change.source.as_str(),
            evidence: entry.change.evidence,
            message_id: entry.change.message_id.map(kernel::MessageId::uuid),
            created_at: entry.change.at,
        }
    }
}

/// Lists all that was ever said about writing to an address, oldest first.
///
/// # Errors
/// When the address or the page is none, nobody is let in, or the store fails.
#[utoipa::path(
    get,
    path = "/api/v1/consent/ledger",
    tag = "contacts",
    params(AddressQuery, PageQuery),
    responses((status = 200, description = "A page of the ledger", body = ListBody<LedgerEntryBody>), Problems)
)]
pub async fn list_consent_ledger(
    services: Data<Services>,
    asked: Admitted<TenantCaller, (ApiQuery<AddressQuery>, PageQuery)>,
) -> Result<Json<ListBody<LedgerEntryBody>>, Problem> {
    let Admitted(TenantCaller(scope), (ApiQuery(query), PageQuery(page))) = asked;
    let address = resolve(&services, &scope, &query.address).await?;
    let entries = services.contacts.list_ledger(&scope, &address, &page).await?;
    Ok(Json(ListBody::of_page(entries, LedgerEntryBody::from)))
}
