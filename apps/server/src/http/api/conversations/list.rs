//! `GET /api/v1/conversations`

use actix_web::web::{Data, Json};
use conversation::{ConversationFilter, ConversationStatus};
use kernel::Page;
use serde::Deserialize;
use utoipa::IntoParams;

use super::ConversationBody;
use crate::{
    http::{
        api::{
            address_query::meanings,
            wire::{ListBody, Problems, one_of},
        },
        extract::{Admitted, ApiQuery, PageQuery, TenantCaller},
        problem::Problem,
    },
    services::Services,
};

/// Which conversations are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ConversationQuery {
    /// Only with the contact who has this address.
    contact_address: Option<String>,
    /// Only with this status: `open`, `closed` or `archived`.
    status: Option<String>,
}

/// Lists conversations, the one with the latest message first.
///
/// # Errors
/// When a filter or the page is none, nobody is let in, or the store fails.
#[utoipa::path(
    get,
    path = "/api/v1/conversations",
    tag = "conversations",
    params(ConversationQuery, PageQuery),
    responses((status = 200, description = "A page of conversations", body = ListBody<ConversationBody>), Problems)
)]
pub async fn list_conversations(
    services: Data<Services>,
    asked: Admitted<TenantCaller, (ApiQuery<ConversationQuery>, PageQuery)>,
) -> Result<Json<ListBody<ConversationBody>>, Problem> {
    let Admitted(TenantCaller(scope), (ApiQuery(query), PageQuery(page))) = asked;
    let mut listed = Page { items: Vec::new(), next: None };
    for filter in filters(query)? {
        listed = services.conversations.list(&scope, &filter, &page).await?;
        if !listed.items.is_empty() {
            break;
        }
    }
    Ok(Json(ListBody::of_page(listed, ConversationBody::from)))
}

/// Returns what the query may mean, likeliest first: an address that is no phone number may be of two kinds.
fn filters(query: ConversationQuery) -> Result<Vec<ConversationFilter>, Problem> {
    let named = |text: &String| !text.is_empty();
    let status = query.status.filter(named);
    let status =
        status.map(|name| one_of("status", &name, ConversationStatus::ALL, ConversationStatus::as_str));
    let status = status.transpose()?;
    let Some(address) = query.contact_address.filter(named) else {
        return Ok(vec![ConversationFilter { contact_address: None, status }]);
    };
    let of = |address| ConversationFilter { contact_address: Some(address), status };
    Ok(meanings(&address).into_iter().map(of).collect())
}
