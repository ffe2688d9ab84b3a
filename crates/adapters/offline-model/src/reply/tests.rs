//! Whole conversations.

mod emergencies;
mod intake;
mod oddities;
mod properties;
mod questions;
