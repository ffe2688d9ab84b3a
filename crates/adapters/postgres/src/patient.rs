//! A connection on which no statement is waited for without end: a server that hangs, or a peer that has gone without a word,
//! keeps nobody.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use diesel::{
    QueryResult,
    pg::Pg,
    query_builder::{AsQuery, QueryFragment, QueryId},
    result::{DatabaseErrorKind, Error},
};
use diesel_async::{
    AsyncConnectionCore, AsyncPgConnection, SimpleAsyncConnection, pooled_connection::PoolableConnection as _,
};
use futures_util::{
    StreamExt as _, TryStreamExt as _,
    future::{BoxFuture, try_join},
    stream::{self, BoxStream},
};
use tokio::time::{Instant, timeout_at};

use crate::planned::Planned;

type PgRow = <AsyncPgConnection as AsyncConnectionCore>::Row<'static, 'static>;
type Rows = BoxStream<'static, QueryResult<PgRow>>;

/// How long beginning a transaction may take, once there is a connection.
pub(crate) const BEGIN_WITHIN: Duration = Duration::from_secs(3);

/// A connection that gives a statement up when the server has not answered it in time. It is of no use from then on: nobody
/// knows what becomes of the statement.
pub(crate) struct PatientConnection {
    conn: AsyncPgConnection,
    patience: Duration,
    standing: Arc<Standing>,
    /// What begins the transaction, while it has not been said.
    beginning: Option<String>,
}

/// How a connection stands with its last statement.
#[derive(Default)]
struct Standing {
    /// It was sent, and nobody has seen its answer.
    is_unanswered: AtomicBool,
    /// Its answer was waited for long enough.
    is_given_up: AtomicBool,
}

impl PatientConnection {
    /// Waits for each statement's answer for so long.
    pub(crate) fn new(conn: AsyncPgConnection, patience: Duration) -> Self {
        Self { conn, patience, standing: Arc::default(), beginning: None }
    }

    /// Begins a transaction with the next statement: the two are sent at once, and waited for together.
    pub(crate) fn begin_with_next(&mut self, statements: String) {
        self.beginning = Some(statements);
    }

    /// Tells whether a transaction that was to begin with the next statement has not: there was none. It will not.
    pub(crate) fn never_began(&mut self) -> bool {
        self.beginning.take().is_some()
    }

    /// Tells whether a caller went away before the answer came, and nothing has been answered since.
    pub(crate) fn is_unanswered(&self) -> bool {
        self.standing.is_unanswered.load(Ordering::Relaxed)
    }

    /// Tells whether an answer was waited for long enough.
    pub(crate) fn is_given_up(&self) -> bool {
        self.standing.is_given_up.load(Ordering::Relaxed)
    }

    /// Tells whether it can be used no more.
    pub(crate) fn is_broken(&mut self) -> bool {
        self.is_given_up() || self.is_unanswered() || self.conn.is_broken()
    }

    fn attempt(&mut self) -> Attempt {
        self.standing.is_unanswered.store(true, Ordering::Relaxed);
        Attempt {
            begun_at: Instant::now(),
            patience: self.patience,
            standing: Arc::clone(&self.standing),
            beginning: self.beginning.take(),
        }
    }
}

/// One statement while its answer is waited for.
struct Attempt {
    begun_at: Instant,
    patience: Duration,
    standing: Arc<Standing>,
    beginning: Option<String>,
}

impl Attempt {
    /// Waits for a statement's answer. If a transaction begins with it, that is sent first.
    async fn wait_for<T>(
        &self,
        mut conn: &AsyncPgConnection,
        answer: impl Future<Output = QueryResult<T>>,
    ) -> QueryResult<T> {
        let answered = async {
            let Some(beginning) = &self.beginning else { return Ok::<_, Error>(answer.await) };
            let begun = timeout_at(self.begun_at + BEGIN_WITHIN, conn.batch_execute(beginning));
            let begun = async { begun.await.map_err(|_| self.give_up())? };
            // Whichever is polled first is sent first.
            let ((), answer) = try_join(begun, async { Ok(answer.await) }).await?;
            Ok(answer)
        };
        let answer =
            timeout_at(self.begun_at + self.patience, answered).await.map_err(|_| self.give_up())??;
        self.standing.is_unanswered.store(false, Ordering::Relaxed);
        answer
    }

    fn give_up(&self) -> Error {
        self.standing.is_given_up.store(true, Ordering::Relaxed);
        let said = "the server did not answer a statement in time".to_owned();
        Error::DatabaseError(DatabaseErrorKind::ClosedConnection, Box::new(said))
    }
}

