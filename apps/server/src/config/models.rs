//! Who may write the receptionist's words, and where each is.

use std::{path::PathBuf, time::Duration};

use conversation::ModelTimeouts;
use kernel::ModelProvider;
use tenancy::SecretText;
use url::Url;

use super::{reader::Reader, web_url};

const GEMINI_API: &str = "https://generativelanguage.googleapis.com";
const GEMINI_MODEL: &str = "gemini-2.5-flash";
const OPENAI_API: &str = "https://api.openai.com/v1";
const OPENAI_MODEL: &str = "gpt-4.1-mini";
const GIVE_BASE: &str = "write a URL, as in https://api.example.com/v1";
const GIVE_MODEL: &str = "write the name of a model, letters, digits and . : / _ - only";

/// A server that is asked for words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelServer {
    /// Where it is.
    pub api_base: Url,
    /// What lets us in; a server of one's own may need none.
    pub api_key: Option<SecretText>,
    /// The model that is asked where a tenant names none.
    pub model: String,
}

/// Who may write the receptionist's words. The one in the box is always there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelsConfig {
    /// Google's Gemini, or what speaks like it.
    pub gemini: Option<ModelServer>,
    /// OpenAI, or what speaks like it.
    pub openai: Option<ModelServer>,
    /// Who is asked first.
    pub first: ModelProvider,
    /// A file with prices of models, over the built-in ones.
    pub prices: Option<PathBuf>,
    /// How long each of them but the one in the box may take.
    pub timeouts: ModelTimeouts,
}

impl ModelsConfig {
    pub(super) fn read(env: &mut Reader) -> Self {
        let gemini = gemini(env);
        let openai = openai(env);
        let prices = env.text("MODEL_PRICES").map(PathBuf::from);
        let remedy = "write gemini, openai or offline, or leave it unset";
        let asked = env.parsed("LLM_PROVIDER", remedy, ModelProvider::from_name);
        let default = match (&gemini, &openai) {
            (Some(_), _) => ModelProvider::Gemini,
            (None, Some(_)) => ModelProvider::OpenAi,
            (None, None) => ModelProvider::Offline,
        };
        if asked == Some(ModelProvider::Gemini) && gemini.is_none() {
            env.fault(
                "GEMINI_API_KEY",
                "is not set, and LLM_PROVIDER is gemini",
                "write the key of the Gemini API",
            );
        }
        if asked == Some(ModelProvider::OpenAi) && openai.is_none() {
            let both = "write the key, or OPENAI_API_BASE of a server of your own that needs none";
            env.fault("OPENAI_API_KEY", "is not set, and LLM_PROVIDER is openai", both);
        }
        Self { gemini, openai, first: asked.unwrap_or(default), prices, timeouts: timeouts(env) }
    }

    /// Returns the server of a provider; the one in the box has none.
    pub fn server(&self, provider: ModelProvider) -> Option<&ModelServer> {
        match provider {
            ModelProvider::Gemini => self.gemini.as_ref(),
            ModelProvider::OpenAi => self.openai.as_ref(),
            ModelProvider::Offline => None,
        }
    }

    /// Returns who is asked, in this order, where a tenant does not say.
    pub fn order(&self) -> Vec<ModelProvider> {
        let is_here = |provider: &ModelProvider| match provider {
            ModelProvider::Gemini => self.gemini.is_some(),
            ModelProvider::OpenAi => self.openai.is_some(),
            ModelProvider::Offline => true,
        };
        let others = ModelProvider::ALL.into_iter().filter(|other| *other != self.first);
        // Whoever wants the one in the box first wants nothing to leave the house.
        let others = others.filter(|_| self.first != ModelProvider::Offline);
        std::iter::once(self.first).chain(others).filter(is_here).collect()
    }

    /// Says who is asked, in this order, where a tenant does not say, and where and for which model each is asked. It is
    /// what an answer depends on, and holds no key.
    pub fn described(&self) -> String {
        let described = |provider: ModelProvider| {
            let server = match provider {
                ModelProvider::Gemini => self.gemini.as_ref(),
                ModelProvider::OpenAi => self.openai.as_ref(),
                ModelProvider::Offline => None,
            };
            let of = server.map(|server| format!(" {} {}", server.api_base, server.model));
            format!("{}{}", provider.as_str(), of.unwrap_or_default())
        };
        self.order().into_iter().map(described).collect::<Vec<_>>().join(", ")
    }
}

/// Each is counted from the start, so one that is longer than the whole would never be met.
fn timeouts(env: &mut Reader) -> ModelTimeouts {
    let usual = ModelTimeouts::default();
    let connect = millis(env, "MODEL_CONNECT_TIMEOUT_MS", usual.connect);
    let first_token = millis(env, "MODEL_FIRST_TOKEN_TIMEOUT_MS", usual.first_token);
    let total = millis(env, "MODEL_TOTAL_TIMEOUT_MS", usual.total);
    for (name, part) in [("MODEL_CONNECT_TIMEOUT_MS", connect), ("MODEL_FIRST_TOKEN_TIMEOUT_MS", first_token)]
    {
        if part > total {
            let problem = format!("is {} and longer than the whole answer may take", part.as_millis());
            env.fault(name, problem, "write less, or raise MODEL_TOTAL_TIMEOUT_MS");
        }
    }
    ModelTimeouts { connect, first_token, total }
}

fn millis(env: &mut Reader, name: &'static str, usual: Duration) -> Duration {
    let parse = |text: &str| text.parse().ok().filter(|millis| (1..=600_000_u64).contains(millis));
    env.parsed(name, "write milliseconds from 1 to 600000", parse).map_or(usual, Duration::from_millis)
}

fn gemini(env: &mut Reader) -> Option<ModelServer> {
    let remedy = "write the key as the provider shows it";
    let key = env.printable_secret("GEMINI_API_KEY", 1, remedy);
    let api_key = key.or_else(|| env.printable_secret("GOOGLE_API_KEY", 1, remedy));
    let base =
        env.parsed_unseen("GEMINI_API_BASE", GIVE_BASE, web_url).or_else(|| Url::parse(GEMINI_API).ok());
    let model = env.parsed("GEMINI_MODEL", GIVE_MODEL, model_name).unwrap_or_else(|| GEMINI_MODEL.to_owned());
    Some(ModelServer { api_base: base?, api_key: Some(api_key?), model })
}

fn openai(env: &mut Reader) -> Option<ModelServer> {
    let api_key = env.printable_secret("OPENAI_API_KEY", 1, "write the key as the provider shows it");
    let given = env.parsed_unseen("OPENAI_API_BASE", GIVE_BASE, web_url);
    let model = env.parsed("OPENAI_MODEL", GIVE_MODEL, model_name).unwrap_or_else(|| OPENAI_MODEL.to_owned());
    if api_key.is_none() && given.is_none() {
        return None;
    }
    Some(ModelServer { api_base: given.or_else(|| Url::parse(OPENAI_API).ok())?, api_key, model })
}

fn model_name(text: &str) -> Option<String> {
    let fits = text.len() <= 100 && text.chars().all(|c| c.is_ascii_alphanumeric() || ".:/_-".contains(c));
    fits.then(|| text.to_owned())
}
