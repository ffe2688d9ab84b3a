//! What came of trying an example on a version, and whether that lets the version out.

use kernel::{ExampleId, ExampleRunId, PromptVersionId, Timestamp};

use crate::{Example, Expectation, FailureKind, PromptVersion, Rehearsed};

/// What came of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Everything was as expected.
    Green,
    /// Something was not.
    Red,
    /// The model gave no answer, or no judgement.
    Failed(FailureKind),
}

/// Whether one expectation was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It was.
    Met,
    /// It was not.
    Missed,
    /// Nobody can tell: the model gave no judgement.
    Unknown,
}

crate::names::stored_names!(Outcome: Met = "met", Missed = "missed", Unknown = "unknown");

/// One expectation and whether it was met.
#[derive(Clone, PartialEq, Eq)]
pub struct Check {
    /// What was expected.
    pub expectation: Expectation,
    /// Whether it was met.
    pub outcome: Outcome,
    /// Why, in the judging model's words; empty where nobody judged.
    pub reason: String,
}

/// Shows no reason: it may quote what people say.
impl std::fmt::Debug for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Check({}, {})", self.expectation.kind(), self.outcome.as_str())
    }
}

/// What came of trying an example on a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExampleResult {
    /// The run's id.
    pub run_id: ExampleRunId,
    /// Which example.
    pub example_id: ExampleId,
    /// Which version of it.
    pub example_version: i64,
    /// On which version of the prompt.
    pub prompt_version_id: PromptVersionId,
    /// The digest of what that version said.
    pub content_digest: String,
    /// What came of it.
    pub verdict: Verdict,
    /// Each expectation; none where there was no answer.
    pub checks: Vec<Check>,
    /// The answer.
    pub answer: Option<Rehearsed>,
    /// When.
    pub at: Timestamp,
}

/// Why an example does not let a version out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BlockReason {
    /// Something was not as expected.
    Red(Vec<Check>),
    /// It was never tried on this version.
    NotRun,
    /// The last try had no verdict.
    RunFailed(FailureKind),
    /// It was tried on this version when one of the two said something else.
    Outdated,
}

impl BlockReason {
    /// Returns the name on the wire.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Red(_) => "red",
            Self::NotRun => "not_run",
            Self::RunFailed(_) => "run_failed",
            Self::Outdated => "outdated",
        }
    }
}

/// An example that does not let a version out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockingExample {
    /// The example's id.
    pub id: ExampleId,
    /// What it is called.
    pub name: String,
    /// Why.
    pub reason: BlockReason,
}

/// Returns the examples that do not let a version out: the blocking ones that meet its channel and whose latest result is
/// not green for what both say now.
pub(crate) fn blocking(
    version: &PromptVersion,
    examples: &[Example],
    latest: &[ExampleResult],
) -> Vec<BlockingExample> {
    let digest = version.digest();
    let due = examples.iter().filter(|example| example.is_blocking() && example.meets(version.channel()));
    due.filter_map(|example| {
        let is_own = |result: &&ExampleResult| {
            result.example_id == example.id && result.prompt_version_id == version.id()
        };
        let reason = match latest.iter().find(is_own) {
            None => BlockReason::NotRun,
            Some(result) if result.example_version != example.version || result.content_digest != digest => {
                BlockReason::Outdated
            }
            Some(result) => match result.verdict {
                Verdict::Green => return None,
                Verdict::Failed(kind) => BlockReason::RunFailed(kind),
                Verdict::Red => BlockReason::Red(missed(&result.checks)),
            },
        };
        Some(BlockingExample { id: example.id, name: example.content.raw().name.clone(), reason })
    })
    .collect()
}

fn missed(checks: &[Check]) -> Vec<Check> {
    checks.iter().filter(|check| check.outcome != Outcome::Met).cloned().collect()
}
