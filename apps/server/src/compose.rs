//! The one place where adapters are named: configuration becomes [`Ports`], ports become use cases.

mod access;
pub mod allowance;
mod caches;
mod closed_gate;
mod counters;
pub mod database;
pub mod inspection;
mod model_check;
mod models;
pub mod operations;
mod prompts;
mod redis;

use std::{sync::Arc, time::Duration};

pub use access::{admin_key, admin_token};
use anyhow::Context as _;
use cheetah_argon2::Argon2Hasher;
use cheetah_jwt::JwtSigner;
use chrono::TimeDelta;
use conversation::{
    AnswerChat, Debounce, Deliver, LanguageModel, ManageContacts, ManageConversations, Messenger,
    ReceiveMessage, Reconcile, RecordDelivery, Summarize, TakeTurn, TurnLimits, WriteReply,
};
pub use counters::LimitPorts;
pub use database::StorePorts;
use kernel::{Clock, Entropy, IdGenerator};
use lead::{CaptureLead, ExportLeads, ManageLeads};
pub use model_check::ModelCheck;
pub use operations::OperationsSettings;
use prompt::ComposePrompt;
use tenancy::{
    AdminLogin, AdminSignIn, FeatureFlags, Gate, ManageChannels, ManageCredentials, ManageMembers,
    ManageProviderAccounts, ManageTenants, OpenVisitorSession, PasswordHasher, SecretText, SignIn,
    TokenSigner, Vault,
};
use twilio::{PlatformAccount, Timeouts, TwilioAccounts, TwilioMessenger};
use url::Url;
use usage::PriceTable;
use vault::{EnvelopeVault, KeyRing};

use crate::{
    bridges::{LeadReaction, PromptComposer, SummaryReaction},
    config::{Config, Database, PublicBaseUrl},
    event_feed::{EventFeed, FeedSettings},
    failpoints,
    installation::InstallationKey,
    limits::{Limits, LimitsSettings, OldKeys},
    local_keys::LocalKeys,
    logged_model::LoggedModel,
    metrics::{MeasuredMessenger, Metrics, ProviderCalls},
    operations::Operations,
    reactions::{React, Reaction},
    readiness::ReadinessCheck,
    services::{PromptServices, Services},
    system::{OsEntropy, SystemClock, UuidV7},
    worker::{Worker, WorkerSettings},
};

/// What the webhook handlers need of Twilio.
pub mod twilio_webhooks {
    pub use twilio::{
        Algorithm, Form, IncomingSms, MessagingResponse, SignatureError, SignedContent, SignedRequest,
        StatusUpdate, TwilioAccounts, VerifiedBy, VerifyError, WebhookError, sign, verify,
    };
}

/// The carrier in the box, for installations without a carrier.
pub mod carrier_in_a_box {
    pub use fake_carrier::{CustomerText, FakeCarrier, FakeCarrierConfig, Keyword, build_webhook};
}

use carrier_in_a_box::{FakeCarrier, FakeCarrierConfig};

/// The account at the carrier in the box.
pub const BOXED_ACCOUNT_SID: &str = "ACfa4e0000000000000000000000000000";
/// Where the carrier in the box answers, on this server.
pub const BOXED_CARRIER_PATH: &str = "/fake-carrier";
/// The file with the token of the account at the carrier in the box.
const FAKE_CARRIER_TOKEN: &str = "fake-carrier-token";
/// Where Twilio is.
const TWILIO_API: &str = "https://api.twilio.com";
/// How long after an ambiguous attempt the carrier is asked, and between two such questions.
const LOOK_UP_AFTER: Duration = Duration::from_secs(15);
/// How long a chat visitor may wait for an answer.
const CHAT_PATIENCE: Duration = Duration::from_secs(25);

/// Everything outside the domain that the use cases reach through. Tests swap single ones.
#[derive(Clone)]
pub struct Ports {
    /// What is kept.
    pub stores: StorePorts,
    /// Who carries messages out; `None` for Twilio's wire format by the accounts below.
    pub messenger: Option<Arc<dyn Messenger>>,
    /// What writes the receptionist's words.
    pub model: Arc<dyn LanguageModel>,
    /// What came of what each provider of words was asked.
    pub provider_calls: Arc<ProviderCalls>,
    /// Hashes and checks members' passwords.
    pub passwords: Arc<dyn PasswordHasher>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New ids.
    pub ids: Arc<dyn IdGenerator>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// What counts calls and attempts.
    pub limits: LimitPorts,
    /// What is to be asked, beside the database and the carrier, when somebody wants to know whether all is well.
    pub checks: Vec<Arc<dyn ReadinessCheck>>,
}

