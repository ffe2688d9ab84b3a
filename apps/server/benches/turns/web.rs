//! A whole server as its carrier sees it: webhooks acknowledged, and turns answered and sent, on either database.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use fake_carrier::{FakeCarrier, FakeCarrierConfig, RunningFakeCarrier, StatusCallbacks};
use harness::{ServerProcess, ServerSpec, postgres::PostgresCluster};

use crate::{
    bare_transaction, load::Load, place::Place, process::Usage, summary::Summary, webhooks::Webhooks,
};

const ACCOUNT_SID: &str = "ACbench";
const AUTH_TOKEN: &str = "bench-token";
/// Connections that post at once.
const CONNECTIONS: usize = 32;
const WEBHOOKS: usize = 12_000;
const TURNS: usize = 2_000;

/// Measures a server on each database, next to the floors.
pub(crate) async fn compare(cluster: &PostgresCluster) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    println!("\nA server: {WEBHOOKS} webhooks over {CONNECTIONS} connections, {TURNS} turns\n");
    println!("{}", empty_handler().await?.line("floor: empty handler"));
    let bare = bare_transaction::run(&folder.path().join("transaction.db"), WEBHOOKS)?;
    println!("{}", bare.line("floor: bare transaction on SQLite, one writer"));
    let path = |name: &str| Place::Sqlite(folder.path().join(name));
    measure(&[path("acknowledge.db"), path("answer.db"), path("bare.db")], folder.path()).await?;
    let databases = [(), (), ()]
        .map(|()| cluster.server().empty_database())
        .into_iter()
        .collect::<Result<Vec<_>, _>>()?;
    let places: Vec<_> =
        databases.iter().map(|database| Place::Postgres(database.url().to_owned())).collect();
    measure(&places, folder.path()).await
}

async fn measure(places: &[Place], folder: &Path) -> anyhow::Result<()> {
    let [for_webhooks, for_turns, bare] = places else { bail!("three databases were made") };
    let commit = bare.commit_bare(CONNECTIONS, WEBHOOKS).await?;
    let (name, writers) = (bare.name(), bare.writers(CONNECTIONS));
    println!("\n{}", commit.line(&format!("floor: {name}, one-row insert and commit, {writers}")));
    let carrier = sink().await?;
    let webhooks = acknowledge(&carrier, (folder, for_webhooks)).await?;
    let turns = answer(&carrier, (folder, for_turns)).await?;
    println!("{}", webhooks.summary.line(&format!("{name}: webhooks acknowledged")));
    println!("{}", turns.summary.line(&format!("{name}: turns answered and sent")));
    println!("webhooks / one-row commit     {:.2}", webhooks.summary.ratio_to(&commit));
    println!("turns / one-row commit        {:.2}", turns.summary.ratio_to(&commit));
    println!("cpu of the server per webhook                             {:.0} µs", webhooks.cpu_micros);
    println!("cpu of the server per turn, webhook and delivery included {:.0} µs", turns.cpu_micros);
    let (idle, after) = (webhooks.idle_kib / 1_024, webhooks.after_kib / 1_024);
    println!("memory, resident: idle {idle} MiB, after webhooks {after} MiB");
    Ok(())
}

/// What one measurement against a server process found.
struct Measured {
    summary: Summary,
    cpu_micros: f64,
    idle_kib: u64,
    after_kib: u64,
}

async fn sink() -> anyhow::Result<RunningFakeCarrier> {
    let mut config = FakeCarrierConfig::new(ACCOUNT_SID, AUTH_TOKEN);
    config.status_callbacks = StatusCallbacks::Silent;
    Ok(FakeCarrier::new(config)?.start().await?)
}

fn server(
    carrier: &RunningFakeCarrier,
    folder: &Path,
    place: &Place,
    debounce_ms: &str,
) -> anyhow::Result<ServerProcess> {
    let folder = folder.join(format!("{}-{debounce_ms}", place.name()));
    ServerSpec::serve(env!("CARGO_BIN_EXE_cheetah"), folder)
        .with("DATABASE_URL", place.url())
        .with("DEBOUNCE_MS", debounce_ms)
        .with("RUST_LOG", "warn")
        .with("TWILIO_ACCOUNT_SID", ACCOUNT_SID)
        .with("TWILIO_AUTH_TOKEN", AUTH_TOKEN)
        .with("TWILIO_API_BASE", carrier.base_url().as_str())
        .start()
}

/// Acknowledges webhooks while no turn is due, so that nothing else runs.
async fn acknowledge(
    carrier: &RunningFakeCarrier,
    (folder, place): (&Path, &Place),
) -> anyhow::Result<Measured> {
    let server = server(carrier, folder, place, "60000")?;
    let webhooks = Webhooks::new(server.base_url(), (ACCOUNT_SID, AUTH_TOKEN));
    let address = server.base_url().trim_start_matches("http://").to_owned();
    let load = Load { address, connections: CONNECTIONS };
    // The first requests open connections, unlock keys and prepare statements.
    load.run(webhooks.requests("warm", 500)).await?;
    let requests = webhooks.requests("a", WEBHOOKS);
    let before = Usage::of(server.id())?;
    let summary = load.run(requests).await?;
    let after = Usage::of(server.id())?;
    Ok(Measured {
        cpu_micros: after.cpu_micros_since(&before) / summary.count_as_f64(),
        summary,
        idle_kib: before.resident_kib,
        after_kib: after.resident_kib,
    })
}

/// Posts messages of as many customers, and waits until every one has its reply at the carrier.
async fn answer(carrier: &RunningFakeCarrier, (folder, place): (&Path, &Place)) -> anyhow::Result<Measured> {
    let server = server(carrier, folder, place, "0")?;
    let webhooks = Webhooks::new(server.base_url(), (ACCOUNT_SID, AUTH_TOKEN));
    let address = server.base_url().trim_start_matches("http://").to_owned();
    let load = Load { address, connections: CONNECTIONS };
    let already = carrier.carrier().messages().len();
    let before = Usage::of(server.id())?;
    let started = Instant::now();
    let acknowledged = load.run(webhooks.requests("t", TURNS)).await?;
    carrier
        .carrier()
        .wait_for_count(already + TURNS, Duration::from_secs(120))
        .await
        .context("not every message was answered")?;
    let took = started.elapsed();
    let after = Usage::of(server.id())?;
    ensure!(carrier.carrier().messages().len() == already + TURNS, "somebody was answered twice");
    Ok(Measured {
        cpu_micros: after.cpu_micros_since(&before) / acknowledged.count_as_f64(),
        summary: Summary::without_latencies(TURNS, took),
        idle_kib: before.resident_kib,
        after_kib: after.resident_kib,
    })
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
    let summary = Load { address, connections: CONNECTIONS }.run(webhooks.requests("e", WEBHOOKS)).await?;
    handle.stop(true).await;
    serving.await??;
    Ok(summary)
}
