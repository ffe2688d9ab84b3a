//! How the use cases are wired on the fakes.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use conversation::{
    AnswerChat, Debounce, Deliver, Messenger, ReceiveMessage, Reconcile, Summarize, TakeTurn, Tool, Toolbox,
    TurnLimits, WriteReply,
    testing::{FixedAllowance, MemoryStores, PlainComposer, ScriptedLanguageModel},
};
use kernel::{
    Clock, IdGenerator,
    testing::{CountingEntropy, CountingIds, ManualClock},
};
use tenancy::{
    Address, BusinessProfile, Channel, ChannelBinding, FeatureFlags, ManageChannels, ManageTenants, Plan,
    Provider, TenantScope,
    testing::{TenancyStores, platform},
};

use super::{BUSINESS, LEASE, LOOK_UP, WINDOW};

/// The fakes that every use case shares.
pub(super) struct Wiring {
    pub(super) clock: Arc<ManualClock>,
    pub(super) ids: Arc<CountingIds>,
    pub(super) stores: Arc<MemoryStores>,
    pub(super) tenancy: TenancyStores,
    pub(super) model: Arc<ScriptedLanguageModel>,
    pub(super) allowance: Arc<FixedAllowance>,
    messenger: Arc<dyn Messenger>,
    tools: Option<Vec<Arc<dyn Tool>>>,
}

impl Wiring {
    pub(super) fn of(stores: Arc<MemoryStores>, messenger: Arc<dyn Messenger>) -> Self {
        Self {
            clock: Arc::default(),
            ids: Arc::default(),
            stores,
            tenancy: TenancyStores::memory(),
            model: Arc::default(),
            allowance: Arc::default(),
            messenger,
            tools: None,
        }
    }

    /// Takes other tools than every installation has.
    pub(super) fn with_tools(self, tools: Vec<Arc<dyn Tool>>) -> Self {
        Self { tools: Some(tools), ..self }
    }

    pub(super) fn clock(&self) -> Arc<dyn Clock> {
        Arc::<ManualClock>::clone(&self.clock)
    }

    pub(super) fn ids(&self) -> Arc<dyn IdGenerator> {
        Arc::<CountingIds>::clone(&self.ids)
    }

    /// Makes the tenant.
    pub(super) async fn tenant(&self) -> TenantScope {
        let tenants = ManageTenants::new(Arc::clone(&self.tenancy.tenants), self.clock(), self.ids());
        let profile = BusinessProfile::default();
        let tenant = tenants.create(&platform(), BUSINESS, Plan::Starter, &profile).await.unwrap();
        tenancy::testing::scope(tenant.id())
    }

    /// Binds an address, for the gate and for the stores.
    pub(super) async fn bind(&self, scope: &TenantScope, channel: Channel, address: &str) -> ChannelBinding {
        let (provider, address) = match channel {
            Channel::WebChat => (Provider::BuiltIn, Address::Session(address.into())),
            Channel::Sms | Channel::WhatsApp | Channel::Voice => {
                (Provider::Twilio, Address::from_carrier(address))
            }
        };
        let channels = ManageChannels::new(Arc::clone(&self.tenancy.channels), self.clock(), self.ids());
        let binding = channels.bind(scope, channel, provider, address).await.unwrap();
        self.stores.add_binding(scope, binding.clone());
        binding
    }

    pub(super) fn receive(&self) -> ReceiveMessage {
        let debounce = Debounce::new(TimeDelta::seconds(WINDOW));
        ReceiveMessage::new(self.stores.conversations(), self.clock(), self.ids(), debounce)
    }

    pub(super) fn turns(&self) -> TakeTurn {
        TakeTurn {
            conversations: self.stores.conversations(),
            tenants: Arc::clone(&self.tenancy.tenants),
            jobs: self.stores.jobs(),
            replies: Arc::new(self.replies()),
            allowance: Arc::<FixedAllowance>::clone(&self.allowance),
            clock: self.clock(),
            ids: self.ids(),
            limits: TurnLimits::default(),
        }
    }

    pub(super) fn summarize(&self) -> Summarize {
        Summarize {
            summaries: self.stores.summaries(),
            tenants: Arc::clone(&self.tenancy.tenants),
            composer: Arc::new(PlainComposer),
            model: Arc::<ScriptedLanguageModel>::clone(&self.model),
            allowance: Arc::<FixedAllowance>::clone(&self.allowance),
            clock: self.clock(),
            ids: self.ids(),
            answer_within: TurnLimits::default().answer_within,
        }
    }

    fn replies(&self) -> WriteReply {
        let flags = Arc::new(FeatureFlags::new(Arc::clone(&self.tenancy.flags), self.clock()));
        let tools = match &self.tools {
            Some(tools) => Toolbox::new(tools.clone(), flags),
            None => Toolbox::standard(flags),
        };
        WriteReply {
            composer: Arc::new(PlainComposer),
            model: Arc::<ScriptedLanguageModel>::clone(&self.model),
            tools: Arc::new(tools),
            clock: self.clock(),
            entropy: Arc::<CountingEntropy>::default(),
        }
    }

    pub(super) fn deliver(&self) -> Deliver {
        Deliver {
            ledger: self.stores.ledger(),
            messenger: Arc::clone(&self.messenger),
            clock: self.clock(),
            ids: self.ids(),
            look_up_after: Duration::from_secs(LOOK_UP.unsigned_abs()),
        }
    }

    pub(super) fn reconcile(&self) -> Reconcile {
        Reconcile {
            ledger: self.stores.ledger(),
            jobs: self.stores.jobs(),
            messenger: Arc::clone(&self.messenger),
            clock: self.clock(),
            look_up_every: Duration::from_secs(LOOK_UP.unsigned_abs()),
        }
    }

    pub(super) fn chat(&self, receive: Arc<ReceiveMessage>, turns: Arc<TakeTurn>) -> AnswerChat {
        AnswerChat {
            receive,
            turns,
            conversations: self.stores.conversations(),
            channels: Arc::clone(&self.tenancy.channels),
            jobs: self.stores.jobs(),
            clock: self.clock(),
            ids: self.ids(),
            lease: LEASE,
            patience: Duration::from_secs(20),
        }
    }
}
