//! Makes connections for the pool and checks those that lay idle.

use std::time::Duration;

use deadpool::managed::{Manager, Metrics, Object, Pool, QueueMode, RecycleResult, Timeouts};
use deadpool_redis::{
    Runtime,
    redis::{AsyncConnectionConfig, RedisError, aio::MultiplexedConnection},
};

use crate::{RedisFailure, RedisSettings};

/// A connection that is busy gives its own proof; only one that lay idle for this long is asked first.
const CHECKED_AFTER: Duration = Duration::from_secs(5);

/// A connection that goes back to the pool when dropped.
pub(crate) type PooledConnection = Object<Connections>;

/// Makes connections. The pool's own manager does the work; this one spares busy connections its check, which
/// would double the round trips.
pub(crate) struct Connections(deadpool_redis::Manager);

impl Connections {
    /// Makes a pool, without connecting.
    ///
    /// # Errors
    /// When the URL is no Redis URL.
    pub(crate) fn pool(settings: &RedisSettings) -> Result<Pool<Self>, RedisFailure> {
        // The client has time-outs of its own around these; the library's must not be the shorter ones.
        let patience = settings.connect_timeout + settings.command_timeout;
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(patience))
            .set_response_timeout(Some(patience));
        let manager = deadpool_redis::Manager::new_with_config(settings.url.as_str(), config)
            .map_err(RedisFailure::Url)?;
        let timeouts = Timeouts {
            wait: Some(settings.command_timeout),
            create: Some(settings.connect_timeout),
            recycle: Some(settings.command_timeout),
        };
        // The latest first: few connections stay busy, and the rest are checked before they are used again.
        let builder = Pool::builder(Self(manager))
            .max_size(settings.connections.max(1))
            .timeouts(timeouts)
            .queue_mode(QueueMode::Lifo)
            .runtime(Runtime::Tokio1);
        // Building fails only without a runtime.
        builder.build().map_err(|_| RedisFailure::LeftAlone)
    }
}

impl Manager for Connections {
    type Type = MultiplexedConnection;
    type Error = RedisError;

    async fn create(&self) -> Result<MultiplexedConnection, RedisError> {
        self.0.create().await
    }

    async fn recycle(
        &self,
        connection: &mut MultiplexedConnection,
        metrics: &Metrics,
    ) -> RecycleResult<RedisError> {
        if metrics.last_used() < CHECKED_AFTER {
            return Ok(());
        }
        self.0.recycle(connection, metrics).await
    }
}
