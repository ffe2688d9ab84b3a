//! How a tenant stands with its limits, and what it may still do.

use tenancy::Plan;

use crate::{PlanLimits, TenantLimits};

/// What a tenant has used of what is limited, and what somebody has said of its limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// What somebody has said of its limits.
    pub own: TenantLimits,
    /// Turns that the receptionist has answered in this month.
    pub turns_this_month: u64,
    /// What its models have cost today, in micro-dollars.
    pub spent_today_micros: u64,
}

/// How the turns of a month stand with their limit: what the next turn meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TurnsState {
    /// Some are left.
    Within,
    /// None is left, and the receptionist answers out of grace.
    Grace,
    /// The grace is used up too.
    Over,
}

impl TurnsState {
    /// Returns the name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Within => "within",
            Self::Grace => "grace",
            Self::Over => "over",
        }
    }
}

/// How the receptionist may answer now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MayAnswer {
    /// By whatever model it likes.
    ByAnyModel,
    /// By the model in the box, which costs nothing: the day's budget is used up.
    ByTheModelInTheBox,
    /// Not at all: the month's turns are used up, and the grace.
    NotAtAll,
}

impl Standing {
    /// Returns how the turns of this month stand with what holds for a tenant with a plan.
    pub fn turns_state(&self, plan: Plan) -> TurnsState {
        let limit = self.own.over(plan).turns_per_month;
        if limit.with_grace().is_reached_by(self.turns_this_month) {
            TurnsState::Over
        } else if limit.is_reached_by(self.turns_this_month) {
            TurnsState::Grace
        } else {
            TurnsState::Within
        }
    }

    /// Returns how the receptionist of a tenant with a plan may answer now.
    pub fn may_answer(&self, plan: Plan) -> MayAnswer {
        let budget = self.own.over(plan).model_budget_micros_per_day;
        match self.turns_state(plan) {
            TurnsState::Over => MayAnswer::NotAtAll,
            TurnsState::Within | TurnsState::Grace if budget.is_reached_by(self.spent_today_micros) => {
                MayAnswer::ByTheModelInTheBox
            }
            TurnsState::Within | TurnsState::Grace => MayAnswer::ByAnyModel,
        }
    }
}

/// A tenant's limits as they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitsShown {
    /// The tenant's plan.
    pub plan: Plan,
    /// What holds.
    pub holds: PlanLimits,
    /// How the tenant stands, with what somebody has said of its limits.
    pub standing: Standing,
}

impl LimitsShown {
    /// Shows how a tenant with a plan stands.
    pub fn of(plan: Plan, standing: Standing) -> Self {
        Self { plan, holds: standing.own.over(plan), standing }
    }

    /// Returns how the turns of this month stand.
    pub fn state(&self) -> TurnsState {
        self.standing.turns_state(self.plan)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limit;

    fn standing(turns: u64, spent: u64) -> Standing {
        Standing { turns_this_month: turns, spent_today_micros: spent, ..Standing::default() }
    }

    #[test]
    fn the_turns_run_from_within_through_grace_to_over() {
        use TurnsState::{Grace, Over, Within};
        for (turns, state) in
            [(0, Within), (999, Within), (1_000, Grace), (1_099, Grace), (1_100, Over), (u64::MAX, Over)]
        {
            assert_eq!(standing(turns, 0).turns_state(Plan::Starter), state, "{turns}");
        }
        assert_eq!(standing(u64::MAX, 0).turns_state(Plan::Custom), Within);
    }

    #[test]
    fn within_the_grace_it_answers_as_ever_and_beyond_it_not_at_all() {
        assert_eq!(standing(1_099, 0).may_answer(Plan::Starter), MayAnswer::ByAnyModel);
        assert_eq!(standing(1_100, 0).may_answer(Plan::Starter), MayAnswer::NotAtAll);
        assert_eq!(standing(1_100, 0).may_answer(Plan::Growth), MayAnswer::ByAnyModel);
    }

    #[test]
    fn once_the_budget_is_used_up_the_model_in_the_box_answers() {
        for (spent, may) in [(999_999, MayAnswer::ByAnyModel), (1_000_000, MayAnswer::ByTheModelInTheBox)] {
            assert_eq!(standing(0, spent).may_answer(Plan::Starter), may);
        }
        assert_eq!(standing(0, u64::MAX).may_answer(Plan::Custom), MayAnswer::ByAnyModel);
        assert_eq!(standing(1_100, 1_000_000).may_answer(Plan::Starter), MayAnswer::NotAtAll);
    }

    #[test]
    fn a_limit_of_none_at_all_is_over_at_once() {
        let own = TenantLimits {
            turns_per_month: Some(Limit::Most(0)),
            model_budget_micros_per_day: Some(Limit::Most(0)),
        };
        assert_eq!(Standing { own, ..Standing::default() }.may_answer(Plan::Custom), MayAnswer::NotAtAll);
        let own = TenantLimits { turns_per_month: None, ..own };
        let standing = Standing { own, ..Standing::default() };
        assert_eq!(standing.may_answer(Plan::Custom), MayAnswer::ByTheModelInTheBox);
    }
}
