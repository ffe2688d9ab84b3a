//! What is published or made the default in one process is what turns in the other go by.

use std::{sync::Arc, time::Duration};

use caches::{CacheLimits, CachedAiProfileStore, CachedPromptStore};
use kernel::PromptVersionId;
use prompt::{
    AiProfile, AiProfileStore, PromptChannel, PromptStore, PromptVersion, Publication, VersionStep,
    testing::{PromptStores, at, draft, profile},
};
use tenancy::{Invalidations, PlatformScope, TenantScope};

use crate::support::{RedisServer, client, eventually, heard, listen, running};

/// The cached stores of one process, before a database that all share.
struct Process {
    prompts: CachedPromptStore,
    profiles: CachedAiProfileStore,
    invalidations: Arc<dyn Invalidations>,
}

/// Starts two processes that hear each other. Nothing is forgotten by itself within a test.
async fn two_processes(server: &RedisServer) -> ([Process; 2], PromptStores) {
    let database = PromptStores::memory();
    let hour = Duration::from_secs(3600);
    let limits = CacheLimits { known_for: hour, unknown_for: hour, ..CacheLimits::default() };
    let processes = [1, 2].map(|number| {
        let invalidations = listen(&client(server.url()), number);
        Process {
            prompts: CachedPromptStore::new(Arc::clone(&database.prompts), &invalidations, limits),
            profiles: CachedAiProfileStore::new(Arc::clone(&database.profiles), &invalidations, limits),
            invalidations,
        }
    });
    for process in &processes {
        heard(&process.invalidations).await;
    }
    (processes, database)
}

/// Publishes a new version of the tenant.
async fn publish(store: &dyn PromptStore, scope: &TenantScope, number: u32) -> PromptVersion {
    let mut version = store.insert(scope, &draft(number, PromptChannel::Sms)).await.unwrap();
    version.submit(at(100)).unwrap();
    store.save(scope, &version, VersionStep::Submitted).await.unwrap();
    version = version.saved();
    version.publish(at(200)).unwrap();
    store.publish(scope, &version, Publication::Published).await.unwrap();
    version.saved()
}

/// Publishes a new version of the platform.
async fn publish_base(store: &dyn PromptStore, platform: &PlatformScope, number: u32) -> PromptVersion {
    let mut version = store.insert_base(platform, &draft(number, PromptChannel::All)).await.unwrap();
    version.submit(at(100)).unwrap();
    store.save_base(platform, &version, VersionStep::Submitted).await.unwrap();
    version = version.saved();
    version.publish(at(200)).unwrap();
    store.publish_base(platform, &version, Publication::Published).await.unwrap();
    version.saved()
}

/// Returns what a tenant's text messages go by: the platform's version and the tenant's own.
async fn seen(process: &Process, scope: &TenantScope) -> [Option<PromptVersionId>; 2] {
    let found = process.prompts.find_production(scope, PromptChannel::Sms).await.unwrap();
    [found.base_all, found.tenant_channel].map(|version| version.map(|version| version.id()))
}

#[tokio::test]
async fn what_is_published_and_rolled_back_is_so_in_the_other_process() {
    let server = running();
    let ([one, other], database) = two_processes(&server).await;
    let ours = &database.tenant;
    assert_eq!(seen(&other, ours).await, [None, None]);
    let first = publish(&one.prompts, ours, 1).await;
    eventually("the first is used", || async { seen(&other, ours).await[1] == Some(first.id()) }).await;
    let second = publish(&one.prompts, ours, 2).await;
    eventually("the second is used", || async { seen(&other, ours).await[1] == Some(second.id()) }).await;
    let mut first = one.prompts.find(ours, first.id()).await.unwrap().unwrap();
    first.roll_back(at(300)).unwrap();
    one.prompts.publish(ours, &first, Publication::RolledBack).await.unwrap();
    eventually("the first is used again", || async { seen(&other, ours).await[1] == Some(first.id()) }).await;
}

#[tokio::test]
async fn what_the_platform_publishes_is_so_for_every_tenant_of_the_other_process() {
    let server = running();
    let ([one, other], database) = two_processes(&server).await;
    let ours = publish(&one.prompts, &database.tenant, 1).await;
    eventually("ours is used", || async { seen(&other, &database.tenant).await == [None, Some(ours.id())] })
        .await;
    assert_eq!(seen(&other, &database.other).await, [None, None]);
    let base = publish_base(&one.prompts, &database.platform, 2).await;
    for scope in [&database.tenant, &database.other] {
        eventually("the base is used", || async { seen(&other, scope).await[0] == Some(base.id()) }).await;
    }
}

#[tokio::test]
async fn what_is_in_production_is_kept_until_somebody_says_that_it_has_changed() {
    let server = running();
    let ([one, other], database) = two_processes(&server).await;
    assert_eq!(seen(&other, &database.tenant).await, [None, None]);
    // Behind the back of both.
    let quiet = publish(&*database.prompts, &database.tenant, 1).await;
    assert_eq!(seen(&other, &database.tenant).await, [None, None]);
    // Drafts are no news, and another tenant's publication is not ours.
    one.prompts.insert(&database.tenant, &draft(2, PromptChannel::Sms)).await.unwrap();
    let theirs = publish(&other.prompts, &database.other, 3).await;
    eventually("theirs is used", || async { seen(&other, &database.other).await[1] == Some(theirs.id()) })
        .await;
    assert_eq!(seen(&other, &database.tenant).await, [None, None]);
    let loud = publish(&one.prompts, &database.tenant, 4).await;
    assert_ne!(loud.id(), quiet.id());
    eventually("it is used", || async { seen(&other, &database.tenant).await[1] == Some(loud.id()) }).await;
}

#[tokio::test]
async fn a_profile_that_is_made_the_default_or_changed_is_so_in_the_other_process() {
    let server = running();
    let ([one, other], database) = two_processes(&server).await;
    let ours = &database.tenant;
    let found = || async { other.profiles.find_default(ours).await.unwrap() };
    assert_eq!(found().await, None);
    let first = AiProfile { is_default: true, ..profile(ours, 1) };
    one.profiles.insert(ours, &first).await.unwrap();
    eventually("the first is the default", || async { found().await.as_ref() == Some(&first) }).await;
    let renamed = AiProfile { name: "Else".into(), ..first };
    one.profiles.save(ours, &renamed, at(9)).await.unwrap();
    eventually("it is renamed", || async { found().await.unwrap().name == "Else" }).await;
}
