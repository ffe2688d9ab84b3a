//! `PUT /api/v1/consent`

use actix_web::web::{Data, Json};

use super::{AddressQuery, ChangeConsent, ConsentBody};
use crate::{
    http::{
        api::{address_query::resolve, wire::Problems},
        extract::{Admitted, ApiJson, ApiQuery, TenantCaller},
        problem::Problem,
    },
    services::Services,
};

/// Records a yes or no for an address, whether or not a contact has it.
///
/// # Errors
/// When the address or a field is not usable, nobody is let in, or the store fails.
#[utoipa::path(
    put,
    path = "/api/v1/consent",
    tag = "contacts",
    params(AddressQuery),
    request_body = ChangeConsent,
    responses((status = 200, description = "What stands now", body = ConsentBody), Problems)
)]
pub async fn change_consent(
    services: Data<Services>,
    asked: Admitted<TenantCaller, (ApiQuery<AddressQuery>, ApiJson<ChangeConsent>)>,
) -> Result<Json<ConsentBody>, Problem> {
    let Admitted(TenantCaller(scope), (ApiQuery(query), ApiJson(input))) = asked;
    let action = input.action()?;
    let address = resolve(&services, &scope, &query.address).await?;
    let consent = services.contacts.change_consent(&scope, &address, action, input.evidence()).await?;
    Ok(Json(ConsentBody::new(&address, &consent)))
}
