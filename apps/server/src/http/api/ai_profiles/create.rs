//! `POST /api/v1/tenants/{tenant_id}/ai-profiles`

use super::{AiProfileBody, SettingsBody, role};
use crate::{
    http::{
        api::wire::{Problems, created},
        extract::{Admitted, ApiJson, TenantPath},
        problem::Problem,
    },
    services::Services,
};
use actix_web::{HttpResponse, web::Data};
use prompt::NewAiProfile;
use serde::Deserialize;
use utoipa::ToSchema;

/// An AI profile to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateAiProfile {
    /// What it is called.
    name: String,
    /// `receptionist`, `sales`, `support`, `dispatcher` or `custom`.
    role: String,
    /// How the model is set.
    #[serde(default)]
    settings: SettingsBody,
    /// What the model is told first, a template.
    system_prompt: String,
    /// Whether the receptionist is to use it.
    #[serde(default)]
    is_default: bool,
}

/// Makes an AI profile. As the default it takes the place of the one before.
///
/// # Errors
/// When a field is not usable, the caller may not, or the store fails.
#[utoipa::path(
    post,
    path = "/api/v1/tenants/{tenant_id}/ai-profiles",
    tag = "prompts",
    params(("tenant_id" = Uuid, Path, description = "The tenant")),
    request_body = CreateAiProfile,
    responses((status = 201, description = "The AI profile", body = AiProfileBody), Problems)
)]
pub async fn create_ai_profile(
    services: Data<Services>,
    asked: Admitted<TenantPath, ApiJson<CreateAiProfile>>,
) -> Result<HttpResponse, Problem> {
    let Admitted(TenantPath(scope), ApiJson(input)) = asked;
    let new = NewAiProfile {
        name: input.name,
        role: role(&input.role)?,
        settings: input.settings.read()?,
        system_prompt: input.system_prompt,
        is_default: input.is_default,
    };
    let profile = services.prompts.profiles.create(&scope, new).await?;
    let location = format!("/api/v1/tenants/{}/ai-profiles/{}", scope.tenant_id(), profile.id);
    Ok(created(&location, AiProfileBody::from(profile)))
}
