//! Prompts from the first draft to the model, on the fakes.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper of tests fails as a test does")]

use std::sync::Arc;

use chrono::TimeDelta;
use kernel::{
    Cursor, Page, PageRequest, PromptVersionId,
    testing::{CountingIds, ManualClock},
};
use prompt::{
    AiRole, BlockReason, Business, Canary, ComposePrompt, ComposeRequest, ContactFacts, DraftContent,
    Example, ExampleLine, ExampleResult, ExampleSource, ExampleWeight, Expectation, FailureKind, Judged,
    LineAuthor, ManageAiProfiles, ManageBasePrompts, ManageExamples, ManagePrompts, Means, ModelSettings,
    Models, NewAiProfile, Outcome, PromptChannel, PromptError, PromptVersion, RawExample, RunExamples,
    RunMode, RunRequest, TokenBudget, Verdict, VersionStatus,
    testing::{PromptStores, ScriptedRehearsal, id, section},
};
use tenancy::BusinessProfile;

struct Desk {
    stores: PromptStores,
    clock: Arc<ManualClock>,
    prompts: ManagePrompts,
    base: ManageBasePrompts,
    profiles: ManageAiProfiles,
    examples: ManageExamples,
    compose: Arc<ComposePrompt>,
    model: Arc<ScriptedRehearsal>,
    runs: RunExamples,
    business: BusinessProfile,
}

fn desk() -> Desk {
    let stores = PromptStores::memory();
    let (clock, ids) = (Arc::new(ManualClock::default()), Arc::new(CountingIds::default()));
    let model = Arc::new(ScriptedRehearsal::default());
    let (prompts, profiles) = (Arc::clone(&stores.prompts), Arc::clone(&stores.profiles));
    let compose = Arc::new(ComposePrompt::new(Arc::clone(&prompts), Arc::clone(&profiles)));
    let examples = Arc::clone(&stores.examples);
    Desk {
        prompts: ManagePrompts::new(prompts.clone(), examples.clone(), clock.clone(), ids.clone()),
        base: ManageBasePrompts::new(prompts.clone(), clock.clone(), ids.clone()),
        profiles: ManageAiProfiles::new(profiles, clock.clone(), ids.clone()),
        examples: ManageExamples::new(examples.clone(), clock.clone(), ids.clone()),
        runs: RunExamples::new((prompts, examples), compose.clone(), model.clone(), clock.clone(), ids),
        business: BusinessProfile::default(),
        stores,
        clock,
        compose,
        model,
    }
}

fn says(text: &str) -> DraftContent {
    DraftContent { sections: vec![section("rules", 1, text)], ..DraftContent::default() }
}

fn raw(channel: PromptChannel, expectations: Vec<Expectation>) -> RawExample {
    RawExample {
        name: "Leak".into(),
        channel,
        transcript: vec![ExampleLine { author: LineAuthor::Contact, text: "It leaks".into() }],
        expectations,
        weight: ExampleWeight::Blocking,
        source: ExampleSource::ByHand,
    }
}

impl Desk {
    async fn tried(&self, channel: PromptChannel, text: &str) -> PromptVersion {
        let draft = self.prompts.draft(&self.stores.tenant, channel, says(text)).await.unwrap();
        self.prompts.submit(&self.stores.tenant, draft.id()).await.unwrap()
    }

    async fn published(&self, channel: PromptChannel, text: &str) -> PromptVersion {
        let version = self.tried(channel, text).await;
        self.prompts.publish(&self.stores.tenant, version.id()).await.unwrap()
    }

    async fn example(&self, channel: PromptChannel, expectation: Expectation) -> Example {
        let raw = raw(channel, vec![expectation]);
        self.examples.create(&self.stores.tenant, raw, &[]).await.unwrap()
    }

    async fn run(&self, version: PromptVersionId, mode: RunMode) -> Result<Vec<ExampleResult>, PromptError> {
        let page = self.run_from(version, mode, None).await?;
        assert_eq!(page.next, None);
        Ok(page.items)
    }

    /// Runs for 25 seconds at most, from where another run stopped.
    async fn run_from(
        &self,
        version: PromptVersionId,
        mode: RunMode,
        after: Option<Cursor>,
    ) -> Result<Page<ExampleResult>, PromptError> {
        let request = RunRequest {
            version,
            only: None,
            after,
            answer_by: kernel::Clock::now(self.clock.as_ref()) + TimeDelta::seconds(25),
            mode,
            business: Business { name: "Ann's", profile: &self.business },
            tools: &[],
            budget: TokenBudget::default(),
        };
        self.runs.run(&self.stores.tenant, &request).await
    }

