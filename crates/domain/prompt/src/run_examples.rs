//! Trying examples on a version, without any effect on a customer.

use std::sync::Arc;

use chrono::TimeDelta;
use kernel::{Clock, Cursor, ExampleId, ExampleRunId, IdGenerator, Page, PromptVersionId, Timestamp};
use tenancy::TenantScope;
use uuid::Uuid;

use crate::{
    Business, Canary, Check, ComposePrompt, ComposeRequest, ContactFacts, Example, ExampleLine,
    ExampleResult, ExampleStore, Expectation, FailureKind, JudgeRequest, Judged, ModelSettings, Outcome,
    PromptChannel, PromptError, PromptStore, PromptVersion, RecordedAnswer, Recording, Rehearsal,
    RehearsalError, RehearsalRequest, Rehearsed, TokenBudget, ToolLine, Verdict, names::stored_names,
};

/// In so little time no further example is begun.
const SHORTEST_TRY: TimeDelta = TimeDelta::seconds(1);

/// Where answers come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RunMode {
    /// From what was recorded for the same question; the model is asked, and its answer recorded, only where nothing was.
    Recorded,
    /// From the model; its answers are recorded in the place of the former ones.
    Fresh,
}

stored_names!(RunMode: Recorded = "recorded", Fresh = "fresh");

/// What is tried.
#[derive(Clone, Copy, Debug)]
pub struct RunRequest<'a> {
    /// On which version.
    pub version: PromptVersionId,
    /// Only this example; `None` for all that meet the version's channel.
    pub only: Option<ExampleId>,
    /// Where an earlier run stopped, to go on from there.
    pub after: Option<Cursor>,
    /// Until when there is time to try. What is not tried by then remains for another run.
    pub answer_by: Timestamp,
    /// Where answers come from.
    pub mode: RunMode,
    /// The business.
    pub business: Business<'a>,
    /// What the model can do.
    pub tools: &'a [ToolLine],
    /// How long the instructions may become.
    pub budget: TokenBudget,
}

impl RunRequest<'_> {
    fn is_over(&self, now: Timestamp) -> bool {
        now + SHORTEST_TRY >= self.answer_by
    }
}

/// Why one run has no result that counts: the model, which the result tells, or something of ours.
enum Stopped {
    Model(FailureKind),
    Ours(PromptError),
}

impl Stopped {
    fn by(error: RehearsalError) -> Self {
        match error {
            RehearsalError::Model(error) => Self::Model(FailureKind::from(&error)),
            RehearsalError::OverPlan => Self::Ours(PromptError::OverPlan),
            RehearsalError::Store(error) => Self::Ours(error.into()),
        }
    }
}

impl<E: Into<PromptError>> From<E> for Stopped {
    fn from(error: E) -> Self {
        Self::Ours(error.into())
    }
}

/// Tries examples on a version.
pub struct RunExamples {
    prompts: Arc<dyn PromptStore>,
    examples: Arc<dyn ExampleStore>,
    compose: Arc<ComposePrompt>,
    rehearsal: Arc<dyn Rehearsal>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
}

impl RunExamples {
    /// Makes the use case.
    pub fn new(
        (prompts, examples): (Arc<dyn PromptStore>, Arc<dyn ExampleStore>),
        compose: Arc<ComposePrompt>,
        rehearsal: Arc<dyn Rehearsal>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdGenerator>,
    ) -> Self {
        Self { prompts, examples, compose, rehearsal, clock, ids }
    }

