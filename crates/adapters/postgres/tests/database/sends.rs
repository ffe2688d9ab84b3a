//! A send waits for whoever else writes in its conversation, and goes by what that wrote.

use std::{sync::Arc, time::Duration};

use conversation::{
    AttemptEnd, Claim, ConsentAction, ConversationChange, ConversationStatus, DeliveryJob, DeliveryState,
    JobKind, NewInbound, Received, RefusalReason, Verdict,
    testing::{ConversationStores, Samples},
};
use harness::postgres::Database;
use kernel::{ConversationId, PageRequest};
use tenancy::AuditAction;
use tokio::task::JoinHandle;
use tokio_postgres::{Client, NoTls};

use crate::{support, tenants};

/// A conversation in which a message waits whose delivery is claimed.
struct Queued {
    both: ConversationStores,
    samples: Samples,
    database: Database,
    conversation: ConversationId,
    claim: Claim,
}

impl Queued {
    async fn new() -> Self {
        let (stores, database) = support::stores().await;
        let both = tenants::two(&stores, Box::new(())).await;
        let samples = Samples::default();
        let inbound = samples.inbound(&both.binding, "Hello");
        let received = both.conversations.receive(&both.tenant, &inbound).await.unwrap();
        let Received::Stored { conversation_id: id, .. } = received else { panic!("{received:?}") };
        let found = both.conversations.find(&both.tenant, id).await.unwrap().unwrap().conversation;
        let change = ConversationChange {
            id,
            read_version: found.version,
            status: found.status,
            owner: found.owner,
            outbound: vec![samples.outbound("Hi")],
            action: AuditAction::ConversationPaused,
        };
        both.conversations.save(&both.tenant, &change, samples.now()).await.unwrap();
        let (now, lease) = (samples.now(), Duration::from_secs(90));
        let claim = both.jobs.claim_one(&both.tenant, JobKind::Delivery, id, now, lease).await;
        Self { both, samples, database, conversation: id, claim: claim.unwrap().unwrap() }
    }

    /// Writes in the conversation, as others do, and has not committed yet.
    async fn write(&self, statement: &str) -> Client {
        let writer = self.hold("").await;
        writer.batch_execute(statement).await.unwrap();
        writer
    }

    /// Holds some conversations, as others do.
    async fn hold(&self, which: &str) -> Client {
        let (writer, connection) = tokio_postgres::connect(self.database.url(), NoTls).await.unwrap();
        tokio::spawn(connection);
        let begin = format!("BEGIN; SELECT FROM conversations {which} FOR NO KEY UPDATE");
        writer.batch_execute(&begin).await.unwrap();
        writer
    }
}

