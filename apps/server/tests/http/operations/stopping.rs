//! A worker that is told to stop stops, also while its database says nothing and while it has no place free.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use conversation::{Claim, Claims, JobKind, JobQueue, Wake};
use kernel::{ConversationId, StoreError, Timestamp};
use tenancy::{PlatformScope, TenantScope};
use tokio::{sync::Notify, time::timeout};
use tokio_util::sync::CancellationToken;

use crate::support::World;

/// Longer than a stop takes.
const LONG: Duration = Duration::from_secs(20);

/// A queue that never answers.
#[derive(Default)]
struct HungQueue {
    asked: Notify,
}

#[async_trait]
impl JobQueue for HungQueue {
    async fn claim(
        &self,
        _: &PlatformScope,
        _: Timestamp,
        _: Duration,
        _: u16,
    ) -> Result<Claims, StoreError> {
        self.asked.notify_one();
        std::future::pending().await
    }
    async fn next_due(&self, _: &PlatformScope) -> Result<Option<Timestamp>, StoreError> {
        std::future::pending().await
    }
    async fn claim_one(
        &self,
        _: &TenantScope,
        _: JobKind,
        _: ConversationId,
        _: Timestamp,
        _: Duration,
    ) -> Result<Option<Claim>, StoreError> {
        std::future::pending().await
    }
    async fn release(&self, _: &Claim, _: Timestamp) -> Result<(), StoreError> {
        std::future::pending().await
    }
    async fn finish(&self, _: &Claim) -> Result<(), StoreError> {
        std::future::pending().await
    }
    fn seen(&self) -> Wake {
        Wake(0)
    }
    async fn wait(&self, _: Wake, _: Duration) {
        std::future::pending::<()>().await;
    }
}

#[actix_web::test]
async fn a_worker_whose_claim_is_not_answered_stops_when_it_is_told() {
    let queue = Arc::<HungQueue>::default();
    let world = World::with(|_, ports| ports.stores.jobs = queue.clone());
    let stop = CancellationToken::new();
    let working = tokio::spawn(Arc::clone(&world.worker).run(stop.clone()));
    queue.asked.notified().await;
    stop.cancel();
    timeout(LONG, working).await.expect("it did not stop").unwrap();
}

#[actix_web::test]
async fn a_worker_without_a_free_place_stops_when_it_is_told_and_claims_nothing_more() {
    let queue = Arc::<HungQueue>::default();
    let world = World::with(|settings, ports| {
        settings.worker.concurrency = 0;
        ports.stores.jobs = queue.clone();
    });
    let stop = CancellationToken::new();
    let working = tokio::spawn(Arc::clone(&world.worker).run(stop.clone()));
    tokio::task::yield_now().await;
    stop.cancel();
    timeout(LONG, working).await.expect("it did not stop").unwrap();
    assert!(timeout(Duration::ZERO, queue.asked.notified()).await.is_err(), "nothing was claimed");
}
