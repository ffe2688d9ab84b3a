//! That transactions which share a commit are kept together, undone alone, and told when the disk has them.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::Poll,
    time::{Duration, Instant},
};

use diesel::{
    Connection as _, RunQueryDsl as _, SqliteConnection,
    connection::{InstrumentationEvent, SimpleConnection as _},
    dsl::sql,
    select,
    sql_types::{BigInt, Text},
};
use diesel_async::SimpleAsyncConnection as _;
use kernel::{BoxError, Entropy, StoreError, TenantId};
use tenancy::{TenantScope, Vault, testing::scope};
use tokio::task::{JoinSet, yield_now};
use uuid::Uuid;
use vault::{EnvelopeVault, KeyRing};

use super::*;
use crate::db::{Database, WriteTx};

const PATIENCE: Duration = Duration::from_secs(10);

/// A column that another one refers to, and the reference; both tables are the tests' own.
const TABLES: &str =
    "CREATE TABLE notes (id INTEGER PRIMARY KEY, about INTEGER REFERENCES notes (id), body BLOB) STRICT";

struct NoEntropy;

impl Entropy for NoEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), BoxError> {
        bytes.fill(7);
        Ok(())
    }
}

pub(crate) fn vault() -> Arc<dyn Vault> {
    let ring = KeyRing::parse("1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap();
    Arc::new(EnvelopeVault::new(ring, Arc::new(NoEntropy)))
}

fn somebody() -> TenantScope {
    scope(TenantId::new(Uuid::nil()))
}

/// A database with a table for notes, and the number of its commits from then on.
async fn database() -> (Arc<Database>, Arc<AtomicUsize>) {
    let db = Arc::new(Database::temporary(vault()).unwrap());
    let mut tx = begin(&db).await;
    tx.batch_execute(TABLES).await.unwrap();
    told(tx.commit()).await.unwrap();
    let commits = count_commits(&db).await;
    (db, commits)
}

pub(crate) async fn count_commits(db: &Database) -> Arc<AtomicUsize> {
    let commits = Arc::new(AtomicUsize::new(0));
    let counting = Arc::clone(&commits);
    let mut tx = begin(db).await;
    let counted = tx.run(move |conn| {
        conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if matches!(event, InstrumentationEvent::StartQuery { query, .. } if query.to_string().starts_with("COMMIT")) {
                counting.fetch_add(1, Ordering::SeqCst);
            }
        });
        Ok(())
    });
    counted.await.unwrap();
    commits
}

pub(crate) async fn begin(db: &Database) -> WriteTx<'_> {
    db.write(&somebody()).await.unwrap()
}

async fn note(tx: &mut WriteTx<'_>, id: i64) {
    tx.batch_execute(&format!("INSERT INTO notes (id) VALUES ({id})")).await.unwrap();
}

async fn noted(db: &Database, id: i64) -> Result<(), StoreError> {
    let mut tx = begin(db).await;
    note(&mut tx, id).await;
    tx.commit().await
}

/// Returns what a reader sees.
async fn notes(db: &Database) -> String {
    let mut tx = db.read(&somebody()).await.unwrap();
    let ids = "(SELECT coalesce(group_concat(id, ' '), '') FROM (SELECT id FROM notes ORDER BY id))";
    diesel_async::RunQueryDsl::get_result(select(sql::<Text>(ids)), &mut *tx).await.unwrap()
}

/// Waits for what somebody is to be told.
async fn told<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(PATIENCE, future).await.expect("nobody was told")
}

/// Asks a future to go on, and tells whether it has to wait.
pub(crate) async fn waits<F: Future>(future: &mut Pin<&mut F>) -> bool {
    poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_pending())).await
}

fn count(commits: &AtomicUsize) -> usize {
    commits.load(Ordering::SeqCst)
}

#[tokio::test]
async fn transactions_that_wait_at_once_share_a_commit() {
    let (db, commits) = database().await;
    let mut first = begin(&db).await;
    let mut others = JoinSet::new();
    for id in 2..=10 {
        let db = Arc::clone(&db);
        others.spawn(async move { noted(&db, id).await });
    }
    yield_now().await;
    note(&mut first, 1).await;
    first.commit().await.unwrap();
    assert!(others.join_all().await.iter().all(Result::is_ok));
    assert_eq!(count(&commits), 1);
    assert_eq!(notes(&db).await, "1 2 3 4 5 6 7 8 9 10");
}

