//! A private Redis, settings for tests, and waiting for what comes true in a while.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
    time::{Duration, Instant},
};

use cheetah_redis::{InvalidationTiming, RedisClient, RedisInvalidations, RedisSettings};
use deadpool_redis::redis::{Client, FromRedisValue, cmd};
use kernel::TenantId;
use tenancy::Invalidations;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};
use uuid::Uuid;

pub(crate) use harness::redis::RedisServer;

/// Starts a Redis.
pub(crate) fn running() -> RedisServer {
    RedisServer::start().unwrap()
}

/// A name of a Redis, which can come to mean another one for whoever connects from then on.
pub(crate) struct Name {
    port: u16,
    means: Arc<AtomicU16>,
}

impl Name {
    pub(crate) async fn of(server: &RedisServer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let name = Self {
            port: listener.local_addr().unwrap().port(),
            means: Arc::new(AtomicU16::new(server.port())),
        };
        let means = Arc::clone(&name.means);
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let port = means.load(Ordering::SeqCst);
                tokio::spawn(async move {
                    let mut server = TcpStream::connect(("127.0.0.1", port)).await?;
                    copy_bidirectional(&mut client, &mut server).await
                });
            }
        });
        name
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub(crate) fn now_means(&self, server: &RedisServer) {
        self.means.store(server.port(), Ordering::SeqCst);
    }
}

/// Keeps a place for a Redis that is not there until it is restarted.
pub(crate) fn absent() -> RedisServer {
    let mut server = running();
    server.kill().unwrap();
    server
}

/// Sends one command as an operator would, and returns the answer.
pub(crate) fn ask<T: FromRedisValue>(server: &RedisServer, words: &[&str]) -> T {
    let mut connection = Client::open(server.url()).unwrap().get_connection().unwrap();
    let (name, rest) = words.split_first().unwrap();
    cmd(name).arg(rest).query(&mut connection).unwrap()
}

/// How much longer than its time-outs a call may take on a busy machine.
pub(crate) const MARGIN: Duration = Duration::from_secs(2);

/// Returns settings with short absences, so that what is back is found soon.
pub(crate) fn settings(url: &str) -> RedisSettings {
    let mut settings = RedisSettings::new(url, "test");
    settings.command_timeout = Duration::from_millis(200);
    settings.connect_timeout = Duration::from_millis(500);
    settings.shortest_absence = Duration::from_millis(20);
    settings.longest_absence = Duration::from_millis(200);
    settings
}

/// Returns a client as one process has it.
pub(crate) fn client(url: &str) -> Arc<RedisClient> {
    RedisClient::new(settings(url)).unwrap()
}

/// Beats often, and gives up soon.
pub(crate) const TIMING: InvalidationTiming =
    InvalidationTiming { beat: Duration::from_millis(100), silence: Duration::from_millis(600) };

/// Begins to listen as one process does; `number` tells processes apart.
pub(crate) fn listen(client: &Arc<RedisClient>, number: u128) -> Arc<dyn Invalidations> {
    RedisInvalidations::start(client, Uuid::from_u128(number), TIMING)
}

/// Returns a tenant's id.
pub(crate) fn tenant(number: u128) -> TenantId {
    TenantId::new(Uuid::from_u128(number))
}

/// Asks again and again until the answer is yes.
pub(crate) async fn eventually<F: Future<Output = bool>>(what: &str, mut question: impl FnMut() -> F) {
    let give_up_at = Instant::now() + Duration::from_secs(20);
    while !question().await {
        assert!(Instant::now() < give_up_at, "it did not come true that {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Waits until this process hears what others say.
pub(crate) async fn heard(invalidations: &Arc<dyn Invalidations>) {
    eventually("word of changes arrives", || async { invalidations.is_heard() }).await;
}

/// Waits until this process knows that it may miss what others say.
pub(crate) async fn unheard(invalidations: &Arc<dyn Invalidations>) {
    eventually("word of changes does not arrive", || async { !invalidations.is_heard() }).await;
}

/// Makes a call, and makes sure that it took no longer than a client's time-outs together.
pub(crate) async fn in_time<T>(call: impl Future<Output = T>) -> T {
    let settings = settings("redis://localhost");
    let began = Instant::now();
    let outcome = call.await;
    let took = began.elapsed();
    assert!(took < settings.connect_timeout + settings.command_timeout + MARGIN, "it took {took:?}");
    outcome
}
