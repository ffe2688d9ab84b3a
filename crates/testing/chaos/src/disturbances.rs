//! What goes wrong, one thing after the other, as the seed decides.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use fake_carrier::Fault;
use fastrand::Rng;
use harness::{limit_files, postgres::PostgresCluster};
use model_fakes::{FakeAnswer, HangsWhen};
use tokio::task::JoinHandle;

use crate::stage::Stage;

/// Where a process may be told to die; see `failpoints.rs` of the server.
const POINTS: [&str; 8] = [
    "api.before_commit",
    "api.after_commit",
    "worker.claimed",
    "model.asked",
    "turn.before_commit",
    "turn.after_commit",
    "send.before",
    "send.after",
];

/// What went wrong.
#[derive(Default)]
pub(crate) struct Disturbed {
    /// How often each thing did.
    pub(crate) counts: BTreeMap<String, usize>,
    /// When something did.
    pub(crate) troubles: Vec<Span>,
}

impl Disturbed {
    fn count(&mut self, what: String) {
        *self.counts.entry(what).or_default() += 1;
    }
}

/// A time in which something was wrong.
pub(crate) struct Span {
    pub(crate) from: Instant,
    pub(crate) until: Instant,
}

/// How far a process may write into each of its files while the disk is full.
const FULL: u64 = 64 * 1_024;
/// As far as Postgres may while it has room for its log, of which each file is as long.
const FULL_FOR_TABLES: u64 = 1_024 * 1_024;

