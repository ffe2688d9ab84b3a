//! A messenger, a carrier for it, and a carrier that only says what a test wrote down.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    sync::Arc,
    thread,
    time::Duration,
};

use cheetah_twilio::{PlatformAccount, Timeouts, TwilioAccounts, TwilioMessenger, http_client};
use chrono::TimeDelta;
use conversation::{DeliveryState, Messenger as _, OpenAttempt, OutboundText, SendOutcome};
use fake_carrier::{FakeCarrier, FakeCarrierConfig, RunningFakeCarrier, StatusCallbacks};
use kernel::{
    Clock as _, GatewayError, MessageId, ProviderAccountId, TenantId, Timestamp,
    testing::{CountingIds, ManualClock},
};
use reqwest::Url;
use tenancy::{
    Address, Channel, Provider, ProviderAccount, ProviderAccountStore, SecretText, TenantScope,
    testing::{MemoryProviderAccountStore, platform, scope},
};
use uuid::Uuid;

pub(crate) const SID: &str = "AC00000000000000000000000000000001";
pub(crate) const TOKEN: &str = "12345";
pub(crate) const BUSINESS: &str = "+15551230000";
pub(crate) const CUSTOMER: &str = "+15550001111";

/// Long enough for any machine, and ended early where a test waits for the end.
pub(crate) const PATIENT: Timeouts =
    Timeouts { connect: Duration::from_secs(10), total: Duration::from_secs(20) };
pub(crate) const IMPATIENT: Timeouts =
    Timeouts { connect: Duration::from_secs(10), total: Duration::from_millis(300) };

/// A messenger of one tenant.
pub(crate) struct Desk {
    pub(crate) messenger: TwilioMessenger,
    pub(crate) scope: TenantScope,
    pub(crate) clock: Arc<ManualClock>,
}

impl Desk {
    /// Sends by the platform's account at `base`.
    pub(crate) async fn at(base: &Url, timeouts: Timeouts) -> Self {
        Self::with_accounts(base, timeouts, vec![platform_account(base)], &[]).await
    }

    pub(crate) async fn with_accounts(
        base: &Url,
        timeouts: Timeouts,
        platform_accounts: Vec<PlatformAccount>,
        own: &[ProviderAccount],
    ) -> Self {
        let clock = Arc::new(ManualClock::default());
        let store = Arc::new(MemoryProviderAccountStore::default());
        for account in own {
            store.insert(&scope(account.tenant_id), account).await.unwrap();
        }
        let accounts = TwilioAccounts::new(store, platform(), clock.clone(), base.clone(), platform_accounts);
        let public = Url::parse("https://answers.example/").unwrap();
        let messenger = TwilioMessenger::new(Arc::new(accounts), http_client(timeouts).unwrap(), &public);
        Self { messenger, scope: scope(tenant(1)), clock }
    }

    pub(crate) async fn send(&self, text: &OutboundText) -> Result<SendOutcome, GatewayError> {
        let account = self.messenger.account(&self.scope).await?;
        self.messenger.send(&self.scope, &account, text).await
    }

    /// Looks for a message whose attempt was made just now.
    pub(crate) async fn look_up(
        &self,
        text: &OutboundText,
        known: &[String],
    ) -> Result<Option<SendOutcome>, GatewayError> {
        self.look_up_since(text, self.clock.now(), known).await
    }

    pub(crate) async fn look_up_since(
        &self,
        text: &OutboundText,
        attempted_at: Timestamp,
        known: &[String],
    ) -> Result<Option<SendOutcome>, GatewayError> {
        let attempt = OpenAttempt { attempted_at, known: known.to_vec(), ..self.attempt(text) };
        self.messenger.look_up(&self.scope, &attempt).await
    }

    /// An attempt that was made just now by nobody knows which account.
    pub(crate) fn attempt(&self, text: &OutboundText) -> OpenAttempt {
        OpenAttempt {
            text: text.clone(),
            state: DeliveryState::Unknown,
            attempted_at: self.clock.now(),
            account_sid: None,
            look_ups: 0,
            attempts: 1,
            known: Vec::new(),
        }
    }

    pub(crate) fn seconds_pass(&self, seconds: i64) {
        self.clock.advance(TimeDelta::seconds(seconds));
    }
}

/// The platform's account at a carrier that is not there.
pub(crate) fn nowhere() -> PlatformAccount {
    let base = Url::parse("http://127.0.0.1:1").unwrap();
    PlatformAccount { account_sid: "AC00000000000000000000000000000009".into(), ..platform_account(&base) }
}

/// Starts a carrier and a messenger of it; the two have one clock.
pub(crate) async fn carrier_and_desk(timeouts: Timeouts) -> (RunningFakeCarrier, Desk) {
    let clock = Arc::new(ManualClock::default());
    let running = start_carrier(clock.clone()).await;
    let desk = Desk { clock, ..Desk::at(running.base_url(), timeouts).await };
    (running, desk)
}

pub(crate) async fn start_carrier(clock: Arc<ManualClock>) -> RunningFakeCarrier {
    let config = FakeCarrierConfig {
        status_callbacks: StatusCallbacks::Silent,
        clock,
        ..FakeCarrierConfig::new(SID, TOKEN)
    };
    FakeCarrier::new(config).unwrap().start().await.unwrap()
}

pub(crate) fn platform_account(base: &Url) -> PlatformAccount {
    PlatformAccount { account_sid: SID.into(), auth_token: SecretText::new(TOKEN), api_base: base.clone() }
}

pub(crate) fn own_account(tenant_id: TenantId, account_sid: &str, token: &str) -> ProviderAccount {
    ProviderAccount {
        id: ProviderAccountId::new(tenant_id.uuid()),
        tenant_id,
        provider: Provider::Twilio,
        account_sid: account_sid.into(),
        auth_token: SecretText::new(token),
        created_at: Timestamp::default(),
    }
}

pub(crate) fn tenant(number: u128) -> TenantId {
    TenantId::new(Uuid::from_u128(number))
}

pub(crate) fn text(words: &str) -> OutboundText {
    text_to(CUSTOMER, words)
}

pub(crate) fn text_to(to: &str, words: &str) -> OutboundText {
    OutboundText {
        id: MessageId::new(kernel::IdGenerator::next(&CountingIds::default())),
        channel: Channel::Sms,
        provider: Provider::Twilio,
        from: Address::from_carrier(BUSINESS),
        to: Address::from_carrier(to),
        text: words.into(),
    }
}

/// Returns the carrier's id of an accepted message.
pub(crate) fn sid_of(outcome: &SendOutcome) -> String {
    match outcome {
        SendOutcome::Accepted { provider_message_id, .. } => provider_message_id.clone(),
        SendOutcome::OptedOut => String::new(),
    }
}

/// Starts a server that reads each request and writes `answer`, then hangs up. It ends with the test's process.
pub(crate) fn scripted_server(answer: impl Into<Vec<u8>>) -> Url {
    let answer = answer.into();
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let base = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut stream = stream;
            let _ = stream.read(&mut [0_u8; 8192]);
            let _ = stream.write_all(&answer);
        }
    });
    base
}

/// Returns an HTTP answer with a JSON body.
pub(crate) fn json_answer(status: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}
