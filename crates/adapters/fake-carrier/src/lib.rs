//! A carrier in a box that speaks Twilio's wire format: for trying the product out, and for tests.
//!
//! [`FakeCarrier`] takes messages over HTTP as Twilio does, reports on them by signed callbacks, and lets a
//! customer [text](FakeCarrier::text) a business by signed webhooks. Tests [script](FakeCarrier::script) what
//! goes wrong. It holds every message in plain text, as a phone would: it is no place for real customers.

mod callback;
mod carrier;
mod customer;
mod fault;
mod http;
mod journal;
mod keyword;
mod message;
mod running;
mod segment;
mod signing;
mod traffic;
mod webhook;

pub use carrier::{FakeCarrier, FakeCarrierConfig, StatusCallbacks, WaitedInVain};
pub use customer::{Answered, TextError};
pub use fault::Fault;
pub use keyword::Keyword;
pub use message::{CarrierMessage, MessageDirection, MessageStatus};
pub use running::RunningFakeCarrier;
pub use webhook::{CustomerText, Media, SignedWebhook, build_webhook};
