//! `GET /api/v1/tenants/{tenant_id}/members`

use actix_web::web::{Data, Json};

use super::MemberBody;
use crate::{
    http::{
        api::wire::{ListBody, Problems},
        extract::{Admitted, PageQuery, TenantPath},
        problem::Problem,
    },
    services::Services,
};

/// Lists a tenant's members, oldest first, disabled ones too.
///
/// # Errors
/// When the page is none, the caller may not, or the store fails.
#[utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant_id}/members",
    tag = "members",
    params(("tenant_id" = Uuid, Path, description = "The tenant"), PageQuery),
    responses((status = 200, description = "A page of members", body = ListBody<MemberBody>), Problems)
)]
pub async fn list_members(
    services: Data<Services>,
    asked: Admitted<TenantPath, PageQuery>,
) -> Result<Json<ListBody<MemberBody>>, Problem> {
    let Admitted(TenantPath(scope), PageQuery(page)) = asked;
    let members = services.members.list(&scope, &page).await?;
    Ok(Json(ListBody::of_page(members, MemberBody::from)))
}
