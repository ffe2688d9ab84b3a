//! A cache while Redis is away, dies, forgets, hangs and comes back: it is never staler than it may be.

use std::time::{Duration, Instant};

use cheetah_redis::{InvalidationTiming, RedisInvalidations};
use uuid::Uuid;

use crate::{
    cache::Process,
    support::{
        MARGIN, RedisServer, TIMING, absent, ask, client, eventually, heard, in_time, listen, running,
        tenant, unheard,
    },
};

#[tokio::test]
async fn without_redis_every_read_goes_to_the_store() {
    let server = absent();
    let process = Process::new(&server, 1);
    assert_eq!(process.read("old").await, "old");
    assert_eq!(process.read("new").await, "new");
    assert!(!process.invalidations.is_heard());
}

#[tokio::test]
async fn the_cache_is_used_once_redis_comes() {
    let mut server = absent();
    let process = Process::new(&server, 1);
    assert_eq!(process.read("old").await, "old");
    server.restart().unwrap();
    heard(&process.invalidations).await;
    assert_eq!(process.read("new").await, "new", "nothing from before is kept");
    assert_eq!(process.read("newer").await, "new");
}

#[tokio::test]
async fn when_redis_dies_the_cache_is_bypassed_before_its_last_proof_ends() {
    let mut server = running();
    let client = client(server.url());
    let hour = Duration::from_secs(3600);
    let timing = InvalidationTiming { silence: hour, ..TIMING };
    let invalidations = RedisInvalidations::start(&client, Uuid::from_u128(1), timing);
    let process = Process::with(client, invalidations);
    heard(&process.invalidations).await;
    assert_eq!(process.read("old").await, "old");
    server.kill().unwrap();
    unheard(&process.invalidations).await;
    assert_eq!(process.read("new").await, "new");
}

#[tokio::test]
async fn what_was_kept_before_redis_died_is_forgotten_when_it_is_back() {
    let mut server = running();
    let process = Process::new(&server, 1);
    heard(&process.invalidations).await;
    assert_eq!(process.read("old").await, "old");
    server.kill().unwrap();
    unheard(&process.invalidations).await;
    server.restart().unwrap();
    heard(&process.invalidations).await;
    assert_eq!(process.read("new").await, "new");
    assert_eq!(process.read("newer").await, "new", "the cache is used again");
}

#[tokio::test]
async fn while_redis_hangs_nobody_reads_what_is_older_than_the_silence() {
    let server = running();
    let [one, other] = [1, 2].map(|number| Process::new(&server, number));
    heard(&one.invalidations).await;
    heard(&other.invalidations).await;
    assert_eq!(other.read("old").await, "old");
    server.pause().unwrap();
    in_time(one.cache.change(tenant(1)).done()).await;
    let changed = Instant::now();
    eventually("the other process reads anew", || async { other.read("new").await == "new" }).await;
    assert!(changed.elapsed() < TIMING.silence + MARGIN, "{:?}", changed.elapsed());
    server.resume().unwrap();
    heard(&other.invalidations).await;
    assert_eq!(other.read("new").await, "new");
    assert_eq!(other.read("newer").await, "new", "the cache is used again");
}

#[tokio::test]
async fn a_pause_shorter_than_the_silence_loses_no_change() {
    let server = running();
    let [one, other] = [1, 2].map(|number| Process::new(&server, number));
    heard(&one.invalidations).await;
    heard(&other.invalidations).await;
    assert_eq!(other.read("old").await, "old");
    server.pause().unwrap();
    one.cache.change(tenant(1)).done().await;
    server.resume().unwrap();
    eventually("the other process reads anew", || async { other.read("new").await == "new" }).await;
}

