//! The floor: the transaction that an inbound message needs (contact, conversation, message, job), bare: no HTTP, no
//! signature, no encryption, no tenants, statements prepared, as durable as ours, and on Postgres one round trip.
//!
//! A turn needs three more, each as bare: what is said is kept, the attempt to send it begins, and it ends. They are four, because
//! the model and the carrier are asked in between, and whoever asks may die of it.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use diesel::{
    Connection as _, ExpressionMethods as _, QueryDsl as _, QueryResult, RunQueryDsl as _, SqliteConnection,
    connection::SimpleConnection as _,
};
use tokio::task::JoinSet;
use tokio_postgres::{Client, NoTls, Statement};
use uuid::Uuid;

use crate::summary::Summary;

/// Customers who write, as many as write to the server.
const CUSTOMERS: usize = 3_000;
const BODY: usize = 160;

diesel::table! {
    contacts (id) { id -> Binary, name -> Binary, }
}
diesel::table! {
    conversations (id) { id -> Binary, contact_id -> Binary, last_message_at -> BigInt, }
}
diesel::table! {
    messages (id) { id -> Binary, conversation_id -> Binary, provider_message_id -> Text, body -> Binary, }
}
diesel::table! {
    jobs (conversation_id) { conversation_id -> Binary, run_at -> BigInt, }
}
diesel::table! {
    attempts (message_id) { message_id -> Binary, is_over -> Bool, }
}

/// What is done with a customer's message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// It is taken in.
    TakeIn,
    /// It is taken in, answered, and the answer sent.
    Turn,
}

