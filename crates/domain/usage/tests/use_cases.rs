//! Reading usage and setting limits, on the fakes.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, also in what makes its stores")]

use std::sync::Arc;

use chrono::NaiveDate;
use kernel::{
    Clock as _, IdGenerator as _, TenantId,
    testing::{CountingIds, ManualClock},
};
use tenancy::{
    BusinessProfile, Plan, Tenant, TenantScope, TenantStatus, TenantStore,
    testing::{TenancyStores, operator, platform, scope},
};
use usage::{
    Counts, Limit, ReadUsage, SetLimits, TenantLimits, TurnsState, UsageError, UsageLine, UsageStore,
    testing::MemoryUsageStore,
};

struct Office {
    usage: Arc<MemoryUsageStore>,
    tenants: Arc<dyn TenantStore>,
    clock: Arc<ManualClock>,
    scope: TenantScope,
}

impl Office {
    async fn open() -> Self {
        let clock = Arc::<ManualClock>::default();
        let tenants = TenancyStores::memory().tenants;
        let id = TenantId::new(CountingIds::new(1).next());
        let tenant = Tenant::create(id, "Bristol Plumbing", Plan::Starter, clock.now()).unwrap();
        tenants.insert(&platform(), &tenant, &BusinessProfile::default()).await.unwrap();
        Self { usage: Arc::default(), tenants, clock, scope: scope(id) }
    }

    fn today(&self) -> NaiveDate {
        self.clock.now().date_naive()
    }

    fn use_turns(&self, day: NaiveDate, turns_answered: u64, cost_micros: u64) {
        let counts = Counts { turns: turns_answered, turns_answered, cost_micros, ..Counts::default() };
        self.usage.add(&self.scope, UsageLine { day, model: "gemini-2.5-flash".into(), counts });
    }

    fn reading(&self) -> ReadUsage {
        let usage: Arc<dyn UsageStore> = Arc::<MemoryUsageStore>::clone(&self.usage);
        ReadUsage::new(usage, Arc::clone(&self.tenants), Arc::<ManualClock>::clone(&self.clock))
    }

    fn setting(&self) -> SetLimits {
        let usage: Arc<dyn UsageStore> = Arc::<MemoryUsageStore>::clone(&self.usage);
        SetLimits::new(usage, Arc::clone(&self.tenants), Arc::<ManualClock>::clone(&self.clock))
    }
}

#[tokio::test]
async fn the_report_of_this_month_has_its_days_and_their_sum() {
    let office = Office::open().await;
    let (today, yesterday) = (office.today(), office.today().pred_opt().unwrap());
    office.use_turns(yesterday, 2, 30);
    office.use_turns(today, 3, 12);
    let report = office.reading().report(&office.scope, Some(yesterday), None).await.unwrap();
    let days: Vec<_> = report.by_day().map(|(day, lines)| (day, lines.len())).collect();
    assert_eq!(days, [(yesterday, 1), (today, 1)]);
    assert_eq!((report.totals().turns, report.totals().cost_micros), (5, 42));
}

#[tokio::test]
async fn days_that_are_none_are_refused_by_name() {
    let office = Office::open().await;
    let (today, yesterday) = (office.today(), office.today().pred_opt().unwrap());
    let refused = office.reading().report(&office.scope, Some(today), Some(yesterday)).await;
    assert!(matches!(refused, Err(UsageError::Invalid { field: "to", .. })), "{refused:?}");
}

#[tokio::test]
async fn limits_are_the_plans_until_the_operator_sets_others() {
    let office = Office::open().await;
    office.use_turns(office.today(), 7, 99);
    let shown = office.reading().limits(&office.scope).await.unwrap();
    assert_eq!(shown.holds.turns_per_month, Limit::Most(1_000));
    assert_eq!((shown.state(), shown.standing.turns_this_month), (TurnsState::Within, 7));
    let own = TenantLimits { turns_per_month: Some(Limit::Most(5)), ..TenantLimits::default() };
    let set = office.setting().set(&operator(), office.scope.tenant_id(), own).await.unwrap();
    assert_eq!(set, office.reading().limits(&office.scope).await.unwrap());
    assert_eq!((set.holds.turns_per_month, set.state()), (Limit::Most(5), TurnsState::Over));
    assert_eq!(set.holds.model_budget_micros_per_day, Limit::Most(1_000_000));
    assert_eq!(set.standing.spent_today_micros, 99);
}

#[tokio::test]
async fn a_tenant_that_is_not_there_or_deleted_gets_no_limits() {
    let office = Office::open().await;
    let nobody = TenantId::new(CountingIds::new(9).next());
    let mut gone = office.tenants.find(&platform(), office.scope.tenant_id()).await.unwrap().unwrap();
    gone.set_status(TenantStatus::Deleted).unwrap();
    office.tenants.save(&platform(), &gone, office.clock.now()).await.unwrap();
    for tenant in [nobody, gone.id()] {
        let refused = office.setting().set(&operator(), tenant, TenantLimits::default()).await;
        assert!(matches!(refused, Err(UsageError::NotFound { what: "tenant" })), "{refused:?}");
    }
}

#[tokio::test]
async fn a_limit_above_the_highest_is_refused_by_its_name() {
    let office = Office::open().await;
    let too_many = Some(Limit::Most(Limit::MAX + 1));
    let turns = TenantLimits { turns_per_month: too_many, ..TenantLimits::default() };
    let budget = TenantLimits { model_budget_micros_per_day: too_many, ..TenantLimits::default() };
    for (limits, name) in [(turns, "turns_per_month"), (budget, "model_budget_micros_per_day")] {
        let refused = office.setting().set(&operator(), office.scope.tenant_id(), limits).await;
        assert!(matches!(refused, Err(UsageError::Invalid { field, .. }) if field == name), "{refused:?}");
    }
}
