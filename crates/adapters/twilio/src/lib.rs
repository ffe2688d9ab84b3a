//! Twilio: verifies and reads its webhooks, sends and finds messages.
