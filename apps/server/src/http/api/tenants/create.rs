//! `POST /api/v1/tenants`

use actix_web::{HttpResponse, web::Data};
use serde::Deserialize;
use tenancy::{BusinessProfile, Plan};
use utoipa::ToSchema;

use super::TenantBody;
use crate::{
    http::{
        api::wire::{Problems, created, one_of},
        extract::{Admitted, ApiJson, PlatformCaller},
        problem::Problem,
    },
    services::Services,
};

/// A tenant to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateTenant {
    /// The business's name.
    name: String,
    /// `starter` (the default), `growth` or `custom`.
    plan: Option<String>,
}

/// Creates an active tenant with an empty profile.
///
/// # Errors
/// When a field is not usable, the caller is not the operator, or the store fails.
#[utoipa::path(
    post,
    path = "/api/v1/tenants",
    tag = "tenants",
    request_body = CreateTenant,
    responses((status = 201, description = "The tenant", body = TenantBody), Problems)
)]
pub async fn create_tenant(
    services: Data<Services>,
    asked: Admitted<PlatformCaller, ApiJson<CreateTenant>>,
) -> Result<HttpResponse, Problem> {
    let Admitted(PlatformCaller(platform), ApiJson(input)) = asked;
    let plan = match &input.plan {
        Some(name) => one_of("plan", name, &Plan::ALL, Plan::as_str)?,
        None => Plan::default(),
    };
    let tenant = services.tenants.create(&platform, &input.name, plan, &BusinessProfile::default()).await?;
    Ok(created(&format!("/api/v1/tenants/{}", tenant.id()), TenantBody::from(tenant)))
}
