//! What every adapter of this crate's stores must do, one test a sentence.
//!
//! Each macro takes an expression that makes fresh [`ConversationStores`] and expands to one asynchronous test
//! a case. Put each in a module of its own; the calling crate needs tokio:
//!
//! ```ignore
//! mod conversation_store {
//!     conversation::conversation_store_contract!(super::fresh_stores().await);
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

pub mod attempts;
mod case;
mod checks;
pub mod commits;
pub mod consents;
pub mod contacts;
pub mod conversations;
pub mod debounce;
pub mod ended_jobs;
pub mod ended_sends;
pub mod isolation;
pub mod isolation_of_work;
pub mod jobs;
pub mod listing;
pub mod reactions;
pub mod receiving;
pub mod refusals;
pub mod repeats;
pub mod reports;
pub mod rests;
pub mod sending;
mod sends;
pub mod stale_commits;
mod stores;
pub mod summaries;
pub mod turns;
pub mod waiting;

pub use stores::{ConversationStores, Done, Suspend, SwitchOff, TokensUsed, Told};

/// Expands to one test for each named case of a suite.
#[doc(hidden)]
#[macro_export]
macro_rules! conversation_contract_cases {
    ($stores:expr, $suite:ident: $($case:ident)+) => {$(
        // Cases race on purpose, and some adapters block a thread while they migrate.
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $case() {
            $crate::testing::contract::$suite::$case(&$stores).await;
        }
    )+};
}

