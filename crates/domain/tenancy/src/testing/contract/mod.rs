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
pub mod channel_store;
pub mod provider_account_store;
mod samples;
pub mod tenant_store;
pub mod widget_tokens;

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