/// Commits once somebody waits for it, and returns what came of the wait.
async fn commit_under<T: std::fmt::Debug>(writer: &Client, sending: JoinHandle<T>) -> T {
    let waiting =
        "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while writer.query(waiting, &[]).await.unwrap().is_empty() {
        assert!(!sending.is_finished(), "it waits for nobody: {:?}", sending.await);
        tokio::task::yield_now().await;
        // What the view shows stays the same until the transaction ends, unless it is told to look again.
        writer.batch_execute("SELECT pg_stat_clear_snapshot()").await.unwrap();
    }
    writer.batch_execute("COMMIT").await.unwrap();
    sending.await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_send_that_comes_while_stop_is_stored_does_not_begin() {
    let queued = Queued::new().await;
    let stop = "INSERT INTO consents (tenant_id, address_index, state, changed_at, version) \
                SELECT tenant_id, address_index, 'opted_out', now(), 1 FROM conversations";
    let writer = queued.write(stop).await;
    let (ledger, claim, now) = (Arc::clone(&queued.both.ledger), queued.claim.clone(), queued.samples.now());
    let sending = tokio::spawn(async move { ledger.begin_next(&claim, None, now, now).await });
    let next = commit_under(&writer, sending).await.unwrap().unwrap();
    assert_eq!(next.verdict, Verdict::Refuse(RefusalReason::OptedOut));
    let open = queued.both.ledger.open_attempts(&queued.both.tenant, queued.conversation).await.unwrap();
    assert_eq!(open, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_send_that_ends_while_a_report_is_stored_leaves_the_state_that_was_reported() {
    let queued = Queued::new().await;
    let Queued { both, claim, conversation, .. } = &queued;
    let now = queued.samples.now();
    let attempt = both.ledger.begin_next(claim, None, now, now).await.unwrap().unwrap().attempt();
    let report =
        "UPDATE messages SET delivery_state = 'delivered', attempted_at = NULL WHERE direction = 'outbound'";
    let writer = queued.write(report).await;
    let (ledger, claim) = (Arc::clone(&both.ledger), claim.clone());
    let sending = tokio::spawn(async move {
        let end = AttemptEnd::Accepted { provider_message_id: "SM1".into(), state: DeliveryState::Sent };
        ledger.end_send(&claim, attempt, &end, now).await
    });
    assert_eq!(commit_under(&writer, sending).await.unwrap(), DeliveryJob::Done);
    let page = PageRequest::default();
    let said = both.conversations.list_messages(&both.tenant, *conversation, &page).await.unwrap().items;
    let sent = said.iter().find(|one| one.id == attempt.message).unwrap();
    assert_eq!(sent.delivery_state, DeliveryState::Delivered);
    assert_eq!(sent.provider_message_id.as_deref(), Some("SM1"));
}

/// Closes the conversation, so that what its contact says next opens another.
async fn close(queued: &Queued) {
    let Queued { both, conversation, samples, .. } = queued;
    let found = both.conversations.find(&both.tenant, *conversation).await.unwrap().unwrap().conversation;
    let change = ConversationChange {
        id: *conversation,
        read_version: found.version,
        status: ConversationStatus::Closed,
        owner: found.owner,
        outbound: Vec::new(),
        action: AuditAction::ConversationClosed,
    };
    both.conversations.save(&both.tenant, &change, samples.now()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn stop_in_another_conversation_waits_for_a_send_that_begins() {
    let queued = Queued::new().await;
    close(&queued).await;
    let Queued { both, samples, .. } = &queued;
    let consent = Some(samples.consent_change(ConsentAction::OptOut));
    let inbound = NewInbound { consent, ..samples.inbound(&both.binding, "STOP") };
    let writer = queued.write("").await;
    let (conversations, tenant) = (Arc::clone(&both.conversations), both.tenant.clone());
    let stopping = tokio::spawn(async move { conversations.receive(&tenant, &inbound).await });
    let received = commit_under(&writer, stopping).await.unwrap();
    assert!(
        matches!(received, Received::Stored { conversation_id, .. } if conversation_id != queued.conversation)
    );
    let claim = &queued.claim;
    let next = both.ledger.begin_next(claim, None, samples.now(), samples.now()).await.unwrap().unwrap();
    assert_ne!(next.verdict, Verdict::Allow);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opt_out_by_a_person_waits_for_a_send_that_begins() {
    let queued = Queued::new().await;
    let Queued { both, samples, claim, .. } = &queued;
    let address = samples.inbound(&both.binding, "Hello").from;
    let change = samples.consent_change(ConsentAction::OptOut);
    let writer = queued.write("").await;
    let (contacts, tenant) = (Arc::clone(&both.contacts), both.tenant.clone());
    let stopping = tokio::spawn(async move { contacts.change_consent(&tenant, &address, &change).await });
    commit_under(&writer, stopping).await.unwrap();
    let next = both.ledger.begin_next(claim, None, samples.now(), samples.now()).await.unwrap().unwrap();
    assert_eq!(next.verdict, Verdict::Refuse(RefusalReason::OptedOut));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opt_out_that_a_carrier_knows_of_waits_for_a_send_in_another_conversation() {
    let queued = Queued::new().await;
    let Queued { both, samples, claim, .. } = &queued;
    let next = both.ledger.begin_next(claim, None, samples.now(), samples.now()).await.unwrap().unwrap();
    close(&queued).await;
    both.conversations.receive(&both.tenant, &samples.inbound(&both.binding, "Hello")).await.unwrap();
    let writer = queued.hold("WHERE status = 'open'").await;
    let refused = samples.refused(Some(next.text.id), RefusalReason::OptedOut);
    let change = samples.consent_change(ConsentAction::OptOut);
    let (ledger, tenant) = (Arc::clone(&both.ledger), both.tenant.clone());
    let stopping =
        tokio::spawn(async move { ledger.refuse(&tenant, next.attempt(), &refused, Some(&change)).await });
    commit_under(&writer, stopping).await.unwrap();
}