    /// Tries the examples one after another, oldest first, and keeps each result. A model that gives no answer is a result
    /// too. Where the time ends first, the page says where the next run goes on; each run tries one example at least.
    ///
    /// # Errors
    /// When the tenant has no such version or example, the example is for another channel, a text cannot be filled in, no
    /// model may be asked, or a store fails; what was tried before stays kept.
    pub async fn run(
        &self,
        scope: &TenantScope,
        request: &RunRequest<'_>,
    ) -> Result<Page<ExampleResult>, PromptError> {
        let version = self.prompts.find(scope, request.version).await?;
        let version = version.ok_or(PromptError::NotFound { what: "prompt version" })?;
        let mut examples = self.examples.list_meeting(scope, version.channel()).await?;
        if let Some(only) = request.only {
            examples.retain(|example| example.id == only);
            if examples.is_empty() {
                return Err(PromptError::NotFound { what: "example for this channel" });
            }
        } else if let Some(after) = request.after {
            examples.retain(|example| key(example) > (after.micros, after.id));
        }
        let (mut tried, mut last) = (Vec::new(), None);
        for example in &examples {
            if last.is_some() && request.is_over(self.clock.now()) {
                return Ok(Page { items: tried, next: last });
            }
            let result = self.run_one(scope, request, &version, example).await?;
            // The time of this run has ended, not the model's patience: it remains for the next one.
            let was_cut_off =
                matches!(result.verdict, Verdict::Failed(_)) && request.is_over(self.clock.now());
            if last.is_some() && was_cut_off {
                return Ok(Page { items: tried, next: last });
            }
            self.examples.save_result(scope, &result).await?;
            tried.push(result);
            let (micros, id) = key(example);
            last = Some(Cursor { micros, id });
        }
        Ok(Page { items: tried, next: None })
    }

    async fn run_one(
        &self,
        scope: &TenantScope,
        request: &RunRequest<'_>,
        version: &PromptVersion,
        example: &Example,
    ) -> Result<ExampleResult, PromptError> {
        let asked = self.question(scope, request, version, example).await?;
        let (verdict, checks, answer) = match self.rehearse(scope, request, &asked).await {
            Ok(answer) => {
                let expectations = &example.content.raw().expectations;
                let checked = self.check(scope, request, (&asked, &answer), expectations).await?;
                (verdict(&checked), checked.into_iter().map(|(check, _)| check).collect(), Some(answer))
            }
            Err(Stopped::Model(kind)) => (Verdict::Failed(kind), Vec::new(), None),
            Err(Stopped::Ours(error)) => return Err(error),
        };
        Ok(ExampleResult {
            run_id: ExampleRunId::new(self.ids.next()),
            example_id: example.id,
            example_version: example.version,
            prompt_version_id: version.id(),
            content_digest: version.digest(),
            verdict,
            checks,
            answer,
            at: self.clock.now(),
        })
    }

    /// Puts the question together. It happens when the example was made, so that it is the same each time.
    async fn question(
        &self,
        scope: &TenantScope,
        request: &RunRequest<'_>,
        version: &PromptVersion,
        example: &Example,
    ) -> Result<RehearsalRequest, PromptError> {
        let channel = match (example.content.raw().channel, version.channel()) {
            (PromptChannel::All, PromptChannel::All) => PromptChannel::Chat,
            (PromptChannel::All, channel) | (channel, _) => channel,
        };
        let canary = Canary::of_example(example.id);
        let compose = ComposeRequest {
            channel,
            business: request.business,
            contact: &ContactFacts::default(),
            knowledge: &[],
            tools: request.tools,
            canary: &canary,
            budget: request.budget,
            now: example.created_at,
        };
        let prepared = self.compose.with(scope, version.clone(), &compose).await?;
        Ok(RehearsalRequest {
            instructions: prepared.composed.text(),
            canary,
            settings: prepared.settings,
            channel,
            transcript: example.content.raw().transcript.clone(),
        })
    }

