//! What turns cost, by day and model, as rows.

use chrono::NaiveDate;
use conversation::TurnCommit;
use diesel::{ExpressionMethods as _, upsert::excluded};
use diesel_async::RunQueryDsl as _;
use kernel::{StoreError, TenantId, Timestamp};

use crate::{
    errors::store_error,
    schema::usage_days,
    types::{Conn, Id},
};

/// Adds what a turn has cost. Turns of one tenant wait here for one another, so it comes last.
pub(crate) async fn add_turn(
    conn: &mut Conn,
    tenant: TenantId,
    commit: &TurnCommit,
) -> Result<(), StoreError> {
    let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let tokens = commit.usage.tokens;
    diesel::insert_into(usage_days::table)
        .values((
            usage_days::tenant_id.eq(Id(tenant.uuid())),
            usage_days::day.eq(day_of(commit.turn.committed_at)),
            usage_days::model.eq(&commit.usage.model),
            usage_days::turns.eq(1_i64),
            usage_days::messages_in.eq(count(commit.answered.len())),
            usage_days::messages_out.eq(count(commit.outbound.len())),
            usage_days::tokens_in.eq(i64::from(tokens.input)),
            usage_days::tokens_out.eq(i64::from(tokens.output)),
        ))
        .on_conflict((usage_days::tenant_id, usage_days::day, usage_days::model))
        .do_update()
        .set((
            usage_days::turns.eq(usage_days::turns + excluded(usage_days::turns)),
            usage_days::messages_in.eq(usage_days::messages_in + excluded(usage_days::messages_in)),
            usage_days::messages_out.eq(usage_days::messages_out + excluded(usage_days::messages_out)),
            usage_days::tokens_in.eq(usage_days::tokens_in + excluded(usage_days::tokens_in)),
            usage_days::tokens_out.eq(usage_days::tokens_out + excluded(usage_days::tokens_out)),
        ))
        .execute(conn)
        .await
        .map_err(store_error)?;
    Ok(())
}

/// Counts the days since 1970, by UTC.
pub(crate) fn day_of(at: Timestamp) -> i32 {
    at.date_naive().signed_duration_since(NaiveDate::default()).num_days().try_into().unwrap_or(i32::MAX)
}
