//! Repeats while the first request is under way, after it has failed, and without the store that remembers.

use std::{
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use actix_web::rt;
use async_trait::async_trait;
use kernel::{BoxError, Entropy, StoreError, Timestamp, testing::CountingEntropy};
use limits::{
    Attempt, Begun, CallerId, Fingerprint, IdempotencyKey, IdempotencyOwner, IdempotencyStore, StoredAnswer,
};
use serde_json::json;
use tenancy::PlatformScope;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::support::{Answer, Business, World, text};

const REPEATED: &str = "Idempotency-Replayed";

struct Page {
    world: Rc<World>,
    business: Business,
    token: String,
}

impl Page {
    async fn new() -> Self {
        let world = World::new();
        let business = world.business("Bristol", "+15551230000").await;
        let site = json!({"name": "site", "allowed_origins": ["*"]});
        let made = world.post(&business.path("/widget-tokens")).operator().json(&site);
        let token = text(&made.send().await.expect(201)["token"]);
        Self { world: Rc::new(world), business, token }
    }

    /// Writes as the visitor, without a name.
    fn say(&self, text: &str) -> impl Future<Output = Answer> + use<> {
        let (world, token) = (Rc::clone(&self.world), self.token.clone());
        let body = json!({"session_id": "visitor", "text": text});
        async move { world.post("/api/v1/chat").header("X-Widget-Token", &token).json(&body).send().await }
    }

    /// Writes as a visitor, under one name.
    fn write(&self) -> impl Future<Output = Answer> + use<> {
        let (world, token) = (Rc::clone(&self.world), self.token.clone());
        async move {
            let body = json!({"session_id": "visitor", "text": "Do you fix sinks?"});
            let call = world.post("/api/v1/chat").header("X-Widget-Token", &token);
            call.header("Idempotency-Key", "once").json(&body).send().await
        }
    }

    /// Returns how much was said, by both sides.
    async fn said(&self) -> usize {
        let path = "/api/v1/conversations?contact_address=visitor";
        let list = self.business.items(&self.world, path).await;
        let path = format!("/api/v1/conversations/{}/messages", text(&list[0]["id"]));
        self.business.items(&self.world, &path).await.len()
    }
}

#[actix_web::test]
async fn a_repeat_of_what_is_under_way_is_409_and_then_gets_the_answer() {
    let page = Page::new().await;
    let go = page.world.model.then_waits();
    page.world.model.then_says("Yes, we fix sinks.");
    let first = rt::spawn(page.write());
    page.world.model.asked().await;
    let meanwhile = page.write().await;
    meanwhile.expect_problem(409, "idempotency_in_flight");
    assert_eq!(meanwhile.header("retry-after"), "5");
    go.notify_one();
    let first = first.await.unwrap();
    assert_eq!(first.expect(200)["reply_text"], "Yes, we fix sinks.");
    let again = page.write().await;
    assert_eq!((again.text(), again.header(REPEATED)), (first.text(), "true"));
    assert_eq!(page.said().await, 2);
}

#[actix_web::test]
async fn a_caller_who_hangs_up_finds_the_answer_when_it_comes_back() {
    let page = Page::new().await;
    let go = page.world.model.then_waits();
    page.world.model.then_says("Yes, we fix sinks.");
    let first = rt::spawn(page.write());
    page.world.model.asked().await;
    first.abort();
    assert!(first.await.is_err_and(|error| error.is_cancelled()));
    page.write().await.expect_problem(409, "idempotency_in_flight");
    go.notify_one();
    let again = loop {
        let again = page.write().await;
        if again.status != 409 {
            break again;
        }
        rt::time::sleep(Duration::from_millis(5)).await;
    };
    assert_eq!(again.expect(200)["reply_text"], "Yes, we fix sinks.");
    assert_eq!((again.header(REPEATED), page.said().await), ("true", 2));
}

#[actix_web::test]
async fn of_many_repeats_at_once_one_is_done() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let make = || {
        let call = world.post(&business.path("/api-keys")).key(&business.key);
        call.header("Idempotency-Key", "once").json(&json!({"name": "till"})).send()
    };
    let answers = futures_util::future::join_all((0..20).map(|_| make())).await;
    assert!(answers.iter().all(|answer| [201, 409].contains(&answer.status)), "{answers:?}");
    assert_eq!(make().await.status, 201);
    let keys = business.items(&world, &business.path("/api-keys")).await;
    assert_eq!(keys.iter().filter(|key| key["name"] == "till").count(), 1);
}

