//! A whole server as its carrier sees it: webhooks acknowledged, and turns answered and sent, on either database.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use fake_carrier::{FakeCarrier, FakeCarrierConfig, RunningFakeCarrier, StatusCallbacks};
use harness::{ServerProcess, ServerSpec, postgres::PostgresCluster, redis::RedisServer};

use crate::{
    bare_transaction::Work, history::History, load::Load, place::Place, process::Usage, summary::Summary,
    webhooks::Webhooks,
};

const ACCOUNT_SID: &str = "ACbench";
const AUTH_TOKEN: &str = "bench-token";
/// Connections that post at once, step by step.
const STEPS: [usize; 4] = [1, 8, 64, 512];
/// Connections that post what is to be answered.
const CONNECTIONS: usize = 64;
/// More connections than this to a database wait for each other in its pool, and so does the floor's.
const WRITERS: usize = 64;
/// Webhooks of a step: fewer where one waits for the other.
const WEBHOOKS: [usize; 4] = [2_000, 8_000, 12_000, 12_000];
/// Turns that are counted, each of another customer.
const TURNS: usize = 2_400;
/// Webhooks and turns of other customers before those that count. They open connections, unlock keys and prepare statements.
const WARM: usize = 500;
/// The demonstration's plan allows fewer turns in a month.
const WITHOUT_LIMITS: &str = "INSERT INTO tenant_limits (tenant_id, turns_per_month, changed_at)
     SELECT id, -1, created_at FROM tenants";

/// What a server has of its own while it is measured.
struct Site<'a> {
    name: &'static str,
    /// For webhooks, for turns, for bare commits and for bare transactions.
    places: [Place; 4],
    redis: Option<&'a RedisServer>,
    folder: &'a Path,
}

/// Measures a server on each database, next to the floors; on Postgres without Redis and with it.
pub(crate) async fn compare(cluster: &PostgresCluster, history: &mut History) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    println!("\nA server: webhooks over {STEPS:?} connections, {TURNS} turns over {CONNECTIONS}\n");
    println!("{}", empty_handler().await?.line("floor: empty handler"));
    let path = |name: &str| Place::Sqlite(folder.path().join(name));
    let places = [path("acknowledge.db"), path("answer.db"), path("bare.db"), path("transaction.db")];
    measure(&Site { name: "SQLite", places, redis: None, folder: folder.path() }, history).await?;
    let redis = RedisServer::start()?;
    for (name, redis) in [("Postgres", None), ("Postgres with Redis", Some(&redis))] {
        let [webhooks, turns, commits, bare] = [(), (), (), ()].map(|()| cluster.server().empty_database());
        let databases = [webhooks?, turns?, commits?, bare?];
        let places = databases.each_ref().map(|database| Place::Postgres(database.url().to_owned()));
        measure(&Site { name, places, redis, folder: folder.path() }, history).await?;
    }
    Ok(())
}

async fn measure(site: &Site<'_>, history: &mut History) -> anyhow::Result<()> {
    let [for_webhooks, for_turns, for_commits, bare] = &site.places;
    let name = site.name;
    let commit = for_commits.commit_bare(CONNECTIONS, 12_000).await?;
    println!(
        "\n{}",
        commit.line(&format!("{name}: one-row insert and commit, {}", bare.writers(CONNECTIONS)))
    );
    let carrier = sink().await?;
    acknowledge(&carrier, (site, for_webhooks, bare), history).await?;
    let floor = bare.work_bare(Work::TakeIn, "floor", CONNECTIONS, 12_000).await?;
    let bare_turns = bare.work_bare(Work::Turn, "turns", CONNECTIONS, 3_000).await?;
    let turns = answer(&carrier, (site, for_turns)).await?;
    println!(
        "\n{}",
        floor.line(&format!("{name}: floor, the bare transaction of a message, {CONNECTIONS} callers"))
    );
    println!("{}", turns.summary.line(&format!("{name}: turns answered and sent")));
    println!("{}", bare_turns.line(&format!("{name}: bare turns, four transactions, {CONNECTIONS} callers")));
    let (of_floor, bare_of_floor) = (turns.summary.ratio_to(&floor), bare_turns.ratio_to(&floor));
    let of_bare = turns.summary.ratio_to(&bare_turns);
    println!(
        "turns / floor {of_floor:.2}   bare turns / floor {bare_of_floor:.2}   turns / bare turns {of_bare:.2}"
    );
    let Cpu { server, asking } = turns.cpu;
    println!(
        "cpu per turn, webhook and delivery included: server {server:.0} µs, client and carrier {asking:.0} µs"
    );
    history.add(format!("{name}: turns answered and sent, of the floor"), of_floor);
    history.add(format!("{name}: bare turns, of the floor"), bare_of_floor);
    history.add(format!("{name}: turns answered and sent, of bare turns"), of_bare);
    Ok(())
}

