//! The tables, as both databases have them. `IdSql` and `TsSql` are each database's own types for ids
//! and times.

#![cfg_attr(
    not(test),
    expect(clippy::wildcard_imports, reason = "the way in which `table!` takes its column types")
)]

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::{IdSql, TsSql};

    vault_keys (owner_id) {
        owner_id -> IdSql,
        kek_version -> Integer,
        wrapped -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::{IdSql, TsSql};

    tenants (id) {
        id -> IdSql,
        name -> Text,
        status -> Text,
        plan -> Text,
        created_at -> TsSql,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::{IdSql, TsSql};

    business_profiles (tenant_id) {
        tenant_id -> IdSql,
        profile_sealed -> Binary,
        updated_at -> TsSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::{IdSql, TsSql};

    api_keys (tenant_id, id) {
        tenant_id -> IdSql,
        id -> IdSql,
        name -> Text,
        digest -> Binary,
        created_at -> TsSql,
        revoked_at -> Nullable<TsSql>,
        kind -> Text,
        scopes -> Text,
        expires_at -> Nullable<TsSql>,
        rotated_at -> Nullable<TsSql>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::{IdSql, TsSql};

    widget_tokens (tenant_id, id) {
        tenant_id -> IdSql,
        id -> IdSql,
        name -> Text,
        digest -> Binary,
        allowed_origins -> Text,
        created_at -> TsSql,
        revoked_at -> Nullable<TsSql>,
        expires_at -> Nullable<TsSql>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::{IdSql, TsSql};

    provider_accounts (tenant_id, id) {
        tenant_id -> IdSql,
        id -> IdSql,
        provider -> Text,
        account_sid -> Text,
        token_sealed -> Binary,
        created_at -> TsSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::{IdSql, TsSql};

    channel_bindings (tenant_id, id) {
        tenant_id -> IdSql,
        id -> IdSql,
        channel -> Text,
        provider -> Text,
        address_sealed -> Binary,
        address_index -> Binary,
        is_active -> Bool,
        created_at -> TsSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::{IdSql, TsSql};

    contacts (tenant_id, id) {
        tenant_id -> IdSql,
        id -> IdSql,
        key_wrapped -> Binary,
        name_sealed -> Nullable<Binary>,
        name_source -> Nullable<Text>,
        language -> Nullable<Text>,
        created_at -> TsSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::{IdSql, TsSql};

    contact_addresses (tenant_id, address_index) {
        tenant_id -> IdSql,
        address_index -> Binary,
        contact_id -> IdSql,
        address_sealed -> Binary,
        created_at -> TsSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::{IdSql, TsSql};

    consents (tenant_id, address_index) {
        tenant_id -> IdSql,
        address_index -> Binary,
        state -> Text,
        changed_at -> TsSql,
        confirmed_at -> Nullable<TsSql>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::{IdSql, TsSql};

    consent_ledger (tenant_id, id) {
        tenant_id -> IdSql,
        id -> IdSql,
        address_index -> Binary,
        action -> Text,
        source -> Text,
        evidence_sealed -> Binary,
        message_id -> Nullable<IdSql>,
        at -> TsSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::{IdSql, TsSql};

    conversations (tenant_id, id) {
        tenant_id -> IdSql,
        id -> IdSql,
        contact_id -> IdSql,
        binding_id -> IdSql,
        channel -> Text,
        address_index -> Binary,
        status -> Text,
        owner -> Text,
        created_at -> TsSql,
        last_message_at -> TsSql,
        version -> BigInt,
        summary_sealed -> Nullable<Binary>,
        summary_through -> Nullable<IdSql>,
        summary_through_at -> Nullable<TsSql>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::{IdSql, TsSql};

    messages (tenant_id, id) {
        tenant_id -> IdSql,
        id -> IdSql,
        conversation_id -> IdSql,
        direction -> Text,
        author -> Text,
        body_sealed -> Binary,
        intent -> Text,
        carrier_answered -> Bool,
        purpose -> Nullable<Text>,
        provider -> Text,
        provider_message_id -> Nullable<Text>,
        delivery_state -> Text,
        error_code -> Nullable<Text>,
        turn_id -> Nullable<IdSql>,
        segments -> Integer,
        waits -> Bool,
        attempts -> Integer,
        attempted_at -> Nullable<TsSql>,
        account_sid -> Nullable<Text>,
        look_ups -> Integer,
        created_at -> TsSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::{IdSql, TsSql};

    turns (tenant_id, id) {
        tenant_id -> IdSql,
        id -> IdSql,
        conversation_id -> IdSql,
        outcome -> Text,
        started_at -> TsSql,
        committed_at -> TsSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::{IdSql, TsSql};

    refused_sends (tenant_id, id) {
        tenant_id -> IdSql,
        id -> IdSql,
        conversation_id -> IdSql,
        message_id -> Nullable<IdSql>,
        reason -> Text,
        text_sealed -> Binary,
        at -> TsSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::{IdSql, TsSql};

    handoffs (tenant_id, id) {
        tenant_id -> IdSql,
        id -> IdSql,
        conversation_id -> IdSql,
        reason -> Text,
        summary_sealed -> Binary,
        at -> TsSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::{IdSql, TsSql};

    events (tenant_id, id) {
        position -> BigInt,
        tenant_id -> IdSql,
        id -> IdSql,
        name -> Text,
        version -> Integer,
        at -> TsSql,
        facts -> Text,
        conversation_id -> Nullable<IdSql>,
        private_sealed -> Nullable<Binary>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::{IdSql, TsSql};

    jobs (tenant_id, kind, conversation_id) {
        tenant_id -> IdSql,
        kind -> Text,
        conversation_id -> IdSql,
        run_at -> TsSql,
        latest_run_at -> TsSql,
        lease_until -> Nullable<TsSql>,
        fence -> BigInt,
        wanted -> BigInt,
        wanted_at_claim -> BigInt,
        attempts -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::{IdSql, TsSql};

    idempotency_keys (owner_id, caller, key_digest) {
        owner_id -> IdSql,
        caller -> Text,
        key_digest -> Binary,
        fingerprint -> Binary,
        attempt -> BigInt,
        lease_until -> TsSql,
        status -> Nullable<Integer>,
        content_type -> Nullable<Text>,
        body_sealed -> Nullable<Binary>,
        created_at -> TsSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::{IdSql, TsSql};

    members (tenant_id, id) {
        tenant_id -> IdSql,
        id -> IdSql,
        email_sealed -> Binary,
        email_index -> Binary,
        name_sealed -> Binary,
        role -> Text,
        status -> Text,
        password_sealed -> Binary,
        created_at -> TsSql,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::{IdSql, TsSql};

    member_sessions (tenant_id, id) {
        tenant_id -> IdSql,
        id -> IdSql,
        member_id -> IdSql,
        token_digest -> Binary,
        created_at -> TsSql,
        expires_at -> TsSql,
        ended_at -> Nullable<TsSql>,
        ended_because -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::{IdSql, TsSql};

    admin_sessions (digest) {
        digest -> Binary,
        expires_at -> TsSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::{IdSql, TsSql};

    platform_audit_log (id) {
        id -> IdSql,
        at -> TsSql,
        actor -> Text,
        action -> Text,
        resource_id -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::{IdSql, TsSql};

    feature_flags (tenant_id, flag) {
        tenant_id -> IdSql,
        flag -> Text,
        is_on -> Bool,
        changed_at -> TsSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::{IdSql, TsSql};

    audit_log (tenant_id, id) {
        tenant_id -> IdSql,
        id -> IdSql,
        at -> TsSql,
        actor -> Text,
        action -> Text,
        resource_id -> Text,
        detail -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::{IdSql, TsSql};

    leads (tenant_id, id) {
        tenant_id -> IdSql,
        id -> IdSql,
        status -> Text,
        source -> Text,
        score -> Integer,
        conversation_id -> Nullable<IdSql>,
        created_at -> TsSql,
        changed_at -> TsSql,
        version -> BigInt,
        merged_into -> Nullable<IdSql>,
        deleted_at -> Nullable<TsSql>,
        document_sealed -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::{IdSql, TsSql};

    lead_identities (tenant_id, kind, value_index) {
        tenant_id -> IdSql,
        kind -> Text,
        value_index -> Binary,
        lead_id -> IdSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::{IdSql, TsSql};

    lead_conversations (tenant_id, conversation_id) {
        tenant_id -> IdSql,
        conversation_id -> IdSql,
        lead_id -> IdSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::{IdSql, TsSql};

    lead_tags (tenant_id, lead_id, tag_index) {
        tenant_id -> IdSql,
        lead_id -> IdSql,
        tag_index -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::{IdSql, TsSql};

    lead_events_handled (tenant_id, event_id) {
        tenant_id -> IdSql,
        event_id -> IdSql,
        at -> TsSql,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    vault_keys,
    tenants,
    business_profiles,
    api_keys,
    widget_tokens,
    provider_accounts,
    channel_bindings,
    contacts,
    contact_addresses,
    consents,
    consent_ledger,
    conversations,
    messages,
    turns,
    refused_sends,
    handoffs,
    events,
    jobs,
    idempotency_keys,
    members,
    member_sessions,
    admin_sessions,
    feature_flags,
    audit_log,
    platform_audit_log,
    leads,
    lead_identities,
    lead_conversations,
    lead_tags,
    lead_events_handled,
);
