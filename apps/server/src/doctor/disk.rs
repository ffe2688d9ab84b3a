//! The folder of files: whether it can be written to, and how much room there is.

use std::path::Path;

use rustix::fs::{Access, access, statvfs};

use super::{Finding, Patient};

const CHECK: &str = "disk";
const MEBIBYTE: u64 = 1_024 * 1_024;
/// With less than this, writes fail soon.
const TOO_LITTLE: u64 = 100 * MEBIBYTE;
/// With less than this, somebody should look after it.
const LITTLE: u64 = 1_024 * MEBIBYTE;

pub(super) fn look(patient: &Patient) -> Vec<Finding> {
    let wanted = &patient.config.data_dir;
    let mend = "set DATA_DIR to a folder that the account which runs this may write to";
    let Some(folder) = nearest(wanted) else {
        return vec![Finding::fail(CHECK, format!("there is no folder {}", wanted.display()), mend)];
    };
    if !folder.is_dir() {
        let detail = format!("{} is needed as a folder and is a file", folder.display());
        return vec![Finding::fail(CHECK, detail, mend)];
    }
    if access(folder, Access::WRITE_OK | Access::EXEC_OK).is_err() {
        return vec![Finding::fail(CHECK, format!("{} cannot be written to", folder.display()), mend)];
    }
    match statvfs(folder) {
        Ok(room) => vec![judge(room.f_bavail.saturating_mul(room.f_frsize), folder)],
        Err(error) => vec![Finding::warn(
            CHECK,
            format!("the system does not say how much room there is: {error}"),
            "look yourself, with `df`",
        )],
    }
}

/// Returns the folder, or of those it lies in the nearest that is there: that one it will be made in.
pub(super) fn nearest(path: &Path) -> Option<&Path> {
    let spelt_out = |path: &'_ Path| path.as_os_str().is_empty();
    path.ancestors()
        .map(|path| if spelt_out(path) { Path::new(".") } else { path })
        .find(|path| path.exists())
}

fn judge(free: u64, folder: &Path) -> Finding {
    let detail = format!("{} MiB are free at {}", free / MEBIBYTE, folder.display());
    let mend = "make room, or move DATA_DIR to a larger disk";
    match free {
        ..TOO_LITTLE => Finding::fail(CHECK, detail, mend),
        TOO_LITTLE..LITTLE => Finding::warn(CHECK, detail, mend),
        LITTLE.. => Finding::ok(CHECK, detail),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Status;

    #[test]
    fn a_disk_that_is_nearly_full_is_named_before_writes_fail() {
        let status = |mebibytes: u64| judge(mebibytes * MEBIBYTE, Path::new("/data")).status;
        assert_eq!(
            [99, 100, 1_023, 1_024].map(status),
            [Status::Fail, Status::Warn, Status::Warn, Status::Ok]
        );
    }

    #[test]
    fn the_room_is_looked_at_where_the_folder_will_be_made() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(nearest(&folder.path().join("a/b")), Some(folder.path()));
        assert_eq!(nearest(Path::new("no-such-folder")), Some(Path::new(".")));
    }
}