    async fn blocked(&self, version: &PromptVersion) -> Option<BlockReason> {
        match self.prompts.publish(&self.stores.tenant, version.id()).await {
            Ok(_) => None,
            Err(PromptError::BlockedByExamples(mut blocking)) => Some(blocking.remove(0).reason),
            Err(other) => panic!("{other:?}"),
        }
    }

    async fn text(
        &self,
        version: Option<PromptVersionId>,
        channel: PromptChannel,
    ) -> Result<String, PromptError> {
        let request = ComposeRequest {
            channel,
            business: Business { name: "Ann's", profile: &self.business },
            contact: &ContactFacts::default(),
            knowledge: &[],
            tools: &[],
            canary: &Canary::parse("k7Qm2xZp").unwrap(),
            budget: TokenBudget::default(),
            now: kernel::Clock::now(self.clock.as_ref()),
        };
        let prepared = match version {
            Some(version) => self.compose.preview(&self.stores.tenant, version, &request).await?,
            None => self.compose.for_turn(&self.stores.tenant, &request).await?,
        };
        Ok(prepared.composed.text())
    }
}

fn mention(text: &str) -> Expectation {
    Expectation::parse("must_mention", Some(text)).unwrap()
}

#[tokio::test]
async fn a_draft_is_edited_submitted_and_then_never_changes() {
    let desk = desk();
    let scope = &desk.stores.tenant;
    let draft = desk.prompts.draft(scope, PromptChannel::Sms, says("one")).await.unwrap();
    let edited = desk.prompts.edit(scope, draft.id(), 0, says("two")).await.unwrap();
    let stale = desk.prompts.edit(scope, draft.id(), 0, says("three")).await;
    assert!(matches!(stale, Err(PromptError::Conflict)), "{stale:?}");
    desk.prompts.submit(scope, draft.id()).await.unwrap();
    let late = desk.prompts.edit(scope, draft.id(), edited.revision() + 1, says("late")).await;
    assert!(matches!(late, Err(PromptError::WrongStatus { found: VersionStatus::Testing, .. })), "{late:?}");
    let again = desk.prompts.submit(scope, draft.id()).await;
    assert!(matches!(again, Err(PromptError::WrongStatus { .. })), "{again:?}");
    let next = desk.prompts.draft_from(scope, draft.id()).await.unwrap();
    assert_eq!((next.number(), next.stored().based_on, next.content()), (2, Some(1), edited.content()));
    let diff = desk.prompts.diff(scope, draft.id(), next.id()).await.unwrap();
    assert_eq!(diff.sections, []);
}

#[tokio::test]
async fn an_unknown_variable_is_refused_with_line_and_name() {
    let desk = desk();
    let outcome =
        desk.prompts.draft(&desk.stores.tenant, PromptChannel::All, says("Hi\n{{ busines.name }}")).await;
    let Err(PromptError::InvalidContent(faults)) = outcome else { panic!("{outcome:?}") };
    assert_eq!((faults[0].section.as_str(), faults[0].line), ("rules", 2));
    assert!(faults[0].message.contains("busines.name"));
}

#[tokio::test]
async fn what_is_in_production_reaches_the_model_and_a_preview_does_not_change_that() {
    let desk = desk();
    let base = desk.base.draft(&desk.stores.platform, PromptChannel::All, says("base rules")).await.unwrap();
    desk.base.submit(&desk.stores.platform, base.id()).await.unwrap();
    desk.base.publish(&desk.stores.platform, base.id()).await.unwrap();
    assert!(desk.text(None, PromptChannel::Sms).await.unwrap().contains("base rules"));
    let own = desk.tried(PromptChannel::Sms, "own rules of {{ business.name }}").await;
    assert!(desk.text(Some(own.id()), PromptChannel::Sms).await.unwrap().contains("own rules of Ann's"));
    assert!(desk.text(None, PromptChannel::Sms).await.unwrap().contains("base rules"));
    let elsewhere = desk.text(Some(own.id()), PromptChannel::Voice).await;
    assert!(matches!(elsewhere, Err(PromptError::Invalid { field: "channel", .. })), "{elsewhere:?}");
    desk.prompts.publish(&desk.stores.tenant, own.id()).await.unwrap();
    let text = desk.text(None, PromptChannel::Sms).await.unwrap();
    assert!(text.contains("own rules") && !text.contains("base rules"));
}

