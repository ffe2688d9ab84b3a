//! What a long prompt and a long conversation cost before a model is asked, next to none of both.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use async_trait::async_trait;
use conversation::{
    Deltas, LanguageModel, MayAnswer, ModelError, ModelReply, ModelRequest, ReplyMeans, TurnLimits, Unheard,
};
use harness::postgres::PostgresCluster;
use kernel::ConversationId;
use prompt::{
    DraftContent, ManagePrompts, PromptChannel, PromptContent, RawSection, TokenBudget, estimate_tokens,
};
use server::system::{SystemClock, UuidV7};

use crate::{answering::Answering, place::Place, summary::Summary};

const MESSAGES: usize = 10_000;
const TIMES: usize = 300;
/// The two take turns, and the best round of each counts.
const ROUNDS: usize = 5;

/// Answers at once. It remembers what it was told only where it is to, outside of what is measured.
#[derive(Default)]
struct InstantModel {
    remembers: AtomicBool,
    told: Mutex<Option<ModelRequest>>,
}

#[async_trait]
impl LanguageModel for InstantModel {
    async fn reply(&self, request: &ModelRequest, _deltas: &dyn Deltas) -> Result<ModelReply, ModelError> {
        if self.remembers.load(Ordering::Relaxed) {
            *self.told.lock().unwrap_or_else(PoisonError::into_inner) = Some(request.clone());
        }
        Ok(ModelReply::of_text("Yes."))
    }
}

impl InstantModel {
    /// Returns about how many tokens it was told beforehand, and how many of what was said, with the number of lines.
    fn told(&self) -> Option<(usize, usize, usize)> {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let request = told.as_ref()?;
        let lines = request.transcript.iter().map(|line| estimate_tokens(&line.text)).sum();
        Some((estimate_tokens(&request.instructions), lines, request.transcript.len()))
    }
}

/// A business whose one conversation waits for an answer.
struct Waiting {
    business: Answering,
    model: Arc<InstantModel>,
    conversation: ConversationId,
}

/// Measures both databases.
pub(crate) async fn compare(cluster: &PostgresCluster) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    compare_on(&Place::Sqlite(folder.path().join("prompts.db"))).await?;
    let database = cluster.server().empty_database()?;
    compare_on(&Place::Postgres(database.url().to_owned())).await
}

async fn compare_on(place: &Place) -> anyhow::Result<()> {
    let sections = PromptContent::MAX_SECTIONS;
    println!("\n{}: until a model is asked, {TIMES} times in each of {ROUNDS} rounds\n", place.name());
    let empty = Waiting::on(place, 1, 0).await?;
    let long = Waiting::on(place, 2, MESSAGES).await?;
    let wordy = Waiting::on(place, 3, 0).await?;
    let full = Waiting::on(place, 4, MESSAGES).await?;
    for told in [&wordy, &full] {
        write_prompt(&told.business, sections).await?;
    }
    let mut rounds = [(); 4].map(|()| Vec::new());
    for _ in 0..ROUNDS {
        for (waiting, found) in [&empty, &long, &wordy, &full].into_iter().zip(&mut rounds) {
            found.push(waiting.measure().await?);
        }
    }
    let names = [
        "no section, no history".to_owned(),
        format!("no section, {MESSAGES} messages"),
        format!("{sections} sections, no history"),
        format!("{sections} sections, {MESSAGES} messages"),
    ];
    let mut least = None;
    for (name, found) in names.iter().zip(rounds) {
        let best = found.into_iter().min_by_key(Summary::median).context("no round")?;
        let of_least = *least.get_or_insert(best.median());
        let ratio = best.median().as_secs_f64() / of_least.as_secs_f64();
        println!("{}   {ratio:.2} times the first", best.line(name));
    }
    full.model.remembers.store(true, Ordering::Relaxed);
    full.once().await?;
    let (instructions, said, lines) = full.model.told().context("nobody was asked")?;
    let budget = TokenBudget::default();
    println!(
        "told: {instructions} of {} tokens, and {said} of {} in {lines} lines",
        budget.instructions, budget.history
    );
    ensure!(instructions <= budget.instructions && said <= budget.history, "more was told than fits");
    Ok(())
}

/// Brings a prompt of so many sections into production. Every tenth has something to fill in.
async fn write_prompt(business: &Answering, sections: usize) -> anyhow::Result<()> {
    let stores = &business.stores;
    let (prompts, examples) = (Arc::clone(&stores.prompts), Arc::clone(&stores.examples));
    let managing = ManagePrompts::new(prompts, examples, Arc::new(SystemClock), Arc::new(UuidV7));
    let section = |number: usize| RawSection {
        key: format!("rule-{number}"),
        order: i32::try_from(number).unwrap_or(i32::MAX),
        content: if number.is_multiple_of(10) {
            format!(
                "Rule {number}: say {{{{ business.name }}}} where somebody asks whom they have reached, by {{{{ channel }}}}."
            )
        } else {
            format!(
                "Rule {number}: whoever asks for job number {number} is told that a person looks at it first."
            )
        },
    };
    let content = DraftContent {
        sections: (0..sections).map(section).collect(),
        suffix: Some("Be brief.".to_owned()),
        note: String::new(),
    };
    let draft = managing.draft(&business.scope, PromptChannel::Sms, content).await?;
    managing.submit(&business.scope, draft.id()).await?;
    managing.publish(&business.scope, draft.id()).await?;
    Ok(())
}

impl Waiting {
    /// Makes a business whose customer has said so much before.
    async fn on(place: &Place, number: usize, history: usize) -> anyhow::Result<Self> {
        let model = Arc::new(InstantModel::default());
        let taken: Arc<dyn LanguageModel> = model.clone();
        let mut business = Answering::new(place.open().await?, number, taken).await?;
        for _ in 0..history {
            business.receive(number).await?;
        }
        let claim = business.turn_of(number).await?;
        business.turns().take(&claim).await?;
        business.receive(number).await?;
        Ok(Self { business, model, conversation: claim.conversation_id })
    }

    async fn measure(&self) -> anyhow::Result<Summary> {
        let mut latencies = Vec::with_capacity(TIMES);
        let started = Instant::now();
        for _ in 0..TIMES {
            latencies.push(self.once().await?);
        }
        Ok(Summary::new(latencies, started.elapsed()))
    }

    /// Reads what a turn reads and asks the model, which answers at once. Nothing is kept, so each time is like the first.
    async fn once(&self) -> anyhow::Result<Duration> {
        let Answering { stores, scope, replies, .. } = &self.business;
        let answer_by = self.business.turns().answer_by();
        let begun = Instant::now();
        let history = TurnLimits::default().history;
        let context = stores.conversations.load_turn(scope, self.conversation, history).await?;
        let context = context.context("there is no such conversation")?;
        let found = stores.tenants.find_profile(scope).await?;
        let (tenant, profile) = found.context("there is no such tenant")?;
        let means =
            ReplyMeans { may: MayAnswer::ByAnyModel, answer_by, deltas: &Unheard, spent: &mut Vec::new() };
        let written = replies.write(scope, &context, (&tenant, &profile), means).await?;
        let took = begun.elapsed();
        ensure!(written.text == "Yes." && context.unanswered.len() == 1, "this is no turn like the others");
        Ok(took)
    }
}
