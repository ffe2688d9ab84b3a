//! Google's Gemini: asked over HTTP, read as it answers.

mod model;
mod question;
mod reading;
mod schema;
#[path = "../../model-wire/mod.rs"]
mod wire;

pub use model::{GeminiModel, GeminiSettings, SettingsError};