/// Something that goes wrong with a process or what it stands on.
#[derive(Clone, Copy, Debug)]
enum Trouble {
    Killed,
    Dies(&'static str),
    Dawdles(&'static str),
    Stopped,
    AllRestarted,
    DiskFull,
    Suspended,
    Redis(OfRedis),
    Postgres(OfPostgres),
}

#[derive(Clone, Copy, Debug)]
enum OfRedis {
    Killed,
    Flushed,
    Hangs,
}

#[derive(Clone, Copy, Debug)]
enum OfPostgres {
    Killed,
    Hangs,
    HasNoRoom,
    HasNoRoomForTables,
}

/// Cards in an order that chance decides; once all have been drawn they are shuffled anew. So a short run meets many kinds, and
/// a long one all of them equally often.
struct Deck<T> {
    cards: Vec<T>,
    left: Vec<T>,
}

impl<T: Clone> Deck<T> {
    fn of(cards: Vec<T>) -> Self {
        Self { cards, left: Vec::new() }
    }

    fn draw(&mut self, rng: &mut Rng) -> anyhow::Result<T> {
        if self.left.is_empty() {
            self.left.clone_from(&self.cards);
            rng.shuffle(&mut self.left);
        }
        self.left.pop().context("there are no cards")
    }
}

/// Lets things go wrong for so long, and puts them right again.
pub(crate) async fn disturb(stage: Arc<Stage>, seed: u64, ends_in: Duration) -> anyhow::Result<Disturbed> {
    let (mut rng, ends_at) = (Rng::with_seed(seed), Instant::now() + ends_in);
    let mut disturbed = Disturbed::default();
    let mut suspending: Option<JoinHandle<anyhow::Result<()>>> = None;
    let mut troubles = Deck::of(troubles_of(&stage));
    let (mut carriers, mut models) = (Deck::of(carrier_faults()), Deck::of(model_faults()));
    while Instant::now() < ends_at {
        pause_for(&mut rng, 300..1_500).await;
        // Only now and then, so that most customers are soon answered and write more.
        if rng.u8(..3) == 0 {
            let fault = carriers.draw(&mut rng)?;
            disturbed.count(format!("carrier: {fault:?}"));
            stage.carrier.carrier().script(vec![fault; rng.usize(1..4)]);
        }
        if rng.u8(..3) == 0 {
            let answer = models.draw(&mut rng)?;
            disturbed.count(format!("model: {answer:?}"));
            for _ in 0..rng.usize(1..6) {
                stage.model.then(answer.clone());
            }
        }
        let from = Instant::now();
        let trouble = troubles.draw(&mut rng)?;
        match trouble {
            // The one before goes on by itself: a server that is dead meanwhile must be started here.
            Trouble::Suspended if suspending.as_ref().is_some_and(|one| !one.is_finished()) => {}
            Trouble::Suspended => {
                if let Some(over) = suspending.take() {
                    over.await??;
                }
                let (stage, how_long) = (Arc::clone(&stage), Duration::from_millis(rng.u64(200..60_000)));
                suspending = Some(tokio::spawn(async move { stage.suspend(how_long).await }));
            }
            other => meet(&stage, other, &mut rng).await?,
        }
        disturbed.count(format!("{trouble:?}"));
        stage.processes.start_the_dead().await?;
        disturbed.troubles.push(Span { from, until: Instant::now() });
    }
    disturbed.counts.insert("died at a failpoint".to_owned(), stage.processes.died());
    for place in 0..stage.processes.count() {
        // What still waits for its failpoint goes on without it.
        stage.processes.kill(place).await?;
        stage.processes.start_again(place, None).await?;
    }
    if let Some(over) = suspending {
        over.await??;
    }
    Ok(disturbed)
}

/// Returns what can go wrong with this installation, each as often as it is to come up.
fn troubles_of(stage: &Stage) -> Vec<Trouble> {
    let mut troubles = vec![Trouble::AllRestarted, Trouble::Suspended, Trouble::Stopped, Trouble::Stopped];
    troubles.extend([Trouble::Killed; 4]);
    troubles.extend(POINTS.map(Trouble::Dies));
    if stage.postgres.is_some() {
        // Where there is another worker to take over.
        troubles.extend([Trouble::Dawdles("model.asked"), Trouble::Dawdles("turn.before_commit")]);
        let of_postgres =
            [OfPostgres::Killed, OfPostgres::Hangs, OfPostgres::HasNoRoom, OfPostgres::HasNoRoomForTables];
        troubles.extend(of_postgres.map(Trouble::Postgres));
    } else {
        troubles.push(Trouble::DiskFull);
    }
    if stage.redis.is_some() {
        troubles.extend([OfRedis::Killed, OfRedis::Flushed, OfRedis::Hangs].map(Trouble::Redis));
    }
    troubles
}

/// Lets one thing go wrong, and puts it right as far as it does not wait for its moment.
async fn meet(stage: &Stage, trouble: Trouble, rng: &mut Rng) -> anyhow::Result<()> {
    let place = rng.usize(..stage.processes.count());
    match trouble {
        Trouble::Killed => {
            stage.processes.kill(place).await?;
            pause_for(rng, 0..2_000).await;
            stage.processes.start_again(place, None).await?;
        }
        Trouble::Dies(point) => {
            stage.processes.kill(place).await?;
            let passed = rng.u8(..30);
            stage.processes.start_again(place, Some(&format!("{point}={passed}*off->1*return"))).await?;
        }
        Trouble::Dawdles(point) => {
            // One thread of it stands still for longer than a lease, and then goes on with what it has in hand.
            stage.processes.kill(place).await?;
            let passed = rng.u8(..10);
            let slow = format!("{point}={passed}*off->2*sleep(12000)");
            stage.processes.start_again(place, Some(&slow)).await?;
            // Left alone, for whatever else happened to it would be the end of it.
            pause_for(rng, 14_000..18_000).await;
        }
        Trouble::Stopped => {
            stage.processes.pause(place).await?;
            // Longer than a lease, at times.
            pause_for(rng, 500..12_000).await;
            stage.processes.resume(place).await?;
        }
        Trouble::AllRestarted => {
            // As an upgrade does it.
            for place in 0..stage.processes.count() {
                stage.processes.stop(place).await?;
                stage.processes.start_again(place, None).await?;
            }
        }
        Trouble::DiskFull => fill_the_disk(stage, rng).await?,
        Trouble::Redis(what) => disturb_redis(stage, what, rng).await?,
        Trouble::Postgres(what) => disturb_postgres(stage, what, rng).await?,
        // Begins here and ends by itself, so it is not waited for.
        Trouble::Suspended => {}
    }
    Ok(())
}

/// Nothing that the server writes into its database finds room for a while, except at the beginning of files.
async fn fill_the_disk(stage: &Stage, rng: &mut Rng) -> anyhow::Result<()> {
    let id = stage.processes.id_of(0).await.context("the server is not there")?;
    limit_files(id, Some(FULL))?;
    pause_for(rng, 500..3_000).await;
    limit_files(id, None)
}

/// Half of them take the message and keep its sender from learning so.
fn carrier_faults() -> Vec<Fault> {
    vec![
        Fault::Status { status: 429, code: 20_429, retry_after: Some(Duration::from_secs(1)) },
        Fault::Status { status: 503, code: 20_503, retry_after: None },
        Fault::Hang(Duration::from_secs(3)),
        Fault::Garbage,
        Fault::AcceptThenStatus(500),
        Fault::AcceptThenHang(Duration::from_secs(3)),
        Fault::AcceptThenDrop,
        Fault::AcceptThenDrop,
    ]
}

fn model_faults() -> Vec<FakeAnswer> {
    vec![
        FakeAnswer::RateLimited { retry_after: Some(Duration::from_secs(1)) },
        FakeAnswer::ServerError,
        FakeAnswer::InvalidJson,
        FakeAnswer::Empty,
        FakeAnswer::Hangs(HangsWhen::BeforeFirstByte),
        FakeAnswer::Hangs(HangsWhen::AfterFirstPiece),
        FakeAnswer::CutInTheMiddle,
        FakeAnswer::Delayed { first: Duration::from_millis(700), between: Duration::from_millis(100) },
    ]
}

async fn disturb_redis(stage: &Stage, what: OfRedis, rng: &mut Rng) -> anyhow::Result<()> {
    let redis = stage.redis.as_ref().context("there is no Redis")?;
    let mut redis = redis.lock().await;
    match what {
        OfRedis::Killed => {
            redis.kill()?;
            pause_for(rng, 500..4_000).await;
            tokio::task::block_in_place(|| redis.restart())
        }
        OfRedis::Flushed => redis.flush(),
        OfRedis::Hangs => {
            redis.pause()?;
            pause_for(rng, 500..4_000).await;
            redis.resume()
        }
    }
}

async fn disturb_postgres(stage: &Stage, what: OfPostgres, rng: &mut Rng) -> anyhow::Result<()> {
    let postgres = stage.postgres.as_ref().context("there is no Postgres")?;
    let mut postgres = postgres.lock().await;
    match what {
        OfPostgres::Killed => tokio::task::block_in_place(|| postgres.restart()),
        OfPostgres::Hangs => {
            postgres.pause()?;
            pause_for(rng, 500..4_000).await;
            postgres.resume()
        }
        // It dies of a commit that finds no room, and recovers.
        OfPostgres::HasNoRoom => fill_the_disk_of(&postgres, FULL, rng).await,
        // Statements fail that make a table or an index longer.
        OfPostgres::HasNoRoomForTables => fill_the_disk_of(&postgres, FULL_FOR_TABLES, rng).await,
    }
}

/// Nothing that Postgres writes beyond so many bytes of a file finds room for a while.
async fn fill_the_disk_of(postgres: &PostgresCluster, bytes: u64, rng: &mut Rng) -> anyhow::Result<()> {
    postgres.limit_files(Some(bytes))?;
    pause_for(rng, 500..3_000).await;
    postgres.limit_files(None)
}

async fn pause_for(rng: &mut Rng, millis: std::ops::Range<u64>) {
    tokio::time::sleep(Duration::from_millis(rng.u64(millis))).await;
}
