//! `PUT /api/v1/tenants/{tenant_id}/limits`

use actix_web::web::{Data, Json};
use serde::Deserialize;
use usage::{Limit, TenantLimits};
use utoipa::ToSchema;

use super::{LimitBody, LimitsBody};
use crate::{
    http::{
        api::wire::Problems,
        extract::{Admitted, ApiJson, TenantRecord},
        problem::Problem,
    },
    services::Services,
};

/// A tenant's own limits, the whole of them. Null means as the plan has it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetTenantLimits {
    /// How many turns the receptionist answers in a calendar month, before grace.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required = true)]
    turns_per_month: Option<LimitBody>,
    /// What models may cost on a day, in millionths of a US dollar.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required = true)]
    model_budget_micros_per_day: Option<LimitBody>,
}

impl From<SetTenantLimits> for TenantLimits {
    fn from(input: SetTenantLimits) -> Self {
        Self {
            turns_per_month: input.turns_per_month.map(Limit::from),
            model_budget_micros_per_day: input.model_budget_micros_per_day.map(Limit::from),
        }
    }
}

/// Gives a tenant limits of its own, or those of its plan again.
///
/// # Errors
/// When a limit is none, the caller is not the operator, there is no such tenant, or the store fails.
#[utoipa::path(
    put,
    path = "/api/v1/tenants/{tenant_id}/limits",
    tag = "usage",
    params(("tenant_id" = Uuid, Path, description = "The tenant")),
    request_body = SetTenantLimits,
    responses((status = 200, description = "The limits as they are now", body = LimitsBody), Problems)
)]
pub async fn set_limits(
    services: Data<Services>,
    asked: Admitted<TenantRecord, ApiJson<SetTenantLimits>>,
) -> Result<Json<LimitsBody>, Problem> {
    let Admitted(record, ApiJson(input)) = asked;
    let set = services.usage.limits.set(record.platform()?, record.tenant, input.into()).await?;
    Ok(Json((&set).into()))
}
