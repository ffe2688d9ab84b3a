//! What goes wrong, one thing after the other, as the seed decides.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use fake_carrier::Fault;
use fastrand::Rng;
use model_fakes::{FakeAnswer, HangsWhen};

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

/// How often each thing went wrong.
pub(crate) type Disturbed = BTreeMap<String, usize>;

/// Lets things go wrong for so long, and puts them right again.
pub(crate) async fn disturb(stage: Arc<Stage>, seed: u64, ends_in: Duration) -> anyhow::Result<Disturbed> {
    let (mut rng, ends_at) = (Rng::with_seed(seed), Instant::now() + ends_in);
    let mut disturbed = Disturbed::new();
    while Instant::now() < ends_at {
        pause_for(&mut rng, 300..1_500).await;
        let what = one(&stage, &mut rng).await?;
        *disturbed.entry(what).or_default() += 1;
        let died = stage.processes.start_the_dead().await?;
        *disturbed.entry("died at a failpoint".to_owned()).or_default() += died;
    }
    for place in 0..stage.processes.count() {
        // What still waits for its failpoint goes on without it.
        stage.processes.kill(place).await?;
        stage.processes.start_again(place, None).await?;
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
        53..58 => {
            stage.processes.stop(place).await?;
            stage.processes.start_again(place, None).await?;
            "polite restart".to_owned()
        }
        58..70 => {
            let fault = carrier_fault(rng);
            let name = format!("carrier: {fault:?}");
            stage.carrier.carrier().script(vec![fault; rng.usize(1..4)]);
            name
        }
        70..82 => {
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
