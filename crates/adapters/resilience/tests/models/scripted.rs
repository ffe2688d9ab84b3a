//! A model that does as it is told, and somebody who hears it.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use conversation::{Deltas, LanguageModel, ModelError, ModelReply, ModelRequest, ModelSettings};
use kernel::Timestamp;
use tenancy::{BusinessProfile, Channel};

/// How long after the first moment of all the answer to a request is of use.
pub(crate) const USEFUL_FOR: Duration = Duration::from_secs(60);

/// What a model does when it is asked.
pub(crate) enum Act {
    /// It says this.
    Says(&'static str),
    /// It says this and fails.
    SaysAndFails(&'static str, ModelError),
    /// It fails after so long.
    FailsAfter(Duration, ModelError),
    /// It never ends.
    Hangs,
}

/// A failure of the service's.
pub(crate) fn down() -> ModelError {
    ModelError::Unavailable("down".into())
}

/// A no.
pub(crate) fn rejected() -> ModelError {
    ModelError::Rejected { code: "no".into(), detail: String::new() }
}

/// A plea for patience.
pub(crate) fn rate_limited(seconds: u64) -> ModelError {
    ModelError::RateLimited { retry_after: Some(Duration::from_secs(seconds)) }
}

/// A model that does as it is told, and keeps which model it was asked for.
#[derive(Default)]
pub(crate) struct Scripted {
    acts: Mutex<VecDeque<Act>>,
    asked: Mutex<Vec<Option<String>>>,
}

impl Scripted {
    pub(crate) fn new(acts: impl IntoIterator<Item = Act>) -> Arc<Self> {
        Arc::new(Self { acts: Mutex::new(acts.into_iter().collect()), asked: Mutex::default() })
    }

    /// Fails in these ways, one after the other, without a word.
    pub(crate) fn failing(errors: impl IntoIterator<Item = ModelError>) -> Arc<Self> {
        Self::new(errors.into_iter().map(|error| Act::SaysAndFails("", error)))
    }

    pub(crate) fn then(&self, act: Act) {
        self.acts.lock().unwrap().push_back(act);
    }

    pub(crate) fn asked(&self) -> Vec<Option<String>> {
        self.asked.lock().unwrap().clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.asked().len()
    }
}

#[async_trait]
impl LanguageModel for Scripted {
    async fn reply(&self, request: &ModelRequest, deltas: &dyn Deltas) -> Result<ModelReply, ModelError> {
        self.asked.lock().unwrap().push(request.settings.model.clone());
        let act = self.acts.lock().unwrap().pop_front().expect("the model was asked once too often");
        let say = |text: &str| {
            if !text.is_empty() {
                deltas.delta(text);
            }
        };
        match act {
            Act::Says(text) => {
                say(text);
                Ok(ModelReply::of_text(text))
            }
            Act::SaysAndFails(text, error) => {
                say(text);
                Err(error)
            }
            Act::FailsAfter(long, error) => {
                tokio::time::sleep(long).await;
                Err(error)
            }
            Act::Hangs => std::future::pending().await,
        }
    }
}

/// Keeps what is heard; a restart is `|`.
#[derive(Default)]
pub(crate) struct Ear(Mutex<String>);

impl Ear {
    pub(crate) fn heard(&self) -> String {
        self.0.lock().unwrap().clone()
    }
}

impl Deltas for Ear {
    fn delta(&self, text: &str) {
        self.0.lock().unwrap().push_str(text);
    }

    fn restart(&self) {
        self.0.lock().unwrap().push('|');
    }
}

pub(crate) fn request() -> ModelRequest {
    ModelRequest {
        instructions: String::new(),
        business_name: "Bright Pipes".to_owned(),
        business: BusinessProfile::default(),
        contact_name: None,
        channel: Channel::Sms,
        now: Timestamp::default(),
        answer_by: Timestamp::default() + USEFUL_FOR,
        earlier: None,
        transcript: Vec::new(),
        unanswered: 0,
        tools: Vec::new(),
        rounds: Vec::new(),
        settings: ModelSettings::default(),
        output: None,
    }
}

/// A request whose answer is of no use any more.
pub(crate) fn late() -> ModelRequest {
    ModelRequest { answer_by: Timestamp::default(), ..request() }
}
