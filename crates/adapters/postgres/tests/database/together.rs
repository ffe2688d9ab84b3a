//! Messages that come at once share a transaction, and none of them suffers from another. Where a test has one thread, all that
//! it spawns wait before the first is stored, and go together.

use std::{sync::Arc, time::Duration};

use conversation::{NewInbound, Received, testing::ConversationStores, testing::Samples};
use harness::postgres::Database;
use kernel::{BindingId, StoreError};
use tenancy::{Address, TenantScope};
use tokio::{
    task::JoinHandle,
    time::{sleep, timeout},
};
use tokio_postgres::NoTls;
use uuid::Uuid;

use crate::{support, tenants};

/// Longer than anything takes that waits for nobody, and shorter than a lock is waited for.
const AT_ONCE: Duration = Duration::from_secs(10);

type Receiving = JoinHandle<Result<Received, StoreError>>;

struct Crowd {
    both: ConversationStores,
    samples: Samples,
    database: Database,
}

impl Crowd {
    async fn new() -> Self {
        let (stores, database) = support::stores().await;
        let both = tenants::two(&stores, Box::new(())).await;
        Self { both, samples: Samples::default(), database }
    }

    /// Makes the message of the sender with a number: every second writes to the other tenant.
    fn message(&self, sender: usize) -> (TenantScope, NewInbound) {
        let (scope, binding) = match sender % 2 {
            0 => (&self.both.tenant, &self.both.binding),
            _ => (&self.both.other, &self.both.other_binding),
        };
        let from = Address::from_carrier(&format!("+1555100{sender:04}"));
        (scope.clone(), NewInbound { from, ..self.samples.inbound(binding, &format!("from {sender}")) })
    }

    fn receive(&self, (scope, inbound): (TenantScope, NewInbound)) -> Receiving {
        let conversations = Arc::clone(&self.both.conversations);
        tokio::spawn(async move { conversations.receive(&scope, &inbound).await })
    }

    fn count(&self, what: &str) -> usize {
        self.database.query(&format!("SELECT count({what}) FROM messages")).unwrap().trim().parse().unwrap()
    }
}

async fn stored(receiving: Receiving) -> bool {
    let received = timeout(AT_ONCE, receiving).await.expect("it waits for another").unwrap();
    matches!(received, Ok(Received::Stored { .. }))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_at_once_is_stored_in_fewer_transactions_than_messages() {
    let crowd = Crowd::new().await;
    let all: Vec<_> = (0..100).map(|sender| crowd.receive(crowd.message(sender % 40))).collect();
    for receiving in all {
        assert!(stored(receiving).await);
    }
    assert_eq!(crowd.count("*"), 100);
    let transactions = crowd.count("DISTINCT xmin::text");
    assert!(transactions < 50, "{transactions} transactions");
    let strangers = "SELECT count(*) FROM messages m JOIN conversations c ON c.id = m.conversation_id \
                     WHERE c.tenant_id <> m.tenant_id";
    assert_eq!(crowd.database.query(strangers).unwrap().trim(), "0");
}

#[tokio::test]
async fn one_that_has_to_wait_keeps_none_of_the_others() {
    let crowd = Crowd::new().await;
    assert!(stored(crowd.receive(crowd.message(0))).await);
    let (holder, connection) = tokio_postgres::connect(crowd.database.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    holder.batch_execute("BEGIN; SELECT FROM conversations FOR UPDATE").await.unwrap();
    let held = crowd.receive(crowd.message(0));
    let others: Vec<_> = (1..20).map(|sender| crowd.receive(crowd.message(sender))).collect();
    for receiving in others {
        assert!(stored(receiving).await);
    }
    assert!(!held.is_finished(), "somebody holds its conversation");
    holder.batch_execute("ROLLBACK").await.unwrap();
    assert!(stored(held).await);
    assert_eq!(crowd.count("*"), 21);
}

#[tokio::test]
async fn one_that_cannot_be_stored_fails_alone() {
    let crowd = Crowd::new().await;
    let all: Vec<_> = (0..20)
        .map(|sender| {
            let (scope, inbound) = crowd.message(sender);
            let binding_id = if sender == 7 { BindingId::new(Uuid::nil()) } else { inbound.binding_id };
            crowd.receive((scope, NewInbound { binding_id, ..inbound }))
        })
        .collect();
    for (sender, receiving) in all.into_iter().enumerate() {
        assert_eq!(stored(receiving).await, sender != 7, "of {sender}");
    }
    assert_eq!(crowd.count("*"), 19);
}

#[tokio::test]
async fn one_whose_caller_goes_away_takes_no_answer_along() {
    let crowd = Crowd::new().await;
    let slowly = "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS \
                  'BEGIN PERFORM pg_sleep(0.05); RETURN NEW; END'; \
                  CREATE TRIGGER slow BEFORE INSERT ON messages FOR EACH ROW EXECUTE FUNCTION slow()";
    crowd.database.query(slowly).unwrap();
    let all: Vec<_> = (0..20).map(|sender| crowd.receive(crowd.message(sender))).collect();
    let is_at_it = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
    while crowd.database.query(is_at_it).unwrap().trim() == "0" {
        sleep(Duration::from_millis(5)).await;
    }
    for (sender, receiving) in all.into_iter().enumerate() {
        if sender % 4 == 0 {
            receiving.abort();
        } else {
            assert!(stored(receiving).await, "{sender}");
        }
    }
    assert_eq!(crowd.count("*"), 20);
    assert_eq!(crowd.count("DISTINCT xmin::text"), 1, "they were stored one by one after all");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_same_message_many_times_at_once_one_is_stored() {
    let crowd = Crowd::new().await;
    let (scope, first) = crowd.message(3);
    let all: Vec<_> = (0..50)
        .map(|_| {
            let again = crowd.message(3).1;
            let provider_message_id = first.provider_message_id.clone();
            crowd.receive((scope.clone(), NewInbound { provider_message_id, ..again }))
        })
        .collect();
    let mut count = 0;
    for receiving in all {
        match receiving.await.unwrap().unwrap() {
            Received::Stored { .. } => count += 1,
            Received::Duplicate { same_body, .. } => assert!(same_body),
        }
    }
    assert_eq!((count, crowd.count("*")), (1, 1));
}
