//! What is measured of a database with tenants, in a process of its own, as a server does it.

use std::{
    future::Future,
    ops::Range,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use conversation::{
    Claim, ConversationFilter, JobKind, LanguageModel, ManageConversations, ReceiveMessage, TakeTurn,
    Toolbox, TurnLimits, TurnResult, WriteReply,
};
use kernel::{Clock as _, Cursor, PageRequest};
use offline_model::OfflineModel;
use prompt::ComposePrompt;
use serde::{Deserialize, Serialize};
use server::{
    bridges::{PlanAllowance, PromptComposer},
    compose::StorePorts,
    system::{OsEntropy, SystemClock, UuidV7},
};
use tenancy::{Channel, ChannelBinding, FeatureFlags, Gate, TenantScope};
use tokio::task::JoinSet;
use usage::PriceTable;

use crate::{
    place::Place,
    population::{customer, gate, number_of, receiving, text, with_history},
    process::Usage,
    summary::Summary,
};

/// Callers at once, as many as there are connections that work for tenants.
pub(crate) const CALLERS: usize = 16;
/// Rounds of either kind, each of them short, so that its counterpart on the other database meets the same weather.
pub(crate) const ROUNDS: usize = 20;
/// Messages in a round, all of which are answered. A multiple of what is claimed at once.
const MESSAGES: usize = 512;
/// Customers of the first rounds: one for each tenant at least.
const CUSTOMERS: usize = ROUNDS * MESSAGES;
const LISTED: usize = 300;
/// Conversations on a page that is listed.
const PAGE: u16 = 20;
/// Pages that are listed in turn.
const PAGES: usize = 200;
/// Steps over this many of anything at a time reach each of them once.
const STRIDE: usize = 7_919;
pub(crate) const LEASE: Duration = Duration::from_secs(90);
/// Jobs that a worker claims at once.
const CLAIMED: u16 = 16;

/// What was found.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Findings {
    pub(crate) operations: Vec<(String, Summary)>,
    /// Memory in use before the first tenant was seen, and after all were.
    pub(crate) resident_kib: (u64, u64),
}

struct Measured {
    gate: Gate,
    receive: ReceiveMessage,
    turns: TakeTurn,
    conversations: ManageConversations,
    stores: StorePorts,
    tenants: usize,
    /// Pages that are listed: of which tenant, and after what.
    pages: RwLock<Vec<(usize, Option<Cursor>)>>,
}

/// Measures a populated database, a round for each line that comes in, and answers each with a line of [`Findings`].
pub(crate) async fn measure(place: &Place, tenants: usize) -> anyhow::Result<()> {
    let measured = Arc::new(Measured::open(place, tenants).await?);
    for line in std::io::stdin().lines() {
        let findings = measured.round(line?.parse()?).await?;
        println!("{}", serde_json::to_string(&findings)?);
    }
    Ok(())
}

/// Finds words as the server does, with this model.
pub(crate) fn replies(stores: &StorePorts, model: Arc<dyn LanguageModel>) -> WriteReply {
    let flags = FeatureFlags::new(Arc::clone(&stores.flags), Arc::new(SystemClock));
    let compose = ComposePrompt::new(Arc::clone(&stores.prompts), Arc::clone(&stores.ai_profiles));
    WriteReply {
        composer: Arc::new(PromptComposer(Arc::new(compose))),
        model,
        tools: Arc::new(Toolbox::standard(Arc::new(flags))),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(OsEntropy),
    }
}

/// Takes turns as a worker does.
pub(crate) fn turns(stores: &StorePorts, replies: Arc<WriteReply>) -> TakeTurn {
    TakeTurn {
        conversations: Arc::clone(&stores.conversations),
        tenants: Arc::clone(&stores.tenants),
        jobs: Arc::clone(&stores.jobs),
        replies,
        allowance: Arc::new(PlanAllowance {
            usage: Arc::clone(&stores.usage),
            prices: Arc::new(PriceTable::built_in()),
        }),
        clock: Arc::new(SystemClock),
        ids: Arc::new(UuidV7),
        limits: TurnLimits::default(),
    }
}

