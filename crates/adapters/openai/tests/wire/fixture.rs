//! What the tests ask, and who hears the answer.

use std::sync::{Mutex, PoisonError};

use conversation::{
    Author, Deltas, LanguageModel as _, Line, ModelError, ModelReply, ModelRequest, ModelSettings,
    ModelTimeouts, Parameter, ParameterKind, Parameters, ToolSpec,
};
use kernel::Timestamp;
use model_fakes::{FakeAnswer, FakeModelServer};
use openai::{OpenAiModel, OpenAiSettings};
use tenancy::{BusinessProfile, Channel, SecretText};

/// Returns a line of the transcript.
pub(crate) fn line(author: Author, text: &str) -> Line {
    Line { author, text: text.to_owned(), attachments: 0, at: Timestamp::default() }
}

/// Returns a request in which the contact has said these things.
pub(crate) fn request(texts: &[&str]) -> ModelRequest {
    ModelRequest {
        instructions: "You answer for Bright Pipes.".to_owned(),
        business_name: "Bright Pipes".to_owned(),
        business: BusinessProfile::default(),
        contact_name: None,
        channel: Channel::Sms,
        now: Timestamp::default(),
        answer_by: Timestamp::default(),
        earlier: None,
        transcript: texts.iter().map(|text| line(Author::Contact, text)).collect(),
        unanswered: texts.len(),
        tools: Vec::new(),
        rounds: Vec::new(),
        settings: ModelSettings::default(),
        output: None,
    }
}

/// A tool that notes who writes.
pub(crate) const CAPTURE_LEAD: ToolSpec = ToolSpec {
    name: "capture_lead",
    description: "Notes who writes.",
    parameters: Parameters(&[
        Parameter {
            name: "name",
            description: "The name",
            kind: ParameterKind::Text { max: 80 },
            is_required: true,
        },
        Parameter {
            name: "urgency",
            description: "How soon",
            kind: ParameterKind::Choice(&["low", "high"]),
            is_required: false,
        },
    ]),
};

/// Keeps what is heard, piece by piece.
#[derive(Default)]
pub(crate) struct Ear(Mutex<Vec<String>>);

impl Ear {
    /// Returns the pieces since the last restart.
    pub(crate) fn pieces(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Deltas for Ear {
    fn delta(&self, text: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(text.to_owned());
    }

    fn restart(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// Returns the model at a server that speaks as OpenAI does.
pub(crate) fn model_at(server: &FakeModelServer) -> OpenAiModel {
    model_with(server, ModelTimeouts::default())
}

/// Returns the model with other time-outs.
pub(crate) fn model_with(server: &FakeModelServer, timeouts: ModelTimeouts) -> OpenAiModel {
    OpenAiModel::new(OpenAiSettings { timeouts, ..settings(server) }).unwrap()
}

/// Returns what the model is reached with.
pub(crate) fn settings(server: &FakeModelServer) -> OpenAiSettings {
    OpenAiSettings {
        api_base: server.openai_base(),
        api_key: Some(SecretText::new("secret-key")),
        default_model: "gpt-4.1-mini".to_owned(),
        timeouts: ModelTimeouts::default(),
    }
}

/// Asks a server that answers so, and returns what came of it and what was heard.
pub(crate) async fn ask(answer: FakeAnswer) -> (Result<ModelReply, ModelError>, Vec<String>) {
    let server = FakeModelServer::start().await.unwrap();
    server.then(answer);
    let ear = Ear::default();
    let reply = model_at(&server).reply(&request(&["My tap drips"]), &ear).await;
    (reply, ear.pieces())
}
