//! The floors of the databases: one row inserted and made durable, over and over, by as few layers as there can be.

use std::{path::Path, time::Instant};

use anyhow::Context as _;
use diesel::{
    Connection as _, ExpressionMethods as _, RunQueryDsl as _, SqliteConnection,
    connection::SimpleConnection as _,
};
use tokio::task::JoinSet;
use tokio_postgres::NoTls;

use crate::summary::Summary;

/// What a row holds, in bytes: as much as a short message, sealed.
const ROW: usize = 200;

diesel::table! {
    bare (id) { id -> BigInt, body -> Binary, }
}

/// Inserts and commits on SQLite. There is one writer, so there is one caller.
pub(crate) fn on_sqlite(path: &Path, count: usize) -> anyhow::Result<Summary> {
    let mut conn = SqliteConnection::establish(&path.to_string_lossy())?;
    conn.batch_execute(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         DROP TABLE IF EXISTS bare; CREATE TABLE bare (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;",
    )?;
    let body = vec![7_u8; ROW];
    let mut latencies = Vec::with_capacity(count);
    let started = Instant::now();
    for number in 0..count {
        let begun = Instant::now();
        diesel::insert_into(bare::table)
            .values((bare::id.eq(i64::try_from(number)?), bare::body.eq(&body)))
            .execute(&mut conn)?;
        latencies.push(begun.elapsed());
    }
    Ok(Summary::new(latencies, started.elapsed()))
}

/// Inserts and commits on Postgres in one round trip each, by several callers at once.
pub(crate) async fn on_postgres(url: &str, callers: usize, count: usize) -> anyhow::Result<Summary> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    client
        .batch_execute(
            "DROP TABLE IF EXISTS bare; CREATE TABLE bare (id bigint PRIMARY KEY, body bytea NOT NULL)",
        )
        .await?;
    let durable: String = client.query_one("SHOW fsync", &[]).await?.get(0);
    anyhow::ensure!(durable == "on", "a floor without fsync is none");
    let mut clients = Vec::new();
    for _ in 0..callers {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        let insert = client.prepare("INSERT INTO bare VALUES ($1, $2)").await?;
        clients.push((client, insert));
    }
    let mut tasks = JoinSet::new();
    let started = Instant::now();
    for (caller, (client, insert)) in clients.into_iter().enumerate() {
        tasks.spawn(async move {
            let body = vec![7_u8; ROW];
            let mut latencies = Vec::with_capacity(count / callers);
            for number in (caller..count).step_by(callers) {
                let begun = Instant::now();
                client.execute(&insert, &[&i64::try_from(number)?, &body]).await?;
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
