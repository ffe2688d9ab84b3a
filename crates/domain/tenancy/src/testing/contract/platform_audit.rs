//! What every store must leave in the platform's audit log, and what the log must show.

use kernel::PageRequest;

use super::samples::{at, tenant};
use crate::{
    AuditAction, AuditEntry, AuditFilter, SecretDigest,
    testing::{TenancyStores, operator, platform},
};

async fn lines(stores: &TenancyStores, filter: &AuditFilter) -> Vec<AuditEntry> {
    let page = PageRequest::new(200, None).unwrap();
    stores.audit.list_platform(&operator(), filter, &page).await.unwrap().items
}

async fn sign_in(stores: &TenancyStores, name: &str, seconds: i64) -> SecretDigest {
    let digest = SecretDigest::of(name);
    stores.admin_sessions.open(&operator(), &digest, at(seconds), at(1_000)).await.unwrap();
    digest
}

pub async fn the_operators_signing_in_and_out_is_in_the_platforms_log(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    let digest = sign_in(stores, "one", 1).await;
    stores.admin_sessions.open(&operator(), &digest, at(2), at(1_000)).await.unwrap_err();
    for seconds in [3, 4] {
        stores.admin_sessions.end(&operator(), &digest, at(seconds)).await.unwrap();
    }
    let found = lines(stores, &AuditFilter::default()).await;
    let shown: Vec<_> =
        found.iter().map(|line| (line.action.as_str(), line.at, line.actor.as_str())).collect();
    let expected = [
        (AuditAction::AdminSessionEnded.as_str(), at(3), "operator:key"),
        (AuditAction::AdminSessionOpened.as_str(), at(1), "operator:key"),
    ];
    assert_eq!(shown, expected);
    let id = digest.audit_id().to_string();
    assert!(found.iter().all(|line| line.resource_id == id && line.detail.is_none()), "{found:?}");
    let of_tenant = stores.audit.list(&scope, &AuditFilter::default(), &PageRequest::default()).await;
    assert_eq!(of_tenant.unwrap().items, []);
}

pub async fn what_the_server_does_by_itself_or_to_a_tenant_is_not_in_the_platforms_log(
    stores: &TenancyStores,
) {
    let digest = SecretDigest::of("one");
    stores.admin_sessions.open(&platform(), &digest, at(1), at(1_000)).await.unwrap();
    stores.admin_sessions.end(&platform(), &digest, at(2)).await.unwrap();
    let scope = operator().tenant(tenant(stores, 1).await.tenant_id());
    super::api_keys::insert(stores, &scope, 10, 1).await;
    assert_eq!(lines(stores, &AuditFilter::default()).await, []);
}

pub async fn the_platforms_lines_are_filtered_and_paged_newest_first(stores: &TenancyStores) {
    // Some at one time, so that the place in a page is by more than that.
    let digests = [sign_in(stores, "one", 1).await, sign_in(stores, "two", 1).await];
    sign_in(stores, "three", 1).await;
    stores.admin_sessions.end(&operator(), &digests[1], at(2)).await.unwrap();
    let all = lines(stores, &AuditFilter::default()).await;
    assert_eq!((all.len(), all[0].action.as_str()), (4, AuditAction::AdminSessionEnded.as_str()));
    let (mut walked, mut after) = (Vec::new(), None);
    loop {
        let page = PageRequest::new(2, after).unwrap();
        let page = stores.audit.list_platform(&operator(), &AuditFilter::default(), &page).await.unwrap();
        walked.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(walked, all);
    let opened = AuditFilter { action: Some(AuditAction::AdminSessionOpened), ..AuditFilter::default() };
    assert_eq!(lines(stores, &opened).await, all[1..]);
    let resource_id = Some(digests[1].audit_id().to_string());
    let of_one = lines(stores, &AuditFilter { resource_id, ..AuditFilter::default() }).await;
    let actions: Vec<_> = of_one.iter().map(|line| line.action.as_str()).collect();
    assert_eq!(
        actions,
        [AuditAction::AdminSessionEnded, AuditAction::AdminSessionOpened].map(AuditAction::as_str)
    );
}
