//! `cheetah health`: asks the process beside it whether it is ready, as balancers ask it. For images without a shell.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use anyhow::{Context as _, ensure};
use reqwest::{Client, redirect::Policy};

use crate::config::Config;

/// How long the process may take. Its own checks take less.
const PATIENCE: Duration = Duration::from_secs(10);

/// Asks the server, or with `worker` whoever answers at `METRICS_BIND`, and says what it says.
///
/// # Errors
/// When nobody answers, or the answer is that it is not ready.
pub async fn ask(config: &Config, worker: bool, say: fn(&str)) -> anyhow::Result<()> {
    let bind = if worker {
        config.operations.metrics_bind.context("a worker answers at METRICS_BIND alone, which is not set")?
    } else {
        config.bind
    };
    let url = format!("http://{}/readyz", reachable(bind));
    let http = Client::builder().timeout(PATIENCE).redirect(Policy::none()).no_proxy().build()?;
    let response = http.get(&url).send().await.with_context(|| format!("nobody answers at {url}"))?;
    let status = response.status();
    let answer = response.text().await.with_context(|| format!("the answer of {url} breaks off"))?;
    say(&format!("{answer}\n"));
    ensure!(status.is_success(), "it is not ready");
    Ok(())
}

/// Returns the address by which a process that listens there is reached from the same machine.
fn reachable(bind: SocketAddr) -> SocketAddr {
    let ip = match bind.ip() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, bind.port())
}