/// What turns against a server process found.
struct Measured {
    summary: Summary,
    cpu: Cpu,
}

/// What one of something took of the processors' time, in microseconds.
struct Cpu {
    server: f64,
    /// Whoever asks, and the carrier: this process.
    asking: f64,
}

impl Cpu {
    fn between(before: &[Usage; 2], after: &[Usage; 2], count: f64) -> Self {
        let ([server, asking], [server_after, asking_after]) = (before, after);
        let per_one = |before: &Usage, after: &Usage| after.cpu_micros_since(before) / count;
        Self { server: per_one(server, server_after), asking: per_one(asking, asking_after) }
    }
}

/// What the server has used until now, and what this process has.
fn usage(server: &ServerProcess) -> anyhow::Result<[Usage; 2]> {
    Ok([Usage::of(server.id())?, Usage::of(std::process::id())?])
}

async fn sink() -> anyhow::Result<RunningFakeCarrier> {
    let mut config = FakeCarrierConfig::new(ACCOUNT_SID, AUTH_TOKEN);
    config.status_callbacks = StatusCallbacks::Silent;
    Ok(FakeCarrier::new(config)?.start().await?)
}

fn server(
    carrier: &RunningFakeCarrier,
    site: &Site<'_>,
    place: &Place,
    debounce_ms: &str,
) -> anyhow::Result<ServerProcess> {
    let folder = site.folder.join(format!("{}-{debounce_ms}", site.name));
    let spec = ServerSpec::serve(env!("CARGO_BIN_EXE_cheetah"), folder)
        .with("DATABASE_URL", place.url())
        .with("DEBOUNCE_MS", debounce_ms)
        .with("RUST_LOG", "warn")
        .with("TWILIO_ACCOUNT_SID", ACCOUNT_SID)
        .with("TWILIO_AUTH_TOKEN", AUTH_TOKEN)
        .with("TWILIO_API_BASE", carrier.base_url().as_str());
    match site.redis {
        Some(redis) => spec.with("REDIS_URL", redis.url()).start(),
        None => spec.start(),
    }
}

