//! A model that says what a test has written for it.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use chrono::TimeDelta;
use kernel::{Clock as _, GatewayError, Timestamp, testing::ManualClock};
use tenancy::TenantScope;

use crate::{JudgeRequest, Judged, Means, Models, Rehearsal, RehearsalError, RehearsalRequest, Rehearsed};

/// Gives the answers and judgements of a script, one after another, and remembers what it was asked. Where the script has
/// ended it is not available.
#[derive(Debug, Default)]
pub struct ScriptedRehearsal {
    answers: Mutex<VecDeque<Rehearsed>>,
    judgements: Mutex<VecDeque<Judged>>,
    asked: Mutex<Vec<RehearsalRequest>>,
    means: Mutex<Option<Means>>,
    pace: Mutex<Option<(Arc<ManualClock>, TimeDelta)>>,
}

impl ScriptedRehearsal {
    /// Adds an answer of words alone.
    pub fn will_say(&self, text: &str) {
        self.will_answer(Rehearsed { text: text.to_owned(), tool_calls: Vec::new(), handed_off: false });
    }

    /// Adds an answer.
    pub fn will_answer(&self, answer: Rehearsed) {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).push_back(answer);
    }

    /// Adds a judgement.
    pub fn will_judge(&self, judged: Judged) {
        self.judgements.lock().unwrap_or_else(PoisonError::into_inner).push_back(judged);
    }

    /// Says what answers depend on from now on.
    pub fn has(&self, means: Means) {
        *self.means.lock().unwrap_or_else(PoisonError::into_inner) = Some(means);
    }

    /// Takes so long for each answer and judgement from now on, by this clock.
    pub fn takes(&self, clock: &Arc<ManualClock>, long: TimeDelta) {
        *self.pace.lock().unwrap_or_else(PoisonError::into_inner) = Some((Arc::clone(clock), long));
    }

    fn think(&self, answer_by: Timestamp) -> Result<(), RehearsalError> {
        let pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some((clock, long)) = pace else { return Ok(()) };
        let left = answer_by - clock.now();
        clock.advance(long.min(left));
        if long > left { Err(GatewayError::TimedOut.into()) } else { Ok(()) }
    }

    /// Returns what was to be answered so far.
    pub fn asked(&self) -> Vec<RehearsalRequest> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl Rehearsal for ScriptedRehearsal {
    async fn means(&self, _: &TenantScope) -> Result<Means, RehearsalError> {
        let none = || Means { tools: String::new(), models: Models::Installed(String::new()) };
        Ok(self.means.lock().unwrap_or_else(PoisonError::into_inner).clone().unwrap_or_else(none))
    }

    async fn rehearse(
        &self,
        _: &TenantScope,
        _: &Means,
        request: &RehearsalRequest,
        answer_by: Timestamp,
    ) -> Result<Rehearsed, RehearsalError> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
        self.think(answer_by)?;
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).pop_front().ok_or_else(ended)
    }

    async fn judge(
        &self,
        _: &TenantScope,
        _: &Means,
        _: &JudgeRequest,
        answer_by: Timestamp,
    ) -> Result<Judged, RehearsalError> {
        self.think(answer_by)?;
        self.judgements.lock().unwrap_or_else(PoisonError::into_inner).pop_front().ok_or_else(ended)
    }
}

fn ended() -> RehearsalError {
    GatewayError::Unavailable("the script has ended".into()).into()
}
