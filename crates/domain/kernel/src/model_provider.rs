//! Who may write the receptionist's words.

/// Who may write the receptionist's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ModelProvider {
    /// Google's Gemini.
    Gemini,
    /// Any server that speaks as OpenAI's does.
    OpenAi,
    /// The receptionist in the box: no key, no cost, little understanding.
    Offline,
}

impl ModelProvider {
    /// Every one there is.
    pub const ALL: [Self; 3] = [Self::Gemini, Self::OpenAi, Self::Offline];

    /// Returns the name on the wire, in the configuration and in stores.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gemini => "gemini",
            Self::OpenAi => "openai",
            Self::Offline => "offline",
        }
    }

    /// Reads a name on the wire, in the configuration or in a store.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|provider| provider.as_str() == name)
    }
}