/// What of the configuration shapes the use cases.
#[derive(Clone)]
pub struct Settings {
    /// The operator's key; without one nobody is the operator.
    pub admin_key: Option<SecretText>,
    /// With what the operator signs in on a page; without it nobody does.
    pub admin_login: Option<AdminLogin>,
    /// Checks the tokens that the operator's command line signs; without it none is taken.
    pub admin_private_key: Option<SecretText>,
    /// What signs members' and visitors' tokens.
    pub jwt_secret: SecretText,
    /// The address under which carriers reach this server.
    pub public_base_url: PublicBaseUrl,
    /// Whether `X-Tenant-Id` or `X-Business-ID` alone names the tenant.
    pub trust_business_id: bool,
    /// Whether webhooks must be signed.
    pub verify_twilio_signatures: bool,
    /// How long a reply waits for more to be said.
    pub debounce: Duration,
    /// Where the tenants' Twilio accounts are served.
    pub twilio_api_base: Url,
    /// The operator's own accounts, or the one at the carrier in the box.
    pub platform_accounts: Vec<PlatformAccount>,
    /// How long Twilio may take.
    pub twilio_timeouts: Timeouts,
    /// How long after an ambiguous attempt the carrier is asked.
    pub look_up_after: Duration,
    /// How the worker goes about it.
    pub worker: WorkerSettings,
    /// How streams of events go about it.
    pub feed: FeedSettings,
    /// How much is allowed to whom.
    pub limits: LimitsSettings,
    /// What models cost.
    pub prices: Arc<PriceTable>,
    /// Which models are asked in which order, in words: recorded answers of others do not count.
    pub models: String,
    /// How the whole is watched.
    pub operations: OperationsSettings,
}

/// A composed application.
pub struct App {
    /// What the HTTP side calls.
    pub services: Services,
    /// What answers in the background.
    pub worker: Arc<Worker>,
}

impl Ports {
    /// Opens everything that a configuration names.
    ///
    /// # Errors
    /// When the keys or the address of Redis cannot be used, or the database does not open.
    pub async fn open(config: &Config, keys: &LocalKeys) -> anyhow::Result<Self> {
        let entropy: Arc<dyn Entropy> = Arc::new(OsEntropy);
        let vault = open_vault(config, keys, &entropy)?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let provider_calls = Arc::<ProviderCalls>::default();
        let model = models::chain(&config.models, &entropy, &clock, &provider_calls)?;
        let ports = Self {
            stores: database::open(config, vault).await?,
            messenger: None,
            model,
            provider_calls,
            passwords: Arc::new(Argon2Hasher::new(Arc::clone(&entropy), cheetah_argon2::Bounds::default())),
            clock,
            ids: Arc::new(UuidV7),
            entropy,
            limits: LimitPorts::local(),
            checks: vec![Arc::new(ModelCheck::new(&config.models)?)],
        };
        ports.shared(config.operations.redis.as_ref())
    }

    /// Composes the use cases.
    ///
    /// # Errors
    /// When TLS cannot be set up, or the public URL is not one.
    pub fn compose(&self, settings: &Settings) -> anyhow::Result<App> {
        let metrics = Arc::new(Metrics::new(settings.operations.metrics_tenants)?);
        self.measured(&metrics).compose_measured(settings, metrics)
    }

