//! Lets things go wrong, one after the other, and puts them right again.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use fastrand::Rng;
use harness::{limit_files, postgres::PostgresCluster};
use tokio::task::{JoinHandle, JoinSet};

use crate::{
    customers::{Writing, flood},
    fate::{Drawn, Fate, OfPostgres, OfRedis, Trouble},
    spans::Span,
    stage::Stage,
};

/// How far a process may write into each of its files while the disk is full.
const FULL: u64 = 64 * 1_024;
/// As far as Postgres may while it has room for its log, of which each file is as long.
const FULL_FOR_TABLES: u64 = 1_024 * 1_024;
/// How long Postgres may take to recover.
const RECOVERING: Duration = Duration::from_secs(60);
/// Cuts the connections of all but whoever asks for it.
const CUT_ALL_OFF: &str = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
     WHERE datname = current_database() AND pid <> pg_backend_pid()";

/// What went wrong.
#[derive(Default)]
pub(crate) struct Disturbed {
    /// How often each thing did.
    pub(crate) counts: BTreeMap<String, usize>,
    /// When something did.
    pub(crate) troubles: Vec<Span>,
    /// How many processes were told to die at a failpoint.
    pub(crate) told_to_die: usize,
    /// How many have.
    pub(crate) died: usize,
    /// What those wrote who came in floods.
    pub(crate) flooded: Vec<Writing>,
}

impl Disturbed {
    fn count(&mut self, what: String) {
        *self.counts.entry(what).or_default() += 1;
    }
}

/// What has begun and ends by itself, while other things go wrong.
#[derive(Default)]
struct Begun {
    suspension: Option<JoinHandle<anyhow::Result<()>>>,
    floods: JoinSet<(Span, Vec<Writing>)>,
    faults: JoinSet<Span>,
}

/// Lets things go wrong for so long, and puts them right again.
pub(crate) async fn disturb(stage: Arc<Stage>, seed: u64, ends_in: Duration) -> anyhow::Result<Disturbed> {
    let (mut fate, ends_at) = (Fate::new(seed, stage.parts()), Instant::now() + ends_in);
    let (mut disturbed, mut begun) = (Disturbed::default(), Begun::default());
    while Instant::now() < ends_at {
        let mut drawn = fate.draw()?;
        tokio::time::sleep(drawn.pause).await;
        set_faults(&stage, &mut disturbed, &mut begun, &drawn, ends_at);
        let (trouble, rng) = (drawn.trouble, &mut drawn.rng);
        let from = Instant::now();
        let goes_wrong = match trouble {
            Trouble::Suspended => suspend(&stage, &mut begun, rng).await?,
            Trouble::Flood => {
                begun.floods.spawn(flood(Arc::clone(&stage), rng.fork()));
                true
            }
            other => {
                meet(&stage, other, rng).await?;
                disturbed.troubles.push(Span::since(from));
                true
            }
        };
        if goes_wrong {
            disturbed.count(format!("{trouble:?}"));
        }
        disturbed.told_to_die += usize::from(matches!(trouble, Trouble::Dies(_)));
        // What goes on by itself needs servers, so one that is dead meanwhile is started here.
        stage.processes.start_the_dead().await?;
    }
    for place in 0..stage.processes.count() {
        // What still waits for its failpoint goes on without it.
        stage.processes.kill(place).await?;
        stage.processes.start_again(place, None).await?;
    }
    if let Some(over) = begun.suspension {
        over.await??;
    }
    for (span, written) in begun.floods.join_all().await {
        disturbed.troubles.push(span);
        disturbed.flooded.extend(written);
    }
    disturbed.troubles.extend(begun.faults.join_all().await);
    let (deaths, others) = stage.processes.ended();
    disturbed.died = deaths.len();
    disturbed.troubles.extend(deaths);
    disturbed.counts.insert("died at a failpoint".to_owned(), disturbed.died);
    disturbed.counts.insert("ended by itself, and at no failpoint".to_owned(), others);
    Ok(disturbed)
}

/// Lets the next requests to the carrier and to the model go wrong, where that was drawn.
fn set_faults(
    stage: &Arc<Stage>,
    disturbed: &mut Disturbed,
    begun: &mut Begun,
    drawn: &Drawn,
    ends_at: Instant,
) {
    if let Some((fault, times)) = &drawn.carrier {
        disturbed.count(format!("carrier: {fault:?}"));
        stage.carrier.carrier().script(vec![fault.clone(); *times]);
        let left = |stage: &Stage| stage.carrier.carrier().faults_left();
        begun.faults.spawn(Span::of_faults(Arc::clone(stage), left, ends_at));
    }
    if let Some((answer, times)) = &drawn.model {
        disturbed.count(format!("model: {answer:?}"));
        for _ in 0..*times {
            stage.model.then(answer.clone());
        }
        let left = |stage: &Stage| stage.model.answers_left();
        begun.faults.spawn(Span::of_faults(Arc::clone(stage), left, ends_at));
    }
}

/// Begins to suspend a business, unless the suspension before goes on still.
async fn suspend(stage: &Arc<Stage>, begun: &mut Begun, rng: &mut Rng) -> anyhow::Result<bool> {
    if begun.suspension.as_ref().is_some_and(|one| !one.is_finished()) {
        return Ok(false);
    }
    if let Some(over) = begun.suspension.take() {
        over.await??;
    }
    let (stage, how_long) = (Arc::clone(stage), Duration::from_millis(rng.u64(200..60_000)));
    begun.suspension = Some(tokio::spawn(async move { stage.suspend(how_long).await }));
    Ok(true)
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
        // They have begun, and are not waited for.
        Trouble::Suspended | Trouble::Flood => {}
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
        OfPostgres::Killed => tokio::task::block_in_place(|| postgres.restart())?,
        OfPostgres::Hangs => {
            postgres.pause()?;
            pause_for(rng, 500..4_000).await;
            postgres.resume()?;
        }
        OfPostgres::CutsAllOff => ask(stage, CUT_ALL_OFF).await?,
        // It dies of a commit that finds no room, and recovers.
        OfPostgres::HasNoRoom => fill_the_disk_of(&postgres, FULL, rng).await?,
        // Statements fail that make a table or an index longer.
        OfPostgres::HasNoRoomForTables => fill_the_disk_of(&postgres, FULL_FOR_TABLES, rng).await?,
    }
    // A server that starts while it recovers would end.
    ask(stage, "SELECT 1").await
}

/// Asks Postgres again and again, for it may recover from what went wrong, and take nobody meanwhile.
async fn ask(stage: &Stage, sql: &str) -> anyhow::Result<()> {
    let database = stage.database.as_ref().context("there is no Postgres")?;
    let give_up_at = Instant::now() + RECOVERING;
    loop {
        match tokio::task::block_in_place(|| database.query(sql)) {
            Ok(_) => return Ok(()),
            Err(error) if Instant::now() > give_up_at => return Err(error),
            Err(_) => tokio::time::sleep(Duration::from_millis(200)).await,
        }
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
