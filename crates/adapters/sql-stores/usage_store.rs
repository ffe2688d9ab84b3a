//! Usage and tenants' own limits, as both databases keep them.

use async_trait::async_trait;
use chrono::NaiveDate;
use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, SelectableHelper as _};
use diesel_async::RunQueryDsl as _;
use kernel::{StoreError, TenantId, Timestamp};
use tenancy::{AuditAction, TenantScope};
use usage::{Counts, Days, Limit, Standing, TenantLimits, UsageLine, UsageStore};

use crate::{
    Stores,
    audit_log::record_change,
    errors::{corrupt, store_error},
    types::{Conn, Id, Ts},
    usage_rows::{UsageRow, add_line, day_number},
    usage_schema::{tenant_limits, usage_days},
};

/// How rows say that there is no limit.
const UNLIMITED: i64 = -1;

#[async_trait]
impl UsageStore for Stores {
    async fn lines(&self, scope: &TenantScope, days: Days) -> Result<Vec<UsageLine>, StoreError> {
        let mut tx = self.db.read(scope).await?;
        lines(&mut tx, scope.tenant_id(), days).await
    }

    async fn standing(&self, scope: &TenantScope, today: NaiveDate) -> Result<Standing, StoreError> {
        let mut tx = self.db.read(scope).await?;
        let own = find_limits(&mut tx, scope.tenant_id()).await?.unwrap_or_default();
        let lines = lines(&mut tx, scope.tenant_id(), Days::of_month_until(today)).await?;
        let of_today = lines.iter().filter(|line| line.day == today);
        Ok(Standing {
            own,
            turns_this_month: Counts::total(lines.iter().map(|line| line.counts)).turns_answered,
            spent_today_micros: Counts::total(of_today.map(|line| line.counts)).cost_micros,
        })
    }

    async fn count(&self, scope: &TenantScope, used: &UsageLine) -> Result<(), StoreError> {
        let mut tx = self.db.write(scope).await?;
        add_line(&mut tx, scope.tenant_id(), used).await?;
        tx.commit().await
    }

    async fn set_limits(
        &self,
        scope: &TenantScope,
        limits: TenantLimits,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let tenant = scope.tenant_id();
        let mut tx = self.db.write(scope).await?;
        let before = find_limits(&mut tx, tenant).await?.unwrap_or_default();
        let (turns, budget) = (stored(limits.turns_per_month), stored(limits.model_budget_micros_per_day));
        let values = (
            tenant_limits::turns_per_month.eq(turns),
            tenant_limits::model_budget_micros_per_day.eq(budget),
            tenant_limits::changed_at.eq(Ts(at)),
        );
        diesel::insert_into(tenant_limits::table)
            .values((tenant_limits::tenant_id.eq(Id(tenant.uuid())), values))
            .on_conflict(tenant_limits::tenant_id)
            .do_update()
            .set(values)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        let detail = before.audit_detail(limits);
        let what = (AuditAction::LimitsSet, tenant.to_string());
        record_change(&mut tx, scope, at, (what.0, &what.1), detail.as_ref()).await?;
        tx.commit().await
    }
}

async fn lines(conn: &mut Conn, tenant: TenantId, days: Days) -> Result<Vec<UsageLine>, StoreError> {
    let rows = usage_days::table
        .filter(usage_days::tenant_id.eq(Id(tenant.uuid())))
        .filter(usage_days::day.between(day_number(days.first()), day_number(days.last())))
        .order((usage_days::day.asc(), usage_days::model.asc()))
        .select(UsageRow::as_select())
        .load(conn)
        .await
        .map_err(store_error)?;
    let mut lines = rows.into_iter().map(UsageRow::read).collect::<Result<Vec<_>, _>>()?;
    // A database may order names by its own language.
    lines.sort_by(|one, other| (one.day, &one.model).cmp(&(other.day, &other.model)));
    Ok(lines)
}

async fn find_limits(conn: &mut Conn, tenant: TenantId) -> Result<Option<TenantLimits>, StoreError> {
    let found = tenant_limits::table
        .find(Id(tenant.uuid()))
        .select((tenant_limits::turns_per_month, tenant_limits::model_budget_micros_per_day))
        .get_result::<(Option<i64>, Option<i64>)>(conn)
        .await
        .optional()
        .map_err(store_error)?;
    let Some((turns, budget)) = found else { return Ok(None) };
    let read = |limit: Option<i64>| limit.map(limit_of).transpose();
    Ok(Some(TenantLimits { turns_per_month: read(turns)?, model_budget_micros_per_day: read(budget)? }))
}

fn stored(limit: Option<Limit>) -> Option<i64> {
    limit.map(|limit| match limit {
        Limit::Most(most) => i64::try_from(most).unwrap_or(i64::MAX),
        Limit::Unlimited => UNLIMITED,
    })
}

fn limit_of(stored: i64) -> Result<Limit, StoreError> {
    match stored {
        UNLIMITED => Ok(Limit::Unlimited),
        most => u64::try_from(most).map(Limit::Most).map_err(|_| corrupt("limit")),
    }
}