#[tokio::test]
async fn the_platform_rolls_back_too() {
    let desk = desk();
    let platform = &desk.stores.platform;
    let mut ids = Vec::new();
    for text in ["one", "two"] {
        let draft = desk.base.draft(platform, PromptChannel::All, says(text)).await.unwrap();
        desk.base.submit(platform, draft.id()).await.unwrap();
        desk.base.publish(platform, draft.id()).await.unwrap();
        ids.push(draft.id());
    }
    desk.base.roll_back(platform, ids[0]).await.unwrap();
    let listed = desk.base.list(platform, None, &PageRequest::default()).await.unwrap().items;
    let live: Vec<_> = listed.iter().filter(|one| one.status == VersionStatus::Production).collect();
    assert_eq!((live.len(), live[0].id), (1, ids[0]));
    let foreign = desk.prompts.get(&desk.stores.tenant, ids[0]).await;
    assert!(matches!(foreign, Err(PromptError::NotFound { .. })), "{foreign:?}");
}

#[tokio::test]
async fn a_version_is_published_only_when_its_examples_are_green() {
    let desk = desk();
    let example = desk.example(PromptChannel::All, mention("plumber")).await;
    desk.example(PromptChannel::Voice, mention("never asked")).await;
    let version = desk.tried(PromptChannel::Sms, "rules").await;
    assert_eq!(desk.blocked(&version).await, Some(BlockReason::NotRun));
    let failed = desk.run(version.id(), RunMode::Fresh).await.unwrap();
    assert_eq!((failed.len(), failed[0].verdict), (1, Verdict::Failed(FailureKind::Unavailable)));
    assert_eq!(desk.blocked(&version).await, Some(BlockReason::RunFailed(FailureKind::Unavailable)));
    desk.model.will_say("No idea");
    desk.run(version.id(), RunMode::Fresh).await.unwrap();
    let Some(BlockReason::Red(checks)) = desk.blocked(&version).await else { panic!("not red") };
    assert_eq!((checks.len(), checks[0].outcome), (1, Outcome::Missed));
    desk.model.will_say("A PLUMBER comes");
    desk.run(version.id(), RunMode::Fresh).await.unwrap();
    let changed = raw(PromptChannel::All, vec![mention("drain")]);
    desk.examples.change(&desk.stores.tenant, example.id, changed, &[]).await.unwrap();
    assert_eq!(desk.blocked(&version).await, Some(BlockReason::Outdated));
    desk.model.will_say("Your drain is safe");
    desk.run(version.id(), RunMode::Fresh).await.unwrap();
    assert_eq!(desk.blocked(&version).await, None);
}

#[tokio::test]
async fn a_run_on_a_draft_that_was_edited_since_is_outdated() {
    let desk = desk();
    desk.example(PromptChannel::Sms, mention("plumber")).await;
    let scope = &desk.stores.tenant;
    let draft = desk.prompts.draft(scope, PromptChannel::Sms, says("one")).await.unwrap();
    desk.model.will_say("plumber");
    assert_eq!(desk.run(draft.id(), RunMode::Fresh).await.unwrap()[0].verdict, Verdict::Green);
    desk.prompts.edit(scope, draft.id(), 0, says("two")).await.unwrap();
    let version = desk.prompts.submit(scope, draft.id()).await.unwrap();
    assert_eq!(desk.blocked(&version).await, Some(BlockReason::Outdated));
}

#[tokio::test]
async fn an_example_that_only_tells_holds_nothing_up() {
    let desk = desk();
    let raw = RawExample { weight: ExampleWeight::Informing, ..raw(PromptChannel::All, vec![mention("x")]) };
    desk.examples.create(&desk.stores.tenant, raw, &[]).await.unwrap();
    desk.published(PromptChannel::All, "rules").await;
}

#[tokio::test]
async fn a_version_for_all_channels_answers_to_every_example() {
    let desk = desk();
    desk.example(PromptChannel::Voice, mention("plumber")).await;
    let version = desk.tried(PromptChannel::All, "rules").await;
    assert_eq!(desk.blocked(&version).await, Some(BlockReason::NotRun));
    desk.model.will_say("plumber");
    desk.run(version.id(), RunMode::Fresh).await.unwrap();
    assert_eq!(desk.model.asked()[0].channel, PromptChannel::Voice);
    assert_eq!(desk.blocked(&version).await, None);
}

