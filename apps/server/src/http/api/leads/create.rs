//! `POST /api/v1/leads`

use actix_web::{HttpResponse, web::Data};
use lead::{Arrived, Field};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{LeadDetailBody, business_for};
use crate::{
    http::{
        api::wire::{Problems, created},
        extract::{Admitted, ApiJson, TenantCaller},
        problem::Problem,
    },
    services::Services,
};

/// What a form or another program knows of somebody. There must be a phone, an e-mail address, or a name with a need.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateLead {
    /// What they are called.
    name: Option<String>,
    /// Their e-mail address.
    email: Option<String>,
    /// Their phone; without a country code it is read as a number of the business's country.
    phone: Option<String>,
    /// Their postal code.
    zip: Option<String>,
    /// What they want.
    need: Option<String>,
    /// How soon: `low`, `normal`, `high` or `emergency`.
    urgency: Option<String>,
    /// Where the work is to be done.
    service_address: Option<String>,
    /// When it suits them, in their own words.
    preferred_time: Option<String>,
    /// What language they speak, such as `en-US`.
    language: Option<String>,
}

impl CreateLead {
    /// Returns what is said. Forms send what was left blank too.
    fn fields(self) -> Vec<(Field, String)> {
        let fields = [
            (Field::Name, self.name),
            (Field::Email, self.email),
            (Field::Phone, self.phone),
            (Field::Zip, self.zip),
            (Field::Need, self.need),
            (Field::Urgency, self.urgency),
            (Field::ServiceAddress, self.service_address),
            (Field::PreferredTime, self.preferred_time),
            (Field::Language, self.language),
        ];
        let said = fields.into_iter().filter_map(|(field, text)| Some((field, text?)));
        said.filter(|(_, text)| !text.trim().is_empty()).collect()
    }
}

/// Adds a lead. Where one has the phone or e-mail address already, its blanks are filled and it is returned.
///
/// # Errors
/// When a field is not usable, there are too few, or the store fails.
#[utoipa::path(
    post,
    path = "/api/v1/leads",
    tag = "leads",
    request_body = CreateLead,
    responses(
        (status = 201, description = "The lead that was made", body = LeadDetailBody),
        (status = 200, description = "The lead that has the phone or e-mail address", body = LeadDetailBody),
        Problems
    )
)]
pub async fn create_lead(
    services: Data<Services>,
    asked: Admitted<TenantCaller, ApiJson<CreateLead>>,
) -> Result<HttpResponse, Problem> {
    let Admitted(TenantCaller(scope), ApiJson(input)) = asked;
    let fields = input.fields();
    let business = business_for(&services, &scope, fields.iter().map(|(field, _)| field)).await?;
    let (lead, arrived) = services.leads.create(&scope, &fields, &business).await?;
    let location = format!("/api/v1/leads/{}", lead.id());
    let body = LeadDetailBody::from(lead);
    Ok(match arrived {
        Arrived::Captured(_) => created(&location, body),
        Arrived::Updated(_) | Arrived::Unchanged(_) | Arrived::Repeated | Arrived::Nothing => {
            HttpResponse::Ok().json(body)
        }
    })
}
