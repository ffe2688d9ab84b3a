//! `PATCH /api/v1/tenants/{tenant_id}`

use actix_web::web::{Data, Json};
use serde::Deserialize;
use tenancy::{Plan, TenantPatch, TenantStatus};
use utoipa::ToSchema;

use super::TenantBody;
use crate::{
    http::{
        api::wire::{Problems, one_of},
        extract::{Admitted, ApiJson, TenantRecord},
        problem::Problem,
    },
    services::Services,
};

/// What of a tenant is to change; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeTenant {
    /// `active`, `suspended` or `deleted`. A deleted tenant stays deleted.
    status: Option<String>,
    /// `starter`, `growth` or `custom`.
    plan: Option<String>,
}

impl TryFrom<ChangeTenant> for TenantPatch {
    type Error = Problem;

    fn try_from(input: ChangeTenant) -> Result<Self, Problem> {
        let status =
            input.status.map(|name| one_of("status", &name, &TenantStatus::ALL, TenantStatus::as_str));
        let plan = input.plan.map(|name| one_of("plan", &name, &Plan::ALL, Plan::as_str));
        match (status.transpose(), plan.transpose()) {
            (Ok(status), Ok(plan)) => Ok(Self { status, plan }),
            (status, plan) => Err(Problem::invalid(status.err().into_iter().chain(plan.err()).collect())),
        }
    }
}

/// Changes a tenant's status and plan.
///
/// # Errors
/// When a field is not usable, the caller is not the operator, or the store fails.
#[utoipa::path(
    patch,
    path = "/api/v1/tenants/{tenant_id}",
    tag = "tenants",
    params(("tenant_id" = Uuid, Path, description = "The tenant")),
    request_body = ChangeTenant,
    responses((status = 200, description = "The tenant as it is now", body = TenantBody), Problems)
)]
pub async fn change_tenant(
    services: Data<Services>,
    asked: Admitted<TenantRecord, ApiJson<ChangeTenant>>,
) -> Result<Json<TenantBody>, Problem> {
    let Admitted(record, ApiJson(input)) = asked;
    let tenant = services.tenants.change(record.platform()?, record.tenant, input.try_into()?).await?;
    Ok(Json(tenant.into()))
}
