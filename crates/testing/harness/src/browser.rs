//! A real browser without a window, for tests of pages.

use std::{
    path::PathBuf,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};

/// How long a page may take, the browser's own start included.
const PAGE_TIMEOUT: Duration = Duration::from_secs(60);
/// Where Debian and others put it, when the test run does not say.
const USUAL_PLACES: [&str; 3] =
    ["/usr/bin/chromium", "/usr/lib/chromium/chromium", "/usr/bin/chromium-browser"];

/// Chromium without a window. Each page gets a fresh profile, which is gone afterwards.
#[derive(Debug)]
pub struct Browser {
    program: PathBuf,
}

impl Browser {
    /// Finds the browser: where `CHEETAH_CHROMIUM` says, or in the usual places.
    ///
    /// # Errors
    /// When there is none; `cargo xtask test` installs it.
    pub fn find() -> anyhow::Result<Self> {
        let named = std::env::var_os("CHEETAH_CHROMIUM").map(PathBuf::from);
        let places = named.into_iter().chain(USUAL_PLACES.map(PathBuf::from));
        let program = places.into_iter().find(|place| place.is_file());
        let program =
            program.context("no Chromium: run the tests with `cargo xtask test`, which brings it")?;
        Ok(Self { program })
    }

    /// Opens a page, lets its scripts run, and returns its document as it is then.
    ///
    /// # Errors
    /// When the browser does not start, or the page does not come in time.
    pub fn document(&self, url: &str) -> anyhow::Result<String> {
        let profile = tempfile::tempdir()?;
        let output = profile.path().join("document.html");
        let mut child = Command::new(&self.program)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
            .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
            .args(["--disable-dev-shm-usage", "--virtual-time-budget=10000", "--dump-dom"])
            .arg(format!("--user-data-dir={}", profile.path().join("profile").display()))
            .arg(url)
            .env("HOME", profile.path())
            .stdin(Stdio::null())
            .stdout(std::fs::File::create(&output)?)
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {}", self.program.display()))?;
        let give_up_at = Instant::now() + PAGE_TIMEOUT;
        while child.try_wait()?.is_none() {
            if Instant::now() > give_up_at {
                child.kill()?;
                child.wait()?;
                bail!("{url} did not come within {PAGE_TIMEOUT:?}");
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(std::fs::read_to_string(&output)?)
    }
}