#[tokio::test]
async fn a_redis_that_forgets_everything_makes_no_answer_wrong() {
    let server = running();
    let [one, other] = [1, 2].map(|number| Process::new(&server, number));
    heard(&one.invalidations).await;
    heard(&other.invalidations).await;
    assert_eq!(other.read("old").await, "old");
    server.flush().unwrap();
    one.cache.change(tenant(1)).done().await;
    eventually("the other process reads anew", || async { other.read("new").await == "new" }).await;
}

#[tokio::test]
async fn when_only_the_listening_connection_breaks_the_cache_is_emptied() {
    let server = running();
    let process = Process::new(&server, 1);
    heard(&process.invalidations).await;
    assert_eq!(process.read("old").await, "old");
    ask::<()>(&server, &["CLIENT", "KILL", "TYPE", "pubsub"]);
    eventually("the store is asked again", || async { process.read("new").await == "new" }).await;
    heard(&process.invalidations).await;
}

#[tokio::test]
async fn a_change_that_cannot_be_told_is_told_as_soon_as_it_can_be() {
    let server = running();
    let may_publish =
        |rule| ask::<()>(&server, &["ACL", "SETUSER", "one", "on", ">secret", "~*", "&*", "+@all", rule]);
    may_publish("+publish");
    let one = Process::at(&format!("redis://one:secret@127.0.0.1:{}", server.port()), 1);
    let other = Process::new(&server, 2);
    heard(&one.invalidations).await;
    heard(&other.invalidations).await;
    assert_eq!(other.read("old").await, "old");
    may_publish("-publish");
    // Nothing of its own comes back to it either, so it trusts its cache no longer.
    unheard(&one.invalidations).await;
    in_time(one.cache.change(tenant(1)).done()).await;
    let failed = one.client.counts().failed;
    eventually("telling it has failed", || async { one.client.counts().failed > failed + 2 }).await;
    assert_eq!(other.read("new").await, "old", "nobody could tell it yet");
    may_publish("+publish");
    eventually("the other process reads anew", || async { other.read("new").await == "new" }).await;
    assert_eq!(other.loads(), 2, "it heard of the change, and did not go deaf");
}

#[tokio::test]
async fn while_redis_is_away_a_change_does_not_wait_for_it() {
    let mut server = running();
    let process = Process::new(&server, 1);
    heard(&process.invalidations).await;
    server.kill().unwrap();
    unheard(&process.invalidations).await;
    let began = Instant::now();
    for _ in 0..100 {
        process.cache.change(tenant(1)).done().await;
    }
    // Each waiting for a time-out of 200 ms, it would be 20 seconds.
    assert!(began.elapsed() < MARGIN, "{:?}", began.elapsed());
}

#[tokio::test]
async fn what_is_not_understood_forgets_too_much_rather_than_too_little() {
    let server = running();
    let process = Process::new(&server, 1);
    heard(&process.invalidations).await;
    assert_eq!(process.read("old").await, "old");
    ask::<()>(&server, &["PUBLISH", "cheetah:test:changes", "words of a later version"]);
    eventually("the store is asked again", || async { process.read("new").await == "new" }).await;
}

#[tokio::test]
async fn another_installation_on_the_same_redis_is_not_listened_to() {
    let server = running();
    let process = Process::new(&server, 1);
    heard(&process.invalidations).await;
    assert_eq!(process.read("old").await, "old");
    ask::<()>(&server, &["PUBLISH", "cheetah:elsewhere:changes", "everything"]);
    // Time enough for word to arrive that must not count.
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(process.read("new").await, "old");
}

#[tokio::test]
async fn who_is_dropped_stops_listening() {
    let server = running();
    let invalidations = listen(&client(server.url()), 1);
    heard(&invalidations).await;
    assert_eq!(listeners(&server), 1);
    drop(invalidations);
    eventually("nobody listens", || async { listeners(&server) == 0 }).await;
}

fn listeners(server: &RedisServer) -> usize {
    let counts: (String, usize) = ask(server, &["PUBSUB", "NUMSUB", "cheetah:test:changes"]);
    counts.1
}
