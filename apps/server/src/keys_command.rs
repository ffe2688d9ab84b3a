//! `cheetah keys`: says which versions of the key-encryption key wrap the tenants' keys, and wraps them by the newest.

use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use kernel::StoreError;
use tenancy::{KeyCount, KeyRotation, KeyStatus, SecretText, TenancyError};

use crate::{
    compose::database::{self, KeyAccess},
    config::Config,
    local_keys::LocalKeys,
};

/// How long to wait before going on after the database failed, each time it does.
const PAUSES: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(3), Duration::from_secs(10)];

/// Says which versions wrap how many keys.
///
/// # Errors
/// When there is no database or it does not open.
pub async fn status(config: &Config, say: fn(&str)) -> anyhow::Result<()> {
    let access = open(config).await?;
    let status = access.keys.status(&access.platform).await?;
    for count in &status.counts {
        say(&format!(
            "version {:<10} {:>8}{}\n",
            count.version,
            keys(count.keys),
            remark(&access, &status, *count)
        ));
    }
    Ok(())
}

/// Wraps every key by the newest version, or with `is_dry` says what would be wrapped and whether it opens.
///
/// # Errors
/// When a key does not open, keys are left that an older version wraps, or the database fails for long.
pub async fn rotate(config: &Config, is_dry: bool, say: fn(&str)) -> anyhow::Result<()> {
    let access = open(config).await?;
    let before = access.keys.status(&access.platform).await?;
    refuse_an_old_ring(&before)?;
    let done = if is_dry {
        access.keys.rehearse(&access.platform).await?
    } else {
        work(&access, &before, say).await?
    };
    for key in &done.unopened {
        let whose = if key.owner.uuid().is_nil() {
            "the platform".to_owned()
        } else {
            format!("tenant {}", key.owner)
        };
        say(&format!("not wrapped anew: the key of {whose}, by version {}: {}\n", key.version, key.error));
    }
    let verb = if is_dry { "would wrap" } else { "wrapped" };
    say(&format!("{verb} {} by version {}\n", keys(done.rewrapped), before.newest));
    if !is_dry {
        let (rewrapped, newest) = (done.rewrapped, before.newest);
        // No tenant's audit log has a place for it.
        tracing::info!(keys.rewrapped = rewrapped, keys.version = newest, "tenants' keys were wrapped anew");
    }
    conclude(&access, &done, is_dry, say).await
}

/// Goes on where it was when the database fails for a moment.
async fn work(access: &KeyAccess, before: &KeyStatus, say: fn(&str)) -> anyhow::Result<KeyRotation> {
    let (mut done, mut pauses) = (0, PAUSES.into_iter());
    let all = before.outstanding();
    loop {
        let begun_at = done;
        let mut progress = |keys: u64| {
            done = begun_at + keys;
            say(&format!("{done} of {}\n", all.max(done)));
        };
        match (access.keys.rotate(&access.platform, &mut progress).await, pauses.next()) {
            (Ok(rotation), _) => return Ok(KeyRotation { rewrapped: done, ..rotation }),
            (Err(TenancyError::Store(StoreError::Unavailable(error))), Some(pause)) => {
                say(&format!("the database failed ({error}); going on in {} s\n", pause.as_secs()));
                tokio::time::sleep(pause).await;
            }
            (Err(error), _) => {
                return Err(error).context("stopped in the middle; nothing is lost: run it again");
            }
        }
    }
}

async fn conclude(access: &KeyAccess, done: &KeyRotation, is_dry: bool, say: fn(&str)) -> anyhow::Result<()> {
    let failed = keys(u64::try_from(done.unopened.len())?);
    ensure!(
        done.unopened.is_empty(),
        "{failed} did not open and stayed as they were: keep their versions in PII_ENCRYPTION_KEY, and restore those \
         rows of vault_keys from a backup"
    );
    if is_dry {
        return Ok(());
    }
    let after = access.keys.status(&access.platform).await?;
    refuse_an_old_ring(&after)?;
    if after.outstanding() > 0 {
        let left: Vec<_> =
            after.older().map(|count| format!("{} by version {}", keys(count.keys), count.version)).collect();
        bail!(
            "an old version still wraps {}: some server still makes keys with it. Give every process version {}, restart \
             it, and run this again",
            left.join(", "),
            after.newest
        );
    }
    say(&format!(
        "no key needs an older version: once every process has version {}, the others can be taken out of \
         PII_ENCRYPTION_KEY\n",
        after.newest
    ));
    Ok(())
}

/// Refuses to work with a ring that lacks versions which are in use already.
fn refuse_an_old_ring(status: &KeyStatus) -> anyhow::Result<()> {
    match status.newer().last() {
        Some(newer) => bail!(
            "version {} is in use already, and PII_ENCRYPTION_KEY ends with version {}: add it",
            newer.version,
            status.newest
        ),
        None => Ok(()),
    }
}

fn remark(access: &KeyAccess, status: &KeyStatus, count: KeyCount) -> &'static str {
    match (access.keys.has_version(count.version), count.version == status.newest) {
        (true, true) => "  newest",
        (true, false) => "  older: `cheetah keys rotate` wraps them anew",
        (false, _) => "  NOT in PII_ENCRYPTION_KEY: they do not open",
    }
}

/// Counts keys in words.
pub(crate) fn keys(count: u64) -> String {
    if count == 1 { "1 key".to_owned() } else { format!("{count} keys") }
}

async fn open(config: &Config) -> anyhow::Result<KeyAccess> {
    let ring = match &config.pii_encryption_key {
        Some(given) => Some(given.clone()),
        None => made(config)?,
    };
    let ring =
        ring.context("there are no keys yet: PII_ENCRYPTION_KEY is not set, and no start has made one")?;
    database::key_access(config, &ring).await
}

fn made(config: &Config) -> anyhow::Result<Option<SecretText>> {
    let local = LocalKeys::existing(&config.data_dir);
    Ok(local.map(|keys| keys.made_pii_encryption_key()).transpose()?.flatten())
}