/// Holds a [`ConversationStore`](crate::ConversationStore) to its port.
#[macro_export]
macro_rules! conversation_store_contract {
    ($stores:expr) => {
        $crate::conversation_contract_cases! { $stores, receiving:
            a_first_message_makes_contact_and_conversation
            a_message_reads_back_as_it_was_written
            odd_texts_read_back_as_they_were_written
            a_second_message_joins_the_open_conversation
            another_contact_has_a_conversation_of_its_own
            another_binding_has_a_conversation_of_its_own_with_the_same_contact
            one_text_as_two_kinds_of_address_is_two_contacts
            a_sender_that_cannot_be_answered_is_kept
            a_message_changes_neither_owner_nor_version
            a_message_to_a_conversation_that_is_over_opens_a_new_one
            a_message_brings_its_change_of_consent
            a_message_by_a_clock_that_is_behind_moves_no_conversation_back
            a_binding_that_is_not_there_takes_no_message
        }
        $crate::conversation_contract_cases! { $stores, repeats:
            a_repeated_message_is_a_duplicate_and_writes_nothing
            of_two_bodies_under_one_carrier_id_the_first_stays
            a_message_stays_a_duplicate_after_its_conversation_is_over
            one_carrier_id_of_two_providers_is_two_messages
            one_message_fifty_times_at_once_is_stored_once
            twenty_first_messages_at_once_open_one_conversation
        }
        $crate::conversation_contract_cases! { $stores, turns:
            a_turn_sees_what_it_needs_to_know
            a_turn_sees_a_binding_that_is_switched_off
            a_turn_sees_the_last_messages_beside_the_unanswered
            an_unknown_conversation_has_no_turn
            an_answer_is_pending_until_a_turn_gives_it
            an_answer_holds_the_messages_of_its_turn_only
            the_answer_of_a_silent_turn_is_empty
            what_is_no_inbound_message_has_no_answer
        }
        $crate::conversation_contract_cases! { $stores, commits:
            a_commit_writes_its_messages
            a_commit_leaves_the_version_as_it_is
            a_commit_ends_the_turn_job
            a_queued_message_has_a_delivery_job_that_is_due_at_once
            a_message_that_its_request_brings_waits_for_nobody
            a_commit_writes_its_refusal
            messages_that_came_meanwhile_keep_the_turn_job
            messages_that_a_turn_leaves_unanswered_keep_the_turn_job
            a_name_is_not_overwritten_by_a_weaker_one
            a_turn_without_a_name_leaves_the_name
            a_commit_that_confirms_says_when
            a_commit_that_confirms_nothing_says_nothing
        }
        $crate::conversation_contract_cases! { $stores, refusals:
            a_refusal_that_comes_with_a_turn_is_told_after_the_turn
        }
        $crate::conversation_contract_cases! { $stores, reactions:
            an_event_with_a_private_part_waits_for_a_reaction_that_is_due_at_once
            an_event_without_a_private_part_waits_for_nobody
            what_is_settled_waits_no_more_and_ends_the_job
            what_is_left_keeps_the_job
            a_claim_that_is_lost_settles_nothing
            events_of_another_tenant_and_of_another_conversation_stay
            a_handoff_gives_the_conversation_to_a_person_and_raises_the_version
            a_language_is_kept_for_the_contact_until_it_changes
        }
        $crate::conversation_contract_cases! { $stores, summaries:
            a_summary_reads_back_with_the_conversation_and_in_its_turns
            what_a_summary_covers_is_to_be_summed_up_no_more
            of_what_is_to_be_summed_up_the_last_messages_are_read
            of_two_summaries_made_from_one_the_first_stays
            a_summary_counts_what_it_took
            a_summary_of_another_tenants_conversation_is_neither_read_nor_kept
        }
        $crate::conversation_contract_cases! { $stores, stale_commits:
            a_commit_with_an_old_fence_writes_nothing
            a_commit_with_a_claim_of_a_job_that_ended_writes_nothing
            a_commit_with_a_claim_from_before_the_job_came_again_writes_nothing
            a_commit_after_a_person_took_over_writes_nothing
            of_two_commits_with_one_claim_one_is_written
        }
        $crate::conversation_contract_cases! { $stores, conversations:
            an_unknown_conversation_is_not_found
            a_save_writes_status_and_owner_and_raises_the_version
            a_stale_save_conflicts_and_writes_nothing
            of_ten_saves_at_once_one_is_written
            a_save_of_an_unknown_conversation_conflicts
            a_person_answers_and_takes_over_in_one_save
            a_conversation_that_is_over_can_be_reopened
            reopening_beside_an_open_conversation_is_a_duplicate
        }
        $crate::conversation_contract_cases! { $stores, listing:
            the_conversation_with_the_latest_message_is_listed_first
            conversations_are_filtered_by_address_and_status
            pages_walk_every_conversation_once_at_equal_times
            pages_walk_every_message_once_at_equal_times
            pages_walk_every_refused_send_once_at_equal_times
        }
        $crate::conversation_contract_cases! { $stores, isolation:
            one_carrier_id_of_two_tenants_is_two_messages
            two_tenants_with_one_contact_and_the_same_ids_never_meet
            another_tenants_conversation_is_not_found
            another_tenants_conversation_is_not_saved
            a_closed_conversation_reopens_beside_another_tenants_open_one
            another_tenants_claim_commits_nothing
            a_turn_answers_messages_of_its_own_conversation_only
        }
    };
}

/// Holds a [`ContactStore`](crate::ContactStore) to its port.
#[macro_export]
macro_rules! contact_store_contract {
    ($stores:expr) => {
        $crate::conversation_contract_cases! { $stores, contacts:
            a_contact_is_found_by_id_and_by_address
            an_unknown_contact_is_not_found
            the_newest_contact_is_listed_first
            pages_walk_every_contact_once_at_equal_times
        }
        $crate::conversation_contract_cases! { $stores, consents:
            where_nobody_has_said_consent_is_unknown
            consent_is_kept_for_an_address_without_a_contact
            consent_outlives_the_first_message
            the_last_change_stands_and_each_raises_the_version
            a_change_keeps_when_a_confirmation_was_last_written
            twenty_changes_at_once_are_all_in_the_ledger
            the_ledger_reads_back_as_it_was_written
            a_ledger_is_of_one_address
            pages_walk_every_ledger_entry_once_at_equal_times
        }
        $crate::conversation_contract_cases! { $stores, isolation:
            another_tenants_contact_is_not_found
            consent_is_kept_for_each_tenant_apart
        }
    };
}

