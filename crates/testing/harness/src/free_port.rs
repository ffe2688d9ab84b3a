//! Ports that nothing listens on.

use std::net::{Ipv4Addr, TcpListener};

use anyhow::Context as _;

use crate::random::random;

/// Below the range from which systems take ports for outgoing connections, so that nobody takes a server's port while
/// the server is down.
const FIRST: u16 = 20_000;
const COUNT: u16 = 12_000;
const ATTEMPTS: usize = 100;

/// Returns a port of the loopback interface that was free a moment ago. Another process may still be quicker, so
/// whoever listens on it has to be asked who it is.
pub(crate) fn free_port() -> anyhow::Result<u16> {
    let mut ports = std::iter::repeat_with(random_port).take(ATTEMPTS);
    ports.find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok()).context("no port is free")
}

fn random_port() -> u16 {
    let offset = random() % u64::from(COUNT);
    FIRST + u16::try_from(offset).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_free_port_can_be_listened_on() {
        let port = free_port().unwrap();
        assert!((FIRST..FIRST + COUNT).contains(&port), "{port}");
        TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
    }
}
