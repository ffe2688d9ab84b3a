//! A named way of using a model: whom it plays, how it is set, what it is told first.

use kernel::{AiProfileId, ModelProvider, TenantId, Timestamp};

use crate::{PromptError, content::check_text, digest::Fields, names::stored_names};

/// Whom the model plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AiRole {
    /// Answers whoever calls or writes.
    Receptionist,
    /// Sells.
    Sales,
    /// Helps existing customers.
    Support,
    /// Sends people to jobs.
    Dispatcher,
    /// Something of the tenant's own.
    Custom,
}

stored_names!(AiRole:
    Receptionist = "receptionist",
    Sales = "sales",
    Support = "support",
    Dispatcher = "dispatcher",
    Custom = "custom",
);

/// How freely the model chooses its words, in hundredths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Temperature(u16);

impl Temperature {
    /// The highest one, in hundredths.
    pub const MAX: u16 = 200;

    /// Takes hundredths in; `None` above [`Temperature::MAX`].
    pub fn from_hundredths(hundredths: u16) -> Option<Self> {
        (hundredths <= Self::MAX).then_some(Self(hundredths))
    }

    /// Takes a number from 0 to 2 in, rounded to hundredths; `None` outside.
    pub fn parse(number: f64) -> Option<Self> {
        if !(0.0..=2.0).contains(&number) {
            return None;
        }
        format!("{:.0}", number * 100.0).parse().ok().and_then(Self::from_hundredths)
    }

    /// Returns the hundredths.
    pub fn hundredths(self) -> u16 {
        self.0
    }

    /// Returns the number from 0 to 2.
    pub fn as_f64(self) -> f64 {
        f64::from(self.0) / 100.0
    }
}

/// How a model is set. What is not said is the installation's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelSettings {
    /// Whose models are asked, in this order; empty for the installation's.
    pub providers: Vec<ModelProvider>,
    /// Which model.
    pub model: Option<String>,
    /// How freely it chooses its words.
    pub temperature: Option<Temperature>,
    /// The most tokens that it answers.
    pub max_tokens: Option<u32>,
}

impl ModelSettings {
    /// The longest name of a model, in characters.
    pub const MAX_MODEL: usize = 100;
    /// The most tokens that a model may be asked to answer.
    pub const MOST_TOKENS: u32 = 32_768;

    /// Looks at every setting.
    ///
    /// # Errors
    /// When a provider is named twice, the model's name is none, or the number of tokens is out of bounds.
    pub fn checked(self) -> Result<Self, PromptError> {
        let invalid = |field, message: String| Err(PromptError::Invalid { field, message });
        let is_twice =
            |(place, one): (usize, &ModelProvider)| self.providers.iter().take(place).any(|p| p == one);
        if self.providers.iter().enumerate().any(is_twice) {
            return invalid("providers", "name each provider once".to_owned());
        }
        let is_name = |name: &String| {
            (1..=Self::MAX_MODEL).contains(&name.len()) && name.chars().all(|c| c.is_ascii_graphic())
        };
        if !self.model.as_ref().is_none_or(is_name) {
            let most = Self::MAX_MODEL;
            return invalid("model", format!("give a model's name of 1 to {most} characters without blanks"));
        }
        if !self.max_tokens.is_none_or(|most| (1..=Self::MOST_TOKENS).contains(&most)) {
            return invalid("max_tokens", format!("give a number from 1 to {}", Self::MOST_TOKENS));
        }
        Ok(self)
    }

    /// Takes the settings into a digest.
    pub(crate) fn digest_into(&self, fields: Fields) -> Fields {
        let providers: Vec<_> = self.providers.iter().map(|provider| provider.as_str()).collect();
        let temperature = self.temperature.map(|temperature| temperature.hundredths().to_string());
        let max_tokens = self.max_tokens.map(|most| most.to_string());
        fields
            .and(&providers.join(","))
            .and_maybe(self.model.as_deref())
            .and_maybe(temperature.as_deref())
            .and_maybe(max_tokens.as_deref())
    }
}

