//! The keys: whether those that were given can be used, whether those that a local start has made are private, and
//! whether old versions are still in use.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use super::{Finding, PATIENCE, Patient};
use crate::{
    compose::inspection::{self, Opened},
    keys_command::keys,
};

const CHECK: &str = "keys";

pub(super) fn look(patient: &Patient) -> Vec<Finding> {
    let Some(keys) = &patient.key_encryption_keys else {
        let folder = patient.config.data_dir.join("keys");
        return vec![Finding::ok(
            CHECK,
            format!("none yet; the first start makes them in {}", folder.display()),
        )];
    };
    let mut findings = Vec::new();
    if let Err(error) = inspection::check_key_encryption_keys(keys) {
        let mend = "write a version and a key, as in `1:` and what `openssl rand -base64 32` prints; a database that \
                    has data needs the key that it was made with";
        findings.push(Finding::fail(CHECK, format!("PII_ENCRYPTION_KEY cannot be used: {error}"), mend));
    }
    let folder = patient.keys.as_ref().map(|keys| keys.folder().to_owned());
    let open = folder.as_deref().map(open_to_others).unwrap_or_default();
    if let Some(file) = open.first() {
        let mend = format!("run `chmod 600 {}`", file.display());
        findings.push(Finding::fail(
            CHECK,
            format!("others on this machine can read {}", file.display()),
            mend,
        ));
    }
    if findings.is_empty() {
        findings.push(Finding::ok(CHECK, "can be used, and only this account can read them"));
    }
    findings
}

/// Says which versions of the key-encryption key that are in use ask for something to be done.
pub(super) async fn wrapping(opened: &Opened) -> Vec<Finding> {
    let Ok(Ok(status)) = tokio::time::timeout(PATIENCE, opened.key_status()).await else {
        return vec![Finding::fail(
            CHECK,
            "which versions are in use cannot be read",
            "see what is said of the database",
        )];
    };
    let lacking = status.counts.iter().filter(|count| !opened.has_key_version(count.version));
    let lacking = lacking.map(|count| {
        let detail = format!(
            "PII_ENCRYPTION_KEY lacks version {}, by which {} are wrapped",
            count.version,
            keys(count.keys)
        );
        Finding::fail(CHECK, detail, "add the key of this version: what it wraps opens with nothing else")
    });
    let older = status.older().filter(|count| opened.has_key_version(count.version)).map(|count| {
        let detail = format!("version {} still wraps {}", count.version, keys(count.keys));
        Finding::warn(CHECK, detail, "once every process has the newest version, run `cheetah keys rotate`")
    });
    lacking.chain(older).collect()
}

/// Returns the files in a folder that others than their owner may read.
fn open_to_others(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    let is_open = |file: &fs::DirEntry| {
        file.metadata().is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o077 != 0)
    };
    files.filter(is_open).map(|file| file.path()).collect()
}
