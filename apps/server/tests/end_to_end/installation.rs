//! Two servers and a worker on one Postgres database, with a carrier outside; any of them may be killed.

use std::time::Duration;

use fake_carrier::{
    CustomerText, FakeCarrier, FakeCarrierConfig, RunningFakeCarrier, StatusCallbacks, build_webhook,
};
use harness::{ServerProcess, ServerSpec, postgres::Database};
use server::demo::BUSINESS_NUMBER;
use tempfile::TempDir;

const ACCOUNT: (&str, &str) = ("ACoutside", "outside-token");
/// How long an answer may take, after a lease of a dead worker has ended too.
pub(crate) const PATIENCE: Duration = Duration::from_secs(150);
/// How long to wait for what must not come.
pub(crate) const A_WHILE: Duration = Duration::from_secs(2);

/// The processes of one installation, each of which may be killed.
pub(crate) struct Installation {
    pub(crate) servers: [Option<ServerProcess>; 2],
    pub(crate) worker: Option<ServerProcess>,
    pub(crate) carrier: RunningFakeCarrier,
    pub(crate) http: reqwest::Client,
    pub(crate) database: Database,
    pub(crate) folder: TempDir,
}

impl Installation {
    pub(crate) async fn start() -> Self {
        Self::start_with(|spec| spec).await
    }

    /// Starts all of them with other variables.
    pub(crate) async fn start_with(change: impl FnOnce(ServerSpec) -> ServerSpec) -> Self {
        let (folder, config) = (
            tempfile::tempdir().unwrap(),
            FakeCarrierConfig {
                status_callbacks: StatusCallbacks::Posted,
                ..FakeCarrierConfig::new(ACCOUNT.0, ACCOUNT.1)
            },
        );
        let carrier = FakeCarrier::new(config).unwrap().start().await.unwrap();
        let database = harness::postgres::server().unwrap().empty_database().unwrap();
        let spec = ServerSpec::serve(env!("CARGO_BIN_EXE_cheetah"), folder.path())
            .with("DATABASE_URL", database.url())
            .with("TWILIO_ACCOUNT_SID", ACCOUNT.0)
            .with("TWILIO_AUTH_TOKEN", ACCOUNT.1)
            .with("TWILIO_API_BASE", carrier.base_url().as_str())
            .with("DEBOUNCE_MS", "200");
        let spec = change(spec);
        let first = spec.start().unwrap();
        let second = spec.clone().with("APP_ENV", "development").start_until_logged("serving at ").unwrap();
        let worker = spec.command("worker").start_until_logged("worker started").unwrap();
        Self {
            servers: [Some(first), Some(second)],
            worker: Some(worker),
            carrier,
            http: reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().unwrap(),
            database,
            folder,
        }
    }

    /// Posts a text to one of the servers, and to the other where that one does not answer, as carriers do.
    pub(crate) async fn text(&self, server: usize, from: &str, sid: &str) {
        for attempt in 0..10 {
            let server = self.servers[(server + attempt) % 2].as_ref();
            let Some(base) = server.map(ServerProcess::base_url) else { continue };
            let url = format!("{base}/webhooks/twilio/sms");
            let text = CustomerText::new(from, BUSINESS_NUMBER, "What are your hours?");
            let webhook = build_webhook(ACCOUNT, &url, &text, sid, None);
            let mut request = self.http.post(url).body(webhook.body);
            for (name, value) in webhook.headers {
                request = request.header(name, value);
            }
            if request.send().await.is_ok_and(|answer| answer.status().as_u16() == 200) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("nobody takes {sid}");
    }

    /// Texts from many phones at once, to the servers in turn.
    pub(crate) async fn text_from_all(&self, phones: &[String], round: usize) {
        let texts = phones.iter().enumerate().map(|(number, phone)| async move {
            self.text(number, phone, &format!("SM{round}x{number}")).await;
        });
        futures_util::future::join_all(texts).await;
    }

    /// Waits until everybody has so many answers, and sees that nobody has more.
    pub(crate) async fn expect_each(&self, phones: &[String], answers: usize) {
        self.carrier.carrier().wait_for_count(phones.len() * answers, PATIENCE).await.unwrap();
        tokio::time::sleep(A_WHILE).await;
        let sent = self.carrier.carrier().messages();
        for phone in phones {
            assert_eq!(sent.iter().filter(|message| message.to == *phone).count(), answers, "{phone}");
        }
    }
}

/// Returns so many phones.
pub(crate) fn phones(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("+155555507{number:02}")).collect()
}
