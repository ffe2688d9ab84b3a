//! `PATCH /api/v1/tenants/{tenant_id}/ai-profiles/{profile_id}`

use super::{AiProfileBody, SettingsBody, role};
use crate::{
    http::{
        api::wire::Problems,
        extract::{Admitted, ApiJson, PathId, TenantPath},
        problem::Problem,
    },
    services::Services,
};
use actix_web::web::{Data, Json};
use kernel::AiProfileId;
use prompt::AiProfilePatch;
use serde::Deserialize;
use utoipa::ToSchema;

/// What of an AI profile is to change; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeAiProfile {
    /// What it is called.
    name: Option<String>,
    /// `receptionist`, `sales`, `support`, `dispatcher` or `custom`.
    role: Option<String>,
    /// All of the settings.
    settings: Option<SettingsBody>,
    /// What the model is told first, a template.
    system_prompt: Option<String>,
    /// Whether the receptionist is to use it.
    is_default: Option<bool>,
}

/// Changes an AI profile. Made the default, it takes the place of the one before.
///
/// # Errors
/// When there is no such profile for the caller, a field is not usable, somebody was faster, the caller may not, or the
/// store fails.
#[utoipa::path(
    patch,
    path = "/api/v1/tenants/{tenant_id}/ai-profiles/{profile_id}",
    tag = "prompts",
    params(("tenant_id" = Uuid, Path, description = "The tenant"), ("profile_id" = Uuid, Path, description = "The AI profile")),
    request_body = ChangeAiProfile,
    responses((status = 200, description = "The AI profile as it is now", body = AiProfileBody), Problems)
)]
pub async fn change_ai_profile(
    services: Data<Services>,
    asked: Admitted<TenantPath, (PathId<AiProfileId>, ApiJson<ChangeAiProfile>)>,
) -> Result<Json<AiProfileBody>, Problem> {
    let Admitted(TenantPath(scope), (PathId(id), ApiJson(input))) = asked;
    let patch = AiProfilePatch {
        name: input.name,
        role: input.role.as_deref().map(role).transpose()?,
        settings: input.settings.map(SettingsBody::read).transpose()?,
        system_prompt: input.system_prompt,
        is_default: input.is_default,
    };
    Ok(Json(services.prompts.profiles.change(&scope, id, patch).await?.into()))
}