/// What a model is told first, a template.
#[derive(Clone, PartialEq, Eq)]
pub struct SystemPrompt(String);

impl SystemPrompt {
    /// The longest one, in characters.
    pub const MAX_LENGTH: usize = 16_000;

    /// Takes a text in, trimmed.
    ///
    /// # Errors
    /// [`PromptError::Invalid`] when it is empty; [`PromptError::InvalidContent`] when it is too long or no template.
    pub fn parse(text: &str) -> Result<Self, PromptError> {
        let text = text.trim();
        if text.is_empty() {
            let message = "tell the model what it is to do".to_owned();
            return Err(PromptError::Invalid { field: "system_prompt", message });
        }
        check_text("system_prompt", text, Self::MAX_LENGTH).map_err(PromptError::InvalidContent)?;
        Ok(Self(text.to_owned()))
    }

    /// Rebuilds a text from what a store kept.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// Returns the text, a template.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Shows no text: prompts do not belong into logs.
impl std::fmt::Debug for SystemPrompt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SystemPrompt({} bytes)", self.0.len())
    }
}

/// A named way of using a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AiProfile {
    /// The profile's id.
    pub id: AiProfileId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// What it is called.
    pub name: String,
    /// Whom the model plays.
    pub role: AiRole,
    /// How the model is set.
    pub settings: ModelSettings,
    /// What the model is told first.
    pub system_prompt: SystemPrompt,
    /// Whether it is the one that the receptionist uses. A tenant has at most one.
    pub is_default: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// The version that was read; a save of a stale one conflicts.
    pub version: i64,
}

/// Reads a name of a profile or an example.
pub(crate) fn parse_name(name: &str) -> Result<String, PromptError> {
    const MOST: usize = 100;
    let name = name.trim();
    let fits = (1..=MOST).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if fits {
        return Ok(name.to_owned());
    }
    let message = format!("give a name of 1 to {MOST} characters without line breaks");
    Err(PromptError::Invalid { field: "name", message })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_temperature_is_kept_in_hundredths() {
        assert_eq!(Temperature::parse(0.7).map(Temperature::hundredths), Some(70));
        assert_eq!(Temperature::parse(2.0).map(Temperature::hundredths), Some(200));
        for outside in [-0.1, 2.01, f64::NAN, f64::INFINITY] {
            assert_eq!(Temperature::parse(outside), None, "{outside}");
        }
        assert_eq!(Temperature::from_hundredths(201), None);
    }

    #[test]
    fn settings_out_of_bounds_are_refused_by_name() {
        let field = |settings: ModelSettings| match settings.checked() {
            Err(PromptError::Invalid { field, .. }) => field,
            other => panic!("{other:?}"),
        };
        let twice = vec![ModelProvider::Gemini, ModelProvider::Offline, ModelProvider::Gemini];
        assert_eq!(field(ModelSettings { providers: twice, ..Default::default() }), "providers");
        assert_eq!(field(ModelSettings { model: Some("a b".into()), ..Default::default() }), "model");
        assert_eq!(field(ModelSettings { max_tokens: Some(0), ..Default::default() }), "max_tokens");
        assert_eq!(field(ModelSettings { max_tokens: Some(32_769), ..Default::default() }), "max_tokens");
        let fits = ModelSettings {
            model: Some("gemini-2.5-flash".into()),
            max_tokens: Some(1),
            ..Default::default()
        };
        assert!(fits.checked().is_ok());
    }

    #[test]
    fn a_system_prompt_says_something_that_can_be_filled_in() {
        assert!(matches!(
            SystemPrompt::parse(" \n"),
            Err(PromptError::Invalid { field: "system_prompt", .. })
        ));
        let Err(PromptError::InvalidContent(faults)) = SystemPrompt::parse("Hi\n{{ tenant.secret }}") else {
            panic!("taken in")
        };
        assert_eq!((faults[0].section.as_str(), faults[0].line), ("system_prompt", 2));
        assert!(SystemPrompt::parse(&"x".repeat(16_001)).is_err());
        assert_eq!(SystemPrompt::parse(" Be kind. ").unwrap().as_str(), "Be kind.");
    }
}
