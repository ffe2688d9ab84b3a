//! An inbound message is one statement, prepared once: nothing before it and nothing after it. A turn is kept by one more
//! than finds its conversation. A delivery is a claim and two transactions.

use std::{path::PathBuf, sync::Arc, time::Duration};

use conversation::{
    Deliver, JobKind, NewInbound, Received,
    testing::{ConversationStores, RecordingMessenger, Samples},
};
use harness::postgres::{Database, PostgresCluster, PostgresServer};
use kernel::testing::{CountingIds, ManualClock};
use postgres::{PoolSettings, Stores};

use crate::{support, tenants};

/// A database of which every statement is kept, and stores that say all of a tenant on one connection.
struct Overheard {
    _database: Database,
    _cluster: PostgresCluster,
    both: ConversationStores,
    samples: Samples,
    carrier: Arc<RecordingMessenger>,
    log: PathBuf,
}

impl Overheard {
    async fn start() -> Self {
        let make = || {
            let cluster = PostgresServer::dedicated().unwrap();
            let database = support::migrated_database(cluster.server());
            let every = format!("ALTER DATABASE {} SET log_statement = 'all'", database.name());
            database.query(&every).unwrap();
            (cluster, database)
        };
        let (cluster, database) = tokio::task::spawn_blocking(make).await.unwrap();
        let pool = PoolSettings { upkeep: 2, ..PoolSettings::default() };
        let stores = Stores::open(database.url().parse().unwrap(), pool, support::vault()).await.unwrap();
        let both = tenants::two(&stores, Box::new(())).await;
        let log = cluster.folder().join("log");
        let (samples, carrier) = (Samples::default(), Arc::default());
        Self { _database: database, _cluster: cluster, both, samples, carrier, log }
    }

    async fn receive(&self) -> Received {
        let now = self.samples.now();
        let inbound = NewInbound { answer_at: now, ..self.samples.inbound(&self.both.binding, "Hello") };
        self.both.conversations.receive(&self.both.tenant, &inbound).await.unwrap()
    }

    /// Takes a message in and answers it.
    async fn answer(&self) {
        let ConversationStores { conversations, jobs, tenant, .. } = &self.both;
        let Received::Stored { conversation_id, message_id } = self.receive().await else { panic!("twice") };
        let (now, lease) = (self.samples.now(), Duration::from_secs(30));
        let claim =
            jobs.claim_one(tenant, JobKind::Turn, conversation_id, now, lease).await.unwrap().unwrap();
        let found = conversations.find(tenant, conversation_id).await.unwrap().unwrap();
        let outbound = vec![self.samples.outbound("Hi")];
        let commit = self.samples.commit(&found.conversation, vec![message_id], outbound);
        conversations.commit_turn(tenant, &claim, &commit).await.unwrap();
    }

    /// Brings out what waits, as a worker does.
    async fn deliver(&self) {
        let deliver = Deliver {
            ledger: Arc::clone(&self.both.ledger),
            messenger: Arc::<RecordingMessenger>::clone(&self.carrier),
            clock: Arc::new(ManualClock::default()),
            ids: Arc::new(CountingIds::default()),
            look_up_after: Duration::from_secs(15),
        };
        let ConversationStores { jobs, platform, .. } = &self.both;
        let claimed = jobs.claim(platform, self.samples.now(), Duration::from_secs(30), 10).await.unwrap();
        let [claim] = claimed.claims.as_slice() else { panic!("{claimed:?}") };
        assert_eq!(deliver.deliver(claim).await.unwrap().taken.len(), 1);
    }

    /// Returns what each session was told to do, a statement each, but for words to other processes.
    fn all_statements(&self) -> Vec<(String, String)> {
        let log = String::from_utf8(std::fs::read(&self.log).unwrap()).unwrap();
        let of_session = |line: &str| {
            let (head, said) = line.split_once("] LOG:  ")?;
            let (_, session) = head.rsplit_once('[')?;
            Some((session.to_owned(), said.to_owned()))
        };
        log.lines().filter_map(of_session).filter(|(_, said)| !said.contains("NOTIFY")).collect()
    }

    /// Returns what the session that stores messages was told to do.
    fn statements(&self) -> Vec<String> {
        let lines = self.all_statements();
        let (session, _) = lines.iter().find(|(_, said)| said.contains("receive_messages(")).unwrap();
        lines.iter().filter(|(one, _)| one == session).map(|(_, said)| said.clone()).collect()
    }
}

/// Tells whether a statement calls a function, and was prepared when it was said before.
fn calls_again(said: &str, function: &str, before: &[String]) -> bool {
    let (how, what) = said.split_once(": ").unwrap();
    how.starts_with("execute s") && what.contains(function) && before.iter().any(|one| one.starts_with(how))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_stored_by_one_statement_that_is_prepared_once() {
    let overheard = Overheard::start().await;
    overheard.receive().await;
    let before = overheard.statements();
    overheard.receive().await;
    let said = overheard.statements().split_off(before.len());
    let [said] = said.as_slice() else { panic!("not one statement: {said:?}") };
    assert!(calls_again(said, "receive_messages(", &before), "{said} after {:?}", before.last());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_is_kept_by_one_statement_once_its_conversation_is_found() {
    let overheard = Overheard::start().await;
    overheard.answer().await;
    let before = overheard.statements();
    overheard.answer().await;
    let said = overheard.statements().split_off(before.len());
    let [.., begin, find, keep, end] = said.as_slice() else { panic!("too few statements: {said:?}") };
    assert!(begin.contains("BEGIN; SET LOCAL app.tenant_id"), "{begin}");
    assert!(calls_again(find, "SELECT \"conversations\"", &before), "{find}");
    assert!(calls_again(keep, "commit_turn(", &before), "{keep}");
    assert!(end.ends_with("COMMIT"), "{end}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_is_a_claim_and_two_transactions() {
    let overheard = Overheard::start().await;
    overheard.answer().await;
    overheard.deliver().await;
    overheard.answer().await;
    let before = overheard.all_statements().len();
    overheard.deliver().await;
    let said = overheard.all_statements().split_off(before);
    let count = |what: &str| said.iter().filter(|(_, one)| one.contains(what)).count();
    assert_eq!(
        (count("claim_jobs("), count("BEGIN"), count("COMMIT"), count("ROLLBACK")),
        (1, 2, 2, 0),
        "{said:#?}"
    );
    assert_eq!(said.len(), 16, "{said:#?}");
}
