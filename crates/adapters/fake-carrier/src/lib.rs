//! A carrier in a box that speaks Twilio's wire format.
