//! `GET /api/v1/contacts`

use actix_web::web::{Data, Json};
use kernel::PhoneNumber;
use serde::Deserialize;
use tenancy::Address;
use utoipa::IntoParams;

use super::ContactBody;
use crate::{
    http::{
        api::wire::{ListBody, Problems},
        extract::{Admitted, ApiQuery, PageQuery, TenantCaller, address_in_query},
        problem::Problem,
    },
    services::Services,
};

/// Which contacts are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ContactQuery {
    /// Only the contact with this phone number.
    phone: Option<String>,
}

/// Lists contacts, newest first.
///
/// # Errors
/// When the phone number or the page is none, nobody is let in, or the store fails.
#[utoipa::path(
    get,
    path = "/api/v1/contacts",
    tag = "contacts",
    params(ContactQuery, PageQuery),
    responses((status = 200, description = "A page of contacts", body = ListBody<ContactBody>), Problems)
)]
pub async fn list_contacts(
    services: Data<Services>,
    asked: Admitted<TenantCaller, (ApiQuery<ContactQuery>, PageQuery)>,
) -> Result<Json<ListBody<ContactBody>>, Problem> {
    let Admitted(TenantCaller(scope), (ApiQuery(query), PageQuery(page))) = asked;
    let Some(phone) = query.phone.filter(|phone| !phone.is_empty()) else {
        let contacts = services.contacts.list(&scope, &page).await?;
        return Ok(Json(ListBody::of_page(contacts, ContactBody::from)));
    };
    let phone = PhoneNumber::parse(&address_in_query(&phone));
    let phone = phone.map_err(|error| Problem::invalid_field("phone", error.to_string()))?;
    let found = services.contacts.find_by_address(&scope, &Address::Phone(phone)).await?;
    Ok(Json(ListBody::whole(found, ContactBody::from)))
}
