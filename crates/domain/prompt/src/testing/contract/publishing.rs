//! What a store of prompts must do when a version comes into production.

use kernel::StoreError;

use super::checks::{assert_conflict, drafted, found, published, published_base, tried};
use crate::{
    ProductionPrompts, PromptChannel, PromptVersion, Publication, VersionStatus,
    testing::{PromptStores, at},
};

pub async fn a_published_version_is_in_production(stores: &PromptStores) {
    let version = published(stores, &stores.tenant, 1, PromptChannel::Sms).await;
    assert_eq!(found(stores, &stores.tenant, &version).await, version);
    assert_eq!(version.stored().published_at, Some(at(201)));
    let production = stores.prompts.find_production(&stores.tenant, PromptChannel::Sms).await.unwrap();
    assert_eq!(production, ProductionPrompts { tenant_channel: Some(version), ..Default::default() });
}

pub async fn publishing_retires_the_former_one(stores: &PromptStores) {
    let mut first = published(stores, &stores.tenant, 1, PromptChannel::Sms).await;
    let second = published(stores, &stores.tenant, 2, PromptChannel::Sms).await;
    first.retire(at(202)).unwrap();
    assert_eq!(found(stores, &stores.tenant, &first).await, first.saved());
    assert_eq!(found(stores, &stores.tenant, &second).await.status(), VersionStatus::Production);
}

pub async fn a_retired_version_comes_back(stores: &PromptStores) {
    let first = published(stores, &stores.tenant, 1, PromptChannel::Sms).await;
    let second = published(stores, &stores.tenant, 2, PromptChannel::Sms).await;
    let mut first = found(stores, &stores.tenant, &first).await;
    first.roll_back(at(300)).unwrap();
    stores.prompts.publish(&stores.tenant, &first, Publication::RolledBack).await.unwrap();
    assert_eq!(found(stores, &stores.tenant, &first).await, first.saved());
    assert_eq!(found(stores, &stores.tenant, &second).await.status(), VersionStatus::Retired);
}

pub async fn only_what_is_tried_is_published_and_only_what_is_retired_rolled_back(stores: &PromptStores) {
    let draft = drafted(stores, &stores.tenant, 1, PromptChannel::Sms).await;
    let tried = tried(stores, &stores.tenant, 2, PromptChannel::Sms).await;
    let live = published(stores, &stores.tenant, 3, PromptChannel::Sms).await;
    for (version, publication) in [
        (&draft, Publication::Published),
        (&draft, Publication::RolledBack),
        (&tried, Publication::RolledBack),
        (&live, Publication::Published),
        (&live, Publication::RolledBack),
    ] {
        assert_conflict(&stores.prompts.publish(&stores.tenant, version, publication).await);
    }
    for version in [draft, tried, live] {
        assert_eq!(found(stores, &stores.tenant, &version).await, version);
    }
}

pub async fn a_stale_publication_conflicts_and_changes_nothing(stores: &PromptStores) {
    let live = published(stores, &stores.tenant, 1, PromptChannel::Sms).await;
    let tried = tried(stores, &stores.tenant, 2, PromptChannel::Sms).await;
    let mut stale = tried.stored().clone();
    stale.revision -= 1;
    let mut stale = PromptVersion::from_stored(stale);
    stale.publish(at(300)).unwrap();
    assert_conflict(&stores.prompts.publish(&stores.tenant, &stale, Publication::Published).await);
    assert_eq!(found(stores, &stores.tenant, &live).await, live);
    assert_eq!(found(stores, &stores.tenant, &tried).await, tried);
}

