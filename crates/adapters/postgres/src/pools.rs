//! Pools of connections: each kind of work has two of its own, one a role, so that no kind waits for another's statements.

use std::{sync::Arc, time::Duration};

use deadpool::{
    Runtime,
    managed::{Object, Pool, PoolError, Timeouts},
};
use kernel::{StoreError, Workload};

use crate::{
    Connection, OpenError,
    arrivals::Arrivals,
    connect::{APP_ROLE, Connector, PLATFORM_ROLE},
};

/// How many connections there may be, and how long one waits for them.
///
/// Of each kind's connections a third, and one at least, work for the platform: they find credentials and claim jobs. The
/// others work for tenants. Connections are made when they are needed.
#[derive(Clone, Copy, Debug)]
pub struct PoolSettings {
    /// Connections for carriers' webhooks.
    pub webhooks: usize,
    /// Connections for the chat on web pages.
    pub chat: usize,
    /// Connections for all else of the API.
    pub api: usize,
    /// Connections for jobs.
    pub worker: usize,
    /// Connections for what runs the server.
    pub upkeep: usize,
    /// How long a request waits for a free connection.
    pub wait: Duration,
    /// How long the server works on one statement at most, and leaves a transaction idle.
    pub statement: Duration,
}

impl Default for PoolSettings {
    fn default() -> Self {
        Self {
            webhooks: 8,
            chat: 4,
            api: 6,
            worker: 8,
            upkeep: 2,
            wait: Duration::from_secs(3),
            statement: Duration::from_secs(15),
        }
    }
}

/// How much of a pool is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolFigures {
    /// Which pool, such as `api` or `api_platform`.
    pub name: &'static str,
    /// Connections there are.
    pub size: usize,
    /// Connections that nobody uses.
    pub available: usize,
    /// Requests that wait for one.
    pub waiting: usize,
}

/// Every pool of a process.
pub(crate) struct Pools {
    webhooks: Share,
    chat: Share,
    api: Share,
    worker: Share,
    upkeep: Share,
}

/// The connections of one kind of work.
struct Share {
    app: Pool<Connector>,
    platform: Pool<Connector>,
    arrivals: Arc<Arrivals>,
}

impl Pools {
    /// Makes the pools, without a connection.
    pub(crate) fn new(connection: &Connection, settings: &PoolSettings) -> Result<Self, OpenError> {
        let share = |size| Share::new(connection, size, settings);
        Ok(Self {
            webhooks: share(settings.webhooks)?,
            chat: share(settings.chat)?,
            api: share(settings.api)?,
            worker: share(settings.worker)?,
            upkeep: share(settings.upkeep)?,
        })
    }

    /// Takes a connection that works for tenants.
    pub(crate) async fn app(&self) -> Result<Object<Connector>, StoreError> {
        take(&self.current().app).await
    }

    /// Takes a connection that works for the platform.
    pub(crate) async fn platform(&self) -> Result<Object<Connector>, StoreError> {
        take(&self.current().platform).await
    }

    /// Returns where inbound messages wait to be stored.
    pub(crate) fn arrivals(&self) -> Arc<Arrivals> {
        Arc::clone(&self.current().arrivals)
    }

    /// Takes the first connection of each role, and says why there is none.
    pub(crate) async fn first_of_each(&self) -> Result<[(&'static str, Object<Connector>); 2], OpenError> {
        let share = self.current();
        Ok([(APP_ROLE, first(&share.app).await?), (PLATFORM_ROLE, first(&share.platform).await?)])
    }

    /// Says how much of each pool is in use.
    pub(crate) fn figures(&self) -> Vec<PoolFigures> {
        let shares = [
            ("webhooks", "webhooks_platform", &self.webhooks),
            ("chat", "chat_platform", &self.chat),
            ("api", "api_platform", &self.api),
            ("worker", "worker_platform", &self.worker),
            ("upkeep", "upkeep_platform", &self.upkeep),
        ];
        let figures = shares
            .map(|(app, platform, share)| [figures(app, &share.app), figures(platform, &share.platform)]);
        figures.into_iter().flatten().collect()
    }

    fn current(&self) -> &Share {
        match Workload::current() {
            Workload::Webhooks => &self.webhooks,
            Workload::Chat => &self.chat,
            Workload::Api => &self.api,
            Workload::Worker => &self.worker,
            Workload::Upkeep => &self.upkeep,
        }
    }
}

impl Share {
    fn new(connection: &Connection, size: usize, settings: &PoolSettings) -> Result<Self, OpenError> {
        let platform = (size / 3).max(1);
        let pool = |role, size| {
            let manager =
                Connector { connection: connection.clone(), role, statement_timeout: settings.statement };
            let wait = Some(settings.wait);
            // Making a connection has a time-out of its own.
            let timeouts = Timeouts { wait, create: None, recycle: wait };
            let pool = Pool::builder(manager).max_size(size).timeouts(timeouts).runtime(Runtime::Tokio1);
            pool.build().map_err(|error| OpenError::Unusable(error.into()))
        };
        Ok(Self {
            app: pool(APP_ROLE, size.saturating_sub(platform).max(1))?,
            platform: pool(PLATFORM_ROLE, platform)?,
            arrivals: Arc::default(),
        })
    }
}

async fn take(pool: &Pool<Connector>) -> Result<Object<Connector>, StoreError> {
    pool.get().await.map_err(|error| StoreError::Unavailable(error.into()))
}

async fn first(pool: &Pool<Connector>) -> Result<Object<Connector>, OpenError> {
    pool.get().await.map_err(|error| match error {
        PoolError::Backend(error) => OpenError::Connect(error),
        other => OpenError::Unusable(other.into()),
    })
}

fn figures(name: &'static str, pool: &Pool<Connector>) -> PoolFigures {
    let status = pool.status();
    PoolFigures { name, size: status.size, available: status.available, waiting: status.waiting }
}
