//! `GET /api/v1/contacts/{contact_id}/consent`

use actix_web::web::{Data, Json};
use kernel::ContactId;

use crate::{
    http::{
        api::{
            consent::ConsentBody,
            wire::{ListBody, Problems},
        },
        extract::{Admitted, PathId, TenantCaller},
        problem::Problem,
    },
    services::Services,
};

/// Shows for each of a contact's addresses whether it may be written to.
///
/// # Errors
/// When there is no such contact for the caller, or the store fails.
#[utoipa::path(
    get,
    path = "/api/v1/contacts/{contact_id}/consent",
    tag = "contacts",
    params(("contact_id" = Uuid, Path, description = "The contact")),
    responses((status = 200, description = "What stands, by address", body = ListBody<ConsentBody>), Problems)
)]
pub async fn show_contact_consent(
    services: Data<Services>,
    asked: Admitted<TenantCaller, PathId<ContactId>>,
) -> Result<Json<ListBody<ConsentBody>>, Problem> {
    let Admitted(TenantCaller(scope), PathId(id)) = asked;
    let contact = services.contacts.get(&scope, id).await?;
    let mut bodies = Vec::with_capacity(contact.addresses.len());
    for address in &contact.addresses {
        bodies.push(ConsentBody::new(address, &services.contacts.consent(&scope, address).await?));
    }
    Ok(Json(ListBody::whole(bodies, |body| body)))
}
