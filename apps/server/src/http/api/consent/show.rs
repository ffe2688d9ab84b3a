//! `GET /api/v1/consent`

use actix_web::web::{Data, Json};

use super::{AddressQuery, ConsentBody};
use crate::{
    http::{
        api::{address_query::resolve, wire::Problems},
        extract::{Admitted, ApiQuery, TenantCaller},
        problem::Problem,
    },
    services::Services,
};

/// Shows whether an address may be written to, whether or not a contact has it.
///
/// # Errors
/// When the address is none, nobody is let in, or the store fails.
#[utoipa::path(
    get,
    path = "/api/v1/consent",
    tag = "contacts",
    params(AddressQuery),
    responses((status = 200, description = "What stands", body = ConsentBody), Problems)
)]
pub async fn show_consent(
    services: Data<Services>,
    asked: Admitted<TenantCaller, ApiQuery<AddressQuery>>,
) -> Result<Json<ConsentBody>, Problem> {
    let Admitted(TenantCaller(scope), ApiQuery(query)) = asked;
    let address = resolve(&services, &scope, &query.address).await?;
    let consent = services.contacts.consent(&scope, &address).await?;
    Ok(Json(ConsentBody::new(&address, &consent)))
}