    fn compose_measured(&self, settings: &Settings, metrics: Arc<Metrics>) -> anyhow::Result<App> {
        let tokens: Arc<dyn TokenSigner> = Arc::new(JwtSigner::new(&settings.jwt_secret));
        let gate = Arc::new(self.gate(settings, &tokens));
        let twilio = Arc::new(TwilioAccounts::new(
            Arc::clone(&self.stores.accounts),
            gate.system(),
            Arc::clone(&self.clock),
            settings.twilio_api_base.clone(),
            settings.platform_accounts.clone(),
        ));
        let messenger: Arc<dyn Messenger> = if let Some(messenger) = &self.messenger {
            Arc::clone(messenger)
        } else {
            let http = twilio::http_client(settings.twilio_timeouts).context("TLS cannot be set up")?;
            let public = Url::parse(settings.public_base_url.as_str())?;
            Arc::new(TwilioMessenger::new(Arc::clone(&twilio), http, &public))
        };
        let messenger = Arc::new(MeasuredMessenger { messenger, metrics: Arc::clone(&metrics) });
        let compose = self.compose_prompt();
        let turns = Arc::new(self.take_turn(settings, &compose));
        let operations = self.operations(settings, &gate, &metrics)?;
        let limits = Arc::new(self.limits(settings, &metrics));
        let summarize = self.summarize(settings, &compose);
        let worker = self.worker(settings, &gate, messenger, (Arc::clone(&turns), summarize, metrics));
        let prompts = Arc::new(self.prompt_services(settings, compose));
        let services =
            self.services(settings, (gate, tokens), (twilio, prompts), (turns, limits, operations));
        Ok(App { services, worker: Arc::new(worker) })
    }

    fn take_turn(&self, settings: &Settings, compose: &Arc<ComposePrompt>) -> TakeTurn {
        TakeTurn {
            conversations: Arc::clone(&self.stores.conversations),
            tenants: Arc::clone(&self.stores.tenants),
            jobs: Arc::clone(&self.stores.jobs),
            replies: Arc::new(self.write_reply(compose)),
            allowance: self.allowance(settings),
            clock: Arc::clone(&self.clock),
            ids: Arc::clone(&self.ids),
            limits: TurnLimits { answer_within: settings.worker.answer_within(), ..TurnLimits::default() },
        }
    }

    fn summarize(&self, settings: &Settings, compose: &Arc<ComposePrompt>) -> Summarize {
        Summarize {
            summaries: Arc::clone(&self.stores.summaries),
            tenants: Arc::clone(&self.stores.tenants),
            composer: Arc::new(PromptComposer(Arc::clone(compose))),
            model: Arc::new(LoggedModel(Arc::clone(&self.model))),
            allowance: self.allowance(settings),
            clock: Arc::clone(&self.clock),
            ids: Arc::clone(&self.ids),
            answer_within: settings.worker.answer_within(),
        }
    }

    fn write_reply(&self, compose: &Arc<ComposePrompt>) -> WriteReply {
        WriteReply {
            composer: Arc::new(PromptComposer(Arc::clone(compose))),
            model: Arc::new(LoggedModel(Arc::clone(&self.model))),
            tools: self.toolbox(),
            clock: Arc::clone(&self.clock),
            entropy: Arc::clone(&self.entropy),
        }
    }

    fn worker(
        &self,
        settings: &Settings,
        gate: &Gate,
        messenger: Arc<dyn Messenger>,
        (turns, summarize, metrics): (Arc<TakeTurn>, Summarize, Arc<Metrics>),
    ) -> Worker {
        Worker {
            jobs: Arc::clone(&self.stores.jobs),
            turns,
            deliver: Arc::new(Deliver {
                ledger: Arc::clone(&self.stores.ledger),
                messenger: Arc::clone(&messenger),
                clock: Arc::clone(&self.clock),
                ids: Arc::clone(&self.ids),
                look_up_after: settings.look_up_after,
            }),
            reconcile: Arc::new(Reconcile {
                ledger: Arc::clone(&self.stores.ledger),
                jobs: Arc::clone(&self.stores.jobs),
                messenger,
                clock: Arc::clone(&self.clock),
                look_up_every: settings.look_up_after,
            }),
            reactions: Arc::new(self.react(summarize)),
            clock: Arc::clone(&self.clock),
            platform: gate.system(),
            settings: settings.worker,
            metrics,
            old_keys: OldKeys {
                store: Arc::clone(&self.stores.idempotency),
                platform: gate.system(),
                clock: Arc::clone(&self.clock),
            },
        }
    }

