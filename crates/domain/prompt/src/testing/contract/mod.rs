//! What every adapter of this crate's stores must do, one test a sentence.
//!
//! Each macro takes an expression that makes fresh [`PromptStores`](crate::testing::PromptStores) and expands to one
//! asynchronous test a case. Put each in a module of its own; the calling crate needs tokio:
//!
//! ```ignore
//! mod prompt_store {
//!     prompt::prompt_store_contract!(super::fresh_stores().await);
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

pub mod ai_profiles;
mod checks;
pub mod examples;
pub mod isolation;
pub mod publishing;
pub mod results;
pub mod versions;

/// Expands to one test for each named case of a suite.
#[doc(hidden)]
#[macro_export]
macro_rules! prompt_contract_cases {
    ($stores:expr, $suite:ident: $($case:ident)+) => {$(
        // Cases race on purpose, and some adapters block a thread while they migrate.
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $case() {
            $crate::testing::contract::$suite::$case(&$stores).await;
        }
    )+};
}

/// Holds a [`PromptStore`](crate::PromptStore) to its port.
#[macro_export]
macro_rules! prompt_store_contract {
    ($stores:expr) => {
        $crate::prompt_contract_cases! { $stores, versions:
            a_draft_is_found_as_it_was_written
            numbers_rise_for_each_owner_and_channel
            drafts_that_come_at_once_get_numbers_of_their_own
            an_id_that_exists_is_a_duplicate
            a_save_of_a_draft_is_found_and_raises_the_revision
            a_stale_save_conflicts_and_changes_nothing
            what_is_no_draft_is_not_saved
            pages_walk_every_version_once_newest_first
            every_change_leaves_its_line
            every_change_of_the_platforms_prompts_is_in_its_log_and_in_no_tenants
            what_changes_nothing_of_the_platforms_prompts_leaves_no_line
            what_the_server_does_to_the_platforms_prompts_leaves_no_line
        }
        $crate::prompt_contract_cases! { $stores, publishing:
            a_published_version_is_in_production
            publishing_retires_the_former_one
            a_retired_version_comes_back
            only_what_is_tried_is_published_and_only_what_is_retired_rolled_back
            a_stale_publication_conflicts_and_changes_nothing
            of_two_publications_at_once_one_version_is_left_in_production
            production_is_of_both_owners_and_of_the_channel
            publishing_touches_nothing_of_others
            the_platforms_publishing_touches_nothing_of_tenants
        }
        $crate::prompt_contract_cases! { $stores, isolation:
            versions_of_another_tenant_are_out_of_reach
            the_platforms_versions_are_no_tenants
        }
    };
}

/// Holds an [`AiProfileStore`](crate::AiProfileStore) to its port.
#[macro_export]
macro_rules! ai_profile_store_contract {
    ($stores:expr) => {
        $crate::prompt_contract_cases! { $stores, ai_profiles:
            a_profile_is_found_as_it_was_written
            what_is_not_said_stays_so
            a_profiles_id_that_exists_is_a_duplicate
            a_save_writes_everything_and_raises_the_version
            a_stale_save_conflicts
            nobody_is_the_default_until_asked
            a_new_default_unsets_the_former_one
            a_saved_default_unsets_the_former_one
            of_two_defaults_at_once_one_is_left
            each_tenant_has_a_default_of_its_own
            pages_walk_every_profile_once_oldest_first
            profiles_of_another_tenant_are_out_of_reach
            every_change_leaves_its_line
        }
    };
}

/// Holds an [`ExampleStore`](crate::ExampleStore) to its port.
#[macro_export]
macro_rules! example_store_contract {
    ($stores:expr) => {
        $crate::prompt_contract_cases! { $stores, examples:
            an_example_is_found_as_it_was_written
            an_examples_id_that_exists_is_a_duplicate
            a_save_writes_what_it_says_and_raises_the_version
            a_stale_save_conflicts
            examples_meet_their_channel_and_all
            pages_walk_every_example_once_oldest_first
            examples_of_another_tenant_are_out_of_reach
            every_change_leaves_its_line
        }
        $crate::prompt_contract_cases! { $stores, results:
            a_result_is_found_as_it_was_written
            the_latest_result_of_each_example_counts
            results_are_of_one_version
            a_removed_example_takes_its_results_along
            a_run_is_kept_once
            results_of_another_tenant_are_out_of_reach
            a_recording_is_found_as_it_was_written
            the_last_recording_of_a_question_counts
            recordings_of_another_tenant_are_out_of_reach
        }
    };
}
