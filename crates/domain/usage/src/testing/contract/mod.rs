//! What every adapter of this crate's store must do, one test a sentence.
//!
//! The macro takes an expression that makes fresh [`UsageStores`] and expands to one asynchronous test a case. Put it in a
//! module of its own; the calling crate needs tokio:
//!
//! ```ignore
//! mod usage_store {
//!     usage::usage_store_contract!(super::fresh_stores().await);
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

pub mod counting;
pub mod limiting;
mod stores;

pub use stores::{UsageStores, Use, Used, UsedThen};

/// Expands to one test for each named case of a suite.
#[doc(hidden)]
#[macro_export]
macro_rules! usage_contract_cases {
    ($stores:expr, $suite:ident: $($case:ident)+) => {$(
        // Some adapters block a thread while they migrate, which a single-threaded runtime forbids.
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $case() {
            $crate::testing::contract::$suite::$case(&$stores).await;
        }
    )+};
}

/// Holds a [`UsageStore`](crate::UsageStore) to its port.
#[macro_export]
macro_rules! usage_store_contract {
    ($stores:expr) => {
        $crate::usage_contract_cases! { $stores, counting:
            nothing_used_has_no_line
            turns_of_a_day_and_model_add_up
            days_and_models_have_lines_of_their_own_in_order
            only_the_days_that_are_asked_for_are_shown
            a_day_ends_at_midnight_in_utc
            a_persons_reply_counts_as_a_message_and_as_no_turn
            a_turn_that_says_nothing_is_counted_and_not_held_against_the_limit
            the_standing_has_the_months_answered_turns_and_the_days_cost
            what_is_used_outside_of_turns_is_no_turn_and_counts_for_the_budget
            another_tenants_usage_is_not_seen
        }
        $crate::usage_contract_cases! { $stores, limiting:
            nobody_has_said_anything_of_a_tenants_limits_at_first
            limits_are_found_as_they_were_set
            setting_replaces_the_whole
            limits_are_one_tenants
            a_change_of_limits_is_in_the_audit_log_and_what_changes_nothing_is_not
        }
    };
}
