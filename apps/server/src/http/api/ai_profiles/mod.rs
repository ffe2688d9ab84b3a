//! Named ways of using a model.

pub mod change;
pub mod create;
pub mod get;
pub mod list;

use chrono::{DateTime, Utc};
use kernel::ModelProvider;
use prompt::{AiProfile, AiRole, ModelSettings, Temperature};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::{api::wire::one_of, problem::FieldError};

/// How a model is set; what is left out is as the installation has it.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettingsBody {
    /// Whose models are asked, in this order: `gemini`, `openai`, `offline`.
    #[serde(default)]
    providers: Vec<String>,
    /// Which model of the first of them.
    model: Option<String>,
    /// How freely it writes, from 0 to 2.
    #[schema(minimum = 0, maximum = 2)]
    temperature: Option<f64>,
    /// The most tokens that it may write.
    #[schema(minimum = 1, maximum = 32_768)]
    max_tokens: Option<u32>,
}

impl SettingsBody {
    /// Reads the settings.
    ///
    /// # Errors
    /// When a field holds what it must not.
    pub fn read(self) -> Result<ModelSettings, FieldError> {
        let provider = |name: &String| one_of("providers", name, &ModelProvider::ALL, ModelProvider::as_str);
        let temperature = |number| {
            let message = "give a number from 0 to 2".to_owned();
            Temperature::parse(number).ok_or_else(|| FieldError { field: "temperature".to_owned(), message })
        };
        Ok(ModelSettings {
            providers: self.providers.iter().map(provider).collect::<Result<_, _>>()?,
            model: self.model,
            temperature: self.temperature.map(temperature).transpose()?,
            max_tokens: self.max_tokens,
        })
    }
}

/// Reads whom a model plays.
///
/// # Errors
/// When there is no such role.
pub fn role(name: &str) -> Result<AiRole, FieldError> {
    one_of("role", name, AiRole::VALUES, AiRole::as_str)
}

/// An AI profile.
#[derive(Debug, Serialize, ToSchema)]
pub struct AiProfileBody {
    /// The profile's id.
    id: Uuid,
    /// What it is called.
    name: String,
    /// `receptionist`, `sales`, `support`, `dispatcher` or `custom`.
    role: &'static str,
    /// How the model is set.
    settings: SettingsBody,
    /// What the model is told first, a template.
    system_prompt: String,
    /// Whether it is the one that the receptionist uses.
    is_default: bool,
    /// When it was made.
    created_at: DateTime<Utc>,
}

impl From<AiProfile> for AiProfileBody {
    fn from(profile: AiProfile) -> Self {
        let settings = profile.settings;
        Self {
            id: profile.id.uuid(),
            name: profile.name,
            role: profile.role.as_str(),
            settings: SettingsBody {
                providers: settings.providers.iter().map(|one| one.as_str().to_owned()).collect(),
                model: settings.model,
                temperature: settings.temperature.map(Temperature::as_f64),
                max_tokens: settings.max_tokens,
            },
            system_prompt: profile.system_prompt.as_str().to_owned(),
            is_default: profile.is_default,
            created_at: profile.created_at,
        }
    }
}
