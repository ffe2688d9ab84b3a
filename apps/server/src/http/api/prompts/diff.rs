//! `GET /api/v1/tenants/{tenant_id}/prompts/{prompt_id}/diff`

use actix_web::web::{Data, Json};
use kernel::PromptVersionId;
use prompt::{DiffLine, PromptDiff, SectionChange};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    http::{
        api::wire::Problems,
        extract::{Admitted, ApiQuery, PathId, TenantPath},
        problem::Problem,
    },
    services::Services,
};

/// With what a version is compared.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DiffQuery {
    /// The id of a version, or the number of one of the same channel.
    #[param(required = true)]
    against: Option<String>,
}

/// With what a version is compared, once it was read.
pub enum Against {
    /// The version of the same channel with a number.
    Number(u32),
    /// The version with an id.
    Id(PromptVersionId),
}

impl DiffQuery {
    /// Reads it.
    ///
    /// # Errors
    /// When it is neither a number nor an id.
    pub fn against(&self) -> Result<Against, Problem> {
        let against = self.against.as_deref().unwrap_or_default();
        if let Ok(number) = against.parse() {
            return Ok(Against::Number(number));
        }
        let id = Uuid::try_parse(against);
        let id =
            id.map_err(|_| Problem::invalid_field("against", "give the id or the number of a version"))?;
        Ok(Against::Id(PromptVersionId::new(id)))
    }
}

/// What is different in a version.
#[derive(Debug, Serialize, ToSchema)]
pub struct DiffBody {
    /// The sections that differ, by key.
    sections: Vec<SectionDiffBody>,
    /// The lines of the closing text, where it differs.
    suffix: Vec<DiffLineBody>,
}

/// What became of one section.
#[derive(Debug, Serialize, ToSchema)]
pub struct SectionDiffBody {
    /// The section's key.
    key: String,
    /// `added`, `removed`, `changed` or `moved`.
    change: &'static str,
    /// Its order in the other version.
    order_before: Option<i32>,
    /// Its order in this version.
    order_after: Option<i32>,
    /// Its lines; none where only its place is another.
    lines: Vec<DiffLineBody>,
}

/// A line of a text that differs.
#[derive(Debug, Serialize, ToSchema)]
pub struct DiffLineBody {
    /// `kept`, `added` or `removed`.
    change: &'static str,
    /// The line.
    text: String,
}

impl From<DiffLine> for DiffLineBody {
    fn from(line: DiffLine) -> Self {
        let (change, text) = match line {
            DiffLine::Kept(text) => ("kept", text),
            DiffLine::Added(text) => ("added", text),
            DiffLine::Removed(text) => ("removed", text),
        };
        Self { change, text }
    }
}

impl From<PromptDiff> for DiffBody {
    fn from(diff: PromptDiff) -> Self {
        let section = |section: prompt::SectionDiff| SectionDiffBody {
            key: section.key,
            change: match section.change {
                SectionChange::Added => "added",
                SectionChange::Removed => "removed",
                SectionChange::Changed => "changed",
                SectionChange::Moved => "moved",
            },
            order_before: section.order_before,
            order_after: section.order_after,
            lines: section.lines.into_iter().map(DiffLineBody::from).collect(),
        };
        Self {
            sections: diff.sections.into_iter().map(section).collect(),
            suffix: diff.suffix.into_iter().map(DiffLineBody::from).collect(),
        }
    }
}

/// Shows what is different in a version, compared with another of the tenant.
///
/// # Errors
/// When there is no such version for the caller, `against` names none of the tenant's, or the store fails.
#[utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant_id}/prompts/{prompt_id}/diff",
    tag = "prompts",
    params(("tenant_id" = Uuid, Path, description = "The tenant"), ("prompt_id" = Uuid, Path, description = "The version"), DiffQuery),
    responses((status = 200, description = "What is different", body = DiffBody), Problems)
)]
pub async fn diff_prompt(
    services: Data<Services>,
    asked: Admitted<TenantPath, (PathId<PromptVersionId>, ApiQuery<DiffQuery>)>,
) -> Result<Json<DiffBody>, Problem> {
    let Admitted(TenantPath(scope), (PathId(id), ApiQuery(query))) = asked;
    let versions = &services.prompts.versions;
    // An id in the path that is nobody's answers first, so that nothing is learnt by trying.
    let version = versions.get(&scope, id).await?;
    let before = match query.against()? {
        Against::Number(number) => versions.numbered(&scope, version.channel(), number).await?,
        Against::Id(other) => other,
    };
    Ok(Json(versions.diff(&scope, before, id).await?.into()))
}