impl Measured {
    async fn open(place: &Place, tenants: usize) -> anyhow::Result<Self> {
        let stores = place.open().await?;
        let turns = turns(&stores, Arc::new(replies(&stores, Arc::new(OfflineModel))));
        let conversations = ManageConversations::new(
            Arc::clone(&stores.conversations),
            Arc::new(SystemClock),
            Arc::new(UuidV7),
        );
        let (gate, receive) = (gate(&stores), receiving(&stores));
        Ok(Self { gate, receive, turns, conversations, stores, tenants, pages: RwLock::default() })
    }

    /// In the first rounds each customer writes for the first time, and where there are so many tenants, to one that this process
    /// has not seen since it started. In those that follow, the same work is done over again for tenants that it has seen.
    async fn round(self: &Arc<Self>, round: usize) -> anyhow::Result<Findings> {
        let before = Usage::of(std::process::id())?.resident_kib;
        let operations = if round < ROUNDS {
            self.first_round(round).await?
        } else {
            self.later_round(round - ROUNDS).await?
        };
        let after = Usage::of(std::process::id())?.resident_kib;
        Ok(Findings {
            operations: operations.into_iter().map(|(name, summary)| (name.to_owned(), summary)).collect(),
            resident_kib: (before, after),
        })
    }

    async fn first_round(self: &Arc<Self>, round: usize) -> anyhow::Result<Vec<(&'static str, Summary)>> {
        let numbers = round * MESSAGES..(round + 1) * MESSAGES;
        let received = Arc::clone(self).repeat(numbers, Self::receive_first).await?;
        let (_, turned) = self.take_turns().await?;
        Ok(vec![("receive, at first", received), ("turn, at first", turned)])
    }

    async fn later_round(self: &Arc<Self>, round: usize) -> anyhow::Result<Vec<(&'static str, Summary)>> {
        let of_round = |count: usize| round * count..(round + 1) * count;
        let received = Arc::clone(self).repeat(of_round(MESSAGES), Self::receive_next).await?;
        let (claimed, turned) = self.take_turns().await?;
        self.find_pages().await?;
        let listed = Arc::clone(self).repeat(of_round(LISTED), Self::list).await?;
        Ok(vec![
            ("receive, tenants far apart", received),
            ("claim", claimed),
            ("turn", turned),
            ("list conversations", listed),
        ])
    }

