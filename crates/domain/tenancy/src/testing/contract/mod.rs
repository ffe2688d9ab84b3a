//! What every adapter of this crate's stores must do, one test a sentence.
//!
//! Each macro takes an expression that makes fresh [`TenancyStores`](crate::testing::TenancyStores) and
//! expands to one asynchronous test a case. Put each in a module of its own; the calling crate needs tokio:
//!
//! ```text
//! mod tenant_store {
//!     tenancy::tenant_store_contract!(super::fresh_stores().await);
//! }
//! ```

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "contract cases fail by panicking, and their names are their sentences"
)]

pub mod api_keys;
pub mod audit;
pub mod channel_store;
pub mod events;
pub mod flags;
pub mod members;
pub mod platform_audit;
pub mod provider_account_store;
mod samples;
pub mod sessions;
pub mod tenant_store;
pub mod widget_tokens;
pub mod wrapped_key_store;

/// Expands to one test for each named case of a suite.
#[doc(hidden)]
#[macro_export]
macro_rules! tenancy_contract_cases {
    ($stores:expr, $suite:ident: $($case:ident)+) => {$(
        // Some adapters block a thread while they migrate, which a single-threaded runtime forbids.
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $case() {
            $crate::testing::contract::$suite::$case(&$stores).await;
        }
    )+};
}

/// Holds a [`TenantStore`](crate::TenantStore) to its port.
#[macro_export]
macro_rules! tenant_store_contract {
    ($stores:expr) => {
        $crate::tenancy_contract_cases! { $stores, tenant_store:
            a_tenant_is_found_as_it_was_written
            an_unknown_tenant_is_not_found
            a_full_profile_is_found_as_it_was_written
            an_empty_profile_stays_empty
            an_id_that_exists_is_a_duplicate_and_changes_nothing
            a_save_writes_status_and_plan_and_raises_the_version
            a_stale_save_conflicts_and_changes_nothing
            of_two_saves_at_once_one_conflicts
            a_save_of_an_unknown_tenant_conflicts
            suspended_and_deleted_tenants_are_still_found_and_listed
            an_empty_store_lists_an_empty_page
            pages_walk_every_tenant_once_oldest_first
            a_tenant_made_between_two_pages_shifts_nothing
            the_last_profile_written_wins
            a_profile_is_written_for_its_own_tenant_only
            a_new_profile_does_not_make_the_tenant_stale
            a_profile_of_no_tenant_is_refused
        }
    };
}

/// Holds a [`CredentialStore`](crate::CredentialStore) to its port.
#[macro_export]
macro_rules! credential_store_contract {
    ($stores:expr) => {
        $crate::tenancy_contract_cases! { $stores, api_keys:
            an_api_key_is_found_by_its_digest_as_it_was_written
            an_unknown_digest_finds_no_api_key
            an_api_keys_digest_that_exists_is_a_duplicate_in_every_tenant
            an_api_keys_id_that_exists_is_a_duplicate
            an_api_key_of_another_tenant_is_not_inserted
            api_keys_are_listed_oldest_first_revoked_ones_too
            api_keys_of_another_tenant_are_not_listed
            revoking_an_api_key_again_keeps_the_first_time
            revoking_one_api_key_leaves_the_others
            an_unknown_api_key_is_not_revoked
            an_api_key_of_another_tenant_is_not_revoked
            a_rotated_api_key_works_on_for_the_overlap_and_no_longer_than_it_would_have
            an_api_key_that_does_not_work_is_not_rotated
            an_api_key_is_rotated_once
            of_two_rotations_at_once_one_wins
            a_rotation_to_a_digest_that_exists_changes_nothing
        }
        $crate::tenancy_contract_cases! { $stores, widget_tokens:
            a_widget_token_is_found_by_its_digest_as_it_was_written
            an_unknown_digest_finds_no_widget_token
            a_widget_tokens_digest_that_exists_is_a_duplicate_in_every_tenant
            a_widget_tokens_id_that_exists_is_a_duplicate
            a_widget_token_of_another_tenant_is_not_inserted
            widget_tokens_are_listed_oldest_first_revoked_ones_too
            widget_tokens_of_another_tenant_are_not_listed
            revoking_a_widget_token_again_keeps_the_first_time
            revoking_one_widget_token_leaves_the_others
            an_unknown_widget_token_is_not_revoked
            a_widget_token_of_another_tenant_is_not_revoked
            an_api_key_is_no_widget_token
        }
    };
}

/// Holds a [`ChannelStore`](crate::ChannelStore) to its port.
#[macro_export]
macro_rules! channel_store_contract {
    ($stores:expr) => {
        $crate::tenancy_contract_cases! { $stores, channel_store:
            a_binding_is_found_as_it_was_written
            an_unknown_binding_is_not_found
            a_binding_of_another_tenant_is_not_inserted
            an_address_is_taken_for_every_tenant
            an_inactive_binding_still_holds_its_address
            an_address_is_known_as_soon_as_a_tenant_has_it
            of_two_tenants_that_bind_an_address_at_once_one_gets_it
            a_bindings_id_that_exists_is_a_duplicate
            one_address_may_be_bound_on_two_channels
            one_text_may_be_two_kinds_of_address
            bindings_are_listed_oldest_first
            bindings_of_another_tenant_are_neither_found_nor_listed
            a_binding_is_switched_off_and_on
            an_unknown_binding_is_not_switched
            a_binding_of_another_tenant_is_not_switched
        }
    };
}

