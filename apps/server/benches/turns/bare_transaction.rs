//! The floor: the transaction that an inbound message needs (contact, conversation, message, job), bare: no HTTP, no
//! signature, no encryption, no tenants, statements prepared, as durable as ours, and on Postgres one round trip.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use diesel::{
    Connection as _, ExpressionMethods as _, QueryDsl as _, RunQueryDsl as _, SqliteConnection,
    connection::SimpleConnection as _,
};

use tokio::task::JoinSet;
use tokio_postgres::NoTls;
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
    CREATE FUNCTION take_in(customer uuid, message uuid, sid text, the_body bytea, at bigint) RETURNS bigint
    LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO contacts VALUES (customer, uuid_send(customer)) ON CONFLICT DO NOTHING;
        INSERT INTO conversations VALUES (customer, customer, at)
        ON CONFLICT (id) DO UPDATE SET last_message_at = excluded.last_message_at;
        INSERT INTO messages VALUES (message, customer, sid, the_body);
        INSERT INTO jobs VALUES (customer, at) ON CONFLICT (conversation_id) DO UPDATE SET run_at = excluded.run_at;
        RETURN at;
    END $$;";

/// Takes messages in on SQLite. There is one writer, for which the callers wait.
pub(crate) fn on_sqlite(path: &Path, series: &str, callers: usize, count: usize) -> anyhow::Result<Summary> {
    let mut conn = SqliteConnection::establish(&path.to_string_lossy())?;
    conn.batch_execute(SCHEMA)?;
    let conn = Arc::new(Mutex::new(conn));
    let started = Instant::now();
    let threads: Vec<_> = (0..callers)
        .map(|caller| {
            let (conn, series) = (Arc::clone(&conn), series.to_owned());
            thread::spawn(move || {
                let body = vec![7_u8; BODY];
                let numbers = (caller..count).step_by(callers);
                numbers.map(|number| one(&conn, (&series, number), &body)).collect::<Result<Vec<_>, _>>()
            })
        })
        .collect();
    let mut latencies = Vec::with_capacity(count);
    for thread in threads {
        latencies.extend(thread.join().ok().context("a caller panicked")??);
    }
    Ok(Summary::new(latencies, started.elapsed()))
}

/// Takes messages in on Postgres, in one round trip each.
pub(crate) async fn on_postgres(
    url: &str,
    series: &str,
    callers: usize,
    count: usize,
) -> anyhow::Result<Summary> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    if client.query_opt("SELECT 1 FROM pg_proc WHERE proname = 'take_in'", &[]).await?.is_none() {
        client.batch_execute(SCHEMA_ON_POSTGRES).await?;
    }
    let mut clients = Vec::new();
    for _ in 0..callers {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        let take_in = client.prepare("SELECT take_in($1::text::uuid, $2::text::uuid, $3, $4, $5)").await?;
        clients.push((client, take_in));
    }
    let mut tasks = JoinSet::new();
    let started = Instant::now();
    for (caller, (client, take_in)) in clients.into_iter().enumerate() {
        let series = series.to_owned();
        tasks.spawn(async move {
            let body = vec![7_u8; BODY];
            let mut latencies = Vec::with_capacity(count / callers);
            for number in (caller..count).step_by(callers) {
                let customer = Uuid::from_u128(u128::try_from(number % CUSTOMERS)?).to_string();
                let message = Uuid::now_v7().to_string();
                let (sid, at) = (format!("SM{series}{number}"), i64::try_from(number)?);
                let begun = Instant::now();
                client.query_one(&take_in, &[&customer, &message, &sid, &body, &at]).await?;
                latencies.push(begun.elapsed());
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

fn one(
    conn: &Mutex<SqliteConnection>,
    (series, number): (&str, usize),
    body: &[u8],
) -> anyhow::Result<Duration> {
    let customer = Uuid::from_u128(u128::try_from(number % CUSTOMERS)?).as_bytes().to_vec();
    let message = Uuid::now_v7().as_bytes().to_vec();
    let at = i64::try_from(number)?;
    let started = Instant::now();
    let mut conn = conn.lock().unwrap_or_else(PoisonError::into_inner);
    conn.immediate_transaction::<_, diesel::result::Error, _>(|conn| {
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
        diesel::insert_into(messages::table)
            .values((
                messages::id.eq(&message),
                messages::conversation_id.eq(&customer),
                messages::provider_message_id.eq(format!("SM{series}{number}")),
                messages::body.eq(body),
            ))
            .execute(conn)?;
        diesel::insert_into(jobs::table)
            .values((jobs::conversation_id.eq(&customer), jobs::run_at.eq(at)))
            .on_conflict(jobs::conversation_id)
            .do_update()
            .set(jobs::run_at.eq(at))
            .execute(conn)?;
        jobs::table.find(&customer).select(jobs::run_at).first::<i64>(conn)?;
        Ok(())
    })?;
    Ok(started.elapsed())
}