#[actix_web::test]
async fn what_is_repeated_because_its_answer_was_pending_is_said_once() {
    let page = Page::new().await;
    let go = page.world.model.then_waits();
    page.world.model.then_says("To the first.");
    page.world.model.then_says("To the second.");
    let first = rt::spawn(page.say("Good morning"));
    page.world.model.asked().await;
    let mut second = rt::spawn(page.write());
    for _ in 0..1_000 {
        if page.said().await == 2 {
            break;
        }
        rt::time::sleep(Duration::from_millis(5)).await;
    }
    // Longer than a visitor waits, also where the waiting has only just begun; shorter than the turn is held.
    let mut pending = None;
    for _ in 0..2 {
        page.world.pass(30);
        if let Ok(answer) = rt::time::timeout(Duration::from_secs(5), &mut second).await {
            pending = Some(answer.unwrap());
            break;
        }
    }
    pending.unwrap().expect_problem(503, "answer_pending");
    go.notify_one();
    assert_eq!(first.await.unwrap().expect(200)["reply_text"], "To the first.");
    let again = page.write().await;
    assert_eq!(again.expect(200)["reply_text"], "To the second.");
    assert_eq!((again.header(REPEATED), page.said().await), ("", 4));
}

/// Fails when it is told to.
#[derive(Default)]
struct Fickle {
    fails: AtomicBool,
    bytes: CountingEntropy,
}

impl Entropy for Fickle {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), BoxError> {
        if self.fails.load(Ordering::Relaxed) { Err("no more bytes".into()) } else { self.bytes.fill(bytes) }
    }
}

#[actix_web::test]
async fn a_fault_of_ours_is_not_remembered() {
    let entropy = Arc::<Fickle>::default();
    let world = World::with(|_, ports| ports.entropy = entropy.clone());
    let business = world.business("Bristol", "+15551230000").await;
    let make = || {
        let call = world.post(&business.path("/api-keys")).key(&business.key);
        call.header("Idempotency-Key", "once").json(&json!({"name": "till"})).send()
    };
    entropy.fails.store(true, Ordering::Relaxed);
    make().await.expect_problem(500, "internal");
    entropy.fails.store(false, Ordering::Relaxed);
    let done = make().await;
    assert_eq!((done.status, done.header(REPEATED)), (201, ""));
    assert_eq!(make().await.header(REPEATED), "true");
}

/// Cannot be reached, and tells when somebody has tried to delete what is old.
#[derive(Default)]
struct Away {
    purged: Notify,
}

fn away<T>() -> Result<T, StoreError> {
    Err(StoreError::Unavailable("connection to db.internal refused".into()))
}

#[async_trait]
impl IdempotencyStore for Away {
    async fn begin(
        &self,
        _: IdempotencyOwner<'_>,
        _: &IdempotencyKey,
        _: &CallerId,
        _: &Fingerprint,
        _: Timestamp,
        _: Duration,
    ) -> Result<Begun, StoreError> {
        away()
    }
    async fn finish(
        &self,
        _: IdempotencyOwner<'_>,
        _: &IdempotencyKey,
        _: &CallerId,
        _: Attempt,
        _: &StoredAnswer,
        _: Timestamp,
    ) -> Result<(), StoreError> {
        away()
    }
    async fn abandon(
        &self,
        _: IdempotencyOwner<'_>,
        _: &IdempotencyKey,
        _: &CallerId,
        _: Attempt,
    ) -> Result<(), StoreError> {
        away()
    }
    async fn purge(&self, _: &PlatformScope, _: Timestamp, _: usize) -> Result<usize, StoreError> {
        self.purged.notify_one();
        away()
    }
}

#[actix_web::test]
async fn what_cannot_be_remembered_is_not_done() {
    let world = World::with(|_, ports| ports.stores.idempotency = Arc::<Away>::default());
    let business = world.business("Bristol", "+15551230000").await;
    let make = || world.post(&business.path("/api-keys")).key(&business.key).json(&json!({"name": "till"}));
    let answer = make().header("Idempotency-Key", "once").send().await;
    answer.expect_problem(503, "unavailable");
    assert!(!answer.header("retry-after").is_empty() && !answer.text().contains("db.internal"));
    let keys = business.items(&world, &business.path("/api-keys")).await;
    assert_eq!(keys.iter().filter(|key| key["name"] == "till").count(), 0);
    make().send().await.expect(201);
}

#[actix_web::test]
async fn a_worker_deletes_what_is_old_and_goes_on_when_it_cannot() {
    let (store, stop) = (Arc::<Away>::default(), CancellationToken::new());
    let world = World::with(|_, ports| ports.stores.idempotency = store.clone());
    let working = rt::spawn(Arc::clone(&world.worker).run(stop.clone()));
    store.purged.notified().await;
    assert!(!working.is_finished());
    stop.cancel();
    working.await.unwrap();
}
