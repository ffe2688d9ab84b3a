//! How much a tenant may use.

pub mod set;
pub mod show;

use serde::{Deserialize, Serialize};
use usage::{Limit, LimitsShown, PlanLimits, TenantLimits};
use utoipa::ToSchema;

/// The word for no limit.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoLimit {
    /// As much as anybody likes.
    Unlimited,
}

/// How much of something there may be: a number, or `"unlimited"`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(untagged, expecting = "write a whole number from 0, or \"unlimited\"")]
pub enum LimitBody {
    /// So many.
    Most(u64),
    /// No limit.
    Word(NoLimit),
}

impl From<Limit> for LimitBody {
    fn from(limit: Limit) -> Self {
        match limit {
            Limit::Most(most) => Self::Most(most),
            Limit::Unlimited => Self::Word(NoLimit::Unlimited),
        }
    }
}

impl From<LimitBody> for Limit {
    fn from(body: LimitBody) -> Self {
        match body {
            LimitBody::Most(most) => Self::Most(most),
            LimitBody::Word(NoLimit::Unlimited) => Self::Unlimited,
        }
    }
}

/// What the operator has said of a tenant's limits; null where the plan's holds.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnLimitsBody {
    /// Turns that the receptionist answers in a calendar month.
    turns_per_month: Option<LimitBody>,
    /// What models may cost on a day, in millionths of a US dollar.
    model_budget_micros_per_day: Option<LimitBody>,
}

impl From<TenantLimits> for OwnLimitsBody {
    fn from(own: TenantLimits) -> Self {
        Self {
            turns_per_month: own.turns_per_month.map(LimitBody::from),
            model_budget_micros_per_day: own.model_budget_micros_per_day.map(LimitBody::from),
        }
    }
}

/// A tenant's limits, and how it stands with them. Months and days are those of UTC.
#[derive(Debug, Serialize, ToSchema)]
pub struct LimitsBody {
    /// The plan.
    plan: &'static str,
    /// How many turns the receptionist answers in a calendar month, before grace.
    turns_per_month: LimitBody,
    /// How far it goes on beyond that, in hundredths of the limit.
    grace_percent: u64,
    /// How many it has answered in this month.
    turns_this_month: u64,
    /// `within`, `grace` where the limit is reached, or `over` where the grace is used up and nobody is answered.
    state: &'static str,
    /// What models may cost on a day, in millionths of a US dollar; beyond it the model in the box answers.
    model_budget_micros_per_day: LimitBody,
    /// What they have cost today, as far as they have a price.
    spent_today_micros: u64,
    /// What of this the operator has said for this tenant alone.
    own: OwnLimitsBody,
}

impl From<&LimitsShown> for LimitsBody {
    fn from(shown: &LimitsShown) -> Self {
        Self {
            plan: shown.plan.as_str(),
            turns_per_month: shown.holds.turns_per_month.into(),
            grace_percent: PlanLimits::GRACE_PERCENT,
            turns_this_month: shown.standing.turns_this_month,
            state: shown.state().as_str(),
            model_budget_micros_per_day: shown.holds.model_budget_micros_per_day.into(),
            spent_today_micros: shown.standing.spent_today_micros,
            own: shown.standing.own.into(),
        }
    }
}
