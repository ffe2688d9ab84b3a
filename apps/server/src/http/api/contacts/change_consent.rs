//! `PUT /api/v1/contacts/{contact_id}/consent`

use actix_web::web::{Data, Json};
use kernel::ContactId;

use crate::{
    http::{
        api::{
            consent::{ChangeConsent, ConsentBody},
            wire::{ListBody, Problems},
        },
        extract::{Admitted, ApiJson, PathId, TenantCaller},
        problem::Problem,
    },
    services::Services,
};

/// Records a contact's yes or no for all of the contact's addresses.
///
/// # Errors
/// When a field is not usable, there is no such contact for the caller, or the store fails. Addresses that were
/// changed before a failure stay changed; asking again is safe.
#[utoipa::path(
    put,
    path = "/api/v1/contacts/{contact_id}/consent",
    tag = "contacts",
    params(("contact_id" = Uuid, Path, description = "The contact")),
    request_body = ChangeConsent,
    responses((status = 200, description = "What stands now, by address", body = ListBody<ConsentBody>), Problems)
)]
pub async fn change_contact_consent(
    services: Data<Services>,
    asked: Admitted<TenantCaller, (PathId<ContactId>, ApiJson<ChangeConsent>)>,
) -> Result<Json<ListBody<ConsentBody>>, Problem> {
    let Admitted(TenantCaller(scope), (PathId(id), ApiJson(input))) = asked;
    let action = input.action()?;
    let contact = services.contacts.get(&scope, id).await?;
    let mut bodies = Vec::with_capacity(contact.addresses.len());
    for address in &contact.addresses {
        let consent = services.contacts.change_consent(&scope, address, action, input.evidence()).await?;
        bodies.push(ConsentBody::new(address, &consent));
    }
    Ok(Json(ListBody::whole(bodies, |body| body)))
}
