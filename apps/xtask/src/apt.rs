//! Installs Debian packages without asking anybody, where this user may.

use std::process::{Command, Stdio};

use anyhow::{Context, bail};

use crate::search::first_program;
use crate::step::Step;

/// Refreshes the package lists and installs the packages.
///
/// # Errors
/// When the machine has no `apt-get`, when this user is neither root nor may use `sudo` without a password, or when
/// `apt-get` itself fails.
pub(crate) fn install(packages: &[&str]) -> anyhow::Result<()> {
    let path = std::env::var_os("PATH");
    if first_program(&["apt-get"], path.as_deref()).is_none() {
        bail!("there is no apt-get on this machine");
    }
    let Some(prefix) = elevation() else {
        bail!("installing needs root, or sudo without a password");
    };
    apt_get("refresh the package lists", prefix, &["update", "--quiet"]).run()?;
    apt_get(
        "install the missing packages",
        prefix,
        &["install", "--quiet", "--yes", "--no-install-recommends"],
    )
    .arguments(packages)
    .run()
    .context("apt-get could not install the packages")
}

/// Returns what goes in front of a command to run it as root; `None` when this user may not.
fn elevation() -> Option<&'static [&'static str]> {
    if is_root() {
        return Some(&[]);
    }
    let mut sudo = Command::new("sudo");
    sudo.args(["-n", "true"]).stdout(Stdio::null()).stderr(Stdio::null());
    sudo.status().is_ok_and(|status| status.success()).then_some(&["sudo", "-n"])
}

fn is_root() -> bool {
    let user = Command::new("id").arg("-u").output();
    user.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// Builds the command through `env`, because sudo drops variables it was not told to keep.
fn apt_get(title: &'static str, prefix: &[&str], arguments: &[&str]) -> Step {
    let command = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"];
    // Another apt-get may be at work on a machine that has just started.
    let patience = ["-o", "DPkg::Lock::Timeout=120", "-o", "Acquire::Retries=3"];
    let mut words = prefix.iter().chain(&command).chain(&patience).chain(arguments).copied();
    Step::program(title, words.next().unwrap_or_default()).arguments(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_calls_apt_get_directly_and_never_is_asked() {
        let step = apt_get("install", &[], &["install", "--yes"]);

        assert!(step.to_string().starts_with("env DEBIAN_FRONTEND=noninteractive apt-get "));
        assert!(step.to_string().ends_with(" install --yes"));
    }

    #[test]
    fn others_go_through_sudo_that_asks_for_no_password() {
        let step = apt_get("install", &["sudo", "-n"], &["update"]);

        assert!(step.to_string().starts_with("sudo -n env DEBIAN_FRONTEND=noninteractive apt-get "));
    }
}
