//! The one way to Redis: every command has a time-out, and after a failure Redis is left alone for a while.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use deadpool::managed::Pool;
use deadpool_redis::redis::{
    Client, Cmd, ErrorKind, FromRedisValue, RedisError, RedisResult, ScriptInvocation, ServerErrorKind,
    aio::{MultiplexedConnection, PubSub},
};
use tokio::time::{Instant, timeout};

use crate::{
    RedisFailure, RedisSettings,
    breaker::{Breaker, Permission},
    connections::{Connections, PooledConnection},
};

/// How often Redis was of use, since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RedisCounts {
    /// Commands that were answered.
    pub answered: u64,
    /// Commands that failed or took too long.
    pub failed: u64,
    /// Commands that were not sent, because Redis had just failed.
    pub spared: u64,
}

/// A client that connects when it is first used and outlives any failure of Redis.
///
/// No call takes longer than the connect and the command time-out together; while Redis is known to be away, a
/// call costs nothing.
pub struct RedisClient {
    settings: RedisSettings,
    pool: Pool<Connections>,
    listener: Client,
    breaker: Breaker,
    answered: AtomicU64,
    failed: AtomicU64,
    spared: AtomicU64,
}

impl RedisClient {
    /// Makes the client, without connecting: a Redis that is away at the start is no error.
    ///
    /// # Errors
    /// When the URL is no Redis URL.
    pub fn new(settings: RedisSettings) -> Result<Arc<Self>, RedisFailure> {
        Ok(Arc::new(Self {
            pool: Connections::pool(&settings)?,
            listener: Client::open(settings.url.as_str()).map_err(RedisFailure::Url)?,
            breaker: Breaker::new(settings.shortest_absence, settings.longest_absence),
            settings,
            answered: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            spared: AtomicU64::new(0),
        }))
    }

    /// Asks whether Redis answers now. What is served does not depend on it.
    ///
    /// # Errors
    /// When it does not.
    pub async fn health(self: &Arc<Self>) -> Result<(), RedisFailure> {
        self.command(&ping()).await
    }

    /// Returns what Redis says of itself: its version, its settings, and how it does.
    ///
    /// # Errors
    /// When it does not answer, or with an error.
    pub async fn info(self: &Arc<Self>) -> Result<String, RedisFailure> {
        self.command(&deadpool_redis::redis::cmd("INFO")).await
    }

    /// Returns how often Redis was of use.
    pub fn counts(&self) -> RedisCounts {
        RedisCounts {
            answered: self.answered.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
            spared: self.spared.load(Ordering::Relaxed),
        }
    }

    /// Returns where Redis is and how patient we are.
    pub(crate) fn settings(&self) -> &RedisSettings {
        &self.settings
    }

    /// Sends a command.
    pub(crate) async fn command<T: FromRedisValue>(
        self: &Arc<Self>,
        command: &Cmd,
    ) -> Result<T, RedisFailure> {
        self.ask(|mut connection| async move { command.query_async(&mut connection).await }).await
    }

    /// Runs a script, by its digest where Redis knows it already.
    pub(crate) async fn script<T: FromRedisValue>(
        self: &Arc<Self>,
        script: &ScriptInvocation<'_>,
    ) -> Result<T, RedisFailure> {
        self.ask(|mut connection| async move { script.invoke_async(&mut connection).await }).await
    }

    /// Opens a connection that listens to a channel. Whoever listens has to notice a silence himself.
    pub(crate) async fn listen(&self, channel: &str) -> Result<PubSub, RedisFailure> {
        let connecting = timeout(self.settings.connect_timeout, self.listener.get_async_pubsub());
        let mut pubsub = connecting.await.map_err(|_| RedisFailure::TimedOut)??;
        let subscribing = timeout(self.settings.command_timeout, pubsub.subscribe(channel));
        subscribing.await.map_err(|_| RedisFailure::TimedOut)??;
        Ok(pubsub)
    }

    async fn ask<T, F>(
        self: &Arc<Self>,
        question: impl FnOnce(MultiplexedConnection) -> F,
    ) -> Result<T, RedisFailure>
    where
        F: Future<Output = RedisResult<T>>,
    {
        let began = Instant::now();
        let permission = self.breaker.ask(began);
        if permission == Permission::TryInBackground {
            let client = Arc::clone(self);
            tokio::spawn(async move { client.try_again().await });
        }
        if permission != Permission::Granted {
            self.spared.fetch_add(1, Ordering::Relaxed);
            return Err(RedisFailure::LeftAlone);
        }
        let outcome = self.attempt(question).await;
        match &outcome {
            Ok(_) => {
                self.answered.fetch_add(1, Ordering::Relaxed);
                self.breaker.succeeded();
            }
            Err(failure) => self.note_failure(failure, began),
        }
        outcome
    }

    async fn attempt<T, F>(
        &self,
        question: impl FnOnce(MultiplexedConnection) -> F,
    ) -> Result<T, RedisFailure>
    where
        F: Future<Output = RedisResult<T>>,
    {
        let attempt = async {
            let connection = self.pool.get().await?;
            match timeout(self.settings.command_timeout, question(connection.clone())).await {
                Ok(Ok(answer)) => Ok(answer),
                Ok(Err(error)) => {
                    if error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly) {
                        // It has become a replica of another one, which has its name now: all leave it.
                        self.pool.retain(|_, _| false);
                        discard(connection);
                    } else if !is_answer(&error) {
                        discard(connection);
                    }
                    Err(RedisFailure::Failed(error))
                }
                Err(_) => {
                    discard(connection);
                    Err(RedisFailure::TimedOut)
                }
            }
        };
        // The pool tries one idle connection after the other, each with a time-out of its own.
        let patience = self.settings.connect_timeout + self.settings.command_timeout;
        timeout(patience, attempt).await.unwrap_or(Err(RedisFailure::TimedOut))
    }

    /// Tries whether Redis is back, so that no caller has to wait to find out.
    async fn try_again(&self) {
        let began = Instant::now();
        let ping = ping();
        match self
            .attempt(|mut connection| async move { ping.query_async::<()>(&mut connection).await })
            .await
        {
            Ok(()) => {
                tracing::info!("Redis answers again");
                self.breaker.is_back();
            }
            Err(failure) => self.note_failure(&failure, began),
        }
    }

    fn note_failure(&self, failure: &RedisFailure, began: Instant) {
        self.failed.fetch_add(1, Ordering::Relaxed);
        if self.breaker.failed(began, Instant::now()) {
            tracing::warn!(error = ?failure, "Redis is left alone for a while");
        }
    }
}

fn ping() -> Cmd {
    deadpool_redis::redis::cmd("PING")
}

/// Tells whether Redis answered, if only with an error; the connection is then as good as before.
fn is_answer(error: &RedisError) -> bool {
    matches!(error.kind(), ErrorKind::Server(_) | ErrorKind::Extension | ErrorKind::UnexpectedReturnType)
}

/// Closes a connection that is of no use, or through which a late answer may still come.
fn discard(connection: PooledConnection) {
    drop(PooledConnection::take(connection));
}
