//! What turns and people use, by day and model, as rows.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};
use conversation::{NewOutbound, Spent, TokenUsage, TurnCommit};
use diesel::{ExpressionMethods as _, Insertable, Queryable, Selectable, upsert::excluded};
use diesel_async::RunQueryDsl as _;
use kernel::{StoreError, TenantId, Timestamp};
use usage::{Counts, UsageLine};

use crate::{
    errors::{corrupt, store_error},
    types::{Conn, Id},
    usage_schema::usage_days,
};

/// A line of usage.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = usage_days)]
pub(crate) struct UsageRow {
    tenant_id: Id,
    pub(crate) day: i32,
    pub(crate) model: String,
    pub(crate) turns: i64,
    pub(crate) turns_answered: i64,
    pub(crate) messages_in: i64,
    pub(crate) messages_out: i64,
    pub(crate) tokens_in: i64,
    pub(crate) tokens_out: i64,
    pub(crate) cost_micros: i64,
    pub(crate) unpriced_tokens: i64,
}

impl UsageRow {
    fn of(tenant: TenantId, day: i32, model: &str, counts: &Counts) -> Self {
        let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        Self {
            tenant_id: Id(tenant.uuid()),
            day,
            model: model.to_owned(),
            turns: number(counts.turns),
            turns_answered: number(counts.turns_answered),
            messages_in: number(counts.messages_in),
            messages_out: number(counts.messages_out),
            tokens_in: number(counts.tokens_in),
            tokens_out: number(counts.tokens_out),
            cost_micros: number(counts.cost_micros),
            unpriced_tokens: number(counts.unpriced_tokens),
        }
    }

    /// Reads a line.
    pub(crate) fn read(self) -> Result<UsageLine, StoreError> {
        let number = |count: i64| u64::try_from(count).map_err(|_| corrupt("usage"));
        let counts = Counts {
            turns: number(self.turns)?,
            turns_answered: number(self.turns_answered)?,
            messages_in: number(self.messages_in)?,
            messages_out: number(self.messages_out)?,
            tokens_in: number(self.tokens_in)?,
            tokens_out: number(self.tokens_out)?,
            cost_micros: number(self.cost_micros)?,
            unpriced_tokens: number(self.unpriced_tokens)?,
        };
        let day = NaiveDate::default().checked_add_signed(TimeDelta::days(self.day.into()));
        Ok(UsageLine { day: day.ok_or_else(|| corrupt("day"))?, model: self.model, counts })
    }
}

/// Returns what a turn has used, in the order of the models' names.
pub(crate) fn rows_of_turn(tenant: TenantId, commit: &TurnCommit) -> Vec<UsageRow> {
    let mut lines: BTreeMap<&str, Counts> = BTreeMap::new();
    *lines.entry(&commit.usage.model).or_default() += Counts {
        turns: 1,
        turns_answered: u64::from(commit.is_answer()),
        messages_in: count(&commit.answered),
        messages_out: count(&commit.outbound),
        ..Counts::default()
    };
    for spent in &commit.usage.spent {
        *lines.entry(&spent.model).or_default() += counts_of(spent);
    }
    let day = day_of(commit.turn.committed_at);
    lines.into_iter().map(|(model, counts)| UsageRow::of(tenant, day, model, &counts)).collect()
}

/// Adds what models have read and written outside of turns.
pub(crate) async fn add_spent(
    conn: &mut Conn,
    tenant: TenantId,
    spent: &[Spent],
    at: Timestamp,
) -> Result<(), StoreError> {
    // The model in the box takes nothing, and makes no line.
    for one in spent.iter().filter(|one| one.tokens != TokenUsage::default()) {
        add(conn, UsageRow::of(tenant, day_of(at), &one.model, &counts_of(one))).await?;
    }
    Ok(())
}

fn counts_of(spent: &Spent) -> Counts {
    Counts {
        tokens_in: spent.tokens.input.into(),
        tokens_out: spent.tokens.output.into(),
        cost_micros: spent.cost.micros,
        unpriced_tokens: spent.cost.unpriced_tokens,
        ..Counts::default()
    }
}

/// Adds what a person has written. It comes last, as what a turn has used does.
pub(crate) async fn add_persons_messages(
    conn: &mut Conn,
    tenant: TenantId,
    written: &[NewOutbound],
    at: Timestamp,
) -> Result<(), StoreError> {
    if written.is_empty() {
        return Ok(());
    }
    let counts = Counts { messages_out: count(written), ..Counts::default() };
    add(conn, UsageRow::of(tenant, day_of(at), "", &counts)).await
}

/// Adds what was used outside of turns and people's replies.
pub(crate) async fn add_line(conn: &mut Conn, tenant: TenantId, used: &UsageLine) -> Result<(), StoreError> {
    add(conn, UsageRow::of(tenant, day_number(used.day), &used.model, &used.counts)).await
}

/// Adds to what was used.
pub(crate) async fn add(conn: &mut Conn, row: UsageRow) -> Result<(), StoreError> {
    use usage_days as u;
    diesel::insert_into(u::table)
        .values(row)
        .on_conflict((u::tenant_id, u::day, u::model))
        .do_update()
        .set((
            u::turns.eq(u::turns + excluded(u::turns)),
            u::turns_answered.eq(u::turns_answered + excluded(u::turns_answered)),
            u::messages_in.eq(u::messages_in + excluded(u::messages_in)),
            u::messages_out.eq(u::messages_out + excluded(u::messages_out)),
            u::tokens_in.eq(u::tokens_in + excluded(u::tokens_in)),
            u::tokens_out.eq(u::tokens_out + excluded(u::tokens_out)),
            u::cost_micros.eq(u::cost_micros + excluded(u::cost_micros)),
            u::unpriced_tokens.eq(u::unpriced_tokens + excluded(u::unpriced_tokens)),
        ))
        .execute(conn)
        .await
        .map_err(store_error)?;
    Ok(())
}

fn count<T>(all: &[T]) -> u64 {
    u64::try_from(all.len()).unwrap_or(u64::MAX)
}

/// Counts the days since 1970, by UTC.
fn day_of(at: Timestamp) -> i32 {
    day_number(at.date_naive())
}

/// Returns a day as rows have it: how many days it lies after the first of 1970.
pub(crate) fn day_number(day: NaiveDate) -> i32 {
    day.signed_duration_since(NaiveDate::default()).num_days().try_into().unwrap_or(i32::MAX)
}
