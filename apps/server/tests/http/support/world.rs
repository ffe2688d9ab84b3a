//! The application, composed on a database of its own that is gone with the test.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use conversation::testing::{RecordingMessenger, ScriptedLanguageModel};
use kernel::{
    Clock as _, Timestamp,
    testing::{CountingEntropy, CountingIds, ManualClock},
};
use serde_json::json;
use server::{
    compose::{App, LimitPorts, OperationsSettings, Ports, Settings},
    config::PublicBaseUrl,
    event_feed::FeedSettings,
    http::middleware::LanesSettings,
    installation::InstallationKey,
    limits::LimitsSettings,
    services::Services,
    worker::{Worker, WorkerSettings},
};
use tenancy::{AdminLogin, SecretText, testing::PlainPasswordHasher};
use twilio::{PlatformAccount, Timeouts};
use url::Url;
use usage::PriceTable;

use super::{Answer, Business, Call, PLATFORM_SID, PLATFORM_TOKEN, database, database::TestDatabase, text};

/// The operator's key in tests.
pub(crate) const OPERATOR_KEY: &str = "the-operators-key-in-tests";
/// Every member's password in tests.
pub(crate) const MEMBER_PASSWORD: &str = "four words of no sentence";
/// The operator's password in tests.
pub(crate) const OPERATOR_PASSWORD: &str = "the-operators-password";
/// The key of the operator's command line in tests.
pub(crate) const ADMIN_PRIVATE_KEY: &str = "a private key of the command line in tests";
/// What signs tokens in tests.
pub(crate) const JWT_SECRET: &str = "a secret that signs tokens in tests";
/// The address that carriers are told.
pub(crate) const PUBLIC_URL: &str = "https://chat.example.test";

/// The application under test.
pub(crate) struct World {
    pub(crate) services: Services,
    pub(crate) worker: Arc<Worker>,
    pub(crate) model: Arc<ScriptedLanguageModel>,
    clock: Arc<ManualClock>,
    /// Dropped with the test.
    database: TestDatabase,
}

impl World {
    /// Composes an application as production does, on empty stores.
    pub(crate) fn new() -> Self {
        Self::with(|_, _| {})
    }

    /// Composes an application with other settings or ports.
    pub(crate) fn with(change: impl FnOnce(&mut Settings, &mut Ports)) -> Self {
        let model = Arc::<ScriptedLanguageModel>::default();
        let clock = Arc::<ManualClock>::default();
        let (stores, database) = database::empty();
        let mut ports = Ports {
            stores,
            messenger: Some(Arc::new(RecordingMessenger::default())),
            model: model.clone(),
            provider_calls: Arc::default(),
            passwords: Arc::new(PlainPasswordHasher),
            clock: clock.clone(),
            ids: Arc::new(CountingIds::default()),
            entropy: Arc::new(CountingEntropy::default()),
            limits: LimitPorts::local(),
            checks: Vec::new(),
        };
        let mut settings = settings();
        change(&mut settings, &mut ports);
        let App { services, worker } = ports.compose(&settings).unwrap();
        Self { services, worker, model, clock, database }
    }

    /// Returns what the clock shows.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Returns every row that the database has of a tenant.
    pub(crate) fn rows_of(&self, tenant: &str) -> String {
        self.database.rows_of(tenant)
    }

    /// Moves the clock on.
    pub(crate) fn pass(&self, seconds: i64) {
        self.clock.advance(TimeDelta::seconds(seconds));
    }

    /// Adds a member with a role, whose address is the role's name at example.com.
    pub(crate) async fn add_member(&self, business: &Business, role: &str) -> String {
        let email = format!("{role}@example.com");
        let body = json!({"email": email, "name": role, "role": role, "password": MEMBER_PASSWORD});
        let added = self.post(&business.path("/members")).operator().json(&body).send().await.expect(201);
        text(&added["id"])
    }

    /// Signs a member in and returns the access token.
    pub(crate) async fn sign_in(&self, email: &str) -> String {
        text(&self.sign_in_with(email, MEMBER_PASSWORD).await.expect(200)["access_token"])
    }

    /// Tries to sign a member in.
    pub(crate) async fn sign_in_with(&self, email: &str, password: &str) -> Answer {
        self.post("/api/v1/auth/login").json(&json!({"email": email, "password": password})).send().await
    }

    /// Creates a tenant with an API key, a number and a contact who has written.
    pub(crate) async fn business(&self, name: &str, number: &str) -> Business {
        Business::create(self, name, number).await
    }

    pub(crate) fn get(&self, path: &str) -> Call<'_> {
        Call::new(self, "GET", path)
    }

    pub(crate) fn post(&self, path: &str) -> Call<'_> {
        Call::new(self, "POST", path)
    }

    pub(crate) fn put(&self, path: &str) -> Call<'_> {
        Call::new(self, "PUT", path)
    }

    pub(crate) fn patch(&self, path: &str) -> Call<'_> {
        Call::new(self, "PATCH", path)
    }

    pub(crate) fn delete(&self, path: &str) -> Call<'_> {
        Call::new(self, "DELETE", path)
    }
}

fn settings() -> Settings {
    let api_base = Url::parse("https://api.twilio.test").unwrap();
    Settings {
        admin_key: Some(SecretText::new(OPERATOR_KEY)),
        admin_login: Some(AdminLogin {
            username: "admin".into(),
            password: SecretText::new(OPERATOR_PASSWORD),
        }),
        admin_private_key: Some(SecretText::new(ADMIN_PRIVATE_KEY)),
        jwt_secret: SecretText::new(JWT_SECRET),
        public_base_url: PublicBaseUrl::parse(PUBLIC_URL).unwrap(),
        trust_business_id: false,
        verify_twilio_signatures: true,
        debounce: Duration::from_secs(2),
        twilio_api_base: api_base.clone(),
        platform_accounts: vec![PlatformAccount {
            account_sid: PLATFORM_SID.to_owned(),
            auth_token: SecretText::new(PLATFORM_TOKEN),
            api_base,
        }],
        twilio_timeouts: Timeouts::default(),
        look_up_after: Duration::from_secs(15),
        worker: WorkerSettings::default(),
        // Whoever reads a stream to its end is not to wait for it.
        feed: FeedSettings {
            poll: Duration::from_millis(10),
            lasts: Duration::from_millis(100),
            ..FeedSettings::default()
        },
        limits: LimitsSettings::default(),
        prices: Arc::new(PriceTable::built_in()),
        models: "offline".to_owned(),
        operations: OperationsSettings {
            metrics_tenants: 2,
            lanes: LanesSettings::default(),
            installation: InstallationKey::derive(&SecretText::new("1:keys-in-tests")),
        },
    }
}
