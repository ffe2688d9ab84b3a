//! The connection that the shared stores speak to.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, Waker},
};

use diesel::{
    QueryResult, SqliteConnection,
    query_builder::{AsQuery, QueryFragment, QueryId},
    result::Error,
    sqlite::Sqlite,
};
use diesel_async::{
    AsyncConnectionCore, SimpleAsyncConnection, sync_connection_wrapper::SyncConnectionWrapper,
};

use crate::{planned::Planned, runtime::Here};

type Inner = SyncConnectionWrapper<SqliteConnection, Here>;

/// Lets a connection of Diesel's own keep a statement prepared.
pub(crate) trait Plan: Sized {
    /// Wraps the statement.
    fn planned(self) -> Planned<Self> {
        Planned(self)
    }
}

impl<Q: QueryFragment<Sqlite>> Plan for Q {}

/// A connection that keeps every statement prepared.
pub(crate) struct Conn(Inner);

impl Conn {
    /// Runs the connection's statements on the thread that asks.
    pub(crate) fn new(conn: SqliteConnection) -> Self {
        Self(Inner::with_runtime(conn, Here))
    }

    /// Runs one closure on the connection.
    pub(crate) fn run<'a, R: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut SqliteConnection) -> QueryResult<R> + Send + 'static,
    ) -> Pin<Box<dyn Future<Output = QueryResult<R>> + Send + 'a>> {
        self.0.spawn_blocking(work)
    }

    /// Runs one closure on the connection, for a caller that cannot wait for a future.
    pub(crate) fn run_now<R: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut SqliteConnection) -> QueryResult<R> + Send + 'static,
    ) -> QueryResult<R> {
        match self.run(work).as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(done) => done,
            Poll::Pending => Err(Error::QueryBuilderError("a statement runs elsewhere".into())),
        }
    }
}

impl SimpleAsyncConnection for Conn {
    async fn batch_execute(&mut self, statements: &str) -> QueryResult<()> {
        self.0.batch_execute(statements).await
    }
}

impl AsyncConnectionCore for Conn {
    type ExecuteFuture<'conn, 'query> = <Inner as AsyncConnectionCore>::ExecuteFuture<'conn, 'query>;
    type LoadFuture<'conn, 'query> = <Inner as AsyncConnectionCore>::LoadFuture<'conn, 'query>;
    type Stream<'conn, 'query> = <Inner as AsyncConnectionCore>::Stream<'conn, 'query>;
    type Row<'conn, 'query> = <Inner as AsyncConnectionCore>::Row<'conn, 'query>;
    type Backend = Sqlite;

    fn load<'conn, 'query, T>(&'conn mut self, source: T) -> Self::LoadFuture<'conn, 'query>
    where
        T: AsQuery + 'query,
        T::Query: QueryFragment<Sqlite> + QueryId + 'query,
    {
        self.0.load(Planned(source.as_query()))
    }

    fn execute_returning_count<'conn, 'query, T>(
        &'conn mut self,
        source: T,
    ) -> Self::ExecuteFuture<'conn, 'query>
    where
        T: QueryFragment<Sqlite> + QueryId + 'query,
    {
        self.0.execute_returning_count(Planned(source))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use diesel::{
        Connection as _, ExpressionMethods as _, QueryDsl as _, RunQueryDsl, connection::InstrumentationEvent,
    };

    use super::*;

    diesel::table! {
        numbers (id) {
            id -> Integer,
            number -> Integer,
        }
    }

    /// A connection to a database with one table, and what counts the statements that it keeps.
    fn counted() -> (SqliteConnection, Arc<AtomicUsize>) {
        let mut conn = SqliteConnection::establish(":memory:").unwrap();
        diesel::sql_query("CREATE TABLE numbers (id INTEGER PRIMARY KEY, number INTEGER NOT NULL)")
            .execute(&mut conn)
            .unwrap();
        let kept = Arc::new(AtomicUsize::new(0));
        let counting = Arc::clone(&kept);
        conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if matches!(event, InstrumentationEvent::CacheQuery { .. }) {
                counting.fetch_add(1, Ordering::Relaxed);
            }
        });
        (conn, kept)
    }

    #[tokio::test]
    async fn an_insertion_and_an_update_are_each_prepared_once() {
        let (conn, kept) = counted();
        let mut conn = Conn::new(conn);
        for number in 1..=3 {
            let row = (numbers::id.eq(number), numbers::number.eq(number));
            let inserting = diesel::insert_into(numbers::table).values(row);
            diesel_async::RunQueryDsl::execute(inserting, &mut conn).await.unwrap();
            let updating = diesel::update(numbers::table.find(number)).set(numbers::number.eq(number * 10));
            diesel_async::RunQueryDsl::execute(updating, &mut conn).await.unwrap();
        }
        let all = numbers::table.order(numbers::id).select(numbers::number);
        let found = diesel_async::RunQueryDsl::load::<i32>(all, &mut conn).await.unwrap();
        assert_eq!(found, [10, 20, 30]);
        assert_eq!(kept.load(Ordering::Relaxed), 3, "two statements that change, and one that reads");
    }

    #[test]
    fn statements_that_differ_in_their_text_alone_are_told_apart() {
        let (mut conn, kept) = counted();
        for (id, number) in [(1, Some(5)), (2, Some(6))] {
            let row = (numbers::id.eq(id), number.map(|number| numbers::number.eq(number)));
            RunQueryDsl::execute(diesel::insert_into(numbers::table).values(row).planned(), &mut conn)
                .unwrap();
        }
        let row = (numbers::id.eq(3), None::<i32>.map(|number| numbers::number.eq(number)));
        let missing =
            RunQueryDsl::execute(diesel::insert_into(numbers::table).values(row).planned(), &mut conn);
        assert!(missing.unwrap_err().to_string().contains("NOT NULL"));
        assert_eq!(kept.load(Ordering::Relaxed), 2);
    }
}