pub async fn of_two_publications_at_once_one_version_is_left_in_production(stores: &PromptStores) {
    for round in 0..5 {
        let mut one = tried(stores, &stores.tenant, round * 2 + 1, PromptChannel::Sms).await;
        let mut other = tried(stores, &stores.tenant, round * 2 + 2, PromptChannel::Sms).await;
        one.publish(at(300)).unwrap();
        other.publish(at(301)).unwrap();
        let (left, right) = tokio::join!(
            stores.prompts.publish(&stores.tenant, &one, Publication::Published),
            stores.prompts.publish(&stores.tenant, &other, Publication::Published)
        );
        let fits = |outcome: &Result<(), StoreError>| matches!(outcome, Ok(()) | Err(StoreError::Conflict));
        assert!(fits(&left) && fits(&right) && (left.is_ok() || right.is_ok()), "{left:?} {right:?}");
        let all = stores.prompts.list(&stores.tenant, None, &kernel::PageRequest::default()).await.unwrap();
        let live = all.items.iter().filter(|version| version.status == VersionStatus::Production).count();
        assert_eq!(live, 1, "round {round}");
    }
}

pub async fn production_is_of_both_owners_and_of_the_channel(stores: &PromptStores) {
    let base_all = published_base(stores, 1, PromptChannel::All).await;
    let base_channel = published_base(stores, 2, PromptChannel::Sms).await;
    let tenant_all = published(stores, &stores.tenant, 3, PromptChannel::All).await;
    let tenant_channel = published(stores, &stores.tenant, 4, PromptChannel::Sms).await;
    published(stores, &stores.tenant, 5, PromptChannel::Voice).await;
    tried(stores, &stores.tenant, 6, PromptChannel::Sms).await;
    let production = async |scope, channel| stores.prompts.find_production(scope, channel).await.unwrap();
    let expected = ProductionPrompts {
        base_all: Some(base_all.clone()),
        base_channel: Some(base_channel.clone()),
        tenant_all: Some(tenant_all.clone()),
        tenant_channel: Some(tenant_channel),
    };
    assert_eq!(production(&stores.tenant, PromptChannel::Sms).await, expected);
    let of_all = ProductionPrompts {
        base_all: Some(base_all.clone()),
        tenant_all: Some(tenant_all),
        ..Default::default()
    };
    assert_eq!(production(&stores.tenant, PromptChannel::All).await, of_all);
    let of_other = ProductionPrompts {
        base_all: Some(base_all),
        base_channel: Some(base_channel),
        ..Default::default()
    };
    assert_eq!(production(&stores.other, PromptChannel::Sms).await, of_other);
}

pub async fn publishing_touches_nothing_of_others(stores: &PromptStores) {
    let base = published_base(stores, 1, PromptChannel::Sms).await;
    let theirs = published(stores, &stores.other, 2, PromptChannel::Sms).await;
    let voice = published(stores, &stores.tenant, 3, PromptChannel::Voice).await;
    let all = published(stores, &stores.tenant, 4, PromptChannel::All).await;
    let draft = drafted(stores, &stores.tenant, 5, PromptChannel::Sms).await;
    published(stores, &stores.tenant, 6, PromptChannel::Sms).await;
    published(stores, &stores.tenant, 7, PromptChannel::Sms).await;
    let base_now = stores.prompts.find_base(&stores.platform, base.id()).await.unwrap();
    assert_eq!(base_now, Some(base));
    assert_eq!(found(stores, &stores.other, &theirs).await, theirs);
    for own in [voice, all, draft] {
        assert_eq!(found(stores, &stores.tenant, &own).await, own);
    }
}

pub async fn the_platforms_publishing_touches_nothing_of_tenants(stores: &PromptStores) {
    let ours = published(stores, &stores.tenant, 1, PromptChannel::Sms).await;
    let first = published_base(stores, 2, PromptChannel::Sms).await;
    published_base(stores, 3, PromptChannel::Sms).await;
    let first = stores.prompts.find_base(&stores.platform, first.id()).await.unwrap().unwrap();
    assert_eq!(first.status(), VersionStatus::Retired);
    assert_eq!(found(stores, &stores.tenant, &ours).await, ours);
}
