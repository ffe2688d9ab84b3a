//! OpenAI's models and all that speak as they do: asked over HTTP, read as they answer.

mod model;
mod question;
mod reading;
#[path = "../../model-wire/mod.rs"]
mod wire;

pub use model::{OpenAiModel, OpenAiSettings, SettingsError};
