//! `PATCH /api/v1/leads/{lead_id}`

use actix_web::web::{Data, Json};
use kernel::LeadId;
use lead::{Field, LeadEdit};
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use super::{LeadDetailBody, business_for, status};
use crate::{
    http::{
        api::wire::Problems,
        extract::{Admitted, ApiJson, PathId, TenantCaller},
        problem::Problem,
    },
    services::Services,
};

/// What a change says of a field: nothing, that it is to be forgotten, or what it is.
type Said = Option<Option<String>>;

/// What of a lead is to change; what is left out stays, and what is null is forgotten with all that was told of it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeLead {
    /// How far the business has come.
    status: Option<String>,
    /// What they are called.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>)]
    name: Said,
    /// Their e-mail address.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>)]
    email: Said,
    /// Their phone; without a country code it is read as a number of the business's country.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>)]
    phone: Said,
    /// Their postal code.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>)]
    zip: Said,
    /// What they want.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>)]
    need: Said,
    /// How soon: `low`, `normal`, `high` or `emergency`.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>)]
    urgency: Said,
    /// Where the work is to be done.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>)]
    service_address: Said,
    /// When it suits them, in their own words.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>)]
    preferred_time: Said,
    /// What language they speak, such as `en-US`.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>)]
    language: Said,
}

/// Reads a value that is there, be it null.
fn said<'de, D: Deserializer<'de>>(input: D) -> Result<Said, D::Error> {
    Option::deserialize(input).map(Some)
}

impl TryFrom<ChangeLead> for LeadEdit {
    type Error = Problem;

    fn try_from(input: ChangeLead) -> Result<Self, Problem> {
        let fields = [
            (Field::Name, input.name),
            (Field::Email, input.email),
            (Field::Phone, input.phone),
            (Field::Zip, input.zip),
            (Field::Need, input.need),
            (Field::Urgency, input.urgency),
            (Field::ServiceAddress, input.service_address),
            (Field::PreferredTime, input.preferred_time),
            (Field::Language, input.language),
        ];
        let said = fields.into_iter().filter_map(|(field, value)| Some((field, value?)));
        Ok(Self { fields: said.collect(), status: input.status.map(|name| status(&name)).transpose()? })
    }
}

/// Changes a lead as somebody of the business knows better: nothing else overwrites what is written here. All of it is
/// done, or nothing.
///
/// # Errors
/// When a field is not usable, the status cannot follow the present one, another lead has the phone or e-mail address,
/// there is no such lead for the caller, or the store fails.
#[utoipa::path(
    patch,
    path = "/api/v1/leads/{lead_id}",
    tag = "leads",
    params(("lead_id" = Uuid, Path, description = "The lead")),
    request_body = ChangeLead,
    responses((status = 200, description = "The lead as it is now", body = LeadDetailBody), Problems)
)]
pub async fn change_lead(
    services: Data<Services>,
    asked: Admitted<TenantCaller, (PathId<LeadId>, ApiJson<ChangeLead>)>,
) -> Result<Json<LeadDetailBody>, Problem> {
    let Admitted(TenantCaller(scope), (PathId(id), ApiJson(input))) = asked;
    let edit = LeadEdit::try_from(input)?;
    let business = business_for(&services, &scope, edit.fields.iter().map(|(field, _)| field)).await?;
    Ok(Json(services.leads.edit(&scope, id, &edit, &business).await?.into()))
}
