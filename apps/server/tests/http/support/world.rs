//! The application, composed on a database of its own that is gone with the test.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use conversation::testing::{RecordingMessenger, ScriptedLanguageModel};
use kernel::testing::{CountingEntropy, CountingIds, ManualClock};
use server::{
    compose::{OperationsSettings, Ports, Settings},
    config::PublicBaseUrl,
    http::middleware::LanesSettings,
    installation::InstallationKey,
    services::Services,
    worker::WorkerSettings,
};
use tenancy::SecretText;
use twilio::{PlatformAccount, Timeouts};
use url::Url;

use super::{Business, Call, PLATFORM_SID, PLATFORM_TOKEN, database};

/// The operator's key in tests.
pub(crate) const OPERATOR_KEY: &str = "the-operators-key-in-tests";
/// The address that carriers are told.
pub(crate) const PUBLIC_URL: &str = "https://chat.example.test";

/// The application under test.
pub(crate) struct World {
    pub(crate) services: Services,
    pub(crate) model: Arc<ScriptedLanguageModel>,
    clock: Arc<ManualClock>,
    /// Dropped with the test.
    _database: Option<harness::postgres::Database>,
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
            clock: clock.clone(),
            ids: Arc::new(CountingIds::default()),
            entropy: Arc::new(CountingEntropy::default()),
            checks: Vec::new(),
        };
        let mut settings = settings();
        change(&mut settings, &mut ports);
        Self { services: ports.compose(&settings).unwrap().services, model, clock, _database: database }
    }

    /// Moves the clock on.
    pub(crate) fn pass(&self, seconds: i64) {
        self.clock.advance(TimeDelta::seconds(seconds));
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
        operations: OperationsSettings {
            metrics_tenants: 2,
            lanes: LanesSettings::default(),
            installation: InstallationKey::derive(&SecretText::new("1:keys-in-tests")),
        },
    }
}