    fn react(&self, summarize: Summarize) -> React {
        let leads = LeadReaction {
            leads: CaptureLead::new(Arc::clone(&self.stores.leads), Arc::clone(&self.ids)),
            tenants: Arc::clone(&self.stores.tenants),
            channels: Arc::clone(&self.stores.channels),
        };
        // Leads come first: a summary waits for a model.
        let reactions: Vec<Arc<dyn Reaction>> = vec![Arc::new(leads), Arc::new(SummaryReaction(summarize))];
        React { pending: Arc::clone(&self.stores.reactions), reactions }
    }

    fn services(
        &self,
        settings: &Settings,
        (gate, tokens): (Arc<Gate>, Arc<dyn TokenSigner>),
        (twilio, prompts): (Arc<TwilioAccounts>, Arc<PromptServices>),
        (turns, limits, operations): (Arc<TakeTurn>, Arc<Limits>, Operations),
    ) -> Services {
        let (clock, ids) = (|| Arc::clone(&self.clock), || Arc::clone(&self.ids));
        let debounce = TimeDelta::from_std(settings.debounce).unwrap_or(TimeDelta::seconds(2));
        let receive = Arc::new(ReceiveMessage::new(
            Arc::clone(&self.stores.conversations),
            clock(),
            ids(),
            Debounce::new(debounce),
        ));
        Services {
            sign_in: Arc::new(SignIn {
                tenants: Arc::clone(&self.stores.tenants),
                members: Arc::clone(&self.stores.members),
                passwords: Arc::clone(&self.passwords),
                tokens: Arc::clone(&tokens),
                clock: clock(),
                ids: ids(),
                entropy: Arc::clone(&self.entropy),
            }),
            admin: Arc::new(AdminSignIn::new(
                Arc::clone(&self.stores.admin_sessions),
                settings.admin_login.clone(),
                clock(),
                Arc::clone(&self.entropy),
            )),
            members: Arc::new(ManageMembers::new(
                Arc::clone(&self.stores.members),
                Arc::clone(&self.passwords),
                clock(),
                ids(),
            )),
            visitors: Arc::new(OpenVisitorSession::new(tokens, clock(), Arc::clone(&self.entropy))),
            flags: Arc::new(FeatureFlags::new(Arc::clone(&self.stores.flags), clock())),
            audit: Arc::clone(&self.stores.audit),
            events: Arc::new(EventFeed::new(Arc::clone(&self.stores.events), gate.system(), settings.feed)),
            tenants: Arc::new(ManageTenants::new(Arc::clone(&self.stores.tenants), clock(), ids())),
            credentials: Arc::new(ManageCredentials::new(
                Arc::clone(&self.stores.credentials),
                Arc::clone(&self.stores.channels),
                clock(),
                ids(),
                Arc::clone(&self.entropy),
            )),
            channels: Arc::new(ManageChannels::new(Arc::clone(&self.stores.channels), clock(), ids())),
            accounts: Arc::new(ManageProviderAccounts::new(
                Arc::clone(&self.stores.accounts),
                clock(),
                ids(),
            )),
            conversations: Arc::new(ManageConversations::new(
                Arc::clone(&self.stores.conversations),
                clock(),
                ids(),
            )),
            contacts: Arc::new(ManageContacts::new(Arc::clone(&self.stores.contacts), clock(), ids())),
            leads: Arc::new(ManageLeads::new(Arc::clone(&self.stores.leads), clock(), ids())),
            lead_export: Arc::new(ExportLeads::new(Arc::clone(&self.stores.leads), clock())),
            usage: Arc::new(self.usage_services()),
            chat: Arc::new(AnswerChat {
                receive: Arc::clone(&receive),
                turns,
                conversations: Arc::clone(&self.stores.conversations),
                channels: Arc::clone(&self.stores.channels),
                jobs: Arc::clone(&self.stores.jobs),
                clock: clock(),
                ids: ids(),
                lease: settings.worker.lease,
                patience: CHAT_PATIENCE,
            }),
            prompts,
            receive,
            deliveries: Arc::new(RecordDelivery::new(Arc::clone(&self.stores.ledger), clock())),
            twilio,
            verify_twilio_signatures: settings.verify_twilio_signatures,
            public_base_url: settings.public_base_url.clone(),
            gate,
            limits,
            operations,
        }
    }
}

