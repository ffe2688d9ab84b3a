//! Calls are counted over all processes, and whatever Redis does, no process lets through more than its own count.

use std::{sync::Arc, time::Duration};

use cheetah_redis::RedisThrottle;
use kernel::{Clock as _, Timestamp, testing::ManualClock};
use limits::{Quota, RouteClass, Throttle, ThrottleKey, Verdict, testing::MemoryThrottle};

use crate::support::{Name, RedisServer, absent, ask, client, eventually, in_time, running, tenant};

/// Makes the throttle of one process.
fn process(server: &RedisServer) -> Arc<RedisThrottle> {
    Arc::new(RedisThrottle::new(&client(server.url()), Arc::new(MemoryThrottle::default())))
}

fn key(number: u128) -> ThrottleKey {
    ThrottleKey::tenant(RouteClass::Write, tenant(number))
}

fn quota(burst: u32) -> Quota {
    Quota::new(burst, Duration::from_secs(3600)).unwrap()
}

fn now() -> Timestamp {
    ManualClock::default().now()
}

/// Makes calls one after the other, each in time, and returns how many are allowed.
async fn allowed(throttle: &RedisThrottle, calls: usize) -> usize {
    let mut allowed = 0;
    for _ in 0..calls {
        let verdict = in_time(throttle.take(&key(1), &quota(10), now())).await;
        allowed += usize::from(verdict == Verdict::Allowed);
    }
    allowed
}

/// Waits until what one process takes the other misses.
async fn shared(one: &RedisThrottle, other: &RedisThrottle) {
    let mut keys = 1_000..;
    eventually("calls are counted together", || {
        let key = key(keys.next().unwrap());
        async move {
            one.take(&key, &quota(1), now()).await;
            other.take(&key, &quota(1), now()).await != Verdict::Allowed
        }
    })
    .await;
}

#[tokio::test]
async fn a_redis_that_has_become_a_replica_is_left_for_the_one_that_has_its_name_now() {
    let (old, new) = (running(), running());
    let name = Name::of(&old).await;
    let client = client(&name.url());
    let throttle = RedisThrottle::new(&client, Arc::new(MemoryThrottle::default()));
    assert_eq!(allowed(&throttle, 2).await, 2);
    assert_eq!(client.counts().answered, 2);
    ask::<()>(&old, &["REPLICAOF", "127.0.0.1", &new.port().to_string()]);
    name.now_means(&new);
    eventually("calls are counted at the new one", || async {
        throttle.take(&key(2), &quota(10), now()).await;
        ask::<usize>(&new, &["DBSIZE"]) > 0
    })
    .await;
}

#[tokio::test]
async fn two_processes_have_one_burst_together() {
    let server = running();
    let (one, other) = (process(&server), process(&server));
    assert_eq!(allowed(&one, 6).await, 6);
    assert_eq!(allowed(&other, 10).await, 4);
    assert_eq!(allowed(&one, 10).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_hundred_calls_at_once_on_two_processes_one_burst_is_allowed() {
    let server = running();
    let processes = [process(&server), process(&server)];
    shared(&processes[0], &processes[1]).await;
    let calls = (0..100).map(|call| {
        let process = Arc::clone(&processes[call % 2]);
        tokio::spawn(async move { process.take(&key(1), &quota(10), now()).await })
    });
    let mut allowed = 0;
    for call in calls.collect::<Vec<_>>() {
        allowed += usize::from(call.await.unwrap() == Verdict::Allowed);
    }
    assert_eq!(allowed, 10);
}

#[tokio::test]
async fn the_other_process_is_told_how_long_to_wait() {
    let server = running();
    let (one, other) = (process(&server), process(&server));
    one.take(&key(1), &quota(1), now()).await;
    let later = now() + Duration::from_secs(600);
    let verdict = other.take(&key(1), &quota(1), later).await;
    assert_eq!(verdict, Verdict::Denied { retry_after: Duration::from_secs(3000) });
}

#[tokio::test]
async fn without_redis_each_process_has_a_burst_and_no_more() {
    let server = absent();
    for process in [process(&server), process(&server)] {
        assert_eq!(allowed(&process, 100).await, 10);
    }
}

#[tokio::test]
async fn calls_are_counted_together_once_redis_comes() {
    let mut server = absent();
    let (one, other) = (process(&server), process(&server));
    assert_eq!(allowed(&one, 1).await, 1);
    server.restart().unwrap();
    shared(&one, &other).await;
}

#[tokio::test]
async fn what_was_taken_before_redis_died_stays_taken() {
    let mut server = running();
    let process = process(&server);
    assert_eq!(allowed(&process, 4).await, 4);
    server.kill().unwrap();
    assert_eq!(allowed(&process, 100).await, 6);
    server.restart().unwrap();
    assert_eq!(allowed(&process, 100).await, 0, "an empty Redis does not open what is closed here");
}

#[tokio::test]
async fn a_redis_that_is_back_counts_again() {
    let mut server = running();
    let (one, other) = (process(&server), process(&server));
    assert_eq!(allowed(&one, 1).await, 1);
    server.restart().unwrap();
    shared(&one, &other).await;
}

#[tokio::test]
async fn a_redis_that_forgets_opens_no_more_than_the_local_count_allows() {
    let server = running();
    let (one, other) = (process(&server), process(&server));
    assert_eq!(allowed(&one, 10).await, 10);
    server.flush().unwrap();
    assert_eq!(allowed(&one, 10).await, 0);
    assert_eq!(allowed(&other, 100).await, 10);
}

#[tokio::test]
async fn a_redis_that_forgets_its_scripts_is_told_them_again() {
    let server = running();
    let (one, other) = (process(&server), process(&server));
    shared(&one, &other).await;
    ask::<()>(&server, &["SCRIPT", "FLUSH"]);
    assert_eq!(allowed(&one, 10).await, 10);
    assert_eq!(allowed(&other, 1).await, 0);
}

#[tokio::test]
async fn while_redis_hangs_the_process_counts_and_nobody_waits_for_long() {
    let server = running();
    let (one, other) = (process(&server), process(&server));
    assert_eq!(allowed(&one, 4).await, 4);
    server.pause().unwrap();
    assert_eq!(in_time(allowed(&one, 100)).await, 6, "a hundred calls together wait once or twice");
    server.resume().unwrap();
    shared(&one, &other).await;
}

#[tokio::test]
async fn a_key_is_forgotten_when_its_burst_is_whole_again() {
    let server = running();
    let process = process(&server);
    let short = Quota::new(1, Duration::from_millis(1)).unwrap();
    process.take(&key(1), &short, now()).await;
    eventually("the key is gone", || {
        let keys: usize = ask(&server, &["DBSIZE"]);
        async move { keys == 0 }
    })
    .await;
}
