//! A load of HTTP/1.1 requests over a few connections that stay open: as cheap as it can be, so that the server
//! and not the client is measured.

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
};

use crate::summary::Summary;

/// What to load, and how.
pub(crate) struct Load {
    /// Host and port.
    pub(crate) address: String,
    /// Connections at once.
    pub(crate) connections: usize,
}

impl Load {
    /// Posts every request once and waits for its answer, which must be a 200.
    pub(crate) async fn run(&self, requests: Vec<Vec<u8>>) -> anyhow::Result<Summary> {
        let mut shares: Vec<Vec<Vec<u8>>> = vec![Vec::new(); self.connections];
        let count = requests.len();
        for (number, request) in requests.into_iter().enumerate() {
            shares.get_mut(number % self.connections).context("no connection")?.push(request);
        }
        let mut tasks = JoinSet::new();
        let started = Instant::now();
        for share in shares {
            tasks.spawn(post_all(self.address.clone(), share));
        }
        let mut latencies = Vec::with_capacity(count);
        while let Some(share) = tasks.join_next().await {
            latencies.extend(share??);
        }
        Ok(Summary::new(latencies, started.elapsed()))
    }
}

async fn post_all(address: String, requests: Vec<Vec<u8>>) -> anyhow::Result<Vec<Duration>> {
    let mut stream = TcpStream::connect(&address).await?;
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(4_096);
    let mut latencies = Vec::with_capacity(requests.len());
    for request in requests {
        let started = Instant::now();
        stream.write_all(&request).await?;
        read_answer(&mut stream, &mut buffer).await?;
        latencies.push(started.elapsed());
    }
    Ok(latencies)
}

async fn read_answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> anyhow::Result<()> {
    buffer.clear();
    let head = loop {
        ensure!(stream.read_buf(buffer).await? > 0, "the server closed the connection");
        if let Some(end) = buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            break String::from_utf8_lossy(buffer.get(..end).unwrap_or_default()).to_ascii_lowercase();
        }
    };
    if !head.starts_with("http/1.1 200") {
        bail!("answered {}: {}", head.lines().next().unwrap_or_default(), String::from_utf8_lossy(buffer));
    }
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    let length: usize = length.context("no content length")?.trim().parse()?;
    let whole = head.len() + 4 + length;
    while buffer.len() < whole {
        ensure!(stream.read_buf(buffer).await? > 0, "the server closed the connection");
    }
    Ok(())
}
