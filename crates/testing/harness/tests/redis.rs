//! A real Redis that is killed, paused and emptied.
#![expect(clippy::unwrap_used, reason = "a test stops at the first thing that goes wrong")]

use std::{
    io::{BufRead as _, BufReader, ErrorKind, Write as _},
    net::TcpStream,
    process::Command,
    time::Duration,
};

use harness::redis::RedisServer;

/// A connection that gives up soon.
fn connect(redis: &RedisServer) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", redis.port())).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    stream
}

/// Sends a command and returns the first line of the answer.
fn ask(mut stream: &TcpStream, command: &str) -> std::io::Result<String> {
    stream.write_all(format!("{command}\r\n").as_bytes())?;
    read(stream)
}

fn read(stream: &TcpStream) -> std::io::Result<String> {
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    Ok(line.trim_end().to_owned())
}

fn lives(process: u32) -> bool {
    Command::new("sh")
        .args(["-c", "kill -0 $0 2>/dev/null", &process.to_string()])
        .status()
        .unwrap()
        .success()
}

#[test]
fn two_servers_know_nothing_of_each_other() {
    let (one, other) = (RedisServer::start().unwrap(), RedisServer::start().unwrap());
    assert_ne!(one.url(), other.url());
    assert_eq!(ask(&connect(&one), "SET key 1").unwrap(), "+OK");
    assert_eq!(ask(&connect(&other), "EXISTS key").unwrap(), ":0");
}

#[test]
fn the_url_names_the_port() {
    let redis = RedisServer::start().unwrap();
    assert_eq!(redis.url(), format!("redis://127.0.0.1:{}", redis.port()));
}

#[test]
fn a_flush_forgets_everything() {
    let redis = RedisServer::start().unwrap();
    let stream = connect(&redis);
    ask(&stream, "SET key 1").unwrap();
    redis.flush().unwrap();
    assert_eq!(ask(&stream, "EXISTS key").unwrap(), ":0");
}

#[test]
fn a_killed_server_comes_back_empty_at_its_url() {
    let mut redis = RedisServer::start().unwrap();
    let stream = connect(&redis);
    ask(&stream, "SET key 1").unwrap();
    let (url, process) = (redis.url().to_owned(), redis.id().unwrap());
    redis.kill().unwrap();
    assert!(!lives(process));
    assert!(redis.flush().is_err());
    // The end of the stream, or a reset, but no answer.
    assert_eq!(read(&stream).unwrap_or_default(), "");
    redis.restart().unwrap();
    assert_eq!(redis.url(), url);
    assert_eq!(ask(&connect(&redis), "EXISTS key").unwrap(), ":0");
}

#[test]
fn a_paused_server_answers_when_it_goes_on() {
    let redis = RedisServer::start().unwrap();
    let stream = connect(&redis);
    redis.pause().unwrap();
    let silence = ask(&stream, "PING").unwrap_err().kind();
    assert!(matches!(silence, ErrorKind::WouldBlock | ErrorKind::TimedOut), "{silence:?}");
    redis.resume().unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    assert_eq!(read(&stream).unwrap(), "+PONG");
}

#[test]
fn a_paused_server_can_be_dropped_and_leaves_nothing() {
    let redis = RedisServer::start().unwrap();
    let (process, folder) = (redis.id().unwrap(), redis.folder().to_owned());
    assert!(lives(process) && folder.exists());
    redis.pause().unwrap();
    drop(redis);
    assert!(!lives(process));
    assert!(!folder.exists());
}
