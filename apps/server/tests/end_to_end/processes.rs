//! Two servers and a worker on one Postgres database: whoever of them dies, nothing is lost and nothing said twice.

use std::time::Duration;

use fake_carrier::{
    CustomerText, FakeCarrier, FakeCarrierConfig, RunningFakeCarrier, StatusCallbacks, build_webhook,
};
use harness::{ServerProcess, ServerSpec, postgres::Database};
use server::demo::BUSINESS_NUMBER;
use tempfile::TempDir;

const ACCOUNT: (&str, &str) = ("ACoutside", "outside-token");
/// How long an answer may take, after a lease of a dead worker has ended too.
const PATIENCE: Duration = Duration::from_secs(150);
/// How long to wait for what must not come.
const A_WHILE: Duration = Duration::from_secs(2);

/// The processes of one installation, each of which may be killed.
struct Installation {
    servers: [Option<ServerProcess>; 2],
    worker: Option<ServerProcess>,
    carrier: RunningFakeCarrier,
    http: reqwest::Client,
    database: Database,
    _folder: TempDir,
}

impl Installation {
    async fn start() -> Self {
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
        let first = spec.start().unwrap();
        let second = spec.clone().with("APP_ENV", "development").start_until_logged("serving at ").unwrap();
        let worker = spec.command("worker").start_until_logged("worker started").unwrap();
        Self {
            servers: [Some(first), Some(second)],
            worker: Some(worker),
            carrier,
            http: reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().unwrap(),
            database,
            _folder: folder,
        }
    }

    /// Posts a text to one of the servers, and to the other where that one does not answer, as carriers do.
    async fn text(&self, server: usize, from: &str, sid: &str) {
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
    async fn text_from_all(&self, phones: &[String], round: usize) {
        let texts = phones.iter().enumerate().map(|(number, phone)| async move {
            self.text(number, phone, &format!("SM{round}x{number}")).await;
        });
        futures_util::future::join_all(texts).await;
    }

    /// Waits until everybody has so many answers, and sees that nobody has more.
    async fn expect_each(&self, phones: &[String], answers: usize) {
        self.carrier.carrier().wait_for_count(phones.len() * answers, PATIENCE).await.unwrap();
        tokio::time::sleep(A_WHILE).await;
        let sent = self.carrier.carrier().messages();
        for phone in phones {
            assert_eq!(sent.iter().filter(|message| message.to == *phone).count(), answers, "{phone}");
        }
    }
}

fn phones(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("+155555507{number:02}")).collect()
}

/// Kills one process while texts come in, and sees that everybody is answered, before and after.
async fn survive(kill: impl FnOnce(&mut Installation) -> ServerProcess) {
    let (mut installation, phones) = (Installation::start().await, phones(12));
    installation.text_from_all(&phones, 1).await;
    // The replies to the first round are being made at this moment.
    kill(&mut installation).kill().unwrap();
    installation.text_from_all(&phones, 2).await;
    let answered = |installation: &Installation| {
        let sent = installation.carrier.carrier().messages();
        phones.iter().all(|phone| sent.iter().any(|message| message.to == *phone))
    };
    for _ in 0..PATIENCE.as_millis() / 100 {
        if answered(&installation) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(answered(&installation), "somebody was never answered");
    tokio::time::sleep(A_WHILE).await;
    // Two texts that were answered together are one turn, so at most two answers each.
    for phone in &phones {
        let count = installation.carrier.carrier().messages().iter().filter(|one| one.to == *phone).count();
        assert!((1..=2).contains(&count), "{phone} got {count}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_message_fifty_times_over_two_servers_is_one_row_and_one_reply() {
    let installation = Installation::start().await;
    let texts = (0..50).map(|number| installation.text(number, "+15555550700", "SMonce"));
    futures_util::future::join_all(texts).await;
    installation.expect_each(&phones(1), 1).await;
    let rows = "SELECT count(*) FROM messages WHERE direction = 'inbound'";
    assert_eq!(installation.database.query(rows).unwrap().trim(), "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_is_answered_once_by_servers_and_worker_together() {
    let (installation, phones) = (Installation::start().await, phones(30));
    installation.text_from_all(&phones, 1).await;
    installation.expect_each(&phones, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_death_of_the_first_server_loses_nothing() {
    survive(|installation| installation.servers[0].take().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_death_of_the_second_server_loses_nothing() {
    survive(|installation| installation.servers[1].take().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_death_of_the_worker_loses_nothing() {
    survive(|installation| installation.worker.take().unwrap()).await;
}
