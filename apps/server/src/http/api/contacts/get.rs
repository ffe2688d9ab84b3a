//! `GET /api/v1/contacts/{contact_id}`

use actix_web::web::{Data, Json};
use kernel::ContactId;

use super::ContactBody;
use crate::{
    http::{
        api::wire::Problems,
        extract::{Admitted, PathId, TenantCaller},
        problem::Problem,
    },
    services::Services,
};

/// Shows a contact.
///
/// # Errors
/// When there is no such contact for the caller, or the store fails.
#[utoipa::path(
    get,
    path = "/api/v1/contacts/{contact_id}",
    tag = "contacts",
    params(("contact_id" = Uuid, Path, description = "The contact")),
    responses((status = 200, description = "The contact", body = ContactBody), Problems)
)]
pub async fn get_contact(
    services: Data<Services>,
    asked: Admitted<TenantCaller, PathId<ContactId>>,
) -> Result<Json<ContactBody>, Problem> {
    let Admitted(TenantCaller(scope), PathId(id)) = asked;
    Ok(Json(services.contacts.get(&scope, id).await?.into()))
}
