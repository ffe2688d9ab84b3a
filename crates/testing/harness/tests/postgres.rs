//! A real Postgres: copies that know nothing of each other, templates made once, and a cluster that is treated badly.
#![expect(clippy::unwrap_used, reason = "a test stops at the first thing that goes wrong")]

use std::{
    net::TcpStream,
    path::Path,
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::bail;
use harness::postgres::{Durability, PostgresCluster, PostgresServer, server};

/// A template with a table `notes` and one row.
fn with_notes(server: &PostgresServer, name: &str) {
    let make = |url: &str| {
        let database = url.rsplit('/').next().unwrap().to_owned();
        server.query(&database, "CREATE TABLE notes (body text); INSERT INTO notes VALUES ('first')")?;
        Ok(())
    };
    server.template(name, make).unwrap();
}

fn lives(process: u32) -> bool {
    Command::new("sh")
        .args(["-c", "kill -0 $0 2>/dev/null", &process.to_string()])
        .status()
        .unwrap()
        .success()
}

fn waits_for_an_answer(cluster: &PostgresCluster) -> thread::JoinHandle<String> {
    let server = cluster.server().clone();
    thread::spawn(move || server.query("postgres", "SELECT 'answered'").unwrap())
}

#[test]
fn copies_of_a_template_know_nothing_of_each_other() {
    let server = server().unwrap();
    with_notes(&server, "harness_isolation");
    let (one, other) =
        (server.clone_of("harness_isolation").unwrap(), server.clone_of("harness_isolation").unwrap());
    one.query("INSERT INTO notes VALUES ('second')").unwrap();
    assert_eq!(one.query("SELECT body FROM notes ORDER BY body").unwrap(), "first\nsecond");
    assert_eq!(other.query("SELECT body FROM notes").unwrap(), "first");
}

#[test]
fn a_dropped_database_is_gone_with_whoever_was_connected() {
    let server = server().unwrap();
    let database = server.empty_database().unwrap();
    let name = database.name().to_owned();
    let connected = {
        let (server, name) = (server.clone(), name.clone());
        thread::spawn(move || server.query(&name, "SELECT pg_sleep(60)"))
    };
    let sessions = format!("SELECT count(*) FROM pg_stat_activity WHERE datname = '{name}'");
    let give_up_at = Instant::now() + Duration::from_secs(20);
    while server.query("postgres", &sessions).unwrap() == "0" {
        assert!(Instant::now() < give_up_at, "nobody has connected");
    }
    drop(database);
    assert!(connected.join().unwrap().is_err());
    let count = format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'");
    assert_eq!(server.query("postgres", &count).unwrap(), "0");
}

#[test]
fn a_template_is_made_once_however_many_ask_for_it() {
    let cluster = PostgresServer::dedicated().unwrap();
    let times = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let make = |_: &str| {
                    times.fetch_add(1, Ordering::SeqCst);
                    cluster.server().query("harness_once", "CREATE TABLE notes ()")?;
                    Ok(())
                };
                cluster.server().template("harness_once", make).unwrap();
                cluster.server().clone_of("harness_once").unwrap().query("SELECT FROM notes").unwrap();
            });
        }
    });
    assert_eq!(times.into_inner(), 1);
}

#[test]
fn a_template_that_failed_is_made_anew() {
    let cluster = PostgresServer::dedicated().unwrap();
    let server = cluster.server();
    let half = |_: &str| {
        server.query("harness_half", "CREATE TABLE notes ()")?;
        bail!("the lights went out")
    };
    let refusal = format!("{:#}", server.template("harness_half", half).unwrap_err());
    assert!(refusal.contains("harness_half") && refusal.contains("the lights went out"), "{refusal}");
    with_notes(server, "harness_half");
    assert_eq!(server.clone_of("harness_half").unwrap().query("SELECT body FROM notes").unwrap(), "first");
}

#[test]
fn whoever_is_still_connected_to_a_new_template_is_no_obstacle_to_copies() {
    let cluster = PostgresServer::dedicated().unwrap();
    let server = cluster.server();
    let left_open = |_: &str| {
        let server = server.clone();
        thread::spawn(move || server.query("harness_busy", "SELECT pg_sleep(60)"));
        let sessions = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'harness_busy'";
        while cluster.server().query("postgres", sessions)? == "0" {}
        Ok(())
    };
    server.template("harness_busy", left_open).unwrap();
    server.clone_of("harness_busy").unwrap();
}