    async fn check(
        &self,
        scope: &TenantScope,
        run: &RunRequest<'_>,
        (asked, answer): (&RehearsalRequest, &Rehearsed),
        expectations: &[Expectation],
    ) -> Result<Vec<(Check, Option<FailureKind>)>, PromptError> {
        let mut checks = Vec::new();
        for expectation in expectations {
            let (outcome, reason, failure) = match (expectation, expectation.is_met_by(answer)) {
                (_, Some(is_met)) => (outcome(is_met), String::new(), None),
                (criterion, None) => {
                    let judge = judging(criterion, asked.settings.clone(), &asked.transcript, answer);
                    match self.judge(scope, run, &judge).await {
                        Ok(Judged { passes, reason }) => (outcome(passes), reason, None),
                        Err(Stopped::Model(kind)) => (Outcome::Unknown, String::new(), Some(kind)),
                        Err(Stopped::Ours(error)) => return Err(error),
                    }
                }
            };
            checks.push((Check { expectation: expectation.clone(), outcome, reason }, failure));
        }
        Ok(checks)
    }

    async fn rehearse(
        &self,
        scope: &TenantScope,
        run: &RunRequest<'_>,
        request: &RehearsalRequest,
    ) -> Result<Rehearsed, Stopped> {
        let means = self.rehearsal.means(scope).await.map_err(Stopped::by)?;
        let digest = request.digest(&means);
        if let Some(RecordedAnswer::Rehearsed(answer)) = self.recorded(scope, run.mode, &digest).await? {
            return Ok(answer);
        }
        let answer = self.rehearsal.rehearse(scope, &means, request, run.answer_by).await;
        let answer = answer.map_err(Stopped::by)?;
        self.record(scope, digest, RecordedAnswer::Rehearsed(answer.clone())).await?;
        Ok(answer)
    }

    async fn judge(
        &self,
        scope: &TenantScope,
        run: &RunRequest<'_>,
        request: &JudgeRequest,
    ) -> Result<Judged, Stopped> {
        let means = self.rehearsal.means(scope).await.map_err(Stopped::by)?;
        let digest = request.digest(&means);
        if let Some(RecordedAnswer::Judged(judged)) = self.recorded(scope, run.mode, &digest).await? {
            return Ok(judged);
        }
        let judged = self.rehearsal.judge(scope, &means, request, run.answer_by).await;
        let judged = judged.map_err(Stopped::by)?;
        self.record(scope, digest, RecordedAnswer::Judged(judged.clone())).await?;
        Ok(judged)
    }

    async fn recorded(
        &self,
        scope: &TenantScope,
        mode: RunMode,
        digest: &str,
    ) -> Result<Option<RecordedAnswer>, PromptError> {
        match mode {
            RunMode::Fresh => Ok(None),
            RunMode::Recorded => {
                Ok(self.examples.find_recording(scope, digest).await?.map(|recording| recording.answer))
            }
        }
    }

    async fn record(
        &self,
        scope: &TenantScope,
        digest: String,
        answer: RecordedAnswer,
    ) -> Result<(), PromptError> {
        let recording = Recording { digest, answer, at: self.clock.now() };
        Ok(self.examples.save_recording(scope, &recording).await?)
    }
}

/// What examples are in order of.
fn key(example: &Example) -> (i64, Uuid) {
    (example.created_at.timestamp_micros(), example.id.uuid())
}

fn judging(
    criterion: &Expectation,
    settings: ModelSettings,
    transcript: &[ExampleLine],
    answer: &Rehearsed,
) -> JudgeRequest {
    JudgeRequest {
        criterion: criterion.text().unwrap_or_default().to_owned(),
        settings,
        transcript: transcript.to_vec(),
        reply: answer.text.clone(),
    }
}

fn outcome(is_met: bool) -> Outcome {
    if is_met { Outcome::Met } else { Outcome::Missed }
}

/// What was missed counts more than what nobody can tell.
fn verdict(checks: &[(Check, Option<FailureKind>)]) -> Verdict {
    if checks.iter().any(|(check, _)| check.outcome == Outcome::Missed) {
        return Verdict::Red;
    }
    checks.iter().find_map(|(_, failure)| *failure).map_or(Verdict::Green, Verdict::Failed)
}