impl Settings {
    /// Takes over what the configuration says. Where it names no carrier account and no customers are at stake,
    /// the carrier in the box at `boxed` sends.
    ///
    /// # Errors
    /// When a default cannot be made.
    pub fn from_config(
        config: &Config,
        keys: &LocalKeys,
        admin_key: Option<SecretText>,
        boxed: Option<PlatformAccount>,
    ) -> anyhow::Result<Self> {
        let installation = InstallationKey::derive(&pii_encryption_key(config, keys, &OsEntropy)?);
        let twilio_api_base = match &config.twilio_api_base {
            Some(base) => base.clone(),
            None => Url::parse(TWILIO_API)?,
        };
        let own = config.twilio.as_ref().map(|account| PlatformAccount {
            account_sid: account.account_sid.clone(),
            auth_token: account.auth_token.clone(),
            api_base: twilio_api_base.clone(),
        });
        Ok(Self {
            admin_key,
            admin_login: config.access.admin_login.clone(),
            admin_private_key: config.access.admin_private_key.clone(),
            jwt_secret: access::jwt_secret(config, keys)?,
            public_base_url: config.public_base_url.clone(),
            trust_business_id: config.access.trust_business_id,
            verify_twilio_signatures: config.verify_twilio_signatures,
            debounce: config.debounce,
            twilio_api_base,
            platform_accounts: own.or(boxed).into_iter().collect(),
            twilio_timeouts: Timeouts::default(),
            look_up_after: failpoints::time("LOOK_UP", LOOK_UP_AFTER),
            worker: WorkerSettings::for_models(config.models.timeouts),
            feed: FeedSettings::default(),
            limits: LimitsSettings {
                trusted_proxies: config.trusted_proxies.clone(),
                ..LimitsSettings::default()
            },
            prices: Arc::new(allowance::price_table(&config.models)?),
            models: config.models.described(),
            operations: OperationsSettings::from_config(config, installation),
        })
    }
}

/// Makes the carrier in the box, unless the operator has a carrier account or real customers are expected.
///
/// # Errors
/// When its token or its journal cannot be used.
pub fn boxed_carrier(config: &Config, keys: &LocalKeys) -> anyhow::Result<Option<FakeCarrier>> {
    if config.twilio.is_some() || config.environment.is_deployed() {
        return Ok(None);
    }
    let token = keys.secret(FAKE_CARRIER_TOKEN, &OsEntropy)?;
    let mut carrier = FakeCarrierConfig::new(BOXED_ACCOUNT_SID, token.expose());
    if config.database != Database::Memory {
        carrier.journal = Some(config.data_dir.join("fake-carrier.jsonl"));
    }
    FakeCarrier::new(carrier).context("the built-in carrier cannot start").map(Some)
}

/// Returns the account by which this server sends through the carrier in the box that it serves itself.
///
/// # Errors
/// When its token cannot be read.
pub fn boxed_account(config: &Config, keys: &LocalKeys) -> anyhow::Result<PlatformAccount> {
    let base = format!("{}{BOXED_CARRIER_PATH}", PublicBaseUrl::of_socket(config.bind));
    Ok(PlatformAccount {
        account_sid: BOXED_ACCOUNT_SID.to_owned(),
        auth_token: keys.secret(FAKE_CARRIER_TOKEN, &OsEntropy)?,
        api_base: Url::parse(&base)?,
    })
}

fn open_vault(
    config: &Config,
    keys: &LocalKeys,
    entropy: &Arc<dyn Entropy>,
) -> anyhow::Result<Arc<dyn Vault>> {
    let key = pii_encryption_key(config, keys, &**entropy)?;
    let ring = KeyRing::parse(key.expose()).context("PII_ENCRYPTION_KEY cannot be used")?;
    Ok(Arc::new(EnvelopeVault::new(ring, Arc::clone(entropy))))
}

/// Returns the key-encryption keys: the configured ones, or on somebody's own machine one that is made once.
fn pii_encryption_key(
    config: &Config,
    keys: &LocalKeys,
    entropy: &dyn Entropy,
) -> anyhow::Result<SecretText> {
    match &config.pii_encryption_key {
        Some(key) => Ok(key.clone()),
        None => keys.pii_encryption_key(entropy),
    }
}