#[test]
fn a_copy_of_no_template_is_refused_with_the_servers_words() {
    let refusal = server().unwrap().clone_of("no_such_template").unwrap_err().to_string();
    assert!(refusal.contains("3D000") && refusal.contains("no_such_template"), "{refusal}");
}

#[test]
fn a_killed_cluster_comes_back_on_its_port_with_what_was_committed() {
    let mut cluster = PostgresServer::dedicated().unwrap();
    cluster.server().query("postgres", "CREATE TABLE notes AS SELECT 'kept' AS body").unwrap();
    let (port, process) = (cluster.port(), cluster.id().unwrap());
    cluster.kill().unwrap();
    assert!(!lives(process));
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
    assert!(cluster.server().query("postgres", "SELECT 1").is_err());
    cluster.restart().unwrap();
    assert_eq!((cluster.port(), cluster.id() == Some(process)), (port, false));
    assert_eq!(cluster.server().query("postgres", "SELECT body FROM notes").unwrap(), "kept");
}

#[test]
fn a_paused_cluster_answers_when_it_goes_on() {
    let cluster = PostgresServer::dedicated().unwrap();
    cluster.pause().unwrap();
    let answer = waits_for_an_answer(&cluster);
    thread::sleep(Duration::from_millis(300));
    assert!(!answer.is_finished(), "a paused cluster has answered");
    cluster.resume().unwrap();
    assert_eq!(answer.join().unwrap(), "answered");
}

#[test]
fn a_paused_cluster_can_be_dropped_and_leaves_nothing() {
    let cluster = PostgresServer::dedicated().unwrap();
    let (process, folder) = (cluster.id().unwrap(), cluster.folder().to_owned());
    assert!(lives(process) && folder.exists());
    cluster.pause().unwrap();
    drop(cluster);
    assert!(!lives(process));
    assert!(!Path::new(&folder).exists());
}

#[test]
fn durability_is_a_choice() {
    for (durability, fsync) in [(Durability::Off, "off"), (Durability::On, "on")] {
        let cluster = PostgresCluster::start(durability).unwrap();
        assert_eq!(cluster.server().query("postgres", "SHOW fsync").unwrap(), fsync);
    }
}

#[test]
fn a_cluster_listens_only_on_this_machine_and_lower_knows_more_than_english() {
    let server = server().unwrap();
    assert_eq!(server.query("postgres", "SHOW listen_addresses").unwrap(), "127.0.0.1");
    assert_eq!(server.query("postgres", "SELECT lower('ÄÖ')").unwrap(), "äö");
}

/// Runs a statement in a session that was there before files were limited to so many bytes.
fn run_without_room(cluster: &PostgresCluster, bytes: u64, statement: &str) -> anyhow::Result<String> {
    let (server, statement) = (cluster.server().clone(), format!("SELECT pg_sleep(2); {statement}"));
    let answer = thread::spawn(move || server.query("postgres", &statement));
    let sleeps = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
    while cluster.server().query("postgres", sleeps).unwrap() != "1" {
        thread::sleep(Duration::from_millis(20));
    }
    cluster.limit_files(Some(bytes)).unwrap();
    let answer = answer.join().unwrap();
    cluster.limit_files(None).unwrap();
    answer
}

#[test]
fn a_cluster_without_room_refuses_to_make_a_table_longer_and_dies_of_its_log_and_recovers() {
    let cluster = PostgresCluster::with_log_files(Durability::Off, 1).unwrap();
    let server = cluster.server();
    server.query("postgres", "CREATE TABLE notes (body text)").unwrap();
    let fill = "INSERT INTO notes SELECT repeat('x', 1000) FROM generate_series(1, 1500)";
    let refused = run_without_room(&cluster, 1_024 * 1_024, fill).unwrap_err().to_string();
    assert!(refused.contains("could not extend file"), "{refused}");
    server.query("postgres", fill).unwrap();
    let broken = run_without_room(&cluster, 64 * 1_024, "INSERT INTO notes VALUES ('last')");
    let broken = broken.unwrap_err().to_string();
    assert!(broken.contains("could not write to") && broken.contains("PANIC"), "{broken}");
    let found = (0..400).find_map(|_| {
        thread::sleep(Duration::from_millis(50));
        server.query("postgres", "SELECT count(*) FROM notes").ok()
    });
    assert_eq!(found.as_deref(), Some("1500"));
}