const SCHEMA: &str = "
    PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
    CREATE TABLE IF NOT EXISTS contacts (id BLOB PRIMARY KEY, name BLOB NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS conversations (
        id BLOB PRIMARY KEY, contact_id BLOB NOT NULL REFERENCES contacts (id), last_message_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS messages (
        id BLOB PRIMARY KEY, conversation_id BLOB NOT NULL REFERENCES conversations (id),
        provider_message_id TEXT NOT NULL UNIQUE, body BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS jobs (
        conversation_id BLOB PRIMARY KEY REFERENCES conversations (id), run_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS attempts (
        message_id BLOB PRIMARY KEY REFERENCES messages (id), is_over INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;";

const SCHEMA_ON_POSTGRES: &str = "
    CREATE TABLE contacts (id uuid PRIMARY KEY, name bytea NOT NULL);
    CREATE TABLE conversations (
        id uuid PRIMARY KEY, contact_id uuid NOT NULL REFERENCES contacts (id), last_message_at bigint NOT NULL
    );
    CREATE TABLE messages (
        id uuid PRIMARY KEY, conversation_id uuid NOT NULL REFERENCES conversations (id),
        provider_message_id text NOT NULL UNIQUE, body bytea NOT NULL
    );
    CREATE TABLE jobs (conversation_id uuid PRIMARY KEY REFERENCES conversations (id), run_at bigint NOT NULL);
    CREATE TABLE attempts (message_id uuid PRIMARY KEY REFERENCES messages (id), is_over boolean NOT NULL);
    CREATE FUNCTION take_in(customer uuid, message uuid, sid text, the_body bytea, at bigint) RETURNS bigint
    LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO contacts VALUES (customer, uuid_send(customer)) ON CONFLICT DO NOTHING;
        INSERT INTO conversations VALUES (customer, customer, at)
        ON CONFLICT (id) DO UPDATE SET last_message_at = excluded.last_message_at;
        INSERT INTO messages VALUES (message, customer, sid, the_body);
        INSERT INTO jobs VALUES (customer, at) ON CONFLICT (conversation_id) DO UPDATE SET run_at = excluded.run_at;
        RETURN at;
    END $$;
    CREATE FUNCTION keep(customer uuid, reply uuid, sid text, the_body bytea, at bigint) RETURNS bigint
    LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO messages VALUES (reply, customer, sid, the_body);
        UPDATE jobs SET run_at = at WHERE conversation_id = customer;
        RETURN at;
    END $$;
    CREATE FUNCTION begin_send(reply uuid) RETURNS bigint LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO attempts VALUES (reply, false);
        RETURN 0;
    END $$;
    CREATE FUNCTION end_send(customer uuid, reply uuid) RETURNS bigint LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE attempts SET is_over = true WHERE message_id = reply;
        DELETE FROM jobs WHERE conversation_id = customer;
        RETURN 0;
    END $$;";

/// Works on SQLite. There is one writer, for which the callers wait.
pub(crate) fn on_sqlite(
    path: &Path,
    work: Work,
    series: &str,
    callers: usize,
    count: usize,
) -> anyhow::Result<Summary> {
    let mut conn = SqliteConnection::establish(&path.to_string_lossy())?;
    conn.batch_execute(SCHEMA)?;
    let conn = Arc::new(Mutex::new(conn));
    let started = Instant::now();
    let threads: Vec<_> = (0..callers)
        .map(|caller| {
            let (conn, series) = (Arc::clone(&conn), series.to_owned());
            thread::spawn(move || {
                let numbers = (caller..count).step_by(callers);
                numbers.map(|number| one(&conn, work, &series, number)).collect::<Result<Vec<_>, _>>()
            })
        })
        .collect();
    let mut latencies = Vec::with_capacity(count);
    for thread in threads {
        latencies.extend(thread.join().ok().context("a caller panicked")??);
    }
    Ok(Summary::new(latencies, started.elapsed()))
}

/// Works on Postgres, with one round trip for each transaction.
pub(crate) async fn on_postgres(
    url: &str,
    work: Work,
    series: &str,
    callers: usize,
    count: usize,
) -> anyhow::Result<Summary> {
    let client = connect(url).await?;
    if client.query_opt("SELECT 1 FROM pg_proc WHERE proname = 'take_in'", &[]).await?.is_none() {
        client.batch_execute(SCHEMA_ON_POSTGRES).await?;
    }
    let mut clients = Vec::new();
    for _ in 0..callers {
        clients.push(Prepared::new(connect(url).await?).await?);
    }
    let mut tasks = JoinSet::new();
    let started = Instant::now();
    for (caller, client) in clients.into_iter().enumerate() {
        let series = series.to_owned();
        tasks.spawn(async move {
            let mut latencies = Vec::with_capacity(count / callers);
            for number in (caller..count).step_by(callers) {
                latencies.push(client.one(work, &series, number).await?);
            }
            anyhow::Ok(latencies)
        });
    }
    let mut latencies = Vec::with_capacity(count);
    while let Some(some) = tasks.join_next().await {
        latencies.extend(some.context("a caller failed")??);
    }
    Ok(Summary::new(latencies, started.elapsed()))
}

async fn connect(url: &str) -> anyhow::Result<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// A connection to Postgres, and what is prepared on it.
struct Prepared {
    client: Client,
    take_in: Statement,
    keep: Statement,
    begin_send: Statement,
    end_send: Statement,
}

impl Prepared {
    async fn new(client: Client) -> anyhow::Result<Self> {
        Ok(Self {
            take_in: client.prepare("SELECT take_in($1::text::uuid, $2::text::uuid, $3, $4, $5)").await?,
            keep: client.prepare("SELECT keep($1::text::uuid, $2::text::uuid, $3, $4, $5)").await?,
            begin_send: client.prepare("SELECT begin_send($1::text::uuid)").await?,
            end_send: client.prepare("SELECT end_send($1::text::uuid, $2::text::uuid)").await?,
            client,
        })
    }

    async fn one(&self, work: Work, series: &str, number: usize) -> anyhow::Result<Duration> {
        let body = vec![7_u8; BODY];
        let customer = Uuid::from_u128(u128::try_from(number % CUSTOMERS)?).to_string();
        let (message, reply) = (Uuid::now_v7().to_string(), Uuid::now_v7().to_string());
        let (sid, of_reply) = (format!("SM{series}{number}"), format!("SM{series}{number}-reply"));
        let at = i64::try_from(number)?;
        let begun = Instant::now();
        self.client.query_one(&self.take_in, &[&customer, &message, &sid, &body, &at]).await?;
        if work == Work::Turn {
            self.client.query_one(&self.keep, &[&customer, &reply, &of_reply, &body, &at]).await?;
            self.client.query_one(&self.begin_send, &[&reply]).await?;
            self.client.query_one(&self.end_send, &[&customer, &reply]).await?;
        }
        Ok(begun.elapsed())
    }
}

fn one(conn: &Mutex<SqliteConnection>, work: Work, series: &str, number: usize) -> anyhow::Result<Duration> {
    let body = [7_u8; BODY].as_slice();
    let customer = Uuid::from_u128(u128::try_from(number % CUSTOMERS)?).as_bytes().to_vec();
    let message = Uuid::now_v7().as_bytes().to_vec();
    let at = i64::try_from(number)?;
    let started = Instant::now();
    transaction(conn, |conn| {
        diesel::insert_into(contacts::table)
            .values((contacts::id.eq(&customer), contacts::name.eq(&customer)))
            .on_conflict_do_nothing()
            .execute(conn)?;
        diesel::insert_into(conversations::table)
            .values((
                conversations::id.eq(&customer),
                conversations::contact_id.eq(&customer),
                conversations::last_message_at.eq(at),
            ))
            .on_conflict(conversations::id)
            .do_update()
            .set(conversations::last_message_at.eq(at))
            .execute(conn)?;
        insert_message(conn, &message, &customer, format!("SM{series}{number}"), body)?;
        diesel::insert_into(jobs::table)
            .values((jobs::conversation_id.eq(&customer), jobs::run_at.eq(at)))
            .on_conflict(jobs::conversation_id)
            .do_update()
            .set(jobs::run_at.eq(at))
            .execute(conn)?;
        jobs::table.find(&customer).select(jobs::run_at).first::<i64>(conn)?;
        Ok(())
    })?;
    if work == Work::Turn {
        let reply = Uuid::now_v7().as_bytes().to_vec();
        transaction(conn, |conn| {
            insert_message(conn, &reply, &customer, format!("SM{series}{number}-reply"), body)?;
            diesel::update(jobs::table.find(&customer)).set(jobs::run_at.eq(at)).execute(conn)?;
            Ok(())
        })?;
        transaction(conn, |conn| {
            let attempt = (attempts::message_id.eq(&reply), attempts::is_over.eq(false));
            diesel::insert_into(attempts::table).values(attempt).execute(conn)?;
            Ok(())
        })?;
        transaction(conn, |conn| {
            diesel::update(attempts::table.find(&reply)).set(attempts::is_over.eq(true)).execute(conn)?;
            diesel::delete(jobs::table.find(&customer)).execute(conn)?;
            Ok(())
        })?;
    }
    Ok(started.elapsed())
}

fn transaction(
    conn: &Mutex<SqliteConnection>,
    work: impl FnOnce(&mut SqliteConnection) -> QueryResult<()>,
) -> QueryResult<()> {
    conn.lock().unwrap_or_else(PoisonError::into_inner).immediate_transaction(work)
}

fn insert_message(
    conn: &mut SqliteConnection,
    id: &[u8],
    customer: &[u8],
    sid: String,
    body: &[u8],
) -> QueryResult<usize> {
    diesel::insert_into(messages::table)
        .values((
            messages::id.eq(id),
            messages::conversation_id.eq(customer),
            messages::provider_message_id.eq(sid),
            messages::body.eq(body),
        ))
        .execute(conn)
}
