//! Whether a long conversation costs more than a short one: a message taken in and its whole turn, by lengths.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use async_trait::async_trait;
use chrono::TimeDelta;
use conversation::{
    CommittedTurn, Deltas, LanguageModel, ModelError, ModelReply, ModelRequest, TurnOutcome, TurnResult,
};
use harness::postgres::PostgresCluster;
use kernel::testing::ManualClock;

use crate::{answering::Answering, history::History, place::Place, summary::Summary};

/// Messages that a conversation has before it is measured.
const LENGTHS: [usize; 4] = [10, 100, 1_000, 10_000];
const TIMES: usize = 60;
/// All of them take turns.
const ROUNDS: usize = 7;

/// Answers at once.
struct InstantModel;

#[async_trait]
impl LanguageModel for InstantModel {
    async fn reply(&self, _request: &ModelRequest, _deltas: &dyn Deltas) -> Result<ModelReply, ModelError> {
        Ok(ModelReply::of_text("Yes."))
    }
}

/// Measures both databases.
pub(crate) async fn compare(cluster: &PostgresCluster, history: &mut History) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    compare_on(&Place::Sqlite(folder.path().join("lengths.db")), history).await?;
    let database = cluster.server().empty_database()?;
    compare_on(&Place::Postgres(database.url().to_owned()), history).await
}

async fn compare_on(place: &Place, history: &mut History) -> anyhow::Result<()> {
    println!("\n{}: a message and its turn, {TIMES} times in each of {ROUNDS} rounds\n", place.name());
    let mut businesses = Vec::new();
    for (number, length) in LENGTHS.into_iter().enumerate() {
        businesses.push(Talking::begin(place, number + 1, length).await?);
    }
    place.settle().await?;
    let mut rounds: Vec<Vec<[Summary; 2]>> = LENGTHS.map(|_| Vec::new()).into();
    for round in 0..ROUNDS {
        for step in 0..LENGTHS.len() {
            let which = (round + step) % LENGTHS.len();
            let found = businesses.get_mut(which).context("no such length")?.measure().await?;
            rounds.get_mut(which).context("no such length")?.push(found);
        }
        place.forget_deliveries().await?;
    }
    for (part, what) in ["receive", "turn"].into_iter().enumerate() {
        let mut least: Option<Duration> = None;
        for (found, length) in rounds.iter().zip(LENGTHS) {
            let parts = found.iter().filter_map(|parts| parts.get(part));
            let best = parts.min_by_key(|one| one.median()).context("no round")?;
            let first = *least.get_or_insert(best.median());
            let ratio = best.median().as_secs_f64() / first.as_secs_f64();
            println!(
                "{}   {ratio:.2} times the first",
                best.line(&format!("{what}, {length} messages before"))
            );
            if length > 10 {
                history.add(format!("{}: {what}, time with {length} messages : 10", place.name()), ratio);
            }
        }
        println!();
    }
    Ok(())
}

/// A business with one customer who goes on talking, each time so much later that neither seems to be a machine.
struct Talking {
    business: Answering,
    clock: Arc<ManualClock>,
    number: usize,
}

impl Talking {
    /// Lets the customer say so much; the last of it is answered in turns, and the rest by the first of them.
    async fn begin(place: &Place, number: usize, length: usize) -> anyhow::Result<Self> {
        let clock = Arc::<ManualClock>::default();
        let (stores, model) = (place.open().await?, Arc::new(InstantModel));
        let business = Answering::at(stores, number, model, clock.clone()).await?;
        let mut talking = Self { business, clock, number };
        let turns = (length / 2).min(50);
        for _ in 0..length - 2 * turns {
            talking.business.receive(number).await?;
        }
        for _ in 0..turns {
            talking.once().await?;
        }
        Ok(talking)
    }

    /// Returns how long it took to take a message in, and to answer it.
    async fn once(&mut self) -> anyhow::Result<[Duration; 2]> {
        self.clock.advance(TimeDelta::hours(1));
        let begun = Instant::now();
        let conversation = self.business.receive(self.number).await?;
        let received = begun.elapsed();
        let claim = self.business.due(conversation).await?;
        let begun = Instant::now();
        let taken = self.business.turns().take(&claim).await?;
        let answered = begun.elapsed();
        let has_replied = |turn: CommittedTurn| turn.outcome == TurnOutcome::Replied;
        ensure!(matches!(taken, TurnResult::Committed(turn) if has_replied(turn)), "{taken:?} is no reply");
        Ok([received, answered])
    }

    async fn measure(&mut self) -> anyhow::Result<[Summary; 2]> {
        let (mut receiving, mut answering) = (Vec::with_capacity(TIMES), Vec::with_capacity(TIMES));
        let began = Instant::now();
        for _ in 0..TIMES {
            let [received, answered] = self.once().await?;
            receiving.push(received);
            answering.push(answered);
        }
        let took = began.elapsed();
        Ok([Summary::new(receiving, took), Summary::new(answering, took)])
    }
}
