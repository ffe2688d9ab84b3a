//! `GET /api/v1/tenants/{tenant_id}/usage`

use actix_web::web::{Data, Json};
use chrono::NaiveDate;
use serde::Serialize;
use usage::{Counts, LimitsShown, UsageLine, UsageReport};
use utoipa::ToSchema;

use super::UsageQuery;
use crate::{
    http::{
        api::{tenant_limits::LimitsBody, wire::Problems},
        extract::{Admitted, ApiQuery, TenantPath},
        problem::Problem,
    },
    services::Services,
};

/// What was used, in numbers.
#[derive(Debug, Serialize, ToSchema)]
pub struct CountsBody {
    /// Turns that were committed, silent ones too.
    turns: u64,
    /// Turns in which the receptionist answered in its own words: what a plan's limit counts.
    turns_answered: u64,
    /// Messages of contacts that turns have taken up.
    messages_in: u64,
    /// Messages that the receptionist or a person has written.
    messages_out: u64,
    /// Tokens that models have read.
    tokens_in: u64,
    /// Tokens that models have written.
    tokens_out: u64,
    /// What the tokens with a price have cost, in millionths of a US dollar.
    cost_micros: u64,
    /// How many tokens have no price: where there are any, the cost is not known in full.
    unpriced_tokens: u64,
}

impl From<Counts> for CountsBody {
    fn from(counts: Counts) -> Self {
        Self {
            turns: counts.turns,
            turns_answered: counts.turns_answered,
            messages_in: counts.messages_in,
            messages_out: counts.messages_out,
            tokens_in: counts.tokens_in,
            tokens_out: counts.tokens_out,
            cost_micros: counts.cost_micros,
            unpriced_tokens: counts.unpriced_tokens,
        }
    }
}

/// What was used on a day with a model.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModelUsageBody {
    /// The model, in its provider's words; null for the one in the box, for turns without a model and for people.
    model: Option<String>,
    #[serde(flatten)]
    counts: CountsBody,
}

/// What was used on a day.
#[derive(Debug, Serialize, ToSchema)]
pub struct DayUsageBody {
    /// The day, in UTC.
    day: NaiveDate,
    #[serde(flatten)]
    counts: CountsBody,
    /// The same by model, in the order of their names.
    models: Vec<ModelUsageBody>,
}

impl DayUsageBody {
    fn of(day: NaiveDate, lines: &[UsageLine]) -> Self {
        let model = |line: &UsageLine| ModelUsageBody {
            model: (!line.model.is_empty()).then(|| line.model.clone()),
            counts: line.counts.into(),
        };
        Self {
            day,
            counts: Counts::total(lines.iter().map(|line| line.counts)).into(),
            models: lines.iter().map(model).collect(),
        }
    }
}

/// What a tenant has used.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsageBody {
    /// The first day, in UTC.
    from: NaiveDate,
    /// The last day, in UTC.
    to: NaiveDate,
    /// The days on which something was used, in order.
    items: Vec<DayUsageBody>,
    /// All of it.
    totals: CountsBody,
    /// The tenant's limits, and how it stands with them today.
    limits: LimitsBody,
}

impl UsageBody {
    fn of(report: &UsageReport, limits: &LimitsShown) -> Self {
        Self {
            from: report.days.first(),
            to: report.days.last(),
            items: report.by_day().map(|(day, lines)| DayUsageBody::of(day, lines)).collect(),
            totals: report.totals().into(),
            limits: limits.into(),
        }
    }
}

/// Shows what a tenant has used on some days, by day and model, and how it stands with its limits.
///
/// # Errors
/// When a day is none, the days are too many, the caller may not, or the store fails.
#[utoipa::path(
    get,
    path = "/api/v1/tenants/{tenant_id}/usage",
    tag = "usage",
    params(("tenant_id" = Uuid, Path, description = "The tenant"), UsageQuery),
    responses((status = 200, description = "What was used", body = UsageBody), Problems)
)]
pub async fn show_usage(
    services: Data<Services>,
    asked: Admitted<TenantPath, ApiQuery<UsageQuery>>,
) -> Result<Json<UsageBody>, Problem> {
    let Admitted(TenantPath(scope), ApiQuery(query)) = asked;
    let (from, to) = query.days()?;
    let report = services.usage.read.report(&scope, from, to).await?;
    let limits = services.usage.read.limits(&scope).await?;
    Ok(Json(UsageBody::of(&report, &limits)))
}