#[tokio::test]
async fn a_transaction_alone_waits_for_no_company() {
    let (db, commits) = database().await;
    for id in 1..=3 {
        told(noted(&db, id)).await.unwrap();
        assert_eq!(count(&commits), usize::try_from(id).unwrap());
    }
}

#[tokio::test]
async fn nobody_is_told_and_no_reader_sees_before_the_commit() {
    let (db, commits) = database().await;
    let mut one = begin(&db).await;
    let mut beginning = pin!(begin(&db));
    assert!(waits(&mut beginning).await);
    note(&mut one, 1).await;
    let mut one = pin!(one.commit());
    assert!(waits(&mut one).await);
    yield_now().await;
    let mut other = beginning.await;
    note(&mut other, 2).await;
    assert!(waits(&mut one).await, "the first was told while the second was at work");
    assert_eq!((notes(&db).await.as_str(), count(&commits)), ("", 0));
    other.commit().await.unwrap();
    told(one).await.unwrap();
    assert_eq!((notes(&db).await.as_str(), count(&commits)), ("1 2", 1));
}

#[tokio::test]
async fn a_transaction_that_fails_is_undone_alone() {
    let (db, _) = database().await;
    let mut one = begin(&db).await;
    let (mut second, mut third) = (pin!(begin(&db)), pin!(noted(&db, 3)));
    assert!(waits(&mut second).await && waits(&mut third).await);
    note(&mut one, 1).await;
    let mut one = pin!(one.commit());
    assert!(waits(&mut one).await);
    let mut second = second.await;
    note(&mut second, 2).await;
    second.batch_execute("INSERT INTO notes (id) VALUES (1)").await.unwrap_err();
    drop(second);
    told(one).await.unwrap();
    told(third).await.unwrap();
    assert_eq!(notes(&db).await, "1 3");
}

/// Whoever is told that somebody was faster reads again, and is to find what the other has written.
#[tokio::test]
async fn what_a_transaction_saw_is_committed_before_it_ends_without_a_commit() {
    let (db, commits) = database().await;
    let mut one = begin(&db).await;
    let mut beginning = pin!(begin(&db));
    assert!(waits(&mut beginning).await);
    note(&mut one, 1).await;
    let mut one = pin!(one.commit());
    assert!(waits(&mut one).await);
    drop(beginning.await);
    assert_eq!((notes(&db).await.as_str(), count(&commits)), ("1", 1));
    told(one).await.unwrap();
}

#[tokio::test]
async fn a_transaction_whose_caller_goes_away_at_work_is_undone_alone() {
    let (db, _) = database().await;
    let mut one = begin(&db).await;
    let working = Arc::clone(&db);
    let second = tokio::spawn(async move {
        let mut tx = begin(&working).await;
        note(&mut tx, 2).await;
        std::future::pending::<()>().await;
        tx.commit().await
    });
    yield_now().await;
    let mut third = pin!(noted(&db, 3));
    assert!(waits(&mut third).await);
    note(&mut one, 1).await;
    let mut one = pin!(one.commit());
    assert!(waits(&mut one).await);
    yield_now().await;
    assert!(waits(&mut third).await, "the second is not at work");
    second.abort();
    assert!(second.await.unwrap_err().is_cancelled());
    told(one).await.unwrap();
    told(third).await.unwrap();
    assert_eq!(notes(&db).await, "1 3");
}

#[tokio::test]
async fn a_caller_who_goes_away_while_waiting_for_the_writer_holds_nobody_up() {
    let (db, _) = database().await;
    let mut one = begin(&db).await;
    note(&mut one, 1).await;
    let mut one = {
        let mut gone = pin!(noted(&db, 2));
        assert!(waits(&mut gone).await);
        let mut one = Box::pin(one.commit());
        assert!(waits(&mut one.as_mut()).await);
        one
    };
    told(&mut one).await.unwrap();
    assert_eq!(notes(&db).await, "1");
}

