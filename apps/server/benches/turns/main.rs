//! How fast messages are acknowledged and answered, next to the floor of the same run.
//!
//! Figures of a shared machine are noisy: read the ratios, not the numbers.
#![expect(clippy::print_stdout, reason = "a bench's job is to print")]

mod bare_transaction;
mod load;
mod process;
mod webhooks;

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use fake_carrier::{FakeCarrier, FakeCarrierConfig, RunningFakeCarrier, StatusCallbacks};
use harness::{ServerProcess, ServerSpec};

use crate::{
    load::{Load, Summary},
    process::Usage,
    webhooks::Webhooks,
};

const ACCOUNT_SID: &str = "ACbench";
const AUTH_TOKEN: &str = "bench-token";
/// Connections that post at once.
const CONNECTIONS: usize = 32;
const WEBHOOKS: usize = 12_000;
const TURNS: usize = 2_000;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    println!("chatter cheetah bench: {WEBHOOKS} webhooks over {CONNECTIONS} connections, {TURNS} turns\n");
    let empty = empty_handler().await?;
    let bare = bare_transaction::run(&folder.path().join("bare.db"), WEBHOOKS)?;
    let carrier = sink().await?;
    let webhooks = acknowledge(&carrier, folder.path()).await?;
    let turns = answer(&carrier, folder.path()).await?;
    print_summary("floor: empty handler", &empty);
    print_summary("floor: bare transaction, one writer", &bare);
    print_summary("durable webhooks acknowledged", &webhooks.summary);
    print_summary("turns answered and sent", &turns.summary);
    println!();
    let ratio = |of: &Summary, to: &Summary| of.per_second() / to.per_second();
    println!("webhooks / bare transaction   {:.2}", ratio(&webhooks.summary, &bare));
    println!("webhooks / empty handler      {:.2}", ratio(&webhooks.summary, &empty));
    println!("turns / bare transaction      {:.2}", ratio(&turns.summary, &bare));
    println!("cpu per webhook               {:.0} µs", webhooks.cpu_micros);
    println!("cpu per turn, webhook and delivery included   {:.0} µs", turns.cpu_micros);
    println!("memory, resident: idle {} MiB, after webhooks {} MiB", webhooks.idle_mib, webhooks.after_mib);
    Ok(())
}

/// What one measurement against a server process found.
struct Measured {
    summary: Summary,
    cpu_micros: f64,
    idle_mib: u64,
    after_mib: u64,
}

async fn sink() -> anyhow::Result<RunningFakeCarrier> {
    let mut config = FakeCarrierConfig::new(ACCOUNT_SID, AUTH_TOKEN);
    config.status_callbacks = StatusCallbacks::Silent;
    Ok(FakeCarrier::new(config)?.start().await?)
}

fn server(
    carrier: &RunningFakeCarrier,
    folder: &std::path::Path,
    debounce_ms: &str,
) -> anyhow::Result<ServerProcess> {
    ServerSpec::serve(env!("CARGO_BIN_EXE_cheetah"), folder)
        .with("DEBOUNCE_MS", debounce_ms)
        .with("RUST_LOG", "warn")
        .with("TWILIO_ACCOUNT_SID", ACCOUNT_SID)
        .with("TWILIO_AUTH_TOKEN", AUTH_TOKEN)
        .with("TWILIO_API_BASE", carrier.base_url().as_str())
        .start()
}

/// Acknowledges webhooks while no turn is due, so that nothing else runs.
async fn acknowledge(carrier: &RunningFakeCarrier, folder: &std::path::Path) -> anyhow::Result<Measured> {
    let server = server(carrier, &folder.join("acknowledge"), "60000")?;
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
        idle_mib: before.resident_mib,
        after_mib: after.resident_mib,
    })
}

/// Posts messages of as many customers, and waits until every one has its reply at the carrier.
async fn answer(carrier: &RunningFakeCarrier, folder: &std::path::Path) -> anyhow::Result<Measured> {
    let server = server(carrier, &folder.join("answer"), "0")?;
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
        idle_mib: before.resident_mib,
        after_mib: after.resident_mib,
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

fn print_summary(what: &str, summary: &Summary) {
    println!("{what:<40} {:>8.0}/s   {}", summary.per_second(), summary.percentiles());
}