#[tokio::test]
async fn rolling_back_is_always_possible() {
    let desk = desk();
    let first = desk.published(PromptChannel::Sms, "one").await;
    desk.published(PromptChannel::Sms, "two").await;
    desk.example(PromptChannel::All, mention("plumber")).await;
    let back = desk.prompts.roll_back(&desk.stores.tenant, first.id()).await.unwrap();
    assert_eq!(back.status(), VersionStatus::Production);
}

#[tokio::test]
async fn a_recorded_run_asks_once_and_a_fresh_one_each_time() {
    let desk = desk();
    let judged = Expectation::parse("judged", Some("It is kind")).unwrap();
    desk.example(PromptChannel::Sms, judged).await;
    let version = desk.tried(PromptChannel::Sms, "Now it is {{ now }}").await;
    desk.model.will_say("A plumber comes");
    desk.model.will_judge(Judged { passes: true, reason: "it is".into() });
    let first = desk.run(version.id(), RunMode::Recorded).await.unwrap().remove(0);
    assert_eq!((first.verdict, first.checks[0].reason.as_str()), (Verdict::Green, "it is"));
    desk.clock.advance(chrono::TimeDelta::days(3));
    let second = desk.run(version.id(), RunMode::Recorded).await.unwrap().remove(0);
    assert_eq!((second.verdict, &second.answer), (Verdict::Green, &first.answer));
    assert_eq!(desk.model.asked().len(), 1);
    desk.model.will_say("Go away");
    desk.model.will_judge(Judged { passes: false, reason: "rude".into() });
    let fresh = desk.run(version.id(), RunMode::Fresh).await.unwrap().remove(0);
    assert_eq!(fresh.verdict, Verdict::Red);
    let third = desk.run(version.id(), RunMode::Recorded).await.unwrap().remove(0);
    assert_eq!((third.verdict, desk.model.asked().len()), (Verdict::Red, 2));
}

#[tokio::test]
async fn a_recorded_answer_counts_only_while_its_tools_and_models_are_the_same() {
    let desk = desk();
    desk.example(PromptChannel::Sms, Expectation::parse("judged", Some("It is kind")).unwrap()).await;
    let version = desk.tried(PromptChannel::Sms, "rules").await;
    let means = |tools: &str, models: Models| Means { tools: tools.into(), models };
    let installed = |models: &str| Models::Installed(models.into());
    let all = [
        means("{}", installed("a 1")),
        means("{\"days\":{}}", installed("a 1")),
        means("{}", installed("a 2")),
        means("{}", Models::InTheBox),
    ];
    for (number, means) in all.iter().enumerate() {
        desk.model.has(means.clone());
        desk.model.will_say(&format!("Answer {number}"));
        desk.model.will_judge(Judged { passes: true, reason: "it is".into() });
        let run = desk.run(version.id(), RunMode::Recorded).await.unwrap().remove(0);
        assert_eq!(run.answer.unwrap().text, format!("Answer {number}"));
    }
    for (number, means) in all.iter().enumerate() {
        desk.model.has(means.clone());
        let run = desk.run(version.id(), RunMode::Recorded).await.unwrap().remove(0);
        assert_eq!((run.verdict, run.answer.unwrap().text), (Verdict::Green, format!("Answer {number}")));
    }
    assert_eq!(desk.model.asked().len(), all.len());
}

#[tokio::test]
async fn a_judgement_counts_only_while_the_models_are_the_same() {
    let desk = desk();
    desk.example(PromptChannel::Sms, Expectation::parse("judged", Some("It is kind")).unwrap()).await;
    let version = desk.tried(PromptChannel::Sms, "rules").await;
    for (models, passes) in [("a 1", true), ("a 2", false)] {
        desk.model.has(Means { tools: String::new(), models: Models::Installed(models.into()) });
        desk.model.will_say("A plumber comes");
        desk.model.will_judge(Judged { passes, reason: "so".into() });
        let run = desk.run(version.id(), RunMode::Recorded).await.unwrap().remove(0);
        assert_eq!(run.verdict, if passes { Verdict::Green } else { Verdict::Red });
    }
}

#[tokio::test]
async fn without_a_judgement_there_is_no_verdict() {
    let desk = desk();
    let judged = Expectation::parse("judged", Some("It is kind")).unwrap();
    desk.example(PromptChannel::Sms, judged).await;
    let version = desk.tried(PromptChannel::Sms, "rules").await;
    desk.model.will_say("A plumber comes");
    let result = desk.run(version.id(), RunMode::Fresh).await.unwrap().remove(0);
    assert_eq!(result.verdict, Verdict::Failed(FailureKind::Unavailable));
    assert_eq!(result.checks[0].outcome, Outcome::Unknown);
}