#[tokio::test]
async fn what_was_done_is_committed_even_if_everybody_goes_away() {
    let (db, _) = database().await;
    let mut one = begin(&db).await;
    note(&mut one, 1).await;
    {
        let mut gone = pin!(noted(&db, 2));
        assert!(waits(&mut gone).await);
        let mut one = pin!(one.commit());
        assert!(waits(&mut one).await);
    }
    let until = Instant::now() + PATIENCE;
    while notes(&db).await != "1" {
        assert!(Instant::now() < until, "a transaction was left open");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn a_transaction_that_panics_is_undone_alone() {
    let (db, _) = database().await;
    let mut one = begin(&db).await;
    let mut others = JoinSet::new();
    let (second, third) = (Arc::clone(&db), Arc::clone(&db));
    others.spawn(async move {
        let mut tx = begin(&second).await;
        note(&mut tx, 2).await;
        tx.run(|_| -> diesel::QueryResult<()> { panic!("a fault in the middle of a statement") }).await
    });
    others.spawn(async move {
        noted(&third, 3).await.unwrap();
        Ok(())
    });
    yield_now().await;
    note(&mut one, 1).await;
    one.commit().await.unwrap();
    let mut ended = [others.join_next().await.unwrap(), others.join_next().await.unwrap()];
    ended.sort_by_key(Result::is_ok);
    assert!(ended[0].as_ref().unwrap_err().is_panic());
    assert!(ended[1].is_ok());
    assert_eq!(notes(&db).await, "1 3");
}

#[tokio::test]
async fn a_commit_that_fails_is_told_to_everybody_and_the_next_is_kept() {
    let (db, commits) = database().await;
    let mut one = begin(&db).await;
    let (mut second, mut third) = (pin!(begin(&db)), pin!(noted(&db, 3)));
    assert!(waits(&mut second).await && waits(&mut third).await);
    note(&mut one, 1).await;
    let mut one = pin!(one.commit());
    assert!(waits(&mut one).await);
    let mut second = second.await;
    second.batch_execute("PRAGMA defer_foreign_keys = ON").await.unwrap();
    second.batch_execute("INSERT INTO notes (id, about) VALUES (2, 99)").await.unwrap();
    let mut second = pin!(second.commit());
    assert!(waits(&mut second).await);
    let told = [third.await, second.await, one.await];
    assert_eq!(count(&commits), 1);
    for error in told.map(Result::unwrap_err) {
        assert!(matches!(&error, StoreError::Unavailable(_)), "{error:?}");
        assert!(format!("{error:?}").contains("FOREIGN KEY"), "{error:?}");
    }
    assert_eq!(notes(&db).await, "");
    noted(&db, 4).await.unwrap();
    assert_eq!(notes(&db).await, "4");
}

/// SQLite rolls back everything by itself then: whoever comes next would otherwise be kept, and told the opposite.
#[tokio::test]
async fn a_full_disk_at_work_is_told_to_everybody_before_and_to_nobody_after() {
    for goes_on in [false, true] {
        let (db, _) = database().await;
        let mut one = begin(&db).await;
        let (mut second, mut third) = (pin!(begin(&db)), pin!(noted(&db, 3)));
        assert!(waits(&mut second).await && waits(&mut third).await);
        note(&mut one, 1).await;
        let mut one = pin!(one.commit());
        assert!(waits(&mut one).await);
        let mut second = second.await;
        second.batch_execute("PRAGMA max_page_count = 1").await.unwrap();
        second.batch_execute("INSERT INTO notes VALUES (2, NULL, zeroblob(9999999))").await.unwrap_err();
        second.batch_execute("PRAGMA max_page_count = 1000000").await.unwrap();
        if goes_on {
            told(second.commit()).await.unwrap_err();
        } else {
            drop(second);
        }
        told(one).await.unwrap_err();
        told(third).await.unwrap();
        assert_eq!(notes(&db).await, "3", "goes on: {goes_on}");
    }
}

#[tokio::test]
async fn so_many_transactions_share_a_commit_at_most() {
    let (db, commits) = database().await;
    let mut one = begin(&db).await;
    let mut others = JoinSet::new();
    let total = i64::try_from(MOST_AT_ONCE).unwrap() + 10;
    for id in 2..=total {
        let db = Arc::clone(&db);
        others.spawn(async move { noted(&db, id).await });
    }
    yield_now().await;
    note(&mut one, 1).await;
    one.commit().await.unwrap();
    assert!(others.join_all().await.iter().all(Result::is_ok));
    assert!(count(&commits) >= 2, "{} commits", count(&commits));
}

#[test]
fn a_group_is_full_when_many_are_in_it_or_the_first_has_waited_long() {
    let of = |size, first_done| {
        let waiting = (0..size).map(|_| oneshot::channel().0).collect();
        Group { number: 0, first_done, waiting }
    };
    assert!(!of(MOST_AT_ONCE - 1, None).is_full());
    assert!(of(MOST_AT_ONCE, None).is_full());
    assert!(of(1, Instant::now().checked_sub(LONGEST_WAIT)).is_full());
}

#[tokio::test]
async fn who_has_waited_long_is_not_kept_waiting_for_others() {
    let (db, commits) = database().await;
    let mut one = begin(&db).await;
    let (mut second, mut third) = (pin!(begin(&db)), pin!(begin(&db)));
    assert!(waits(&mut second).await && waits(&mut third).await);
    note(&mut one, 1).await;
    let mut one = pin!(one.commit());
    assert!(waits(&mut one).await);
    let mut second = second.await;
    note(&mut second, 2).await;
    std::thread::sleep(LONGEST_WAIT);
    told(second.commit()).await.unwrap();
    told(one).await.unwrap();
    let third = third.await;
    assert_eq!((notes(&db).await.as_str(), count(&commits)), ("1 2", 1));
    drop(third);
}

/// Otherwise a stream of transactions would put off the first one's commit for ever.
#[tokio::test]
async fn whoever_comes_after_the_first_was_done_does_not_put_off_its_commit() {
    let (db, commits) = database().await;
    let mut one = begin(&db).await;
    let mut second = pin!(begin(&db));
    assert!(waits(&mut second).await);
    note(&mut one, 1).await;
    let mut one = pin!(one.commit());
    assert!(waits(&mut one).await);
    yield_now().await;
    let mut third = pin!(begin(&db));
    assert!(waits(&mut third).await);
    let mut second = pin!(second.await.commit());
    assert!(waits(&mut second).await);
    let third = third.await;
    assert_eq!((notes(&db).await.as_str(), count(&commits)), ("1", 1));
    drop(third);
    told(one).await.unwrap();
    told(second).await.unwrap();
}

/// A constraint that is checked at the commit would fail everybody for one.
#[tokio::test]
async fn no_constraint_waits_for_the_commit() {
    let db = Database::temporary(vault()).unwrap();
    let mut tx = db.read(&somebody()).await.unwrap();
    let deferred = select(sql::<BigInt>("(SELECT count(*) FROM sqlite_schema WHERE sql LIKE '%DEFERR%')"));
    assert_eq!(diesel_async::RunQueryDsl::get_result::<i64>(deferred, &mut *tx).await.unwrap(), 0);
    let deferring = select(sql::<BigInt>("(SELECT defer_foreign_keys FROM pragma_defer_foreign_keys)"));
    assert_eq!(diesel_async::RunQueryDsl::get_result::<i64>(deferring, &mut *tx).await.unwrap(), 0);
}

/// A second process is another connection.
#[tokio::test]
async fn while_another_process_writes_this_one_does_other_things_and_leaves_nothing_open() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cheetah.db");
    let db = Database::open(&path, vault()).unwrap();
    let mut other = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    other.batch_execute(&format!("{TABLES}; BEGIN IMMEDIATE")).unwrap();
    let asked = Instant::now();
    {
        let mut gone = pin!(begin(&db));
        assert!(waits(&mut gone).await);
        assert!(asked.elapsed() < PATIENCE / 2, "the thread was held up");
    }
    let mut waiting = pin!(noted(&db, 1));
    assert!(waits(&mut waiting).await);
    other.batch_execute("COMMIT").unwrap();
    waiting.await.unwrap();
    other.batch_execute("BEGIN IMMEDIATE; ROLLBACK").unwrap();
    assert_eq!(notes(&db).await, "1");
}

/// What this process commits must not look like another's, and a question in the middle of a group must not end it.
#[tokio::test]
async fn only_what_another_process_commits_is_another_processes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cheetah.db");
    let db = Database::open(&path, vault()).unwrap();
    let mut other = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    other.batch_execute(TABLES).unwrap();
    let before = db.others_commits().await.unwrap();
    let mut one = begin(&db).await;
    let (mut asked, mut second) = (pin!(db.others_commits()), pin!(noted(&db, 2)));
    assert!(waits(&mut asked).await && waits(&mut second).await);
    note(&mut one, 1).await;
    let mut one = pin!(one.commit());
    assert!(waits(&mut one).await);
    assert_eq!(asked.await.unwrap(), before, "asked in the middle of a group");
    told(second).await.unwrap();
    told(one).await.unwrap();
    assert_eq!(db.others_commits().await.unwrap(), before, "asked after a group");
    assert_eq!(notes(&db).await, "1 2");
    diesel::sql_query("INSERT INTO notes (id) VALUES (3)").execute(&mut other).unwrap();
    assert_ne!(db.others_commits().await.unwrap(), before);
}
