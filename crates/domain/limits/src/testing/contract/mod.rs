//! What every adapter of this crate's ports must do, one test a sentence.
//!
//! Each macro takes an expression that makes something fresh, which no other test uses meanwhile, and expands to one
//! asynchronous test a case: [`throttle_contract!`] a [`Throttle`], [`cool_down_contract!`] a [`CoolDown`],
//! [`idempotency_store_contract!`] the [`LimitsStores`]. The expression may `.await`. Put each macro in a module of
//! its own; the calling crate needs tokio:
//!
//! ```ignore
//! mod throttle {
//!     limits::throttle_contract!(super::fresh_throttle().await);
//! }
//! ```
//!
//! [`throttle_contract!`]: crate::throttle_contract
//! [`cool_down_contract!`]: crate::cool_down_contract
//! [`idempotency_store_contract!`]: crate::idempotency_store_contract
//! [`Throttle`]: crate::Throttle
//! [`CoolDown`]: crate::CoolDown
//! [`LimitsStores`]: crate::testing::LimitsStores

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "contract cases fail by panicking, and their names are their sentences"
)]

pub mod attempts;
pub mod cool_down;
pub mod forgetting;
pub mod isolation;
pub mod requests;
mod samples;
pub mod throttle;

/// Expands to one test for each named case of a suite.
#[doc(hidden)]
#[macro_export]
macro_rules! limits_contract_cases {
    ($fresh:expr, $suite:ident: $($case:ident)+) => {$(
        // Cases race on purpose, and some adapters block a thread while they migrate.
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $case() {
            $crate::testing::contract::$suite::$case(&$fresh).await;
        }
    )+};
}

/// Holds a [`Throttle`](crate::Throttle) to its port.
#[macro_export]
macro_rules! throttle_contract {
    ($throttle:expr) => {
        $crate::limits_contract_cases! { $crate::testing::contract::throttle::share($throttle), throttle:
            a_burst_is_allowed_at_once_and_no_more
            who_waits_as_long_as_told_is_allowed_and_who_does_not_is_denied
            a_denied_call_costs_nothing
            a_quota_is_refilled_evenly
            a_long_rest_gives_one_burst_and_no_more
            a_burst_of_one_spaces_calls_evenly
            a_quota_that_does_not_divide_evenly_gives_no_more_than_it_says
            two_keys_are_counted_apart
            of_fifty_calls_at_once_a_burst_is_allowed
            a_look_says_what_a_call_would_be_told
            looking_takes_nothing
            what_is_given_back_may_be_taken_again
            nobody_is_given_more_than_a_burst
            what_is_given_back_of_one_key_is_not_anothers
            of_fifty_calls_at_once_that_are_given_back_nothing_stays
        }
    };
}

/// Holds a [`CoolDown`](crate::CoolDown) to its port.
#[macro_export]
macro_rules! cool_down_contract {
    ($cool_down:expr) => {
        $crate::limits_contract_cases! { $crate::testing::contract::cool_down::share($cool_down), cool_down:
            five_attempts_are_allowed_at_once_and_the_sixth_waits
            waits_double_up_to_fifteen_minutes
            a_denied_attempt_makes_nobody_wait_longer
            a_success_forgets_the_failures
            a_success_ends_a_wait
            a_success_of_nobody_does_nothing
            a_success_is_known_for_sixty_days
            a_success_stays_known_whatever_fails_after_it
            nobody_is_known_by_anothers_success_or_by_attempts
            an_attempt_that_is_taken_back_was_never_made
            what_failed_before_an_attempt_that_is_taken_back_stays
            what_was_never_tried_is_not_taken_back
            failures_are_remembered_for_a_day
            failures_are_forgotten_after_a_day
            two_subjects_are_counted_apart
            of_fifty_guesses_at_once_five_get_through
            of_fifty_guesses_after_a_wait_one_gets_through
        }
    };
}

/// Holds an [`IdempotencyStore`](crate::IdempotencyStore) to its port.
#[macro_export]
macro_rules! idempotency_store_contract {
    ($stores:expr) => {
        $crate::limits_contract_cases! { $stores, requests:
            a_request_starts_once
            a_repeat_in_flight_is_told_when_the_lease_ends
            a_repeat_gets_the_answer_as_it_was_given
            odd_answers_read_back_as_they_were_given
            a_key_of_another_request_is_refused_in_flight_and_answered
            of_fifty_at_once_one_starts
        }
        $crate::limits_contract_cases! { $stores, attempts:
            a_lease_that_ended_lets_the_next_one_start
            a_lease_that_was_taken_over_is_held_anew
            of_fifty_after_the_lease_one_starts
            the_key_of_a_lease_that_ended_still_belongs_to_its_request
            an_attempt_may_finish_late_if_nobody_took_over
            an_attempt_that_was_taken_over_does_not_finish
            an_attempt_finishes_once
            a_request_that_was_never_begun_does_not_finish
            an_abandoned_request_may_start_at_once_and_be_another
            an_attempt_that_was_taken_over_abandons_nothing
            what_was_answered_is_not_abandoned
            an_attempt_from_before_the_entry_was_deleted_ends_nothing
        }
        $crate::limits_contract_cases! { $stores, isolation:
            two_tenants_with_one_key_never_meet
            two_callers_of_a_tenant_with_one_key_never_meet
            the_platform_and_a_tenant_with_one_key_never_meet
            nobody_ends_anothers_attempt
        }
        $crate::limits_contract_cases! { $stores, forgetting:
            an_answer_is_kept_for_a_day_from_when_it_was_given
            a_request_that_never_ended_is_forgotten_after_a_day
            a_purge_deletes_what_is_old_of_every_owner_and_nothing_else
            a_purge_deletes_the_oldest_first_and_at_most_so_many
            an_empty_store_has_nothing_to_purge
        }
    };
}
