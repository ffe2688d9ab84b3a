//! A cache with a healthy Redis: what it keeps, what it forgets, and whom it tells.

use std::{
    future::{Future, pending},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use caches::{Cache, CacheLimits};
use cheetah_redis::RedisClient;
use kernel::{StoreError, TenantId};
use tenancy::Invalidations;
use tokio::sync::oneshot;

use crate::support::{RedisServer, client, eventually, heard, listen, running, tenant};

type Answer = (TenantId, &'static str);

/// A process with a cache in front of a store that answers what a test tells it.
pub(crate) struct Process {
    pub(crate) client: Arc<RedisClient>,
    pub(crate) invalidations: Arc<dyn Invalidations>,
    pub(crate) cache: Cache<u32, Answer>,
    loads: AtomicUsize,
}

impl Process {
    pub(crate) fn new(server: &RedisServer, number: u128) -> Arc<Self> {
        Self::at(server.url(), number)
    }

    pub(crate) fn at(url: &str, number: u128) -> Arc<Self> {
        let client = client(url);
        let invalidations = listen(&client, number);
        Arc::new(Self::with(client, invalidations))
    }

    pub(crate) fn with(client: Arc<RedisClient>, invalidations: Arc<dyn Invalidations>) -> Self {
        // So long that nothing is read anew because the machine is busy.
        let hour = Duration::from_secs(3600);
        let limits = CacheLimits { known_for: hour, unknown_for: hour, ..CacheLimits::default() };
        let cache = Cache::new(&invalidations, "tests", |(owner, _): &Answer| *owner, limits);
        Self { client, invalidations, cache, loads: AtomicUsize::new(0) }
    }

    /// Reads the first tenant's entry while the store says `stored`, and returns what came of it.
    pub(crate) async fn read(&self, stored: &'static str) -> &'static str {
        self.read_from(1, async { stored }).await
    }

    async fn read_from(&self, key: u32, store: impl Future<Output = &'static str>) -> &'static str {
        let load = async {
            self.loads.fetch_add(1, Ordering::SeqCst);
            Ok(Some((tenant(1), store.await)))
        };
        self.cache.read(&key, load).await.unwrap().unwrap().1
    }

    /// Tells how often the store was asked.
    pub(crate) fn loads(&self) -> usize {
        self.loads.load(Ordering::SeqCst)
    }
}

async fn two_processes(server: &RedisServer) -> [Arc<Process>; 2] {
    let processes = [1, 2].map(|number| Process::new(server, number));
    for process in &processes {
        heard(&process.invalidations).await;
    }
    processes
}

#[tokio::test]
async fn an_answer_is_loaded_once() {
    let server = running();
    let [process, _] = two_processes(&server).await;
    assert_eq!(process.read("old").await, "old");
    assert_eq!(process.read("new").await, "old");
    assert_eq!(process.loads(), 1);
}

#[tokio::test]
async fn that_there_is_nothing_is_kept_too_and_a_change_forgets_it() {
    let server = running();
    let [process, _] = two_processes(&server).await;
    assert_eq!(process.cache.read(&1, async { Ok(None) }).await.unwrap(), None);
    let found = process.cache.read(&1, async { Ok(Some((tenant(1), "there"))) }).await.unwrap();
    assert_eq!(found, None);
    process.cache.change(tenant(1)).done().await;
    assert_eq!(process.read("there").await, "there");
}

#[tokio::test]
async fn a_change_is_seen_at_once_where_it_was_made() {
    let server = running();
    let [process, _] = two_processes(&server).await;
    process.read("old").await;
    process.cache.change(tenant(1)).done().await;
    assert_eq!(process.read("new").await, "new");
}

#[tokio::test]
async fn a_change_in_one_process_reaches_the_other() {
    let server = running();
    let [one, other] = two_processes(&server).await;
    assert_eq!(other.read("old").await, "old");
    one.cache.change(tenant(1)).done().await;
    eventually("the other process reads anew", || async { other.read("new").await == "new" }).await;
}

#[tokio::test]
async fn a_change_that_is_cancelled_half_way_reaches_the_other_process_too() {
    let server = running();
    let [one, other] = two_processes(&server).await;
    other.read("old").await;
    let changer = Arc::clone(&one);
    let changing = tokio::spawn(async move {
        let change = changer.cache.change(tenant(1));
        pending::<()>().await;
        change.done().await;
    });
    tokio::task::yield_now().await;
    assert_eq!(other.read("new").await, "old", "the store has not answered yet");
    changing.abort();
    eventually("the other process reads anew", || async { other.read("new").await == "new" }).await;
}

#[tokio::test]
async fn a_change_of_one_tenant_leaves_the_others_answers() {
    let server = running();
    let [one, other] = two_processes(&server).await;
    other.read("old").await;
    let others = other.cache.read(&2, async { Ok(Some((tenant(2), "old"))) });
    assert_eq!(others.await.unwrap(), Some((tenant(2), "old")));
    one.cache.change(tenant(1)).done().await;
    eventually("the changed one is read anew", || async { other.read("new").await == "new" }).await;
    let kept = other.cache.read(&2, async { Ok(Some((tenant(2), "new"))) }).await.unwrap();
    assert_eq!(kept, Some((tenant(2), "old")));
}

#[tokio::test]
async fn what_was_read_before_a_change_and_arrives_after_it_is_not_kept() {
    let server = running();
    let [one, other] = two_processes(&server).await;
    other.read_from(2, async { "old" }).await;
    let (answer, store) = oneshot::channel();
    let reader = Arc::clone(&other);
    let reading = tokio::spawn(async move { reader.read_from(1, async { store.await.unwrap() }).await });
    eventually("the store is asked", || async { other.loads() == 2 }).await;
    one.cache.change(tenant(1)).done().await;
    // Its neighbour in the cache shows when word of the change has come.
    eventually("word of the change came", || async { other.read_from(2, async { "new" }).await == "new" })
        .await;
    answer.send("old").unwrap();
    assert_eq!(reading.await.unwrap(), "old", "it was true when it was asked for");
    assert_eq!(other.read("new").await, "new");
}

#[tokio::test]
async fn of_fifty_who_miss_the_same_answer_one_loads_it() {
    let server = running();
    let [process, _] = two_processes(&server).await;
    let (answer, store) = oneshot::channel();
    let first = Arc::clone(&process);
    let first = tokio::spawn(async move { first.read_from(1, async { store.await.unwrap() }).await });
    eventually("the first asks the store", || async { process.loads() == 1 }).await;
    let others = (1..50).map(|_| {
        let process = Arc::clone(&process);
        tokio::spawn(async move { process.read("another answer").await })
    });
    let others: Vec<_> = others.collect();
    // All of them run until they wait.
    tokio::task::yield_now().await;
    answer.send("answer").unwrap();
    for reader in others.into_iter().chain([first]) {
        assert_eq!(reader.await.unwrap(), "answer");
    }
    assert_eq!(process.loads(), 1);
}

#[tokio::test]
async fn when_the_one_who_loads_is_cancelled_the_others_load() {
    let server = running();
    let [process, _] = two_processes(&server).await;
    let first = Arc::clone(&process);
    let first = tokio::spawn(async move { first.read_from(1, pending()).await });
    eventually("the first asks", || async { process.loads() == 1 }).await;
    let second = Arc::clone(&process);
    let second = tokio::spawn(async move { second.read("answer").await });
    tokio::task::yield_now().await;
    first.abort();
    assert_eq!(second.await.unwrap(), "answer");
}

#[tokio::test]
async fn a_failure_is_returned_and_not_kept() {
    let server = running();
    let [process, _] = two_processes(&server).await;
    let outcome = process.cache.read(&1, async { Err(StoreError::Unavailable("down".into())) }).await;
    assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
    assert_eq!(process.read("up").await, "up");
}
