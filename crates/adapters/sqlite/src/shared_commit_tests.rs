//! That what follows from a commit waits for it where several share one: claims, wake-ups and the order of events.

use std::{pin::pin, sync::Arc, time::Duration};

use conversation::{ConversationStore as _, JobKind, JobQueue as _, NewInbound, Received, testing::Samples};
use diesel_async::SimpleAsyncConnection as _;
use kernel::{Clock as _, ConversationId, TenantId, testing::ManualClock};
use tenancy::{
    BusinessProfile, ChannelBinding, ChannelStore, EventLog as _, FeatureFlag, FlagStore as _, Plan, Tenant,
    TenantScope, TenantStore,
    testing::{platform, scope},
};

use crate::{
    Stores,
    db::WriteTx,
    writer::tests::{begin, vault, waits},
};

const LEASE: Duration = Duration::from_secs(60);

/// A tenant to whom somebody has written.
struct Case {
    stores: Stores,
    scope: TenantScope,
    binding: ChannelBinding,
    samples: Arc<Samples>,
    conversation: ConversationId,
}

impl Case {
    async fn new() -> Self {
        let stores = Stores::temporary(vault()).unwrap();
        let samples = Arc::new(Samples::seeded(1));
        let at = ManualClock::default().now();
        let tenant = Tenant::create(samples.id(TenantId::new), "Somebody", Plan::Starter, at).unwrap();
        TenantStore::insert(&stores, &platform(), &tenant, &BusinessProfile::default()).await.unwrap();
        let scope = scope(tenant.id());
        let binding = samples.sms_binding(&scope, "+15551230000");
        ChannelStore::insert(&stores, &scope, &binding).await.unwrap();
        let received = stores.receive(&scope, &samples.inbound(&binding, "Hello")).await.unwrap();
        let Received::Stored { conversation_id: conversation, .. } = received else {
            panic!("a new message is called a duplicate")
        };
        Self { stores, scope, binding, samples, conversation }
    }

    fn inbound(&self) -> NewInbound {
        self.samples.inbound(&self.binding, "Hello")
    }
}

/// Lets the commit find a row without the one that it refers to.
async fn fail_commit(mut tx: WriteTx<'_>) {
    let orphans = "PRAGMA defer_foreign_keys = ON; UPDATE messages SET conversation_id = zeroblob(16)";
    tx.batch_execute(orphans).await.unwrap();
    tx.commit().await.unwrap_err();
}

#[tokio::test]
async fn a_claim_is_handed_out_after_the_commit_and_to_one_of_those_who_share_it() {
    let Case { stores, scope, samples, conversation, .. } = Case::new().await;
    let claim = || stores.claim_one(&scope, JobKind::Turn, conversation, samples.now(), LEASE);
    let held = begin(&stores.db).await;
    let (mut one, mut other, mut last) = (pin!(claim()), pin!(claim()), pin!(begin(&stores.db)));
    assert!(waits(&mut one).await && waits(&mut other).await && waits(&mut last).await);
    drop(held);
    assert!(waits(&mut one).await, "a claim was handed out before the commit");
    assert!(waits(&mut other).await);
    last.await.commit().await.unwrap();
    assert!(one.await.unwrap().is_some());
    assert!(other.await.unwrap().is_none());
}

#[tokio::test]
async fn a_claim_whose_commit_fails_is_nobodys() {
    let Case { stores, scope, samples, conversation, .. } = Case::new().await;
    let claim = || stores.claim_one(&scope, JobKind::Turn, conversation, samples.now(), LEASE);
    let held = begin(&stores.db).await;
    let (mut one, mut last) = (pin!(claim()), pin!(begin(&stores.db)));
    assert!(waits(&mut one).await && waits(&mut last).await);
    drop(held);
    assert!(waits(&mut one).await);
    fail_commit(last.await).await;
    one.await.unwrap_err();
    assert!(claim().await.unwrap().is_some());
}

#[tokio::test]
async fn whoever_finds_it_done_is_told_only_once_that_is_kept() {
    let Case { stores, scope, samples, .. } = Case::new().await;
    let set = || stores.set(&scope, FeatureFlag::EnableRag, true, samples.now());
    let held = begin(&stores.db).await;
    let (mut one, mut other, mut last) = (pin!(set()), pin!(set()), pin!(begin(&stores.db)));
    assert!(waits(&mut one).await && waits(&mut other).await && waits(&mut last).await);
    drop(held);
    assert!(waits(&mut one).await);
    assert!(waits(&mut other).await, "told of what is not kept yet");
    fail_commit(last.await).await;
    one.await.unwrap_err();
    other.await.unwrap_err();
}

#[tokio::test]
async fn workers_are_woken_after_the_commit() {
    let Case { stores, scope, samples, conversation, .. } = Case::new().await;
    let claim = stores.claim_one(&scope, JobKind::Turn, conversation, samples.now(), LEASE).await;
    let claim = claim.unwrap().unwrap();
    let seen = stores.seen();
    let held = begin(&stores.db).await;
    let (mut release, mut last) = (pin!(stores.release(&claim, samples.now())), pin!(begin(&stores.db)));
    assert!(waits(&mut release).await && waits(&mut last).await);
    drop(held);
    assert!(waits(&mut release).await);
    let last = last.await;
    assert_eq!(stores.seen(), seen, "workers were woken before they could find anything");
    last.commit().await.unwrap();
    release.await.unwrap();
    assert_ne!(stores.seen(), seen);
}

#[tokio::test]
async fn events_of_one_commit_are_in_the_order_in_which_they_were_written() {
    let case = Case::new().await;
    let Case { stores, scope, .. } = &case;
    let before = stores.last_position(&platform()).await.unwrap();
    let messages = [case.inbound(), case.inbound(), case.inbound()];
    let [first, second, third] = &messages;
    let held = begin(&stores.db).await;
    let (mut one, mut failing) = (pin!(stores.receive(scope, first)), pin!(begin(&stores.db)));
    assert!(waits(&mut one).await && waits(&mut failing).await);
    let (mut two, mut three) = (pin!(stores.receive(scope, second)), pin!(stores.receive(scope, third)));
    assert!(waits(&mut two).await && waits(&mut three).await);
    drop(held);
    assert!(waits(&mut one).await);
    assert_eq!(stores.read_events(scope, before, 9).await.unwrap(), [], "told before the commit");
    drop(failing.await);
    assert!(waits(&mut two).await);
    three.await.unwrap();
    two.await.unwrap();
    one.await.unwrap();
    let told = stores.read_events(scope, before, 9).await.unwrap();
    let ids: Vec<_> = told.iter().map(|event| event.facts.clone()).collect();
    let place = |message: &NewInbound| {
        ids.iter().position(|facts| facts.contains(&message.message_id.uuid().to_string()))
    };
    assert_eq!(messages.each_ref().map(place), [Some(0), Some(1), Some(2)]);
}