/// Holds a [`JobQueue`](crate::JobQueue) to its port.
#[macro_export]
macro_rules! job_queue_contract {
    ($stores:expr) => {
        $crate::conversation_contract_cases! { $stores, jobs:
            an_empty_queue_has_nothing_due
            a_job_is_claimed_when_it_is_due_and_not_before
            what_is_due_next_is_told_without_claiming_it
            jobs_are_claimed_in_the_order_in_which_they_are_due
            no_more_jobs_are_claimed_than_asked_for
            jobs_of_all_tenants_are_claimed_each_with_its_scope
            a_job_is_claimed_by_one_of_ten
            one_job_is_claimed_by_one_of_ten
            many_jobs_are_each_claimed_once
            one_job_is_claimed_due_or_not_unless_somebody_holds_it
            one_job_that_rests_is_not_claimed_before_its_time
            a_conversations_jobs_of_two_kinds_are_apart
            a_job_is_held_until_its_lease_ends
            a_lease_that_ended_counts_as_an_attempt_for_one_job_too
        }
        $crate::conversation_contract_cases! { $stores, ended_jobs:
            each_release_counts_as_an_attempt
            a_released_job_is_due_when_the_release_says
            a_release_with_an_old_fence_does_nothing
            a_finished_job_is_gone
            a_finish_with_an_old_fence_does_nothing
            a_finished_job_that_was_wanted_again_is_due_when_that_asked_for
            a_claim_from_before_the_job_came_again_does_nothing
        }
        $crate::conversation_contract_cases! { $stores, debounce:
            a_message_that_follows_pushes_the_turn_back
            each_message_wants_the_turn_once_more
            patience_caps_how_far_a_turn_is_pushed_back
            the_first_messages_patience_counts
            a_message_that_cannot_wait_pulls_the_turn_forward
            a_message_after_the_turn_has_a_window_of_its_own
            a_message_during_a_turn_has_a_window_of_its_own
            a_turn_that_was_given_back_rests_whatever_is_said_meanwhile
        }
        $crate::conversation_contract_cases! { $stores, waiting:
            a_message_wakes_whoever_waits
            what_is_signalled_before_the_wait_is_not_missed
            a_signal_wakes_everybody_who_waits
            waiting_ends_in_time_when_there_is_no_work
        }
        $crate::conversation_contract_cases! { $stores, isolation_of_work:
            another_tenants_job_is_not_claimed
            another_tenants_claim_ends_no_job
        }
    };
}

