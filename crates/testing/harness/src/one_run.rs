//! A program that ends by itself, given so long and no longer.

use std::{
    fs::File,
    io::{Read as _, Seek as _},
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use anyhow::{Context as _, bail};

use crate::waiting::poll;

/// Runs a command to its end and returns what it printed. It gets no input.
///
/// # Errors
/// When it does not start, or has not ended within the time; then it is killed.
pub fn run_to_end(command: &mut Command, within: Duration) -> anyhow::Result<Output> {
    // Files, since whoever fills a pipe that nobody reads stands still.
    let (mut stdout, mut stderr) = (tempfile::tempfile()?, tempfile::tempfile()?);
    command.stdin(Stdio::null()).stdout(stdout.try_clone()?).stderr(stderr.try_clone()?);
    let child = command.spawn();
    let mut child =
        KilledAtTheEnd(child.with_context(|| format!("cannot start {}", command.get_program().display()))?);
    if let Some(status) = poll(within, || Ok(child.0.try_wait()?))? {
        return Ok(Output { status, stdout: whole(&mut stdout)?, stderr: whole(&mut stderr)? });
    }
    let said = whole(&mut stderr)?;
    bail!("it did not end within {within:?}; it said:\n{}", String::from_utf8_lossy(&said));
}

/// A process that does not outlive whoever started it, whatever goes wrong.
struct KilledAtTheEnd(Child);

impl Drop for KilledAtTheEnd {
    fn drop(&mut self) {
        // As a rule it has ended already; then there is nothing to do.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn whole(file: &mut File) -> anyhow::Result<Vec<u8>> {
    let mut content = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut content)?;
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_printed_comes_back_with_the_status() {
        let mut shell = Command::new("sh");
        shell.args(["-c", "echo out; echo err >&2; exit 3"]);
        let output = run_to_end(&mut shell, Duration::from_secs(20)).unwrap();
        assert_eq!((output.stdout, output.stderr), (b"out\n".to_vec(), b"err\n".to_vec()));
        assert_eq!(output.status.code(), Some(3));
    }

    #[test]
    fn what_does_not_end_is_given_up_with_its_last_words() {
        let mut shell = Command::new("sh");
        shell.args(["-c", "echo stuck >&2; exec sleep 600"]);
        let refusal = run_to_end(&mut shell, Duration::from_millis(300)).unwrap_err().to_string();
        assert!(refusal.contains("did not end") && refusal.contains("stuck"), "{refusal}");
    }
}