#[tokio::test]
async fn the_default_profile_is_told_first_and_changes_what_is_recorded() {
    let desk = desk();
    desk.example(PromptChannel::Sms, mention("plumber")).await;
    let version = desk.tried(PromptChannel::Sms, "rules").await;
    desk.model.will_say("plumber");
    desk.run(version.id(), RunMode::Recorded).await.unwrap();
    let new = NewAiProfile {
        name: "Desk".into(),
        role: AiRole::Receptionist,
        settings: ModelSettings::default(),
        system_prompt: "You are the desk of {{ business.name }}.".into(),
        is_default: false,
    };
    let profile = desk.profiles.create(&desk.stores.tenant, new).await.unwrap();
    assert!(desk.text(None, PromptChannel::Sms).await.unwrap().contains("the receptionist of Ann's"));
    desk.profiles.make_default(&desk.stores.tenant, profile.id).await.unwrap();
    assert!(desk.text(None, PromptChannel::Sms).await.unwrap().contains("the desk of Ann's"));
    desk.model.will_say("plumber");
    desk.run(version.id(), RunMode::Recorded).await.unwrap();
    assert_eq!(desk.model.asked().len(), 2);
}

#[tokio::test]
async fn a_tenant_has_so_many_examples_and_no_more() {
    let desk = desk();
    for _ in 0..Example::MOST {
        desk.example(PromptChannel::Sms, mention("x")).await;
    }
    let raw = raw(PromptChannel::Sms, vec![mention("x")]);
    let outcome = desk.examples.create(&desk.stores.tenant, raw, &[]).await;
    assert!(matches!(outcome, Err(PromptError::TooMany { most: 200, .. })), "{outcome:?}");
}

#[tokio::test]
async fn what_is_another_tenants_is_not_found() {
    let desk = desk();
    let version = desk.tried(PromptChannel::Sms, "rules").await;
    let example = desk.example(PromptChannel::Sms, mention("x")).await;
    for unknown in [version.id(), PromptVersionId::new(id(9_999))] {
        let outcome = desk.prompts.publish(&desk.stores.other, unknown).await;
        assert!(matches!(outcome, Err(PromptError::NotFound { what: "prompt version" })), "{outcome:?}");
    }
    let removed = desk.examples.remove(&desk.stores.other, example.id).await;
    assert!(matches!(removed, Err(PromptError::NotFound { what: "example" })), "{removed:?}");
}

#[tokio::test]
async fn a_run_stops_before_its_time_ends_and_the_next_one_goes_on_from_there() {
    let desk = desk();
    let mut examples = Vec::new();
    for _ in 0..5 {
        examples.push(desk.example(PromptChannel::Sms, mention("plumber")).await.id);
    }
    let version = desk.tried(PromptChannel::Sms, "rules").await;
    desk.model.takes(&desk.clock, TimeDelta::seconds(10));
    (0..5).for_each(|_| desk.model.will_say("A plumber comes"));
    let (mut tried, mut after, mut runs) = (Vec::new(), None, 0);
    loop {
        let page = desk.run_from(version.id(), RunMode::Fresh, after).await.unwrap();
        assert!(page.items.iter().all(|result| result.verdict == Verdict::Green), "{page:?}");
        tried.extend(page.items.into_iter().map(|result| result.example_id));
        runs += 1;
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!((tried, runs), (examples, 3), "two fit into a run, and what is cut off is none's");
    assert_eq!(desk.blocked(&version).await, None);
}

#[tokio::test]
async fn an_example_that_takes_longer_than_a_run_has_failed_and_does_not_hold_up_the_rest() {
    let desk = desk();
    for _ in 0..2 {
        desk.example(PromptChannel::Sms, mention("plumber")).await;
    }
    let version = desk.tried(PromptChannel::Sms, "rules").await;
    desk.model.takes(&desk.clock, TimeDelta::seconds(60));
    let first = desk.run_from(version.id(), RunMode::Fresh, None).await.unwrap();
    assert_eq!(first.items.len(), 1);
    assert_eq!(first.items[0].verdict, Verdict::Failed(FailureKind::TimedOut));
    let second = desk.run_from(version.id(), RunMode::Fresh, first.next).await.unwrap();
    assert_eq!((second.items.len(), second.next), (1, None));
    assert_ne!(second.items[0].example_id, first.items[0].example_id);
}