/// Holds a [`DeliveryLedger`](crate::DeliveryLedger) to its port.
#[macro_export]
macro_rules! delivery_ledger_contract {
    ($stores:expr) => {
        $crate::conversation_contract_cases! { $stores, sending:
            where_nothing_waits_the_claim_ends
            where_nothing_waits_a_job_that_was_asked_for_again_stays
            what_is_next_is_said_whole
            a_message_is_judged_by_its_purpose
            messages_leave_oldest_first
            a_message_that_was_begun_does_not_wait
            what_was_begun_and_has_not_ended_becomes_unknown
            what_broke_off_holds_up_no_other_message
            what_broke_off_becomes_unknown_also_where_the_next_may_not_leave
            what_was_begun_elsewhere_stays_as_it_is
            of_ten_that_begin_at_once_one_does
            an_old_fence_begins_nothing
            a_claim_from_before_the_job_came_again_begins_nothing
            a_claim_of_another_kind_begins_nothing
            a_send_that_has_not_begun_when_stop_comes_does_not_begin
            consent_that_was_changed_beside_the_conversation_counts
            where_a_person_has_taken_over_the_reply_stays
            in_a_conversation_that_is_over_the_reply_stays
            of_a_tenant_that_was_suspended_nothing_leaves
            by_a_binding_that_was_switched_off_nothing_leaves
            to_a_sender_that_cannot_be_answered_nothing_leaves
        }
        $crate::conversation_contract_cases! { $stores, ended_sends:
            the_end_of_the_last_attempt_ends_the_claim
            an_attempts_end_under_its_claim_is_recorded_as_without
            while_another_message_waits_the_claim_goes_on
            what_was_not_taken_is_tried_again_when_it_says
            a_message_that_does_not_wait_again_leaves_the_claim
            an_attempt_that_somebody_else_has_ended_leaves_the_claim
            a_job_that_was_asked_for_again_outlives_the_last_attempt
            a_claim_that_was_lost_records_its_attempt_and_leaves_the_job
            what_a_lost_claim_did_not_bring_out_is_brought_out_by_another
            a_report_before_the_end_of_a_send_is_kept_and_the_claim_ends
            an_end_that_is_not_recorded_leaves_the_claim
            a_report_while_a_claimed_send_ends_is_kept
            what_is_written_while_a_send_ends_is_brought_out
        }
        $crate::conversation_contract_cases! { $stores, rests:
            what_is_written_while_the_carrier_wants_rest_waits_for_its_end
            what_is_written_during_a_send_waits_for_the_end_of_the_rest
            the_confirmation_of_an_opt_out_does_not_wait_for_the_carriers_rest
            a_confirmation_that_is_written_during_a_send_does_not_wait_for_the_rest
            a_confirmation_that_is_written_before_a_delivery_fails_does_not_wait_for_the_rest
            a_confirmation_that_the_carrier_did_not_take_waits_for_the_end_of_the_rest
            a_confirmation_from_before_the_claim_waits_for_the_end_of_the_rest
            a_look_up_is_brought_forward_by_another_attempt
            a_look_up_is_not_put_off_by_the_one_during_which_it_was_asked_for
            a_look_up_does_not_put_off_the_one_during_which_it_was_asked_for
            what_is_said_during_a_turn_waits_for_the_end_of_the_rest
        }
        $crate::conversation_contract_cases! { $stores, attempts:
            an_attempt_that_was_begun_is_open
            an_attempt_has_its_own_account
            an_accepted_message_has_its_carriers_id_and_state
            a_message_that_was_not_taken_waits_again
            a_message_that_was_not_taken_brings_its_delivery_job_back
            an_unknown_attempt_is_looked_up_when_it_says
            an_unknown_message_that_was_not_taken_is_queued_again
            an_unknown_message_that_was_found_is_accepted
            a_failed_message_is_over
            the_end_of_an_attempt_that_another_followed_changes_nothing
            a_late_end_of_an_attempt_that_has_ended_changes_nothing
            a_refusal_that_comes_after_another_attempt_began_changes_nothing
            what_was_accepted_after_all_does_not_leave_again
            look_ups_are_counted_for_each_attempt
            open_attempts_are_listed_oldest_first
            of_a_message_that_is_not_there_nothing_ends
            a_message_that_was_taken_twice_has_the_carriers_last_id
            an_open_attempt_knows_the_carrier_ids_of_other_messages
            a_state_never_falls_however_an_attempt_ends
            a_refused_message_does_not_leave_and_says_why
            a_refusal_of_the_carrier_brings_its_change_of_consent
        }
        $crate::conversation_contract_cases! { $stores, refusals:
            a_refused_send_is_told_without_what_it_would_have_said
            a_refusal_of_what_has_left_or_was_refused_before_is_not_told
            a_refused_send_is_told_to_its_own_tenant_only
        }
        $crate::conversation_contract_cases! { $stores, reports:
            a_report_raises_the_state
            a_report_late_or_repeated_never_lowers_the_state
            reports_at_once_end_at_the_highest_state
            a_report_by_our_id_gives_an_unknown_message_its_carrier_id
            a_report_before_the_carriers_answer_is_kept
            a_report_while_the_send_ends_is_kept
            a_message_that_is_reported_on_waits_no_more
            a_report_of_failure_keeps_its_state_and_why
            a_message_that_was_read_after_all_says_no_more_why_it_failed
            a_report_of_an_unknown_message_means_none
            a_report_means_the_message_that_has_its_carrier_id
            a_report_under_another_carrier_id_is_not_of_a_message_that_has_one
        }
        $crate::conversation_contract_cases! { $stores, isolation_of_work:
            another_tenants_message_does_not_leave
            what_is_recorded_of_another_tenants_message_changes_nothing
            another_tenants_report_means_no_message
            an_unknown_conversation_has_no_job_and_nothing_to_send
        }
    };
}
