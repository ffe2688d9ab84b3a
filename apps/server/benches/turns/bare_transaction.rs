//! The floor: the transaction that an inbound message needs (contact, conversation, message, job), bare: no HTTP, no
//! signature, no encryption, statements prepared, one writer in a loop, as durable as ours.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use diesel::{
    Connection as _, ExpressionMethods as _, QueryDsl as _, RunQueryDsl as _, SqliteConnection,
    connection::SimpleConnection as _,
};

use crate::summary::Summary;

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
    CREATE TABLE contacts (id BLOB PRIMARY KEY, name BLOB NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE conversations (
        id BLOB PRIMARY KEY, contact_id BLOB NOT NULL REFERENCES contacts (id), last_message_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE messages (
        id BLOB PRIMARY KEY, conversation_id BLOB NOT NULL REFERENCES conversations (id),
        provider_message_id TEXT NOT NULL UNIQUE, body BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE jobs (
        conversation_id BLOB PRIMARY KEY REFERENCES conversations (id), run_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;";

pub(crate) fn run(path: &Path, count: usize) -> anyhow::Result<Summary> {
    let mut conn = SqliteConnection::establish(&path.to_string_lossy())?;
    conn.batch_execute(SCHEMA)?;
    let body = vec![7_u8; 160];
    let mut latencies = Vec::with_capacity(count);
    let started = Instant::now();
    for number in 0..count {
        latencies.push(one(&mut conn, number, &body)?);
    }
    Ok(Summary::new(latencies, started.elapsed()))
}

fn one(conn: &mut SqliteConnection, number: usize, body: &[u8]) -> anyhow::Result<Duration> {
    let customer = uuid::Uuid::from_u128(u128::try_from(number % 3_000)?).as_bytes().to_vec();
    let message = uuid::Uuid::now_v7().as_bytes().to_vec();
    let at = i64::try_from(number)?;
    let started = Instant::now();
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
                messages::provider_message_id.eq(format!("SM{number}")),
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
