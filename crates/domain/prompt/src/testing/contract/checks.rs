//! The steps and checks that cases share.

use std::fmt::Debug;

use kernel::{Page, PageRequest, StoreError};
use tenancy::{AuditAction, AuditEntry, AuditFilter, TenantScope};

use crate::{
    PromptChannel, PromptVersion, Publication, VersionStep,
    testing::{PromptStores, at, draft},
};

/// Fails unless the outcome is a conflict.
pub(super) fn assert_conflict<T: Debug>(outcome: &Result<T, StoreError>) {
    assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
}

/// Fails unless the outcome is a duplicate.
pub(super) fn assert_duplicate<T: Debug>(outcome: &Result<T, StoreError>) {
    assert!(matches!(outcome, Err(StoreError::Duplicate)), "{outcome:?}");
}

/// Walks a list from its first page to its last.
pub(super) async fn walk<T>(list: impl AsyncFn(PageRequest) -> Result<Page<T>, StoreError>) -> Vec<T> {
    let (mut items, mut after) = (Vec::new(), None);
    for _ in 0..100 {
        let page = list(PageRequest::new(2, after).unwrap()).await.unwrap();
        assert!(page.items.len() <= 2);
        items.extend(page.items);
        after = page.next;
        if after.is_none() {
            return items;
        }
    }
    panic!("the list has no last page");
}

/// Returns what was recorded for a tenant, oldest first.
pub(super) async fn recorded(stores: &PromptStores, scope: &TenantScope) -> Vec<(AuditAction, String)> {
    let page = PageRequest::new(200, None).unwrap();
    let mut lines = stores.audit.list(scope, &AuditFilter::default(), &page).await.unwrap().items;
    lines.reverse();
    lines.into_iter().map(|line| (AuditAction::from_name(&line.action).unwrap(), line.resource_id)).collect()
}

/// Returns lines of the platform's log, oldest first.
pub(super) async fn of_the_platform(stores: &PromptStores, filter: &AuditFilter) -> Vec<AuditEntry> {
    let page = PageRequest::new(200, None).unwrap();
    let mut lines = stores.audit.list_platform(&stores.platform, filter, &page).await.unwrap().items;
    lines.reverse();
    lines
}

/// Writes a draft.
pub(super) async fn drafted(
    stores: &PromptStores,
    scope: &TenantScope,
    number: u32,
    channel: PromptChannel,
) -> PromptVersion {
    stores.prompts.insert(scope, &draft(number, channel)).await.unwrap()
}

/// Writes a version that is being tried.
pub(super) async fn tried(
    stores: &PromptStores,
    scope: &TenantScope,
    number: u32,
    channel: PromptChannel,
) -> PromptVersion {
    let mut version = drafted(stores, scope, number, channel).await;
    version.submit(at(100)).unwrap();
    stores.prompts.save(scope, &version, VersionStep::Submitted).await.unwrap();
    version.saved()
}

/// Writes a version that is in production.
pub(super) async fn published(
    stores: &PromptStores,
    scope: &TenantScope,
    number: u32,
    channel: PromptChannel,
) -> PromptVersion {
    let mut version = tried(stores, scope, number, channel).await;
    version.publish(at(200 + i64::from(number))).unwrap();
    stores.prompts.publish(scope, &version, Publication::Published).await.unwrap();
    version.saved()
}

/// Writes a version of the platform's that is in production.
pub(super) async fn published_base(
    stores: &PromptStores,
    number: u32,
    channel: PromptChannel,
) -> PromptVersion {
    let mut version = stores.prompts.insert_base(&stores.platform, &draft(number, channel)).await.unwrap();
    version.submit(at(100)).unwrap();
    stores.prompts.save_base(&stores.platform, &version, VersionStep::Submitted).await.unwrap();
    version = version.saved();
    version.publish(at(200 + i64::from(number))).unwrap();
    stores.prompts.publish_base(&stores.platform, &version, Publication::Published).await.unwrap();
    version.saved()
}

/// Reads a version again.
pub(super) async fn found(
    stores: &PromptStores,
    scope: &TenantScope,
    version: &PromptVersion,
) -> PromptVersion {
    stores.prompts.find(scope, version.id()).await.unwrap().unwrap()
}
