//! A server that takes the login and is silent from some statement on: whoever starts or migrates is told so, and waits
//! for no answer without end.

use std::time::Duration;

use harness::postgres::Database;
use postgres::{Connection, MigrateError, Migrator, OpenError, PoolSettings, Stores};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    time::timeout,
};

use crate::support;

/// Longer than a question may take, and shorter than for ever.
const LONG: Duration = Duration::from_secs(20);

/// Makes a connection to a database that leads through a stand-in, which passes on everything until a statement with
/// these words comes, and nothing from then on.
async fn silent_from(database: &Database, words: &'static str) -> Connection {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let stand_in = listener.local_addr().unwrap().to_string();
    let (before, rest) = database.url().split_once('@').unwrap();
    let (real, name) = rest.split_once('/').unwrap();
    let (real, url) = (real.to_owned(), format!("{before}@{stand_in}/{name}"));
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(&real).await.unwrap();
            let ((from_client, mut to_client), (mut from_server, to_server)) =
                (client.into_split(), server.into_split());
            tokio::spawn(pass_on_until(words, from_client, to_server));
            tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
        }
    });
    url.parse().unwrap()
}

async fn pass_on_until(words: &str, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
    let mut some = vec![0; 64 * 1_024];
    let mut is_silent = false;
    while let Ok(length @ 1..) = from.read(&mut some).await {
        let said = some.get(..length).unwrap();
        is_silent |= String::from_utf8_lossy(said).contains(words);
        if !is_silent && to.write_all(said).await.is_err() {
            return;
        }
    }
}

async fn opened(connection: Connection) -> Result<Stores, OpenError> {
    let opening = Stores::open(connection, PoolSettings::default(), support::vault());
    timeout(LONG, opening).await.unwrap_or_else(|_| panic!("the start waits without end"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_on_a_server_that_takes_the_login_and_is_silent_fails_and_says_so() {
    let database = support::database().await;
    let well = silent_from(&database, "words that nobody says").await;
    assert!(opened(well).await.is_ok(), "the stand-in itself is at fault");
    for words in ["to_regclass", "FROM __diesel_schema_migrations"] {
        let refused = opened(silent_from(&database, words).await).await.err().unwrap();
        assert!(matches!(refused, OpenError::Schema(MigrateError::Silent(_))), "{words}: {refused}");
        assert!(refused.to_string().contains("did not answer within"), "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_how_a_silent_server_stands_or_migrates_it_is_told_that_it_is_silent() {
    let database = support::database().await;
    let asking = Migrator::new(silent_from(&database, "to_regclass").await);
    let (asked, run) = tokio::join!(timeout(LONG, asking.status()), timeout(LONG, asking.run()));
    let (asked, run) = (asked.expect("it waits without end"), run.expect("it waits without end"));
    assert!(matches!(asked, Err(MigrateError::Silent(_))), "{asked:?}");
    assert!(matches!(run, Err(MigrateError::Silent(_))), "{run:?}");
    for words in ["pg_try_advisory_lock", "SET lock_timeout"] {
        let migrating = Migrator::new(silent_from(&database, words).await);
        let run = timeout(LONG, migrating.run()).await.expect("it waits without end");
        assert!(matches!(run, Err(MigrateError::Silent(_))), "{words}: {run:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_silent_servers_login_may_do_is_not_waited_for_without_end() {
    let database = support::database().await;
    let connection = silent_from(&database, "rolbypassrls").await;
    let asked = timeout(LONG, connection.login_excess()).await.expect("it waits without end");
    assert!(matches!(asked, Err(OpenError::Unusable(_))), "{asked:?}");
}
