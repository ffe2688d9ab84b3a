//! A server process that stays until it is told to go, and that goes with whoever started it, even when that one is
//! killed: a small shell waits at the other end of a pipe for the starter's death.

use std::{
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

use anyhow::{Context as _, bail};

use crate::waiting::poll;

/// How long a server may take to end before it is killed.
const STOP_TIMEOUT: Duration = Duration::from_secs(20);

/// Reads until the pipe closes. A line means that all is in order; an end without one, that the starter has died.
/// Arguments: the process, the signal that ends it, the folder to remove.
const WATCH: &str = r#"
trap '' INT TERM HUP
read -r _ && exit
kill -s CONT "$1"
kill -s "$2" "$1"
tries=0
while kill -s 0 "$1" && [ "$tries" -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
kill -s KILL "$1"
rm -rf "$3"
"#;

/// A running server and the shell that watches over it. Dropping it ends both.
#[derive(Debug)]
pub(crate) struct Daemon {
    child: Child,
    watcher: Child,
    last_signal: &'static str,
}

impl Daemon {
    /// Starts the command in a process group of its own, so that Ctrl-C at a terminal reaches it only through whoever
    /// started it. `last_signal` ends it at once; `folder` is removed if the starter dies without doing so.
    pub(crate) fn start(
        command: &mut Command,
        last_signal: &'static str,
        folder: &Path,
    ) -> anyhow::Result<Self> {
        command.stdin(Stdio::null()).process_group(0);
        let child = command.spawn();
        let mut child = child.with_context(|| format!("cannot start {}", command.get_program().display()))?;
        match watch(child.id(), last_signal, folder) {
            Ok(watcher) => Ok(Self { child, watcher, last_signal }),
            Err(error) => {
                child.kill()?;
                child.wait()?;
                Err(error)
            }
        }
    }

    /// Returns the process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Returns how it ended, if it has.
    pub(crate) fn ended(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        let status = self.child.try_wait()?;
        if status.is_some() {
            // The process id may soon be another's.
            self.dismiss_watcher();
        }
        Ok(status)
    }

    /// Ends it with its last signal, also when it is stopped by a signal, and waits until it is gone.
    pub(crate) fn end(&mut self) -> anyhow::Result<()> {
        if self.ended()?.is_some() {
            return Ok(());
        }
        let told = signal("CONT", &[self.id()]).and_then(|()| signal(self.last_signal, &[self.id()]));
        let has_ended = told.and_then(|()| poll(STOP_TIMEOUT, || self.ended()));
        if !matches!(has_ended, Ok(Some(_))) {
            self.child.kill()?;
            self.child.wait()?;
            self.dismiss_watcher();
        }
        Ok(())
    }

    /// A line on its input; then it has nothing more to do. It may be gone already.
    fn dismiss_watcher(&mut self) {
        use std::io::Write as _;
        if let Some(mut pipe) = self.watcher.stdin.take() {
            let _ = pipe.write_all(b"done\n");
            drop(pipe);
            let _ = self.watcher.wait();
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // There is nobody left to tell; if it could not be ended, the watcher tries as soon as its pipe closes.
        let _ = self.end();
    }
}

/// Sends a signal to processes. The shell's own `kill`, since a small system has no other.
pub(crate) fn signal(name: &str, processes: &[u32]) -> anyhow::Result<()> {
    let mut shell = Command::new("sh");
    shell.args(["-c", r#"kill -s "$@""#, "kill", name]).args(processes.iter().map(u32::to_string));
    let told = shell.stdin(Stdio::null()).stderr(Stdio::null()).status()?;
    if !told.success() {
        bail!("the processes {processes:?} cannot be sent {name}; have they ended?");
    }
    Ok(())
}

fn watch(process: u32, last_signal: &str, folder: &Path) -> anyhow::Result<Child> {
    let mut shell = Command::new("sh");
    shell.args(["-c", WATCH, "watch", &process.to_string(), last_signal]).arg(folder);
    shell.current_dir("/").process_group(0);
    shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    shell.spawn().context("cannot start a shell")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lives(process: u32) -> bool {
        signal("0", &[process]).is_ok()
    }

    fn sleeper(folder: &Path) -> Daemon {
        Daemon::start(Command::new("sleep").arg("600"), "TERM", folder).unwrap()
    }

    #[test]
    fn after_drop_neither_process_nor_watcher_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let daemon = sleeper(folder.path());
        let processes = [daemon.id(), daemon.watcher.id()];
        assert!(processes.into_iter().all(lives));
        drop(daemon);
        assert!(!processes.into_iter().any(lives));
        assert!(folder.path().exists(), "the folder is its owner's to remove");
    }

    #[test]
    fn a_stopped_process_ends_too() {
        let folder = tempfile::tempdir().unwrap();
        let mut daemon = sleeper(folder.path());
        signal("STOP", &[daemon.id()]).unwrap();
        daemon.end().unwrap();
        assert!(!lives(daemon.id()));
    }

    #[test]
    fn when_the_starter_dies_the_watcher_ends_the_process_and_removes_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let mut daemon = sleeper(folder.path());
        // What the starter's death does to the pipe.
        drop(daemon.watcher.stdin.take());
        let ended = poll(STOP_TIMEOUT, || Ok(daemon.child.try_wait()?)).unwrap();
        assert!(ended.is_some_and(|status| !status.success()));
        assert!(daemon.watcher.wait().unwrap().code().is_some());
        assert!(!folder.path().exists());
    }

    #[test]
    fn a_program_that_does_not_exist_is_named() {
        let refusal = Daemon::start(&mut Command::new("no-such-program"), "TERM", Path::new("/nowhere"));
        assert!(refusal.unwrap_err().to_string().contains("no-such-program"));
    }
}