/// Holds a [`ProviderAccountStore`](crate::ProviderAccountStore) to its port.
#[macro_export]
macro_rules! provider_account_store_contract {
    ($stores:expr) => {
        $crate::tenancy_contract_cases! { $stores, provider_account_store:
            an_account_is_found_by_its_sid_as_it_was_written
            an_unknown_sid_finds_no_account
            an_account_of_another_tenant_is_not_inserted
            an_account_is_taken_for_every_tenant
            of_two_tenants_that_add_an_account_at_once_one_gets_it
            an_accounts_id_that_exists_is_a_duplicate
            accounts_are_listed_oldest_first
            accounts_of_another_tenant_are_not_listed
            a_deleted_account_is_gone_and_free_for_another_tenant
            an_unknown_account_is_not_deleted
            an_account_of_another_tenant_is_not_deleted
        }
    };
}

/// Holds a [`MemberStore`](crate::MemberStore) and an [`AdminSessionStore`](crate::AdminSessionStore) to their ports.
#[macro_export]
macro_rules! member_store_contract {
    ($stores:expr) => {
        $crate::tenancy_contract_cases! { $stores, members:
            a_member_is_found_as_written
            an_address_names_one_member_of_a_tenant
            a_members_id_that_exists_is_a_duplicate
            members_of_another_tenant_are_out_of_reach
            pages_walk_every_member_once_oldest_first
            a_save_writes_what_may_change_and_raises_the_version
            a_disabled_member_is_not_found_by_address_and_takes_nobodys_place
            a_deleted_tenants_member_is_not_found_by_address_and_takes_nobodys_place
            the_last_active_owner_stays_one
            of_two_owners_who_go_at_once_one_stays
        }
        $crate::tenancy_contract_cases! { $stores, sessions:
            a_session_is_found_with_its_member_as_it_was_written
            a_session_of_another_tenant_is_not_opened
            a_token_is_exchanged_once
            a_token_that_comes_again_ends_its_session_at_once
            of_two_exchanges_at_once_one_wins_and_the_session_ends
            what_is_not_live_is_not_exchanged
            a_session_ends_once_and_keeps_why
            a_save_ends_the_members_sessions_where_asked
            a_session_of_a_member_who_was_changed_meanwhile_is_not_opened
            a_session_of_a_disabled_member_is_not_opened
            a_session_opened_while_all_are_ended_is_not_live_after_that
            the_operators_session_is_found_until_it_is_ended
            the_operators_expired_sessions_go_with_the_next_sign_in
        }
    };
}

/// Holds a [`FlagStore`](crate::FlagStore) to its port.
#[macro_export]
macro_rules! flag_store_contract {
    ($stores:expr) => {
        $crate::tenancy_contract_cases! { $stores, flags:
            flags_that_nobody_set_are_not_listed
            the_last_value_counts_and_names_are_in_order
            each_tenant_has_flags_of_its_own
        }
    };
}

/// Holds an [`AuditLog`](crate::AuditLog), and the stores that write in it, to what they promise.
#[macro_export]
macro_rules! audit_log_contract {
    ($stores:expr) => {
        $crate::tenancy_contract_cases! { $stores, audit:
            what_the_operator_does_to_a_tenant_is_in_the_tenants_log
            every_change_of_a_credential_leaves_its_line
            every_change_of_a_channel_or_account_leaves_its_line
            every_change_of_a_member_leaves_a_line_that_says_what_was_changed
            every_session_leaves_its_lines
            a_flag_leaves_a_line_when_its_value_changes
            a_change_that_failed_leaves_no_line
            what_the_server_does_by_itself_leaves_no_line
            lines_are_filtered_and_paged_newest_first
        }
        $crate::tenancy_contract_cases! { $stores, platform_audit:
            the_operators_signing_in_and_out_is_in_the_platforms_log
            what_the_server_does_by_itself_or_to_a_tenant_is_not_in_the_platforms_log
            the_platforms_lines_are_filtered_and_paged_newest_first
        }
    };
}

/// Holds an [`EventLog`](crate::EventLog), and the stores that write in it, to what they promise.
#[macro_export]
macro_rules! event_log_contract {
    ($stores:expr) => {
        $crate::tenancy_contract_cases! { $stores, events:
            what_is_done_is_told_in_order_whoever_does_it
            members_and_carriers_accounts_are_told_by_their_ids_alone
            who_is_let_in_and_what_failed_is_not_told
            a_reader_goes_on_from_where_it_was
            events_of_another_tenant_are_not_read
            news_names_the_tenants_in_order_and_nothing_that_was_before
        }
    };
}
