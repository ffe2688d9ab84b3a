//! The database: whether it can be reached and written to, whether its schema is this program's, whether the keys open
//! it, and whether somebody works on what it holds.

use std::{fs::OpenOptions, path::Path, time::Duration};

use chrono::TimeDelta;
use kernel::Clock as _;
use rustix::fs::{Access, access};

use super::{Finding, PATIENCE, Patient, disk::nearest, keys};
use crate::{
    compose::{
        database::{MigrationStatus, migration_status},
        inspection::{self, OpenFault},
    },
    config::Database,
    system::SystemClock,
};

const CHECK: &str = "database";
const WORKER: &str = "worker";
/// A job that is due is claimed within a second; what waits for longer than this, nobody claims.
const LONGEST_WAIT: TimeDelta = TimeDelta::seconds(60);
/// How long opening may take: several questions, one after the other.
const OPENING: Duration = PATIENCE.saturating_mul(3);

pub(super) async fn look(patient: &Patient) -> Vec<Finding> {
    if let Database::Sqlite(path) = &patient.config.database
        && let Some(fault) = file_fault(path)
    {
        return vec![fault, Finding::skip(WORKER, "the database must be well first")];
    }
    if patient.config.database == Database::Memory {
        let detail = "nothing is kept: DATABASE_URL is memory:";
        return vec![
            Finding::ok(CHECK, detail),
            Finding::skip(WORKER, "another process's memory cannot be seen"),
        ];
    }
    let found = tokio::time::timeout(PATIENCE, migration_status(&patient.config)).await;
    let status = match found {
        Ok(Ok(status)) => status,
        Ok(Err(error)) => return vec![unreachable(&format!("{error:#}"))],
        Err(_) => return vec![unreachable("it does not answer in time")],
    };
    if let Some(found) = schema_fault(patient, &status) {
        return vec![found, Finding::skip(WORKER, "the database must be at this program's schema first")];
    }
    let newer = newer_program(&status);
    let schema = if newer.is_some() { "" } else { "its schema is this program's, and " };
    newer.into_iter().chain(open(patient, schema).await).collect()
}

fn file_fault(path: &Path) -> Option<Finding> {
    let mend = "set DATABASE_URL to a file in a folder that the account which runs this may write to";
    let cannot = |why: String| Some(Finding::fail(CHECK, format!("{} {why}", path.display()), mend));
    if path.is_dir() {
        return cannot("is a folder".to_owned());
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let folder = nearest(folder).unwrap_or(folder);
    if !folder.is_dir() {
        return cannot(format!("cannot be made: {} is no folder", folder.display()));
    }
    if access(folder, Access::WRITE_OK | Access::EXEC_OK).is_err() {
        return cannot(format!("cannot be written to: {} is closed to this account", folder.display()));
    }
    if !path.exists() {
        return None;
    }
    OpenOptions::new()
        .write(true)
        .open(path)
        .err()
        .and_then(|error| cannot(format!("cannot be written to: {error}")))
}

fn unreachable(why: &str) -> Finding {
    let mend = "see that the database runs and that DATABASE_URL names its host, user, password and database";
    Finding::fail(CHECK, format!("cannot be used: {why}"), mend)
}

/// While processes are replaced one by one, old ones serve on what the first new one has migrated.
fn newer_program(status: &MigrationStatus) -> Option<Finding> {
    let unknown = status.unknown.join(", ");
    (!unknown.is_empty()).then(|| {
        let detail =
            format!("a newer program has migrated it, and this one serves on: {unknown} is not known here");
        Finding::warn(CHECK, detail, "replace this program by the newer one when its turn comes")
    })
}

fn schema_fault(patient: &Patient, status: &MigrationStatus) -> Option<Finding> {
    if status.pending.is_empty() {
        return None;
    }
    let lacks = format!(
        "lacks {} of {} migrations",
        status.pending.len(),
        status.pending.len() + status.applied.len()
    );
    let is_migrated_by_hand =
        matches!(patient.config.database, Database::Postgres(_)) && patient.config.environment.is_deployed();
    let has_file = matches!(&patient.config.database, Database::Sqlite(path) if path.exists());
    Some(if is_migrated_by_hand {
        Finding::fail(CHECK, lacks, "run `cheetah migrate` as the owner of the tables")
    } else if status.applied.is_empty() && !has_file {
        Finding::ok(CHECK, "is empty yet; the first start makes its tables")
    } else {
        Finding::warn(CHECK, lacks, "make a backup and run `cheetah migrate`, or let the next start do it")
    })
}

async fn open(patient: &Patient, schema: &str) -> Vec<Finding> {
    let Some(keys) = &patient.key_encryption_keys else {
        let mend = "restore DATA_DIR/keys from the backup, or set PII_ENCRYPTION_KEY";
        return vec![Finding::fail(CHECK, "has data, and the keys that open it are not there", mend)];
    };
    let opened = tokio::time::timeout(OPENING, inspection::open(&patient.config, keys)).await;
    match opened {
        Ok(Ok(opened)) => {
            let mut findings = vec![Finding::ok(CHECK, format!("{schema}the keys open it"))];
            findings.extend(keys::wrapping(&opened).await);
            findings.push(worker(&opened).await);
            findings
        }
        Ok(Err(error)) => vec![open_fault(&error), Finding::skip(WORKER, "the database must be well first")],
        Err(_) => vec![unreachable("it does not answer in time")],
    }
}

fn open_fault(error: &anyhow::Error) -> Finding {
    match inspection::open_fault(error) {
        OpenFault::Keys => {
            let detail = "it was made with other keys: PII_ENCRYPTION_KEY is another installation's";
            let mend =
                "set PII_ENCRYPTION_KEY to the key that this database was made with; nothing else opens it";
            Finding::fail(CHECK, detail, mend)
        }
        OpenFault::KeyVersion(version) => {
            let detail = format!("its keys need version {version}, which PII_ENCRYPTION_KEY lacks");
            let mend = "add the key of this version to PII_ENCRYPTION_KEY; take versions out only once `cheetah keys status` \
                        names them no more";
            Finding::fail(CHECK, detail, mend)
        }
        OpenFault::Privileged => {
            let mend = "run `cheetah migrate`, which makes the roles, and log in as a member of them that is neither \
                        superuser nor owner";
            Finding::fail(CHECK, format!("tenants are not kept apart: {error:#}"), mend)
        }
        OpenFault::Other => unreachable(&format!("{error:#}")),
    }
}

async fn worker(opened: &inspection::Opened) -> Finding {
    let asked = tokio::time::timeout(PATIENCE, opened.next_due()).await;
    let Ok(Ok(due)) = asked else {
        return Finding::fail(WORKER, "the queue of jobs cannot be read", "see what is said of the database");
    };
    let waits = due.map_or(TimeDelta::zero(), |due| SystemClock.now() - due);
    if waits > LONGEST_WAIT {
        let detail = format!("nobody works: a job has waited for {} s", waits.num_seconds());
        return Finding::fail(WORKER, detail, "start `cheetah serve` or `cheetah worker`, and see its log");
    }
    Finding::ok(WORKER, "no job waits for long")
}
