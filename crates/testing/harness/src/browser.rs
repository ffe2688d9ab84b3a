//! A real browser without a window, for tests of pages.

use std::{path::PathBuf, process::Command, time::Duration};

use anyhow::{Context as _, bail};

use crate::run_to_end;

/// How long a page may take, the browser's own start included.
const PAGE_TIMEOUT: Duration = Duration::from_secs(60);
/// Where Debian and others put it, when the test run does not say.
const USUAL_PLACES: [&str; 2] = ["/usr/bin/chromium", "/usr/lib/chromium/chromium"];
/// What it is called on `PATH`.
const USUAL_NAMES: [&str; 2] = ["chromium", "chromium-browser"];
/// How the browser writes a page's console among its own log lines.
const CONSOLE_MARK: &str = ":CONSOLE:";

/// Chromium without a window. Each page gets a fresh profile, which is gone afterwards.
#[derive(Debug)]
pub struct Browser {
    program: PathBuf,
}

/// A page once its scripts have run.
#[derive(Clone, Debug)]
pub struct Page {
    /// The document as it is then, as HTML.
    pub document: String,
    /// What the page and the browser wrote to the console, such as what the page's own policy forbade it; a line each.
    pub console: Vec<String>,
}

impl Browser {
    /// Finds the browser: where `CHEETAH_CHROMIUM` says, or in the usual places, or on `PATH`.
    ///
    /// # Errors
    /// When there is none; `cargo xtask test` installs it.
    pub fn find() -> anyhow::Result<Self> {
        let named = std::env::var_os("CHEETAH_CHROMIUM").map(PathBuf::from);
        let path = std::env::var_os("PATH").unwrap_or_default();
        let on_path =
            std::env::split_paths(&path).flat_map(|folder| USUAL_NAMES.map(|name| folder.join(name)));
        let mut places = named.into_iter().chain(USUAL_PLACES.map(PathBuf::from)).chain(on_path);
        let program = places.find(|place| place.is_file());
        let program =
            program.context("no Chromium: run the tests with `cargo xtask test`, which brings it")?;
        Ok(Self { program })
    }

    /// Opens a page, lets its scripts run, and returns what has become of it. Blocks meanwhile.
    ///
    /// # Errors
    /// When the browser does not start or fails, or the page does not come in time.
    pub fn open(&self, url: &str) -> anyhow::Result<Page> {
        let profile = tempfile::tempdir()?;
        let mut command = Command::new(&self.program);
        command
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
            .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
            .args(["--disable-dev-shm-usage", "--virtual-time-budget=10000"])
            .args(["--enable-logging=stderr", "--dump-dom"])
            .arg(format!("--user-data-dir={}", profile.path().join("profile").display()))
            .arg(url)
            // A developer's proxy and profile must not take part in tests.
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("HOME", profile.path());
        let output = run_to_end(&mut command, PAGE_TIMEOUT).with_context(|| format!("opening {url}"))?;
        let log = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            bail!("the browser ended with {} at {url}; its log:\n{log}", output.status);
        }
        let console = log.lines().filter(|line| line.contains(CONSOLE_MARK)).map(str::to_owned).collect();
        Ok(Page { document: String::from_utf8_lossy(&output.stdout).into_owned(), console })
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read as _, Write as _},
        net::TcpListener,
        thread,
    };

    use super::*;

    const ANSWER: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\
         Content-Security-Policy: default-src 'none'\r\n\r\n<h1>Shown</h1><script>document.title = 1</script>";

    #[test]
    fn what_a_page_may_not_do_is_on_its_console() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        thread::spawn(move || {
            for mut stream in listener.incoming().map_while(Result::ok) {
                // A browser opens connections ahead of time and leaves some unused.
                thread::spawn(move || {
                    stream.read(&mut [0; 4096]).and_then(|_| stream.write_all(ANSWER.as_bytes()))
                });
            }
        });
        let page = Browser::find().unwrap().open(&url).unwrap();
        assert!(page.document.contains("<h1>Shown</h1>"), "{}", page.document);
        let refused = page.console.iter().any(|line| line.contains("Content Security Policy"));
        assert!(refused, "{:?}", page.console);
    }
}
