//! Two servers and a worker on one Postgres database, with a carrier outside; any of them may be killed.

use std::time::{Duration, Instant};

use fake_carrier::{
    CustomerText, FakeCarrier, FakeCarrierConfig, RunningFakeCarrier, StatusCallbacks, build_webhook,
};
use harness::{ServerProcess, ServerSpec, postgres::Database};
use server::demo::BUSINESS_NUMBER;
use tempfile::TempDir;

const ACCOUNT: (&str, &str) = ("ACoutside", "outside-token");
/// How long an answer may take, after a lease of a dead worker has ended too.
const PATIENCE: Duration = Duration::from_secs(150);
/// How long everything may take that was under way when somebody died: a lease ends, and the carrier is asked three times.
const LONGEST: Duration = Duration::from_secs(270);
const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// How long to wait for what must not come.
const A_WHILE: Duration = Duration::from_secs(2);

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
        Self::start_on(crate::migrated::database(), change).await
    }

    /// Starts all of them on a database, with other variables.
    pub(crate) async fn start_on(database: Database, change: impl FnOnce(ServerSpec) -> ServerSpec) -> Self {
        let (folder, config) = (
            tempfile::tempdir().unwrap(),
            FakeCarrierConfig {
                status_callbacks: StatusCallbacks::Posted,
                ..FakeCarrierConfig::new(ACCOUNT.0, ACCOUNT.1)
            },
        );
        let carrier = FakeCarrier::new(config).unwrap().start().await.unwrap();
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
            if self.text_to((server + attempt) % 2, from, sid).await == Some(200) {
                return;
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        panic!("nobody takes {sid}");
    }

    /// Posts a text to one server once, and returns the status of the answer, if there is one.
    pub(crate) async fn text_to(&self, server: usize, from: &str, sid: &str) -> Option<u16> {
        let base = self.servers[server].as_ref().map(ServerProcess::base_url)?;
        let url = format!("{base}/webhooks/twilio/sms");
        let text = CustomerText::new(from, BUSINESS_NUMBER, "What are your hours?");
        let webhook = build_webhook(ACCOUNT, &url, &text, sid, None);
        let request = self.http.post(url).body(webhook.body);
        let request =
            webhook.headers.into_iter().fold(request, |request, (name, value)| request.header(name, value));
        request.send().await.ok().map(|answer| answer.status().as_u16())
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

    /// Waits until nothing is left to do, and sees that the one text of each phone is a row, has been answered by a turn, and
    /// that its reply has come out once.
    pub(crate) async fn expect_each_text_answered_once(&self, phones: &[String]) {
        let stands = "SELECT (SELECT count(*) FROM messages WHERE direction = 'inbound'), \
                      (SELECT count(*) FROM messages WHERE direction = 'inbound' AND turn_id IS NULL), \
                      (SELECT count(*) FROM messages WHERE direction = 'outbound'), (SELECT count(*) FROM jobs)";
        let (done, began) = (format!("{0}|0|{0}|0", phones.len()), Instant::now());
        loop {
            let found = self.database.query(stands).unwrap();
            if found.trim() == done {
                break;
            }
            let late = "texts, texts without a turn, replies and jobs";
            assert!(began.elapsed() < LONGEST, "{late}: {found}, not {done}");
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        let mut answered: Vec<_> = self.carrier.carrier().messages().into_iter().map(|one| one.to).collect();
        answered.sort_unstable();
        assert_eq!(answered, phones);
    }
}

/// Returns so many phones.
pub(crate) fn phones(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("+155555507{number:02}")).collect()
}
