//! The adapter against servers that speak Twilio's wire format, well and badly.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

mod account_standing;
mod accounts;
mod fake_carrier;
mod fixture;
mod look_up;
mod send;
