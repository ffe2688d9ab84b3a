//! The rows of examples, results and recorded answers: what is sealed in them, and how they are read.

use diesel::{Insertable, Queryable, Selectable};
use kernel::{ConversationId, ExampleId, ExampleRunId, PromptVersionId, StoreError, TenantId};
use prompt::{
    Check, Example, ExampleContent, ExampleLine, ExampleResult, ExampleSource, ExampleWeight, Expectation,
    FailureKind, Judged, LineAuthor, Outcome, PromptChannel, RawExample, RecordedAnswer, Recording,
    Rehearsed, ToolCall, Verdict,
};
use serde_json::{Value, from_slice, json};
use tenancy::{Place, Sealed, TenantVault};
use uuid::Uuid;

use crate::{
    errors::{corrupt, vault_error},
    prompt_schema::{example_recordings, example_results, prompt_examples},
    types::{Id, Ts},
};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = prompt_examples)]
pub(crate) struct ExampleRow {
    tenant_id: Id,
    id: Id,
    pub(crate) channel: String,
    pub(crate) weight: String,
    pub(crate) source_conversation_id: Option<Id>,
    pub(crate) content_sealed: Vec<u8>,
    created_at: Ts,
    version: i64,
}

/// What is sealed of an example: its name, its lines, what is expected.
type StoredContent = (String, Vec<(String, String)>, Vec<StoredExpectation>);
/// The kind of an expectation, and what it is about.
type StoredExpectation = (String, Option<String>);

impl ExampleRow {
    /// Seals an example.
    pub(crate) fn seal(vault: &dyn TenantVault, example: &Example) -> Result<Self, StoreError> {
        let raw = example.content.raw();
        let lines: Vec<_> = raw.transcript.iter().map(|line| (line.author.as_str(), &line.text)).collect();
        let expected: Vec<_> = raw.expectations.iter().map(|one| (one.kind(), one.text())).collect();
        let content = json!((&raw.name, lines, expected));
        Ok(Self {
            tenant_id: Id(example.tenant_id.uuid()),
            id: Id(example.id.uuid()),
            channel: raw.channel.as_str().to_owned(),
            weight: raw.weight.as_str().to_owned(),
            source_conversation_id: match raw.source {
                ExampleSource::ByHand => None,
                ExampleSource::Conversation(id) => Some(Id(id.uuid())),
            },
            content_sealed: seal(vault, example_place(example.id.uuid()), &content)?,
            created_at: Ts(example.created_at),
            version: example.version,
        })
    }

    /// Opens an example.
    pub(crate) fn open(self, vault: &dyn TenantVault) -> Result<Example, StoreError> {
        let plain = open(vault, example_place(self.id.0), self.content_sealed)?;
        let (name, lines, expected): StoredContent =
            from_slice(&plain).map_err(|_| corrupt("text of an example"))?;
        let line = |(author, text): (String, String)| {
            let author = LineAuthor::from_name(&author).ok_or_else(|| corrupt("author of a line"))?;
            Ok(ExampleLine { author, text })
        };
        let content = ExampleContent::from_stored(RawExample {
            name,
            channel: PromptChannel::from_name(&self.channel)
                .ok_or_else(|| corrupt("channel of an example"))?,
            transcript: lines.into_iter().map(line).collect::<Result<_, StoreError>>()?,
            expectations: expected.into_iter().map(expectation).collect::<Result<_, _>>()?,
            weight: ExampleWeight::from_name(&self.weight).ok_or_else(|| corrupt("weight of an example"))?,
            source: self
                .source_conversation_id
                .map_or(ExampleSource::ByHand, |id| ExampleSource::Conversation(ConversationId::new(id.0))),
        });
        Ok(Example {
            id: ExampleId::new(self.id.0),
            tenant_id: TenantId::new(self.tenant_id.0),
            content,
            created_at: self.created_at.0,
            version: self.version,
        })
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = example_results)]
pub(crate) struct ResultRow {
    tenant_id: Id,
    run_id: Id,
    example_id: Id,
    example_version: i64,
    prompt_version_id: Id,
    content_digest: String,
    verdict: String,
    outcome_sealed: Vec<u8>,
    at: Ts,
}

/// What is sealed of a result: each expectation with its outcome and reason, and the answer.
type StoredOutcome = (Vec<(StoredExpectation, String, String)>, Option<StoredAnswer>);
/// What a model says, which tools it calls, and whether a person is to take over.
type StoredAnswer = (String, Vec<(String, Value)>, bool);

impl ResultRow {
    /// Seals a result.
    pub(crate) fn seal(
        vault: &dyn TenantVault,
        tenant: TenantId,
        result: &ExampleResult,
    ) -> Result<Self, StoreError> {
        let checks = result.checks.iter();
        let checks: Vec<_> = checks
            .map(|check| {
                let expected = (check.expectation.kind(), check.expectation.text());
                (expected, check.outcome.as_str(), &check.reason)
            })
            .collect();
        let outcome = json!((checks, result.answer.as_ref().map(answer_of)));
        let verdict = match result.verdict {
            Verdict::Green => "green",
            Verdict::Red => "red",
            Verdict::Failed(kind) => kind.as_str(),
        };
        Ok(Self {
            tenant_id: Id(tenant.uuid()),
            run_id: Id(result.run_id.uuid()),
            example_id: Id(result.example_id.uuid()),
            example_version: result.example_version,
            prompt_version_id: Id(result.prompt_version_id.uuid()),
            content_digest: result.content_digest.clone(),
            verdict: verdict.to_owned(),
            outcome_sealed: seal(vault, outcome_place(result.run_id.uuid()), &outcome)?,
            at: Ts(result.at),
        })
    }

