//! What is kept in a process that writes to a file with others: word of their changes is in the file itself.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, also in what makes its stores")]

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use caches::{
    CacheLimits, CachedAiProfileStore, CachedChannelStore, CachedCredentialStore, CachedFlagStore,
    CachedPromptStore, CachedTenantStore,
};
use diesel::{
    Connection as _, RunQueryDsl as _, SqliteConnection, connection::SimpleConnection as _, sql_query,
};
use kernel::{Clock as _, TenantId, testing::ManualClock};
use prompt::testing::PromptStores;
use sqlite::Stores;
use tenancy::{
    BusinessProfile, Invalidations, Plan, Tenant, TenantStatus, TenantStore,
    testing::{TenancyStores, platform},
};

mod prompts;
mod support;

/// How long another process's change may take to be noticed, on a machine that does other things besides.
const PATIENCE: Duration = Duration::from_secs(10);
const HOUR: Duration = Duration::from_secs(3_600);

/// Nothing is forgotten by itself within a test.
const LIMITS: CacheLimits = CacheLimits { entries: 100, known_for: HOUR, unknown_for: HOUR };

/// A process with a cache.
struct Process {
    stores: Stores,
    cached: CachedTenantStore,
    changes: Arc<dyn Invalidations>,
}

impl Process {
    async fn start(path: &Path) -> Self {
        let stores = Stores::open(path, support::vault()).unwrap();
        let changes = heard(&stores).await;
        let cached = CachedTenantStore::new(Arc::new(stores.clone()), &changes, LIMITS);
        Self { stores, cached, changes }
    }

    async fn add(&self, name: &str) -> Tenant {
        let id = TenantId::new(uuid::Uuid::now_v7());
        let tenant = Tenant::create(id, name, Plan::Starter, ManualClock::default().now()).unwrap();
        TenantStore::insert(&self.cached, &platform(), &tenant, &BusinessProfile::default()).await.unwrap();
        tenant
    }

    async fn status(&self, tenant: &Tenant) -> TenantStatus {
        self.cached.find(&platform(), tenant.id()).await.unwrap().unwrap().status()
    }

    async fn suspend(&self, tenant: &Tenant) {
        let mut tenant = tenant.clone();
        tenant.set_status(TenantStatus::Suspended).unwrap();
        self.cached.save(&platform(), &tenant, ManualClock::default().now()).await.unwrap();
    }
}

async fn heard(stores: &Stores) -> Arc<dyn Invalidations> {
    let changes = stores.watch_changes();
    let until = Instant::now() + PATIENCE;
    while !changes.is_heard() {
        assert!(Instant::now() < until, "nothing is heard");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    changes
}

/// Changes a status so that nobody is told: by the very connection that also counts others' commits.
async fn suspend_untold(stores: &Stores, tenant: &Tenant) {
    let mut tenant = tenant.clone();
    tenant.set_status(TenantStatus::Suspended).unwrap();
    TenantStore::save(stores, &platform(), &tenant, ManualClock::default().now()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_this_process_changes_is_forgotten_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start(&folder.path().join("cheetah.db")).await;
    let tenant = process.add("Somebody").await;
    assert_eq!(process.status(&tenant).await, TenantStatus::Active);
    process.suspend(&tenant).await;
    assert_eq!(process.status(&tenant).await, TenantStatus::Suspended);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_process_changes_is_soon_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cheetah.db");
    let (one, other) = (Process::start(&path).await, Process::start(&path).await);
    let tenant = one.add("Somebody").await;
    let until = Instant::now() + PATIENCE;
    assert_eq!(other.status(&tenant).await, TenantStatus::Active);
    one.suspend(&tenant).await;
    while other.status(&tenant).await != TenantStatus::Suspended {
        assert!(Instant::now() < until, "the change is not noticed");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_with_a_shell_is_another_process_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cheetah.db");
    let process = Process::start(&path).await;
    let tenant = process.add("Somebody").await;
    assert_eq!(process.status(&tenant).await, TenantStatus::Active);
    let mut shell = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    sql_query("UPDATE tenants SET status = 'suspended'").execute(&mut shell).unwrap();
    let until = Instant::now() + PATIENCE;
    while process.status(&tenant).await != TenantStatus::Suspended {
        assert!(Instant::now() < until, "the change is not noticed");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Otherwise every message would empty the caches.
#[tokio::test(flavor = "multi_thread")]
async fn what_this_process_writes_besides_lets_answers_be_kept() {
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start(&folder.path().join("cheetah.db")).await;
    let tenant = process.add("Somebody").await;
    assert_eq!(process.status(&tenant).await, TenantStatus::Active);
    suspend_untold(&process.stores, &tenant).await;
    // Longer than several questions take, and never so long that nobody listens any more.
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(process.changes.is_heard());
    assert_eq!(process.status(&tenant).await, TenantStatus::Active, "the answer was not kept");
}

/// Another process holds the file for long, and this one waits to write.
#[tokio::test(flavor = "multi_thread")]
async fn while_it_cannot_be_seen_whether_others_write_every_question_goes_to_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cheetah.db");
    let process = Arc::new(Process::start(&path).await);
    let tenant = process.add("Somebody").await;
    assert_eq!(process.status(&tenant).await, TenantStatus::Active);
    let mut shell = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    shell.batch_execute("BEGIN IMMEDIATE; UPDATE tenants SET status = 'suspended'").unwrap();
    let waiting = Arc::clone(&process);
    let waiting = tokio::spawn(async move { waiting.add("Somebody else").await });
    let until = Instant::now() + PATIENCE;
    while process.changes.is_heard() {
        assert!(Instant::now() < until, "it is heard although nobody can be asked");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(process.status(&tenant).await, TenantStatus::Active);
    shell.batch_execute("COMMIT").unwrap();
    assert_eq!(process.status(&tenant).await, TenantStatus::Suspended);
    waiting.await.unwrap();
}

async fn tenancy_stores() -> TenancyStores {
    let stores = Stores::temporary(support::vault()).unwrap();
    let (shared, changes) = (Arc::new(stores.clone()), heard(&stores).await);
    TenancyStores {
        tenants: Arc::new(CachedTenantStore::new(shared.clone(), &changes, LIMITS)),
        credentials: Arc::new(CachedCredentialStore::new(shared.clone(), &changes, LIMITS)),
        channels: Arc::new(CachedChannelStore::new(shared.clone(), &changes, LIMITS)),
        flags: Arc::new(CachedFlagStore::new(shared, &changes, LIMITS)),
        ..TenancyStores::all(&stores, Box::new(()))
    }
}

async fn prompt_stores() -> PromptStores {
    let stores = Stores::temporary(support::vault()).unwrap();
    let (shared, changes) = (Arc::new(stores.clone()), heard(&stores).await);
    PromptStores {
        prompts: Arc::new(CachedPromptStore::new(shared.clone(), &changes, LIMITS)),
        profiles: Arc::new(CachedAiProfileStore::new(shared, &changes, LIMITS)),
        ..prompts::two(&stores, Box::new(())).await
    }
}

mod tenant_store {
    tenancy::tenant_store_contract!(super::tenancy_stores().await);
}

mod credential_store {
    tenancy::credential_store_contract!(super::tenancy_stores().await);
}

mod channel_store {
    tenancy::channel_store_contract!(super::tenancy_stores().await);
}

mod flag_store {
    tenancy::flag_store_contract!(super::tenancy_stores().await);
}

mod prompt_store {
    prompt::prompt_store_contract!(super::prompt_stores().await);
}

mod ai_profile_store {
    prompt::ai_profile_store_contract!(super::prompt_stores().await);
}
