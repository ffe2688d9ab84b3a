//! Twilio: verifies and reads its webhooks, sends and finds messages.

mod account_cache;
mod account_standing;
mod accounts;
mod api;
mod look_up;
mod messenger;
mod signature;
mod twiml;
mod webhook;

pub use account_standing::{AccountAnswer, AccountStanding, ask_for_account};
pub use accounts::{PlatformAccount, TwilioAccounts, VerifiedBy, VerifyError};
pub use api::{Timeouts, http_client};
pub use messenger::TwilioMessenger;
pub use signature::{Algorithm, SignatureError, SignedContent, SignedRequest, sign, verify};
pub use twiml::MessagingResponse;
pub use webhook::{Form, IncomingSms, StatusUpdate, WebhookError};
