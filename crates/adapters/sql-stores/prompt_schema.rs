//! The tables of prompts, AI profiles and examples, as both databases have them.

#![cfg_attr(
    not(test),
    expect(clippy::wildcard_imports, reason = "the way in which `table!` takes its column types")
)]

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::{IdSql, TsSql};

    prompt_versions (tenant_id, id) {
        tenant_id -> IdSql,
        id -> IdSql,
        channel -> Text,
        number -> Integer,
        status -> Text,
        sections -> Text,
        suffix -> Nullable<Text>,
        note -> Text,
        based_on -> Nullable<Integer>,
        created_at -> TsSql,
        changed_at -> TsSql,
        published_at -> Nullable<TsSql>,
        revision -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::{IdSql, TsSql};

    base_prompt_versions (id) {
        id -> IdSql,
        channel -> Text,
        number -> Integer,
        status -> Text,
        sections -> Text,
        suffix -> Nullable<Text>,
        note -> Text,
        based_on -> Nullable<Integer>,
        created_at -> TsSql,
        changed_at -> TsSql,
        published_at -> Nullable<TsSql>,
        revision -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::{IdSql, TsSql};

    ai_profiles (tenant_id, id) {
        tenant_id -> IdSql,
        id -> IdSql,
        name -> Text,
        role -> Text,
        providers -> Text,
        model -> Nullable<Text>,
        temperature -> Nullable<Integer>,
        max_tokens -> Nullable<Integer>,
        system_prompt -> Text,
        is_default -> Bool,
        created_at -> TsSql,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::{IdSql, TsSql};

    prompt_examples (tenant_id, id) {
        tenant_id -> IdSql,
        id -> IdSql,
        channel -> Text,
        weight -> Text,
        source_conversation_id -> Nullable<IdSql>,
        content_sealed -> Binary,
        created_at -> TsSql,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::{IdSql, TsSql};

    example_results (tenant_id, run_id) {
        tenant_id -> IdSql,
        run_id -> IdSql,
        example_id -> IdSql,
        example_version -> BigInt,
        prompt_version_id -> IdSql,
        content_digest -> Text,
        verdict -> Text,
        outcome_sealed -> Binary,
        at -> TsSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::{IdSql, TsSql};

    example_recordings (tenant_id, digest) {
        tenant_id -> IdSql,
        digest -> Text,
        id -> IdSql,
        answer_sealed -> Binary,
        at -> TsSql,
    }
}
