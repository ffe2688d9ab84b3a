//! The use cases on the memory fakes: what is stored, what is sent, and what is refused with which reason.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that meets what it does not expect should stop there"
)]

mod allowance;
mod answer_chat;
mod clocks;
mod crashes;
mod cut_off;
mod debounce;
mod deliver;
mod desk;
mod flood;
mod help;
mod honest_carrier;
mod interleavings;
mod long_replies;
mod loop_guard;
mod manage_contacts;
mod manage_conversations;
mod model_failure;
mod names;
mod odd_texts;
mod opt_in;
mod opt_out;
mod person_takes_over;
mod receive_message;
mod reconcile;
mod record_delivery;
mod summaries;
mod suspended;
mod switched_off;
mod take_turn;
mod tools;
mod unreplyable;
