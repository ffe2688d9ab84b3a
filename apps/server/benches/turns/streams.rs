//! What a turn that is heard while it is written adds to the model's own time: the same words, asked for by a turn and asked
//! for directly, by the same client from the same server.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use async_trait::async_trait;
use cheetah_redis::{InvalidationTiming, RedisClient, RedisInvalidations, RedisSettings};
use conversation::{Deltas, LanguageModel, ModelError, ModelReply, ModelRequest, ModelTimeouts, TurnResult};
use gemini::{GeminiModel, GeminiSettings};
use harness::{postgres::PostgresCluster, redis::RedisServer};
use model_fakes::{FakeAnswer, FakeModelServer};
use server::compose::StorePorts;
use tenancy::{Invalidations, SecretText};
use uuid::Uuid;

use crate::{answering::Answering, place::Place, summary::Summary};

const TURNS: usize = 400;
/// The first open connections, unlock keys and prepare statements.
const WARM: usize = 40;
/// Words of an answer, each a piece of the stream.
const WORDS: usize = 30;

/// Keeps what a model is asked, so that the same can be asked again.
struct OverheardModel {
    inner: GeminiModel,
    asked: Mutex<Option<ModelRequest>>,
}

#[async_trait]
impl LanguageModel for OverheardModel {
    async fn reply(&self, request: &ModelRequest, deltas: &dyn Deltas) -> Result<ModelReply, ModelError> {
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = Some(request.clone());
        self.inner.reply(request, deltas).await
    }
}

/// Notes when the first word is heard.
#[derive(Default)]
struct Listening(Mutex<Option<Instant>>);

impl Deltas for Listening {
    fn delta(&self, _text: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(Instant::now);
    }

    fn restart(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Listening {
    fn first_since(&self, begun: Instant) -> anyhow::Result<Duration> {
        let first = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(first.context("nothing was heard")?.duration_since(begun))
    }
}

/// When the first word was heard, and when all was over.
#[derive(Clone, Copy)]
struct Heard {
    first: Duration,
    total: Duration,
}

/// Measures SQLite, and Postgres without Redis and with it.
pub(crate) async fn compare(cluster: &PostgresCluster) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let sqlite = Place::Sqlite(folder.path().join("streams.db"));
    measure(sqlite.name(), sqlite.open().await?).await?;
    let alone = cluster.server().empty_database()?;
    let place = Place::Postgres(alone.url().to_owned());
    measure(place.name(), place.open().await?).await?;
    let shared = cluster.server().empty_database()?;
    let redis = RedisServer::start()?;
    let stores = Place::Postgres(shared.url().to_owned()).open().await?.cached(&heard(&redis).await?);
    measure("Postgres, what is read often kept while Redis tells of changes", stores).await
}

/// Listens for word of changes.
async fn heard(redis: &RedisServer) -> anyhow::Result<Arc<dyn Invalidations>> {
    let client = RedisClient::new(RedisSettings::new(redis.url(), "bench"))?;
    let changes = RedisInvalidations::start(&client, Uuid::new_v4(), InvalidationTiming::default());
    let until = Instant::now() + Duration::from_secs(5);
    while !changes.is_heard() {
        ensure!(Instant::now() < until, "Redis is not heard");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(changes)
}

async fn measure(name: &str, stores: StorePorts) -> anyhow::Result<()> {
    println!("\n{name}: {TURNS} streamed turns, and as often the same request to the model alone\n");
    let server = FakeModelServer::start().await?;
    let settings = GeminiSettings {
        api_base: server.gemini_base(),
        api_key: SecretText::new("key"),
        default_model: "gemini-2.5-flash".to_owned(),
        timeouts: ModelTimeouts::default(),
    };
    let model = Arc::new(OverheardModel { inner: GeminiModel::new(settings)?, asked: Mutex::default() });
    let taken: Arc<dyn LanguageModel> = model.clone();
    let mut business = Answering::new(stores, 1, taken).await?;
    let (mut turns, mut alone) = (Vec::new(), Vec::new());
    for number in 0..WARM + TURNS {
        let turn = one_turn(&server, &mut business, number).await?;
        let direct = the_same_alone(&server, &model).await?;
        if number >= WARM {
            turns.push(turn);
            alone.push(direct);
        }
    }
    let first = |heard: &Heard| heard.first;
    let total = |heard: &Heard| heard.total;
    print_part("first word", (&turns, &alone), first);
    print_part("all", (&turns, &alone), total);
    Ok(())
}

fn words() -> FakeAnswer {
    FakeAnswer::Says((0..WORDS).map(|number| format!("word{number} ")).collect())
}

/// Takes a customer's message in, and times the turn that answers it. Each is another customer's.
async fn one_turn(
    server: &FakeModelServer,
    business: &mut Answering,
    number: usize,
) -> anyhow::Result<Heard> {
    let claim = business.turn_of(number).await?;
    let turns = business.turns();
    server.then(words());
    let listening = Listening::default();
    let begun = Instant::now();
    let result = turns.take_aloud(&claim, &listening, turns.answer_by()).await?;
    let total = begun.elapsed();
    ensure!(matches!(result, TurnResult::Committed(_)), "{result:?}");
    Ok(Heard { first: listening.first_since(begun)?, total })
}

async fn the_same_alone(server: &FakeModelServer, model: &OverheardModel) -> anyhow::Result<Heard> {
    let asked = model.asked.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let request = asked.context("nobody was asked")?;
    server.then(words());
    let listening = Listening::default();
    let begun = Instant::now();
    model.inner.reply(&request, &listening).await?;
    let total = begun.elapsed();
    Ok(Heard { first: listening.first_since(begun)?, total })
}

fn print_part(what: &str, (turns, alone): (&[Heard], &[Heard]), part: impl Fn(&Heard) -> Duration) {
    let summary = |heard: &[Heard]| {
        let latencies: Vec<_> = heard.iter().map(&part).collect();
        let took = latencies.iter().sum();
        Summary::new(latencies, took)
    };
    println!("{}", summary(alone).line(&format!("{what}, the model alone")));
    println!("{}", summary(turns).line(&format!("{what}, a turn")));
    let mut added: Vec<_> = turns
        .iter()
        .zip(alone)
        .map(|(turn, alone)| (part(turn).as_secs_f64() - part(alone).as_secs_f64()) * 1_000.0)
        .collect();
    added.sort_by(f64::total_cmp);
    let at = |percent: usize| added.get(added.len() * percent / 100).copied().unwrap_or_default();
    println!("{:<56} p50 {:.2} ms  p95 {:.2} ms\n", format!("  added to {what}"), at(50), at(95));
}
