//! Carriers' webhooks.

mod twilio_sms;
mod twilio_status;
