//! A message that is about to leave waits for an opt-out that is being stored, and stays.

use std::{sync::Arc, time::Duration};

use conversation::{ConversationChange, JobKind, Received, RefusalReason, Verdict, testing::Samples};
use tenancy::AuditAction;
use tokio_postgres::NoTls;

use crate::{support, tenants};

#[tokio::test(flavor = "multi_thread")]
async fn a_send_that_comes_while_stop_is_stored_does_not_begin() {
    let (stores, database) = support::stores().await;
    let both = tenants::two(&stores, Box::new(())).await;
    let samples = Samples::default();
    let inbound = samples.inbound(&both.binding, "Hello");
    let received = both.conversations.receive(&both.tenant, &inbound).await.unwrap();
    let Received::Stored { conversation_id, .. } = received else { panic!("{received:?}") };
    let conversation =
        both.conversations.find(&both.tenant, conversation_id).await.unwrap().unwrap().conversation;
    let change = ConversationChange {
        id: conversation_id,
        read_version: conversation.version,
        status: conversation.status,
        owner: conversation.owner,
        outbound: vec![samples.outbound("Hi")],
        action: AuditAction::ConversationPaused,
    };
    both.conversations.save(&both.tenant, &change, samples.now()).await.unwrap();
    let (now, lease) = (samples.now(), Duration::from_secs(90));
    let claim = both.jobs.claim_one(&both.tenant, JobKind::Delivery, conversation_id, now, lease);
    let claim = claim.await.unwrap().unwrap();

    let (holder, connection) = tokio_postgres::connect(database.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    let stop = "BEGIN; SELECT FROM conversations FOR NO KEY UPDATE; \
                INSERT INTO consents (tenant_id, address_index, state, changed_at, version) \
                SELECT tenant_id, address_index, 'opted_out', now(), 1 FROM conversations";
    holder.batch_execute(stop).await.unwrap();
    let ledger = Arc::clone(&both.ledger);
    let begun = tokio::spawn(async move { ledger.begin_next(&claim, now, now).await });
    let waiting =
        "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while holder.query(waiting, &[]).await.unwrap().is_empty() {
        assert!(!begun.is_finished(), "it waits for nobody: {:?}", begun.await);
        tokio::task::yield_now().await;
    }
    holder.batch_execute("COMMIT").await.unwrap();
    let next = begun.await.unwrap().unwrap().unwrap();
    assert_eq!(next.verdict, Verdict::Refuse(RefusalReason::OptedOut));
    assert_eq!(both.ledger.open_attempts(&both.tenant, conversation_id).await.unwrap(), []);
}
