//! What every adapter of this crate's store must do, one test a sentence.
//!
//! The macro takes an expression that makes fresh [`LeadStores`] and expands to one asynchronous test a case. Put it in a
//! module of its own; the calling crate needs tokio:
//!
//! ```ignore
//! mod lead_store {
//!     lead::lead_store_contract!(super::fresh_stores().await);
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

pub mod audit;
pub mod capturing;
pub mod isolation;
pub mod listing;
pub mod merging;
pub mod saving;
mod stores;

pub use stores::LeadStores;

/// Expands to one test for each named case of a suite.
#[doc(hidden)]
#[macro_export]
macro_rules! lead_contract_cases {
    ($stores:expr, $suite:ident: $($case:ident)+) => {$(
        // Cases race on purpose, and some adapters block a thread while they migrate.
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $case() {
            $crate::testing::contract::$suite::$case(&$stores).await;
        }
    )+};
}

/// Holds a [`LeadStore`](crate::LeadStore) to its port.
#[macro_export]
macro_rules! lead_store_contract {
    ($stores:expr) => {
        $crate::lead_contract_cases! { $stores, saving:
            a_lead_is_found_as_it_was_written
            an_unknown_lead_is_not_found
            a_save_raises_the_version
            a_stale_save_conflicts_and_writes_nothing
            a_save_of_an_unknown_lead_conflicts
            an_id_that_exists_is_a_duplicate
            an_identity_is_one_leads
            a_conversation_is_one_leads
            a_phone_and_an_email_are_two_identities
            an_identity_that_is_given_up_is_free
            a_change_is_written_whole_or_not_at_all
            all_clues_are_looked_at_together_unless_the_event_was_handled
            an_event_is_handled_once
            a_change_without_leads_is_written
        }
        $crate::lead_contract_cases! { $stores, merging:
            a_merged_lead_is_not_recognised_and_the_other_is
            a_merge_that_is_taken_back_restores_both
            of_two_merges_at_once_one_conflicts
            a_deleted_lead_leaves_a_tombstone
        }
        $crate::lead_contract_cases! { $stores, listing:
            pages_walk_every_lead_once_newest_first
            leads_of_one_moment_are_walked_once
            leads_are_filtered_by_each_condition
            a_tag_that_is_taken_off_is_not_found
            merged_and_deleted_leads_are_not_listed
        }
        $crate::lead_contract_cases! { $stores, isolation:
            leads_of_another_tenant_are_out_of_reach
            two_tenants_may_have_the_same_ids_and_identities
        }
        $crate::lead_contract_cases! { $stores, audit:
            a_change_by_a_person_leaves_the_lines_that_it_names
            what_the_server_does_by_itself_leaves_no_line
            a_change_that_failed_leaves_no_line
        }
        $crate::lead_contract_cases! { $stores, capturing:
            of_many_captures_at_once_one_lead_remains
            every_field_that_is_told_is_in_the_event
            one_event_heard_many_times_at_once_is_handled_once
        }
    };
}
