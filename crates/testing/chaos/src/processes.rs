//! The servers and workers, each of which may be killed, stopped and started again.

use std::{
    net::{Ipv4Addr, TcpListener},
    os::unix::process::ExitStatusExt as _,
    sync::{
        Arc, Mutex as StdMutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use anyhow::Context as _;
use harness::{ServerProcess, ServerSpec};
use tokio::sync::Mutex;

use crate::{DatabaseKind, spans::Span};

/// The signal of a process that aborts, as it does at a failpoint.
const ABORTED: i32 = 6;

/// What a process was told at its last start.
#[derive(Clone, Copy, Debug)]
enum Told {
    Nothing,
    /// To die or to be slow at a failpoint, and so it may at any time since.
    Failpoints(Instant),
    /// The same, and it has died there.
    AndDied(Instant),
}

/// One process, or the place where it was.
struct Place {
    /// What starts it.
    spec: ServerSpec,
    /// What it logs when it is there.
    started: &'static str,
    process: Mutex<Option<ServerProcess>>,
    told: StdMutex<Told>,
}

impl Place {
    fn told(&self) -> Told {
        *self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what it is told now, and returns what it was told before.
    fn tell(&self, told: Told) -> Told {
        std::mem::replace(&mut self.told.lock().unwrap_or_else(PoisonError::into_inner), told)
    }
}

/// All processes. The servers come first.
pub(crate) struct Processes {
    places: Vec<Arc<Place>>,
    addresses: Vec<String>,
    /// One starts at a time: they share a folder, and with it their logs.
    starting: Mutex<()>,
    /// For each that died at a failpoint, from when it was told to until it ran again.
    deaths: StdMutex<Vec<Span>>,
    /// How many have ended by themselves in another way.
    others: AtomicUsize,
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
            Arc::new(Place { spec, started, process: Mutex::default(), told: StdMutex::new(Told::Nothing) })
        });
        let processes = Self {
            places: places.collect(),
            addresses,
            starting: Mutex::default(),
            deaths: StdMutex::default(),
            others: AtomicUsize::default(),
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
        self.is_dead(place, &mut process)?;
        process.kill()
    }

    /// Asks one to stop, and waits until it has.
    pub(crate) async fn stop(&self, place: usize) -> anyhow::Result<()> {
        let Some(place) = self.places.get(place) else { return Ok(()) };
        let Some(mut process) = place.process.lock().await.take() else { return Ok(()) };
        if self.is_dead(place, &mut process)? {
            return Ok(());
        }
        let stopped = tokio::task::spawn_blocking(|| process.stop()).await?;
        if matches!(place.told(), Told::Nothing) { stopped } else { Ok(()) }
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
        *process = Some(tokio::task::spawn_blocking(move || spec.start_until_logged(started)).await??);
        let now = if failpoints.is_some() { Told::Failpoints(Instant::now()) } else { Told::Nothing };
        if let Told::AndDied(since) = place.tell(now) {
            self.deaths.lock().unwrap_or_else(PoisonError::into_inner).push(Span::since(since));
        }
        Ok(())
    }

    /// Returns for each that died at a failpoint the time from when it was told to until it ran again, and how many have ended by
    /// themselves in another way.
    pub(crate) fn ended(&self) -> (Vec<Span>, usize) {
        let deaths = self.deaths.lock().unwrap_or_else(PoisonError::into_inner).clone();
        (deaths, self.others.load(Ordering::Relaxed))
    }

    /// Tells whether one has ended by itself, and notes how.
    fn is_dead(&self, place: &Place, process: &mut ServerProcess) -> anyhow::Result<bool> {
        let Some(status) = process.ended()? else { return Ok(false) };
        match place.told() {
            Told::Failpoints(since) if status.signal() == Some(ABORTED) => {
                place.tell(Told::AndDied(since));
            }
            _ => {
                self.others.fetch_add(1, Ordering::Relaxed);
            }
        }
        Ok(true)
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
            if self.is_dead(place, running)? {
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

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, time::Duration};

    use super::*;

    /// Stands in for a server: once the file `go` is there it dies where a failpoint would let it, or ends.
    const SERVER: &str = "#!/bin/sh
echo serving at http://127.0.0.1:1 >&2
while [ ! -e go ]; do sleep 0.02; done
case \"$FAILPOINTS\" in *return*) kill -ABRT $$ ;; esac
";

    async fn start(folder: &Path) -> Processes {
        let program = folder.join("server");
        fs::write(&program, SERVER).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        Processes::start(ServerSpec::serve(program, folder), DatabaseKind::Sqlite, 0).await.unwrap()
    }

    /// Lets the server end by itself, and starts it again.
    async fn let_it_end(processes: &Processes, folder: &Path) {
        let before = processes.id_of(0).await;
        fs::write(folder.join("go"), "").unwrap();
        while fs::read_to_string(format!("/proc/{}/stat", before.unwrap()))
            .is_ok_and(|stat| !stat.contains(") Z"))
        {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        fs::remove_file(folder.join("go")).unwrap();
        processes.start_the_dead().await.unwrap();
        assert_ne!(processes.id_of(0).await, before);
    }

    #[tokio::test]
    async fn the_time_of_one_that_dies_at_a_failpoint_lasts_until_it_runs_again() {
        let folder = tempfile::tempdir().unwrap();
        let processes = start(folder.path()).await;
        processes.kill(0).await.unwrap();
        processes.start_again(0, Some("send.after=1*return")).await.unwrap();
        let told = Instant::now();
        let_it_end(&processes, folder.path()).await;
        let (deaths, others) = processes.ended();
        assert_eq!((deaths.len(), others), (1, 0));
        assert!(deaths.iter().all(|span| span.from <= told && span.until > told));
    }

    #[tokio::test]
    async fn who_is_killed_before_the_failpoint_or_ends_elsewhere_has_not_died_at_it() {
        let folder = tempfile::tempdir().unwrap();
        let processes = start(folder.path()).await;
        processes.kill(0).await.unwrap();
        processes.start_again(0, Some("send.after=1*return")).await.unwrap();
        processes.kill(0).await.unwrap();
        processes.start_again(0, Some("send.after=1*sleep(1)")).await.unwrap();
        let_it_end(&processes, folder.path()).await;
        let (deaths, others) = processes.ended();
        assert_eq!((deaths.len(), others), (0, 1));
    }
}
