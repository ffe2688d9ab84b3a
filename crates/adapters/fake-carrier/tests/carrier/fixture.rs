//! A carrier on a port, a client of it, and a business's server that writes down what it is told.

use std::{path::PathBuf, sync::Arc, time::Duration};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    dev::ServerHandle,
    http::StatusCode,
    web::{self, Bytes, Data},
};
use fake_carrier::{FakeCarrier, FakeCarrierConfig, RunningFakeCarrier, StatusCallbacks};
use kernel::testing::ManualClock;
use reqwest::{Client, Response};
use serde_json::Value;
use tenancy::SecretText;
use tokio::sync::mpsc;
use twilio::{Algorithm, Form, SignatureError, SignedContent, SignedRequest, verify};

pub(crate) const SID: &str = "AC00000000000000000000000000000001";
pub(crate) const TOKEN: &str = "12345";
pub(crate) const BUSINESS: &str = "+15551230000";
pub(crate) const CUSTOMER: &str = "+15550001111";
/// Long enough for any machine, and ended early by what is waited for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) fn config() -> FakeCarrierConfig {
    FakeCarrierConfig {
        status_callbacks: StatusCallbacks::Silent,
        clock: Arc::new(ManualClock::default()),
        ..FakeCarrierConfig::new(SID, TOKEN)
    }
}

pub(crate) fn with_journal(journal: PathBuf) -> FakeCarrierConfig {
    FakeCarrierConfig { journal: Some(journal), ..config() }
}

pub(crate) fn carrier() -> FakeCarrier {
    FakeCarrier::new(config()).unwrap()
}

pub(crate) async fn start() -> RunningFakeCarrier {
    carrier().start().await.unwrap()
}

/// Posts a form to the carrier's messages, with the account's credentials.
pub(crate) async fn post(running: &RunningFakeCarrier, form: &[(&str, &str)]) -> reqwest::Result<Response> {
    let url = url(running, "Messages.json");
    client().post(url).basic_auth(SID, Some(TOKEN)).form(form).send().await
}

/// Sends a text to the customer.
pub(crate) async fn send(running: &RunningFakeCarrier, body: &str) -> Response {
    post(running, &[("To", CUSTOMER), ("From", BUSINESS), ("Body", body)]).await.unwrap()
}

/// Asks the carrier for what lies below its account.
pub(crate) async fn get(running: &RunningFakeCarrier, path: &str) -> (u16, Value) {
    let request = client().get(url(running, path)).basic_auth(SID, Some(TOKEN));
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// Asks no environment for a proxy: everything here is on this machine.
pub(crate) fn client() -> Client {
    Client::builder().no_proxy().build().unwrap()
}

pub(crate) fn url(running: &RunningFakeCarrier, path: &str) -> String {
    format!("{}2010-04-01/Accounts/{SID}/{path}", running.base_url())
}

/// A webhook as it arrived.
pub(crate) struct Arrived {
    url: String,
    signature: String,
    pub(crate) form: Form,
}

impl Arrived {
    /// Checks the signature as a business's server does.
    pub(crate) fn check(&self, token: &str) -> Result<(), SignatureError> {
        let request = SignedRequest { url: &self.url, content: SignedContent::Form(self.form.pairs()) };
        verify(&SecretText::new(token), Algorithm::Sha1, &request, &self.signature)
    }

    pub(crate) fn field(&self, name: &str) -> &str {
        self.form.first(name).unwrap_or_default()
    }
}

/// A business's server.
pub(crate) struct Business {
    pub(crate) url: String,
    arrived: mpsc::UnboundedReceiver<Arrived>,
    handle: ServerHandle,
}

impl Business {
    /// Opens a server that answers each webhook with `status`.
    pub(crate) fn open(status: u16) -> Self {
        let (told, arrived) = mpsc::unbounded_channel();
        let status = StatusCode::from_u16(status).unwrap();
        let server = HttpServer::new(move || {
            let told = Data::new(told.clone());
            App::new().app_data(told).app_data(Data::new(status)).default_service(web::post().to(write_down))
        });
        let server = server.workers(1).disable_signals().bind(("127.0.0.1", 0)).unwrap();
        let url = format!("http://{}/webhooks/twilio/sms?x=%2F1", server.addrs()[0]);
        let server = server.run();
        let handle = server.handle();
        tokio::spawn(server);
        Self { url, arrived, handle }
    }

    /// Returns the next webhook.
    pub(crate) async fn next(&mut self) -> Arrived {
        tokio::time::timeout(PATIENCE, self.arrived.recv()).await.unwrap().unwrap()
    }

    /// Returns a webhook that has arrived already.
    pub(crate) fn another(&mut self) -> Option<Arrived> {
        self.arrived.try_recv().ok()
    }
}

impl Drop for Business {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

async fn write_down(
    told: Data<mpsc::UnboundedSender<Arrived>>,
    status: Data<StatusCode>,
    request: HttpRequest,
    body: Bytes,
) -> HttpResponse {
    let header = |name: &str| request.headers().get(name).unwrap().to_str().unwrap().to_owned();
    let url = format!("http://{}{}", header("host"), request.uri());
    let arrived = Arrived { url, signature: header("x-twilio-signature"), form: Form::parse(&body) };
    told.send(arrived).unwrap();
    HttpResponse::build(**status).content_type("text/xml").body("<Response/>")
}