impl SimpleAsyncConnection for PatientConnection {
    async fn batch_execute(&mut self, statements: &str) -> QueryResult<()> {
        let attempt = self.attempt();
        let mut conn = &self.conn;
        attempt.wait_for(&self.conn, conn.batch_execute(statements)).await
    }
}

impl AsyncConnectionCore for PatientConnection {
    type ExecuteFuture<'conn, 'query> = BoxFuture<'conn, QueryResult<usize>>;
    type LoadFuture<'conn, 'query> = BoxFuture<'conn, QueryResult<Rows>>;
    type Stream<'conn, 'query> = Rows;
    type Row<'conn, 'query> = PgRow;
    type Backend = Pg;

    fn load<'conn, 'query, T>(&'conn mut self, source: T) -> Self::LoadFuture<'conn, 'query>
    where
        T: AsQuery + 'query,
        T::Query: QueryFragment<Pg> + QueryId + 'query,
    {
        let attempt = self.attempt();
        let mut conn = &self.conn;
        let query = source.as_query();
        // What Diesel keeps by itself it finds by its type, without writing its text.
        let rows = if query.is_safe_to_cache_prepared(&Pg).unwrap_or_default() {
            conn.load(query)
        } else {
            conn.load(Planned(query))
        };
        // A row can arrive although what brought it is never committed, when the server dies in between: an answer
        // counts once it is complete.
        let complete = async move { rows.await?.try_collect::<Vec<_>>().await };
        Box::pin(async move {
            let rows = attempt.wait_for(conn, complete).await?;
            Ok(stream::iter(rows.into_iter().map(Ok)).boxed())
        })
    }

    fn execute_returning_count<'conn, 'query, T>(
        &'conn mut self,
        source: T,
    ) -> Self::ExecuteFuture<'conn, 'query>
    where
        T: QueryFragment<Pg> + QueryId + 'query,
    {
        let attempt = self.attempt();
        let mut conn = &self.conn;
        let count = conn.execute_returning_count(Planned(source));
        Box::pin(async move { attempt.wait_for(conn, count).await })
    }
}

#[cfg(test)]
mod tests {
    use diesel::{ExpressionMethods as _, QueryDsl as _, dsl::sql, sql_types::BigInt};
    use diesel_async::{AsyncConnection as _, RunQueryDsl as _};

    use super::*;

    diesel::table! {
        numbers (id) {
            id -> Integer,
            number -> Integer,
        }
    }

    /// A connection to a database with a table made so.
    async fn with_table(definition: &str) -> (PatientConnection, harness::postgres::Database) {
        let database = tokio::task::spawn_blocking(|| harness::postgres::server()?.empty_database());
        let database = database.await.unwrap().unwrap();
        let conn = AsyncPgConnection::establish(database.url()).await.unwrap();
        let mut conn = PatientConnection::new(conn, Duration::from_secs(10));
        conn.batch_execute(definition).await.unwrap();
        (conn, database)
    }

    #[tokio::test]
    async fn a_row_of_what_is_not_committed_is_no_answer() {
        // What such a key forbids is found when the statement commits, after its row has been returned.
        let table = "CREATE TABLE numbers \
                     (id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, number int NOT NULL)";
        let (mut conn, _database) = with_table(table).await;
        let insert = || {
            let row = (numbers::id.eq(1), numbers::number.eq(1));
            diesel::insert_into(numbers::table).values(row).returning(numbers::id)
        };
        assert_eq!(insert().get_result::<i32>(&mut conn).await, Ok(1));
        let twice = insert().get_result::<i32>(&mut conn).await;
        assert!(
            matches!(twice, Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _))),
            "{twice:?}"
        );
    }

    #[tokio::test]
    async fn an_insertion_and_an_update_are_each_prepared_once() {
        let table = "CREATE TABLE numbers (id int PRIMARY KEY, number int NOT NULL)";
        let (mut conn, _database) = with_table(table).await;
        for number in 1..=3 {
            let row = (numbers::id.eq(number), numbers::number.eq(number));
            diesel::insert_into(numbers::table).values(row).execute(&mut conn).await.unwrap();
            let updating = diesel::update(numbers::table.find(number)).set(numbers::number.eq(number * 10));
            updating.execute(&mut conn).await.unwrap();
        }
        let kept = |verb: &str| {
            let count = format!("count(*) FROM pg_prepared_statements WHERE statement LIKE '{verb} %'");
            diesel::select(sql::<BigInt>(&count))
        };
        for verb in ["INSERT", "UPDATE"] {
            assert_eq!(kept(verb).get_result::<i64>(&mut conn).await.unwrap(), 1, "{verb}");
        }
    }
}
