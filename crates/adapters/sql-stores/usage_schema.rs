//! The tables of usage and of tenants' own limits, as both databases have them.

#![cfg_attr(
    not(test),
    expect(clippy::wildcard_imports, reason = "the way in which `table!` takes its column types")
)]

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::IdSql;

    usage_days (tenant_id, day, model) {
        tenant_id -> IdSql,
        day -> Integer,
        model -> Text,
        turns -> BigInt,
        messages_in -> BigInt,
        messages_out -> BigInt,
        tokens_in -> BigInt,
        tokens_out -> BigInt,
        turns_answered -> BigInt,
        cost_micros -> BigInt,
        unpriced_tokens -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::{IdSql, TsSql};

    tenant_limits (tenant_id) {
        tenant_id -> IdSql,
        turns_per_month -> Nullable<BigInt>,
        model_budget_micros_per_day -> Nullable<BigInt>,
        changed_at -> TsSql,
    }
}
