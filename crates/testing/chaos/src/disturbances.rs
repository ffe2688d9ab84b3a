//! What goes wrong, one thing after the other, as the seed decides.

use std::{
    collections::BTreeMap,
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::ensure;
use fake_carrier::Fault;
use fastrand::Rng;
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
    pub(crate) troubles: Vec<Trouble>,
}

/// A time in which something was wrong.
pub(crate) struct Trouble {
    pub(crate) from: Instant,
    pub(crate) until: Instant,
}

/// What a process may write into each of its files while the disk is full.
const FULL: &str = "65536";

/// Lets things go wrong for so long, and puts them right again.
pub(crate) async fn disturb(stage: Arc<Stage>, seed: u64, ends_in: Duration) -> anyhow::Result<Disturbed> {
    let (mut rng, ends_at) = (Rng::with_seed(seed), Instant::now() + ends_in);
    let mut disturbed = Disturbed::default();
    let mut suspending: Option<JoinHandle<anyhow::Result<()>>> = None;
    while Instant::now() < ends_at {
        pause_for(&mut rng, 300..1_500).await;
        if rng.u8(..100) < 4 && suspending.as_ref().is_none_or(JoinHandle::is_finished) {
            if let Some(over) = suspending.take() {
                over.await??;
            }
            let (stage, how_long) = (Arc::clone(&stage), Duration::from_millis(rng.u64(200..60_000)));
            suspending = Some(tokio::spawn(async move { stage.suspend(how_long).await }));
            *disturbed.counts.entry("a business suspended for up to 60 s".to_owned()).or_default() += 1;
        }
        let from = Instant::now();
        let what = one(&stage, &mut rng).await?;
        *disturbed.counts.entry(what).or_default() += 1;
        stage.processes.start_the_dead().await?;
        disturbed.troubles.push(Trouble { from, until: Instant::now() });
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

/// Lets one thing go wrong, and returns what it was.
async fn one(stage: &Stage, rng: &mut Rng) -> anyhow::Result<String> {
    let place = rng.usize(..stage.processes.count());
    Ok(match rng.u8(..100) {
        0..20 => {
            stage.processes.kill(place).await?;
            pause_for(rng, 0..2_000).await;
            stage.processes.start_again(place, None).await?;
            "kill -9".to_owned()
        }
        20..45 => {
            let point = rng.choice(POINTS).unwrap_or_default();
            stage.processes.kill(place).await?;
            let passed = rng.u8(..30);
            stage.processes.start_again(place, Some(&format!("{point}={passed}*off->1*return"))).await?;
            format!("set to die at {point}")
        }
        45..53 => {
            stage.processes.pause(place).await?;
            // Longer than a lease, at times.
            pause_for(rng, 500..12_000).await;
            stage.processes.resume(place).await?;
            "stopped for up to 12 s".to_owned()
        }
        53..56 => {
            // As an upgrade does it.
            for place in 0..stage.processes.count() {
                stage.processes.stop(place).await?;
                stage.processes.start_again(place, None).await?;
            }
            "all restarted politely, one after the other".to_owned()
        }
        56..60 => fill_the_disk(stage, rng).await?,
        60..71 => {
            let fault = carrier_fault(rng);
            let name = format!("carrier: {fault:?}");
            stage.carrier.carrier().script(vec![fault; rng.usize(1..4)]);
            name
        }
        71..82 => {
            let answer = model_fault(rng);
            let name = format!("model: {answer:?}");
            for _ in 0..rng.usize(1..6) {
                stage.model.then(answer.clone());
            }
            name
        }
        82..92 => disturb_redis(stage, rng).await?,
        _ => disturb_postgres(stage, rng).await?,
    })
}

/// Nothing that the server writes into its database finds room for a while, except at the beginning of files.
async fn fill_the_disk(stage: &Stage, rng: &mut Rng) -> anyhow::Result<String> {
    let Some(id) = stage.processes.id_of(0).await.filter(|_| stage.postgres.is_none()) else {
        return Ok("no disk to fill".to_owned());
    };
    ensure!(limit_files(id, FULL)?, "the files of process {id} cannot be limited");
    pause_for(rng, 500..3_000).await;
    // Cannot be, if it died meanwhile.
    limit_files(id, "unlimited")?;
    Ok("disk full".to_owned())
}

/// Limits how far a process may write into a file, and tells whether it is there.
fn limit_files(id: u32, bytes: &str) -> anyhow::Result<bool> {
    let limit = ["--pid".to_owned(), id.to_string(), format!("--fsize={bytes}:")];
    Ok(Command::new("prlimit").args(limit).status()?.success())
}

fn carrier_fault(rng: &mut Rng) -> Fault {
    match rng.u8(..8) {
        0 => Fault::Status { status: 429, code: 20_429, retry_after: Some(Duration::from_secs(1)) },
        1 => Fault::Status { status: 503, code: 20_503, retry_after: None },
        2 => Fault::AcceptThenStatus(500),
        3 => Fault::AcceptThenHang(Duration::from_secs(3)),
        4 => Fault::Hang(Duration::from_secs(3)),
        5 => Fault::Garbage,
        _ => Fault::AcceptThenDrop,
    }
}

fn model_fault(rng: &mut Rng) -> FakeAnswer {
    match rng.u8(..8) {
        0 => FakeAnswer::RateLimited { retry_after: Some(Duration::from_secs(1)) },
        1 => FakeAnswer::ServerError,
        2 => FakeAnswer::InvalidJson,
        3 => FakeAnswer::Empty,
        4 => FakeAnswer::Hangs(HangsWhen::BeforeFirstByte),
        5 => FakeAnswer::Hangs(HangsWhen::AfterFirstPiece),
        6 => FakeAnswer::CutInTheMiddle,
        _ => FakeAnswer::Delayed { first: Duration::from_millis(700), between: Duration::from_millis(100) },
    }
}

async fn disturb_redis(stage: &Stage, rng: &mut Rng) -> anyhow::Result<String> {
    let Some(redis) = &stage.redis else { return Ok("no Redis".to_owned()) };
    let mut redis = redis.lock().await;
    Ok(match rng.u8(..3) {
        0 => {
            redis.kill()?;
            pause_for(rng, 500..4_000).await;
            tokio::task::block_in_place(|| redis.restart())?;
            "Redis killed"
        }
        1 => {
            redis.flush()?;
            "Redis flushed"
        }
        _ => {
            redis.pause()?;
            pause_for(rng, 500..4_000).await;
            redis.resume()?;
            "Redis hangs"
        }
    }
    .to_owned())
}

async fn disturb_postgres(stage: &Stage, rng: &mut Rng) -> anyhow::Result<String> {
    let Some(postgres) = &stage.postgres else { return Ok("no Postgres".to_owned()) };
    let mut postgres = postgres.lock().await;
    Ok(if rng.bool() {
        tokio::task::block_in_place(|| postgres.restart())?;
        "Postgres killed and restarted"
    } else {
        postgres.pause()?;
        pause_for(rng, 500..4_000).await;
        postgres.resume()?;
        "Postgres hangs"
    }
    .to_owned())
}

async fn pause_for(rng: &mut Rng, millis: std::ops::Range<u64>) {
    tokio::time::sleep(Duration::from_millis(rng.u64(millis))).await;
}
