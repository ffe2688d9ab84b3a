//! How many connections to a database that is shared each kind of work may have.

use super::reader::Reader;

const GIVE_SIZE: &str = "write how many connections there may be, from 2 to 1000";

/// How many connections each kind of work may have; what is not said is left to the database's adapter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolsConfig {
    /// For carriers' webhooks.
    pub webhooks: Option<usize>,
    /// For the chat on web pages.
    pub chat: Option<usize>,
    /// For all else of the API.
    pub api: Option<usize>,
    /// For jobs.
    pub worker: Option<usize>,
}

impl PoolsConfig {
    pub(super) fn read(env: &mut Reader) -> Self {
        // Two roles share them, and each needs one.
        let size = |text: &str| text.parse().ok().filter(|size| (2..=1_000_usize).contains(size));
        let mut read = |name| env.parsed(name, GIVE_SIZE, size);
        Self {
            webhooks: read("DATABASE_POOL_WEBHOOKS"),
            chat: read("DATABASE_POOL_CHAT"),
            api: read("DATABASE_POOL_API"),
            worker: read("DATABASE_POOL_WORKER"),
        }
    }
}
