//! What carriers tell us. Nothing is believed, and nothing stored, before its signature holds.

pub mod twilio_probe;
pub mod twilio_sms;
pub mod twilio_status;
mod verified;