/// Acknowledges webhooks while no turn is due, so that nothing else runs. Each step comes right after its floor.
async fn acknowledge(
    carrier: &RunningFakeCarrier,
    (site, place, bare): (&Site<'_>, &Place, &Place),
    history: &mut History,
) -> anyhow::Result<()> {
    let server = server(carrier, site, place, "60000")?;
    let webhooks = Webhooks::new(server.base_url(), (ACCOUNT_SID, AUTH_TOKEN));
    let address = server.base_url().trim_start_matches("http://").to_owned();
    let load = |connections: usize| Load { address: address.clone(), connections };
    let idle = Usage::of(server.id())?;
    load(CONNECTIONS).run(webhooks.requests("warm", 0..WARM)).await?;
    place.count_rows().await?;
    let name = site.name;
    for (connections, count) in STEPS.into_iter().zip(WEBHOOKS) {
        let callers = connections.min(WRITERS);
        let floor = bare.work_bare(Work::TakeIn, &format!("s{connections}-"), callers, count).await?;
        let requests = webhooks.requests(&format!("s{connections}-"), 0..count);
        let before = usage(&server)?;
        let found = load(connections).run(requests).await?;
        let cpu = Cpu::between(&before, &usage(&server)?, found.count_as_f64());
        println!(
            "\n{}",
            floor.line(&format!("{name}: floor, the bare transaction of a message, {callers} callers"))
        );
        println!("{}", found.line(&format!("{name}: acknowledged, {connections} connections")));
        let (rate, p99) = (found.ratio_to(&floor), found.p99_to(&floor).context("no latencies")?);
        println!("acknowledged / floor          {rate:.2}   p99 {p99:.2} times the floor's");
        println!("cpu per webhook: server {:.0} µs, client {:.0} µs", cpu.server, cpu.asking);
        history.add(format!("{name}: acknowledged over {connections} connections, of the floor"), rate);
        history
            .add(format!("{name}: p99 of the acknowledgement over {connections} connections : floor"), p99);
    }
    let mib = |usage: &Usage| usage.resident_kib / 1_024;
    println!(
        "memory, resident: idle {} MiB, after webhooks {} MiB",
        mib(&idle),
        mib(&Usage::of(server.id())?)
    );
    Ok(())
}

/// Posts messages of as many customers, and waits until every one has its reply at the carrier.
async fn answer(
    carrier: &RunningFakeCarrier,
    (site, place): (&Site<'_>, &Place),
) -> anyhow::Result<Measured> {
    let server = server(carrier, site, place, "0")?;
    let webhooks = Webhooks::new(server.base_url(), (ACCOUNT_SID, AUTH_TOKEN));
    let address = server.base_url().trim_start_matches("http://").to_owned();
    let load = Load { address, connections: CONNECTIONS };
    place.execute(WITHOUT_LIMITS).await?;
    load.run(webhooks.requests("w", TURNS..TURNS + WARM)).await?;
    wait_for_answers(carrier, WARM).await?;
    place.count_rows().await?;
    let requests = webhooks.requests("t", 0..TURNS);
    let before = usage(&server)?;
    let started = Instant::now();
    let acknowledged = load.run(requests).await?;
    wait_for_answers(carrier, WARM + TURNS).await?;
    let took = started.elapsed();
    let cpu = Cpu::between(&before, &usage(&server)?, acknowledged.count_as_f64());
    ensure!(carrier.carrier().count() == WARM + TURNS, "somebody was answered twice");
    Ok(Measured { cpu, summary: Summary::without_latencies(TURNS, took) })
}

/// Waits until this many messages have come to the carrier, or more.
async fn wait_for_answers(carrier: &RunningFakeCarrier, count: usize) -> anyhow::Result<()> {
    let waiting = carrier.carrier().wait_for_count(count, Duration::from_secs(120));
    waiting.await.context("not every message was answered")?;
    Ok(())
}

async fn empty_handler() -> anyhow::Result<Summary> {
    use actix_web::{App, HttpResponse, HttpServer, web};
    let server = HttpServer::new(|| {
        App::new().route(
            "/webhooks/twilio/sms",
            web::post().to(|_: web::Bytes| async { HttpResponse::Ok().finish() }),
        )
    })
    .workers(2)
    .disable_signals()
    .bind(("127.0.0.1", 0))?;
    let address = server.addrs().first().context("no address")?.to_string();
    let server = server.run();
    let handle = server.handle();
    let serving = tokio::spawn(server);
    let base_url = format!("http://{address}");
    let webhooks = Webhooks::new(&base_url, (ACCOUNT_SID, AUTH_TOKEN));
    let summary = Load { address, connections: CONNECTIONS }.run(webhooks.requests("e", 0..12_000)).await?;
    handle.stop(true).await;
    serving.await??;
    Ok(summary)
}
