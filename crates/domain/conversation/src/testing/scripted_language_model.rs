//! A language model that says what a test told it to.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use tokio::sync::Notify;

use crate::{Deltas, FinishReason, LanguageModel, ModelError, ModelReply, ModelRequest, ToolCall};

/// A language model that works off a script, and echoes what was said once the script is at its end.
#[derive(Default)]
pub struct ScriptedLanguageModel {
    script: Mutex<VecDeque<Step>>,
    requests: Mutex<Vec<ModelRequest>>,
    asked: Notify,
}

enum Step {
    Reply(Result<ModelReply, ModelError>),
    Repeat,
    Wait(Arc<Notify>),
}

impl ScriptedLanguageModel {
    /// Answers the next request with these words.
    pub fn then_says(&self, text: &str) {
        self.then_replies(ModelReply::of_text(text));
    }

    /// Answers the next request with this reply.
    pub fn then_replies(&self, reply: ModelReply) {
        self.then(Step::Reply(Ok(reply)));
    }

    /// Answers the next request by asking for a tool.
    pub fn then_calls(&self, tool: &str, arguments: serde_json::Value) {
        self.then_says_and_calls("", tool, arguments);
    }

    /// Answers the next request with these words, and asks for a tool.
    pub fn then_says_and_calls(&self, text: &str, tool: &str, arguments: serde_json::Value) {
        let call =
            ToolCall { id: format!("call-{tool}"), name: tool.to_owned(), arguments, provider_data: None };
        self.then_replies(ModelReply {
            text: text.to_owned(),
            tool_calls: vec![call],
            finish: FinishReason::ToolCalls,
            ..ModelReply::default()
        });
    }

    /// Answers the next request with its own instructions.
    pub fn then_repeats_its_instructions(&self) {
        self.then(Step::Repeat);
    }

    /// Fails the next request.
    pub fn then_fails(&self, error: ModelError) {
        self.then(Step::Reply(Err(error)));
    }

    /// Holds the next request back until the returned handle is notified; what is scripted next answers it.
    pub fn then_waits(&self) -> Arc<Notify> {
        let go = Arc::<Notify>::default();
        self.then(Step::Wait(Arc::clone(&go)));
        go
    }

    /// Waits until a request has come in. It returns once for each call, also for one that came before.
    pub async fn asked(&self) {
        self.asked.notified().await;
    }

    /// Returns the requests so far.
    pub fn requests(&self) -> Vec<ModelRequest> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn then(&self, step: Step) {
        self.script.lock().unwrap_or_else(PoisonError::into_inner).push_back(step);
    }

    fn next(&self) -> Option<Step> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

#[async_trait]
impl LanguageModel for ScriptedLanguageModel {
    async fn reply(&self, request: &ModelRequest, deltas: &dyn Deltas) -> Result<ModelReply, ModelError> {
        let reply = self.next_reply(request).await?;
        deltas.delta(&reply.text);
        Ok(reply)
    }
}

impl ScriptedLanguageModel {
    async fn next_reply(&self, request: &ModelRequest) -> Result<ModelReply, ModelError> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
        self.asked.notify_one();
        loop {
            match self.next() {
                Some(Step::Wait(go)) => go.notified().await,
                Some(Step::Repeat) => return Ok(ModelReply::of_text(request.instructions.clone())),
                Some(Step::Reply(reply)) => return reply,
                None => return Ok(echo(request)),
            }
        }
    }
}

fn echo(request: &ModelRequest) -> ModelReply {
    let answered = request.transcript.len().saturating_sub(request.unanswered);
    let said: Vec<&str> = request.transcript.iter().skip(answered).map(|line| line.text.as_str()).collect();
    ModelReply::of_text(format!("You said: {}", said.join("\n")))
}
