//! The server on a port of its own.

use std::{io, sync::Arc, time::Duration};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    dev::ServerHandle,
    http::Method,
    web::{self, Bytes, Data, PayloadConfig},
};
use serde_json::Value;
use url::Url;

use crate::{
    FakeAnswer, RecordedRequest, gemini, openai,
    state::{Keys, State},
};

/// A long conversation fits.
const MAX_BODY: usize = 8 * 1024 * 1024;

/// Nobody hung up in time.
#[derive(Debug)]
pub struct HungInVain;

impl std::fmt::Display for HungInVain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("nobody hung up in time")
    }
}

impl std::error::Error for HungInVain {}

/// A server that speaks as Gemini and as OpenAI do. It stops when it is dropped.
pub struct FakeModelServer {
    base: Url,
    state: Arc<State>,
    handle: ServerHandle,
}

impl FakeModelServer {
    /// Starts on a free port of this machine. Whoever asks needs a key; any key but `wrong` will do.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start() -> io::Result<Self> {
        Self::start_on(0, Keys::Wanted).await
    }

    /// Starts on a free port of this machine and lets in anybody, as a model on one's own machine does.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start_without_keys() -> io::Result<Self> {
        Self::start_on(0, Keys::NotWanted).await
    }

    /// Starts on a port of this machine.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn start_at(port: u16) -> io::Result<Self> {
        Self::start_on(port, Keys::Wanted).await
    }

    #[expect(clippy::unused_async, reason = "it spawns: whoever awaits it has the runtime that it needs")]
    async fn start_on(port: u16, keys: Keys) -> io::Result<Self> {
        let state = Arc::new(State::new(keys));
        let (data, counting) = (Data::from(Arc::clone(&state)), Arc::clone(&state));
        let server = HttpServer::new(move || {
            let app = App::new().app_data(data.clone()).app_data(PayloadConfig::new(MAX_BODY));
            app.default_service(web::to(handle))
        });
        let server = server.on_connect(move |_, _| counting.connected());
        // A caller who has closed half of the connection has hung up.
        let server =
            server.workers(1).h1_allow_half_closed(false).disable_signals().bind(("127.0.0.1", port))?;
        let address = server.addrs().first().copied().ok_or_else(|| io::Error::other("no address"))?;
        let base = Url::parse(&format!("http://{address}")).map_err(io::Error::other)?;
        let server = server.run();
        let handle = server.handle();
        tokio::spawn(server);
        Ok(Self { base, state, handle })
    }

    /// Returns where it speaks as Gemini does.
    pub fn gemini_base(&self) -> Url {
        self.base.clone()
    }

    /// Returns where it speaks as OpenAI does.
    pub fn openai_base(&self) -> Url {
        let mut base = self.base.clone();
        base.set_path("/v1");
        base
    }

    /// Lets the next request that has no answer yet be answered so.
    pub fn then(&self, answer: FakeAnswer) -> &Self {
        self.state.script(answer);
        self
    }

    /// Returns how many scripted answers wait still for a request.
    pub fn answers_left(&self) -> usize {
        self.state.answers_left()
    }

    /// Returns what it was asked to write, oldest first. Who only asks for a model asks for nothing of that.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.state.requests()
    }

    /// Returns how many connections were made to it.
    pub fn connections(&self) -> usize {
        self.state.connections()
    }

    /// Waits until somebody has hung up before an answer was whole.
    ///
    /// # Errors
    /// When nobody did within the time.
    pub async fn wait_for_hang_up(&self, within: Duration) -> Result<(), HungInVain> {
        let mut hang_ups = self.state.hang_ups();
        let waiting = tokio::time::timeout(within, hang_ups.wait_for(|count| *count > 0)).await;
        if matches!(waiting, Ok(Ok(_))) { Ok(()) } else { Err(HungInVain) }
    }
}

impl Drop for FakeModelServer {
    fn drop(&mut self) {
        // The order to stop is given by the call; waiting for it is not needed.
        drop(self.handle.stop(false));
    }
}

/// Sorts requests by their paths, whatever stands in front of them, as behind a proxy.
async fn handle(state: Data<State>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let headers = request.headers().iter().map(|(name, value)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    let recorded = RecordedRequest {
        path: request.path().to_owned(),
        query: request.query_string().to_owned(),
        headers: headers.collect(),
        body,
    };
    let state = state.into_inner();
    if *request.method() == Method::GET {
        return show(&state, &recorded);
    }
    state.record(recorded.clone());
    if let Some((_, method)) = recorded.path.split_once("/v1beta/models/") {
        gemini::answer(&state, &recorded, method)
    } else if recorded.path.ends_with("/chat/completions") {
        openai::answer(&state, &recorded)
    } else {
        HttpResponse::NotFound().finish()
    }
}

/// Shows a model, to whoever wants to know whether it is there.
fn show(state: &State, request: &RecordedRequest) -> HttpResponse {
    if let Some((_, model)) = request.path.split_once("/v1beta/models/") {
        gemini::show(state, request, model)
    } else if let Some((_, model)) = request.path.split_once("/models/") {
        openai::show(state, request, model)
    } else {
        HttpResponse::NotFound().finish()
    }
}
