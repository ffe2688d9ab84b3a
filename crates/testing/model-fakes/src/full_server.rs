//! A server whose line is full, so that nobody reaches it.

use std::{io, time::Duration};

use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    time::timeout,
};
use url::Url;

/// How long whoever is let into the line waits for it at most.
const A_MOMENT: Duration = Duration::from_millis(250);
/// More than any system lets into a line that was asked to be short.
const LONGEST_LINE: usize = 64;

/// A server whose line is full: it serves nobody, and whoever comes waits in vain to be reached.
#[derive(Debug)]
pub struct FullServer {
    base: Url,
    _listener: TcpListener,
    _line: Vec<TcpStream>,
}

impl FullServer {
    /// Starts on a free port of this machine and fills its line.
    ///
    /// # Errors
    /// When no port can be had, or the line has no end.
    pub async fn start() -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(([127, 0, 0, 1], 0).into())?;
        let listener = socket.listen(1)?;
        let address = listener.local_addr()?;
        let base = Url::parse(&format!("http://{address}")).map_err(io::Error::other)?;
        let mut line = Vec::new();
        while let Ok(joined) = timeout(A_MOMENT, TcpStream::connect(address)).await {
            line.push(joined?);
            if line.len() > LONGEST_LINE {
                return Err(io::Error::other("the line has no end"));
            }
        }
        Ok(Self { base, _listener: listener, _line: line })
    }

    /// Returns where it would be.
    pub fn base(&self) -> Url {
        self.base.clone()
    }
}
