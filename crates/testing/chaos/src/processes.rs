//! The servers and workers, each of which may be killed, stopped and started again.

use std::{
    net::{Ipv4Addr, TcpListener},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use anyhow::Context as _;
use harness::{ServerProcess, ServerSpec};
use tokio::sync::Mutex;

use crate::DatabaseKind;

/// One process, or the place where it was.
struct Place {
    /// What starts it.
    spec: ServerSpec,
    /// What it logs when it is there.
    started: &'static str,
    process: Mutex<Option<ServerProcess>>,
    /// Whether it was told to die at a failpoint, and so may do so at any time.
    is_doomed: AtomicBool,
}

/// All processes. The servers come first.
pub(crate) struct Processes {
    places: Vec<Arc<Place>>,
    addresses: Vec<String>,
    /// One starts at a time: they share a folder, and with it their logs.
    starting: Mutex<()>,
    /// How many have ended by themselves.
    died: AtomicUsize,
}

impl Processes {
    /// Starts all of them. The clock of one worker is ten minutes late where the seed is even, and early where it is odd.
    pub(crate) async fn start(spec: ServerSpec, kind: DatabaseKind, seed: u64) -> anyhow::Result<Self> {
        let (servers, workers) = match kind {
            DatabaseKind::Sqlite => (1, 0),
            DatabaseKind::Postgres => (2, 2),
        };
        let ports = (0..servers).map(|_| free_port()).collect::<anyhow::Result<Vec<_>>>()?;
        let addresses: Vec<_> = ports.iter().map(|port| format!("http://127.0.0.1:{port}")).collect();
        let spec = spec.with("PUBLIC_BASE_URL", addresses.first().context("no server")?);
        let serving =
            ports.iter().map(|port| (spec.clone().with("BIND", format!("127.0.0.1:{port}")), "serving at "));
        let clock = move |number: usize| match (number, seed.is_multiple_of(2)) {
            (1, true) => "-600",
            (1, false) => "600",
            _ => "0",
        };
        let working = (0..workers).map(|number| {
            (spec.clone().command("worker").with("FAILPOINT_CLOCK_SECONDS", clock(number)), "worker started")
        });
        let places = serving.chain(working).map(|(spec, started)| {
            Arc::new(Place { spec, started, process: Mutex::default(), is_doomed: AtomicBool::default() })
        });
        let processes = Self {
            places: places.collect(),
            addresses,
            starting: Mutex::default(),
            died: AtomicUsize::default(),
        };
        for place in 0..processes.count() {
            processes.start_again(place, None).await?;
        }
        Ok(processes)
    }

    /// Returns how many there are.
    pub(crate) fn count(&self) -> usize {
        self.places.len()
    }

    /// Returns where carriers believe that the installation is.
    pub(crate) fn public_url(&self) -> &str {
        self.addresses.first().map(String::as_str).unwrap_or_default()
    }

    /// Returns where a server answers; they are counted round.
    pub(crate) fn address_of(&self, server: usize) -> &str {
        let place = server % self.addresses.len().max(1);
        self.addresses.get(place).map(String::as_str).unwrap_or_default()
    }

    /// Kills one as a power cut would.
    pub(crate) async fn kill(&self, place: usize) -> anyhow::Result<()> {
        let Some(place) = self.places.get(place) else { return Ok(()) };
        let Some(mut process) = place.process.lock().await.take() else { return Ok(()) };
        self.count_if_dead(&mut process)?;
        process.kill()
    }

    /// Asks one to stop, and waits until it has.
    pub(crate) async fn stop(&self, place: usize) -> anyhow::Result<()> {
        let Some(place) = self.places.get(place) else { return Ok(()) };
        let Some(mut process) = place.process.lock().await.take() else { return Ok(()) };
        if self.count_if_dead(&mut process)? {
            return Ok(());
        }
        let stopped = tokio::task::spawn_blocking(|| process.stop()).await?;
        if place.is_doomed.load(Ordering::Relaxed) { Ok(()) } else { stopped }
    }

    /// Stops one in the middle of whatever it does.
    pub(crate) async fn pause(&self, place: usize) -> anyhow::Result<()> {
        match self.places.get(place) {
            Some(place) => place.process.lock().await.as_ref().map_or(Ok(()), ServerProcess::pause),
            None => Ok(()),
        }
    }

    /// Lets one go on.
    pub(crate) async fn resume(&self, place: usize) -> anyhow::Result<()> {
        match self.places.get(place) {
            Some(place) => place.process.lock().await.as_ref().map_or(Ok(()), ServerProcess::resume),
            None => Ok(()),
        }
    }

    /// Starts one that is not there, with what is to go wrong in it.
    pub(crate) async fn start_again(&self, place: usize, failpoints: Option<&str>) -> anyhow::Result<()> {
        let Some(place) = self.places.get(place).map(Arc::clone) else { return Ok(()) };
        let _alone = self.starting.lock().await;
        let mut process = place.process.lock().await;
        if process.is_some() {
            return Ok(());
        }
        let spec = place.spec.clone().with("FAILPOINTS", failpoints.unwrap_or_default());
        let started = place.started;
        place.is_doomed.store(failpoints.is_some(), Ordering::Relaxed);
        *process = Some(tokio::task::spawn_blocking(move || spec.start_until_logged(started)).await??);
        Ok(())
    }

    /// Returns how many have ended by themselves so far.
    pub(crate) fn died(&self) -> usize {
        self.died.load(Ordering::Relaxed)
    }

    fn count_if_dead(&self, process: &mut ServerProcess) -> anyhow::Result<bool> {
        let is_dead = process.ended()?.is_some();
        self.died.fetch_add(usize::from(is_dead), Ordering::Relaxed);
        Ok(is_dead)
    }

    /// Returns the id of one that runs.
    pub(crate) async fn id_of(&self, place: usize) -> Option<u32> {
        self.places.get(place)?.process.lock().await.as_ref().map(ServerProcess::id)
    }

    /// Starts those again that have ended by themselves.
    pub(crate) async fn start_the_dead(&self) -> anyhow::Result<()> {
        for (number, place) in self.places.iter().enumerate() {
            let mut process = place.process.lock().await;
            let Some(running) = process.as_mut() else { continue };
            if self.count_if_dead(running)? {
                *process = None;
                drop(process);
                self.start_again(number, None).await?;
            }
        }
        Ok(())
    }
}

fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
