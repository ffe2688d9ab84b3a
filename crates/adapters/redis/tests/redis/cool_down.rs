//! Attempts are counted over all processes, and whatever Redis does, no process lets through more than its own count.

use std::sync::Arc;

use cheetah_redis::RedisCoolDown;
use kernel::{Clock as _, Timestamp, testing::ManualClock};
use limits::{CoolDown, ThrottleKey, Verdict, testing::MemoryCoolDown};

use crate::support::{RedisServer, absent, client, eventually, in_time, running};

/// Makes the cool-down of one process.
fn process(server: &RedisServer) -> Arc<RedisCoolDown> {
    Arc::new(RedisCoolDown::new(&client(server.url()), Arc::new(MemoryCoolDown::default())))
}

fn subject(name: &str) -> ThrottleKey {
    ThrottleKey::login(name)
}

fn now() -> Timestamp {
    ManualClock::default().now()
}

/// Makes attempts one after the other, each in time, and returns how many may be made.
async fn allowed(cool_down: &RedisCoolDown, name: &str, attempts: usize) -> usize {
    let mut allowed = 0;
    for _ in 0..attempts {
        // Reading and writing are two calls.
        let verdict = in_time(in_time(cool_down.begin_attempt(&subject(name), now()))).await;
        allowed += usize::from(verdict == Verdict::Allowed);
    }
    allowed
}

/// Waits until failures at one process make guessing slow at the other.
async fn shared(one: &RedisCoolDown, other: &RedisCoolDown) {
    let mut names = 1_000..;
    eventually("attempts are counted together", || {
        let name = format!("probe{}@example.com", names.next().unwrap());
        async move { allowed(one, &name, 5).await == 5 && allowed(other, &name, 1).await == 0 }
    })
    .await;
}

#[tokio::test]
async fn guesses_at_two_processes_are_counted_together() {
    let server = running();
    let (one, other) = (process(&server), process(&server));
    assert_eq!(allowed(&one, "ann@example.com", 3).await, 3);
    assert_eq!(allowed(&other, "ann@example.com", 10).await, 2);
    assert_eq!(allowed(&one, "ann@example.com", 10).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_hundred_guesses_at_once_on_two_processes_five_get_through() {
    let server = running();
    let processes = [process(&server), process(&server)];
    shared(&processes[0], &processes[1]).await;
    let guesses = (0..100).map(|guess| {
        let process = Arc::clone(&processes[guess % 2]);
        tokio::spawn(async move { process.begin_attempt(&subject("ann@example.com"), now()).await })
    });
    let mut allowed = 0;
    for guess in guesses.collect::<Vec<_>>() {
        allowed += usize::from(guess.await.unwrap() == Verdict::Allowed);
    }
    assert_eq!(allowed, 5);
}

#[tokio::test]
async fn a_success_at_one_process_is_known_to_those_that_counted_nothing() {
    let server = running();
    let (one, other) = (process(&server), process(&server));
    assert_eq!(allowed(&one, "ann@example.com", 5).await, 5);
    assert_eq!(allowed(&other, "ann@example.com", 1).await, 0);
    one.succeeded(&subject("ann@example.com"), now()).await;
    assert_eq!(allowed(&other, "ann@example.com", 1).await, 1);
}

#[tokio::test]
async fn who_has_succeeded_at_one_process_is_known_at_the_other_while_redis_remembers() {
    let mut server = running();
    let (one, other) = (process(&server), process(&server));
    let [ann, bob] = ["ann@example.com", "bob@example.com"].map(subject);
    one.succeeded(&ann, now()).await;
    assert!(other.has_succeeded(&ann, now()).await);
    assert!(!other.has_succeeded(&bob, now()).await);
    server.flush().unwrap();
    assert!(!other.has_succeeded(&ann, now()).await);
    assert!(one.has_succeeded(&ann, now()).await);
    server.kill().unwrap();
    assert!(one.has_succeeded(&ann, now()).await && !one.has_succeeded(&bob, now()).await);
}

#[tokio::test]
async fn without_redis_each_process_lets_five_through() {
    let server = absent();
    for process in [process(&server), process(&server)] {
        assert_eq!(allowed(&process, "ann@example.com", 50).await, 5);
    }
}

#[tokio::test]
async fn failures_before_redis_died_still_count() {
    let mut server = running();
    let (one, other) = (process(&server), process(&server));
    assert_eq!(allowed(&one, "ann@example.com", 3).await, 3);
    server.kill().unwrap();
    assert_eq!(allowed(&one, "ann@example.com", 50).await, 2);
    server.restart().unwrap();
    assert_eq!(allowed(&one, "ann@example.com", 50).await, 0, "an empty Redis opens nothing");
    shared(&one, &other).await;
}

#[tokio::test]
async fn a_redis_that_forgets_opens_no_more_than_the_local_count_allows() {
    let server = running();
    let process = process(&server);
    assert_eq!(allowed(&process, "ann@example.com", 5).await, 5);
    server.flush().unwrap();
    assert_eq!(allowed(&process, "ann@example.com", 50).await, 0);
}

#[tokio::test]
async fn an_attempt_that_the_process_denies_counts_nowhere() {
    let server = running();
    let (one, other) = (process(&server), process(&server));
    assert_eq!(allowed(&one, "ann@example.com", 5).await, 5);
    server.flush().unwrap();
    assert_eq!(allowed(&one, "ann@example.com", 50).await, 0);
    assert_eq!(allowed(&other, "ann@example.com", 50).await, 5, "the owner may come to another process");
}

#[tokio::test]
async fn while_redis_hangs_the_process_counts_and_nobody_waits_for_long() {
    let server = running();
    let (one, other) = (process(&server), process(&server));
    assert_eq!(allowed(&one, "ann@example.com", 2).await, 2);
    server.pause().unwrap();
    assert_eq!(in_time(allowed(&one, "ann@example.com", 50)).await, 3);
    in_time(one.succeeded(&subject("ann@example.com"), now())).await;
    server.resume().unwrap();
    shared(&one, &other).await;
}
