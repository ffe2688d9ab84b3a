//! A carrier on a port of its own, for tests.

use std::io;

use actix_web::{App, HttpServer, dev::ServerHandle};
use url::Url;

use crate::FakeCarrier;

/// A carrier that listens on a free port of this machine. It stops when it is dropped.
pub struct RunningFakeCarrier {
    base_url: Url,
    carrier: FakeCarrier,
    handle: ServerHandle,
}

impl FakeCarrier {
    /// Starts to listen on a free port of this machine.
    ///
    /// # Errors
    /// When no port can be had.
    #[expect(clippy::unused_async, reason = "it spawns: whoever awaits it has the runtime that it needs")]
    pub async fn start(self) -> io::Result<RunningFakeCarrier> {
        let carrier = self.clone();
        let server = HttpServer::new(move || App::new().configure(|config| self.configure(config)))
            .workers(1)
            .disable_signals()
            .bind(("127.0.0.1", 0))?;
        let address = server.addrs().first().copied().ok_or_else(|| io::Error::other("no address"))?;
        let base_url = Url::parse(&format!("http://{address}")).map_err(io::Error::other)?;
        let server = server.run();
        let handle = server.handle();
        tokio::spawn(server);
        Ok(RunningFakeCarrier { base_url, carrier, handle })
    }
}

impl RunningFakeCarrier {
    /// Returns where it listens, to be used in the place of Twilio's own address.
    pub fn base_url(&self) -> &Url {
        &self.base_url
    }

    /// Returns the carrier.
    pub fn carrier(&self) -> &FakeCarrier {
        &self.carrier
    }

    /// Stops at once; requests under way are cut off.
    pub async fn stop(self) {
        self.handle.stop(false).await;
    }
}

impl Drop for RunningFakeCarrier {
    fn drop(&mut self) {
        // The order to stop is given by the call; waiting for it is not needed.
        drop(self.handle.stop(false));
    }
}
