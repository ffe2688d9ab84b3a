//! Where Postgres' programs are, and as whom they run.

use std::{
    os::unix::{fs::chown, process::CommandExt as _},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context as _;

/// What a folder must hold; a lone `postgres` on `PATH` is of no use.
const NEEDED: [&str; 4] = ["initdb", "postgres", "pg_ctl", "psql"];
/// Users to run as in the place of root, whom Postgres refuses.
const ORDINARY_USERS: [&str; 2] = ["postgres", "nobody"];

/// The folder with Postgres' programs.
#[derive(Clone, Debug)]
pub(crate) struct Programs {
    folder: PathBuf,
}

impl Programs {
    /// Finds them: where `CHEETAH_POSTGRES_BIN` says, or the newest of Debian's, or on `PATH`.
    pub(crate) fn find() -> anyhow::Result<Self> {
        let named = std::env::var_os("CHEETAH_POSTGRES_BIN").map(PathBuf::from);
        let of_debian = (15..100).rev().map(|version| format!("/usr/lib/postgresql/{version}/bin").into());
        let path = std::env::var_os("PATH").unwrap_or_default();
        let places: Vec<_> = named.into_iter().chain(of_debian).chain(std::env::split_paths(&path)).collect();
        let folder = first_complete(&places);
        let folder = folder.context("no Postgres: run the tests with `cargo xtask test`, which brings it")?;
        Ok(Self { folder })
    }

    /// Returns the path of one of them.
    pub(crate) fn path(&self, program: &str) -> PathBuf {
        self.folder.join(program)
    }
}

fn first_complete(places: &[PathBuf]) -> Option<PathBuf> {
    let is_complete = |folder: &&PathBuf| NEEDED.iter().all(|program| folder.join(program).is_file());
    places.iter().find(is_complete).cloned()
}

/// The user that a cluster belongs to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Owner {
    /// Whoever runs the tests.
    Ourselves,
    /// An ordinary user, because we are root.
    Other { user: u32, group: u32 },
}

impl Owner {
    /// Chooses the owner of a folder's content. `our_user` is the user that made the folder.
    pub(crate) fn choose(our_user: u32) -> anyhow::Result<Self> {
        if our_user != 0 {
            return Ok(Self::Ourselves);
        }
        let users = std::fs::read_to_string("/etc/passwd")?;
        let (user, group) = ORDINARY_USERS.iter().find_map(|name| ids(&users, name)).with_context(|| {
            format!(
                "Postgres does not run as root, and this machine has no user {}",
                ORDINARY_USERS.join(" or ")
            )
        })?;
        Ok(Self::Other { user, group })
    }

    /// Gives the folder to the owner.
    pub(crate) fn take(self, folder: &Path) -> anyhow::Result<()> {
        if let Self::Other { user, group } = self {
            chown(folder, Some(user), Some(group))?;
        }
        Ok(())
    }

    /// Lets the command run as the owner.
    pub(crate) fn run(self, command: &mut Command) {
        if let Self::Other { user, group } = self {
            command.uid(user).gid(group);
        }
    }
}

/// Returns the user's and group's number from the lines of `/etc/passwd`.
fn ids(users: &str, name: &str) -> Option<(u32, u32)> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let is_named = fields.next() == Some(name);
        let (user, group) = (fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?);
        is_named.then_some((user, group))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_lacks_a_program_is_passed_over() {
        let stray = tempfile::tempdir().unwrap();
        std::fs::write(stray.path().join("postgres"), "").unwrap();
        let whole = tempfile::tempdir().unwrap();
        for program in NEEDED {
            std::fs::write(whole.path().join(program), "").unwrap();
        }
        let places = [stray.path().to_owned(), whole.path().to_owned()];
        assert_eq!(first_complete(&places).as_deref(), Some(whole.path()));
        assert_eq!(first_complete(&places[..1]), None);
    }

    #[test]
    fn a_user_is_found_by_the_whole_name() {
        let users =
            "root:x:0:0:root:/root:/bin/sh\npostgresql:x:1:1::/:/bin/sh\npostgres:x:109:117:,,,:/:/bin/sh\n";
        assert_eq!(ids(users, "postgres"), Some((109, 117)));
        assert_eq!(ids(users, "nobody"), None);
    }

    #[test]
    fn who_is_not_root_stays_who_they_are() {
        assert!(matches!(Owner::choose(1000).unwrap(), Owner::Ourselves));
    }
}