    /// Does something for each of these numbers, by several callers at once.
    async fn repeat<F>(
        self: Arc<Self>,
        numbers: Range<usize>,
        once: fn(Arc<Self>, usize) -> F,
    ) -> anyhow::Result<Summary>
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        let mut tasks = JoinSet::new();
        let started = Instant::now();
        for caller in 0..CALLERS {
            let measured = Arc::clone(&self);
            let numbers = numbers.clone();
            tasks.spawn(async move {
                let mut latencies = Vec::with_capacity(numbers.len() / CALLERS + 1);
                for number in numbers.skip(caller).step_by(CALLERS) {
                    let begun = Instant::now();
                    once(Arc::clone(&measured), number).await?;
                    latencies.push(begun.elapsed());
                }
                anyhow::Ok(latencies)
            });
        }
        let mut latencies = Vec::with_capacity(numbers.len());
        while let Some(some) = tasks.join_next().await {
            latencies.extend(some.context("a caller failed")??);
        }
        Ok(Summary::new(latencies, started.elapsed()))
    }

    async fn receive_first(self: Arc<Self>, number: usize) -> anyhow::Result<()> {
        self.receive("first", number, number).await
    }

    /// Every other message comes from somebody who has written before, each time from another; the rest are new.
    async fn receive_next(self: Arc<Self>, number: usize) -> anyhow::Result<()> {
        let known = number * STRIDE % CUSTOMERS;
        let from = if number.is_multiple_of(2) { known } else { CUSTOMERS + known };
        self.receive("next", number, from).await
    }

    /// A customer writes to the same tenant always, and the next customer to one that was made at another time.
    async fn receive(&self, series: &str, number: usize, from: usize) -> anyhow::Result<()> {
        let (scope, binding) = self.tenant(from * STRIDE % self.tenants).await?;
        self.receive.receive(&scope, &binding, text(series, number, customer(1_000_000 + from)?)).await?;
        Ok(())
    }

    async fn tenant(&self, tenant: usize) -> anyhow::Result<(TenantScope, ChannelBinding)> {
        let found = self.gate.by_channel(Channel::Sms, &number_of(tenant)?, None).await?;
        found.context("no tenant has the number")
    }

    /// Finds pages to list: so many of each tenant that they are as many altogether, however many tenants there are.
    async fn find_pages(&self) -> anyhow::Result<()> {
        let tenants = with_history(self.tenants);
        let mut pages = Vec::new();
        for tenant in 0..tenants {
            let mut after = None;
            for _ in 0..PAGES / tenants {
                pages.push((tenant, after));
                after = self.page(tenant, after).await?;
            }
        }
        *self.pages.write().unwrap_or_else(PoisonError::into_inner) = pages;
        Ok(())
    }

    async fn list(self: Arc<Self>, number: usize) -> anyhow::Result<()> {
        let page = {
            let pages = self.pages.read().unwrap_or_else(PoisonError::into_inner);
            pages.get(number * STRIDE % PAGES).copied()
        };
        let (tenant, after) = page.context("there are fewer pages")?;
        self.page(tenant, after).await?;
        Ok(())
    }

    async fn page(&self, tenant: usize, after: Option<Cursor>) -> anyhow::Result<Option<Cursor>> {
        let (scope, _) = self.tenant(tenant).await?;
        let page = PageRequest::new(PAGE, after).context("a page")?;
        let found = self.conversations.list(&scope, &ConversationFilter::default(), &page).await?;
        ensure!(found.items.len() == usize::from(PAGE), "the page is not full");
        Ok(found.next)
    }

    /// Claims and answers as a worker does, and times the two apart.
    async fn take_turns(self: &Arc<Self>) -> anyhow::Result<(Summary, Summary)> {
        let platform = self.gate.system();
        let (mut claiming, mut turning) = (Vec::new(), Vec::new());
        let (mut claimed_in, mut turned_in) = (Duration::ZERO, Duration::ZERO);
        while turning.len() < MESSAGES {
            let begun = Instant::now();
            let claims = self.stores.jobs.claim(&platform, SystemClock.now(), LEASE, CLAIMED).await?.claims;
            claiming.push(begun.elapsed());
            claimed_in += begun.elapsed();
            ensure!(claims.len() == usize::from(CLAIMED), "the queue is empty");
            let begun = Instant::now();
            turning.extend(self.take(claims).await?);
            turned_in += begun.elapsed();
        }
        let claimed = claiming.len() * usize::from(CLAIMED);
        Ok((Summary::of_batches(claimed, claiming, claimed_in), Summary::new(turning, turned_in)))
    }

    async fn take(self: &Arc<Self>, claims: Vec<Claim>) -> anyhow::Result<Vec<Duration>> {
        let mut tasks = JoinSet::new();
        for claim in claims {
            let measured = Arc::clone(self);
            tasks.spawn(async move {
                ensure!(claim.kind == JobKind::Turn, "this is no turn");
                let begun = Instant::now();
                let result = measured.turns.take(&claim).await?;
                ensure!(matches!(result, TurnResult::Committed(_)), "{result:?}");
                Ok(begun.elapsed())
            });
        }
        tasks.join_all().await.into_iter().collect()
    }
}
