//! How much a plan holds, and how much a tenant has where somebody has said so.

use tenancy::Plan;

/// How much of something there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// So many.
    Most(u64),
    /// As much as anybody likes.
    Unlimited,
}

impl Limit {
    /// The highest limit; whoever wants more wants [`Limit::Unlimited`].
    pub const MAX: u64 = 1_000_000_000_000_000;

    /// Tells whether so much is all that there may be, or more.
    pub fn is_reached_by(self, used: u64) -> bool {
        match self {
            Self::Most(most) => used >= most,
            Self::Unlimited => false,
        }
    }

    /// Returns the limit with the grace that is given beyond it.
    #[must_use]
    pub fn with_grace(self) -> Self {
        match self {
            Self::Most(most) => {
                let grace = u128::from(most) * u128::from(PlanLimits::GRACE_PERCENT) / 100;
                Self::Most(most.saturating_add(u64::try_from(grace).unwrap_or(u64::MAX)))
            }
            Self::Unlimited => Self::Unlimited,
        }
    }
}

/// How much a tenant may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanLimits {
    /// Turns that the receptionist answers in a calendar month, in UTC.
    pub turns_per_month: Limit,
    /// What its models may cost on a day, in UTC and micro-dollars.
    pub model_budget_micros_per_day: Limit,
}

impl PlanLimits {
    /// How far a month's turns may go beyond the limit, in hundredths of it, rounded down.
    pub const GRACE_PERCENT: u64 = 10;

    /// Returns what a plan holds.
    pub fn of(plan: Plan) -> Self {
        let (turns_per_month, model_budget_micros_per_day) = match plan {
            Plan::Starter => (Limit::Most(1_000), Limit::Most(1_000_000)),
            Plan::Growth => (Limit::Most(10_000), Limit::Most(10_000_000)),
            Plan::Custom => (Limit::Unlimited, Limit::Unlimited),
        };
        Self { turns_per_month, model_budget_micros_per_day }
    }
}

/// What somebody has said of a tenant's limits; what nobody has said is as the plan has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TenantLimits {
    /// Turns that the receptionist answers in a calendar month, in UTC.
    pub turns_per_month: Option<Limit>,
    /// What its models may cost on a day, in UTC and micro-dollars.
    pub model_budget_micros_per_day: Option<Limit>,
}

impl TenantLimits {
    /// Returns what holds for a tenant with a plan.
    pub fn over(self, plan: Plan) -> PlanLimits {
        let of_plan = PlanLimits::of(plan);
        PlanLimits {
            turns_per_month: self.turns_per_month.unwrap_or(of_plan.turns_per_month),
            model_budget_micros_per_day: self
                .model_budget_micros_per_day
                .unwrap_or(of_plan.model_budget_micros_per_day),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_plan_holds_what_is_promised() {
        for (plan, turns, budget) in [
            (Plan::Starter, Limit::Most(1_000), Limit::Most(1_000_000)),
            (Plan::Growth, Limit::Most(10_000), Limit::Most(10_000_000)),
            (Plan::Custom, Limit::Unlimited, Limit::Unlimited),
        ] {
            let limits = PlanLimits::of(plan);
            assert_eq!((limits.turns_per_month, limits.model_budget_micros_per_day), (turns, budget));
        }
    }

    #[test]
    fn what_is_said_of_a_tenant_holds_and_the_rest_is_the_plans() {
        let own = TenantLimits { turns_per_month: Some(Limit::Most(5)), ..TenantLimits::default() };
        let limits = own.over(Plan::Growth);
        assert_eq!(limits.turns_per_month, Limit::Most(5));
        assert_eq!(limits.model_budget_micros_per_day, Limit::Most(10_000_000));
        let unlimited = TenantLimits {
            turns_per_month: Some(Limit::Unlimited),
            model_budget_micros_per_day: Some(Limit::Unlimited),
        };
        assert_eq!(unlimited.over(Plan::Starter), PlanLimits::of(Plan::Custom));
    }

    #[test]
    fn the_grace_is_a_tenth_rounded_down() {
        for (most, with_grace) in [(1_000, 1_100), (19, 20), (9, 9), (0, 0), (u64::MAX, u64::MAX)] {
            assert_eq!(Limit::Most(most).with_grace(), Limit::Most(with_grace));
        }
        assert_eq!(Limit::Unlimited.with_grace(), Limit::Unlimited);
    }
}