    /// Opens a result.
    pub(crate) fn open(self, vault: &dyn TenantVault) -> Result<ExampleResult, StoreError> {
        let plain = open(vault, outcome_place(self.run_id.0), self.outcome_sealed)?;
        let (checks, answer): StoredOutcome =
            from_slice(&plain).map_err(|_| corrupt("outcome of an example"))?;
        let check = |(expected, outcome, reason): (StoredExpectation, String, String)| {
            let outcome = Outcome::from_name(&outcome).ok_or_else(|| corrupt("outcome of a check"))?;
            Ok(Check { expectation: expectation(expected)?, outcome, reason })
        };
        let verdict = match self.verdict.as_str() {
            "green" => Verdict::Green,
            "red" => Verdict::Red,
            failure => Verdict::Failed(FailureKind::from_name(failure).ok_or_else(|| corrupt("verdict"))?),
        };
        Ok(ExampleResult {
            run_id: ExampleRunId::new(self.run_id.0),
            example_id: ExampleId::new(self.example_id.0),
            example_version: self.example_version,
            prompt_version_id: PromptVersionId::new(self.prompt_version_id.0),
            content_digest: self.content_digest,
            verdict,
            checks: checks.into_iter().map(check).collect::<Result<_, StoreError>>()?,
            answer: answer.map(rehearsed),
            at: self.at.0,
        })
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = example_recordings)]
pub(crate) struct RecordingRow {
    tenant_id: Id,
    digest: String,
    pub(crate) id: Id,
    pub(crate) answer_sealed: Vec<u8>,
    pub(crate) at: Ts,
}

impl RecordingRow {
    /// Seals a recorded answer, in a place that no other has had.
    pub(crate) fn seal(
        vault: &dyn TenantVault,
        tenant: TenantId,
        recording: &Recording,
    ) -> Result<Self, StoreError> {
        let id = Uuid::now_v7();
        let answer = match &recording.answer {
            RecordedAnswer::Rehearsed(answer) => json!({ "rehearsed": answer_of(answer) }),
            RecordedAnswer::Judged(judged) => json!({ "judged": (judged.passes, &judged.reason) }),
        };
        Ok(Self {
            tenant_id: Id(tenant.uuid()),
            digest: recording.digest.clone(),
            id: Id(id),
            answer_sealed: seal(vault, recording_place(id), &answer)?,
            at: Ts(recording.at),
        })
    }

    /// Opens a recorded answer.
    pub(crate) fn open(self, vault: &dyn TenantVault) -> Result<Recording, StoreError> {
        let unknown = || corrupt("recorded answer");
        let plain = open(vault, recording_place(self.id.0), self.answer_sealed)?;
        let mut answer: Value = from_slice(&plain).map_err(|_| unknown())?;
        let mut part = |name| answer.get_mut(name).map(Value::take);
        let answer = if let Some(answer) = part("rehearsed") {
            RecordedAnswer::Rehearsed(rehearsed(serde_json::from_value(answer).map_err(|_| unknown())?))
        } else {
            let judged = part("judged").ok_or_else(unknown)?;
            let (passes, reason) = serde_json::from_value(judged).map_err(|_| unknown())?;
            RecordedAnswer::Judged(Judged { passes, reason })
        };
        Ok(Recording { digest: self.digest, answer, at: self.at.0 })
    }
}

fn answer_of(answer: &Rehearsed) -> Value {
    let calls = answer.tool_calls.iter();
    let calls: Vec<_> = calls.map(|call| (&call.name, &call.arguments)).collect();
    json!((&answer.text, calls, answer.handed_off))
}

fn rehearsed((text, calls, handed_off): StoredAnswer) -> Rehearsed {
    let calls = calls.into_iter();
    let tool_calls = calls.map(|(name, arguments)| ToolCall { name, arguments }).collect();
    Rehearsed { text, tool_calls, handed_off }
}

fn expectation((kind, text): StoredExpectation) -> Result<Expectation, StoreError> {
    Expectation::parse(&kind, text.as_deref()).map_err(|_| corrupt("expectation"))
}

fn example_place(row: Uuid) -> Place {
    Place { table: "prompt_examples", column: "content_sealed", row }
}

fn outcome_place(row: Uuid) -> Place {
    Place { table: "example_results", column: "outcome_sealed", row }
}

fn recording_place(row: Uuid) -> Place {
    Place { table: "example_recordings", column: "answer_sealed", row }
}

fn seal(vault: &dyn TenantVault, place: Place, value: &Value) -> Result<Vec<u8>, StoreError> {
    Ok(vault.seal(place, value.to_string().as_bytes()).map_err(vault_error)?.0)
}

fn open(vault: &dyn TenantVault, place: Place, sealed: Vec<u8>) -> Result<Vec<u8>, StoreError> {
    vault.open(place, &Sealed(sealed)).map_err(vault_error)
}
