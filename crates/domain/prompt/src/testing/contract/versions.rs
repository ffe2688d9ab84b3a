//! What a store of prompts must do with drafts and lists.

use std::sync::Arc;

use tenancy::{AuditAction, AuditFilter, testing::platform};
use tokio::task::JoinSet;

use super::checks::{
    assert_conflict, assert_duplicate, drafted, found, of_the_platform, published, published_base, recorded,
    tried, walk,
};
use crate::{
    NewDraft, PromptChannel, PromptOwner, PromptVersion, Publication, VersionStatus, VersionStep,
    testing::{PromptStores, at, content, draft},
};

pub async fn a_draft_is_found_as_it_was_written(stores: &PromptStores) {
    let owner = PromptOwner::Tenant(stores.tenant.tenant_id());
    for (number, channel) in [(1, PromptChannel::All), (2, PromptChannel::WhatsApp)] {
        let written = drafted(stores, &stores.tenant, number, channel).await;
        assert_eq!(written, PromptVersion::draft(owner, 1, draft(number, channel)));
        assert_eq!(found(stores, &stores.tenant, &written).await, written);
    }
    let base = stores.prompts.insert_base(&stores.platform, &draft(3, PromptChannel::Sms)).await.unwrap();
    assert_eq!(base, PromptVersion::draft(PromptOwner::Platform, 1, draft(3, PromptChannel::Sms)));
    assert_eq!(stores.prompts.find_base(&stores.platform, base.id()).await.unwrap(), Some(base));
}

pub async fn numbers_rise_for_each_owner_and_channel(stores: &PromptStores) {
    for (number, expected) in [(1, 1), (2, 2), (3, 3)] {
        assert_eq!(drafted(stores, &stores.tenant, number, PromptChannel::Sms).await.number(), expected);
    }
    assert_eq!(drafted(stores, &stores.tenant, 4, PromptChannel::Voice).await.number(), 1);
    assert_eq!(drafted(stores, &stores.other, 5, PromptChannel::Sms).await.number(), 1);
    let base = async |number| {
        let draft = draft(number, PromptChannel::Sms);
        stores.prompts.insert_base(&stores.platform, &draft).await.unwrap().number()
    };
    assert_eq!((base(6).await, base(7).await), (1, 2));
}

pub async fn drafts_that_come_at_once_get_numbers_of_their_own(stores: &PromptStores) {
    let mut tasks = JoinSet::new();
    for number in 1..=8 {
        let (prompts, scope) = (Arc::clone(&stores.prompts), stores.tenant.clone());
        tasks.spawn(async move {
            prompts.insert(&scope, &draft(number, PromptChannel::All)).await.unwrap().number()
        });
    }
    let mut numbers = tasks.join_all().await;
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=8).collect::<Vec<_>>());
}

pub async fn an_id_that_exists_is_a_duplicate(stores: &PromptStores) {
    let first = drafted(stores, &stores.tenant, 1, PromptChannel::Sms).await;
    let again = NewDraft { id: first.id(), ..draft(2, PromptChannel::Voice) };
    assert_duplicate(&stores.prompts.insert(&stores.tenant, &again).await);
    assert_eq!(found(stores, &stores.tenant, &first).await, first);
}

pub async fn a_save_of_a_draft_is_found_and_raises_the_revision(stores: &PromptStores) {
    let mut version = drafted(stores, &stores.tenant, 1, PromptChannel::Sms).await;
    version.edit(content(&[("other", 3, "Else")], None), "another".into(), at(9)).unwrap();
    stores.prompts.save(&stores.tenant, &version, VersionStep::Edited).await.unwrap();
    version = version.saved();
    assert_eq!(found(stores, &stores.tenant, &version).await, version);
    version.submit(at(10)).unwrap();
    stores.prompts.save(&stores.tenant, &version, VersionStep::Submitted).await.unwrap();
    version = version.saved();
    assert_eq!((version.status(), version.revision()), (VersionStatus::Testing, 2));
    assert_eq!(found(stores, &stores.tenant, &version).await, version);
}

pub async fn a_stale_save_conflicts_and_changes_nothing(stores: &PromptStores) {
    let read = drafted(stores, &stores.tenant, 1, PromptChannel::Sms).await;
    let mut first = read.clone();
    first.edit(content(&[("a", 1, "first")], None), String::new(), at(9)).unwrap();
    stores.prompts.save(&stores.tenant, &first, VersionStep::Edited).await.unwrap();
    let mut second = read;
    second.edit(content(&[("a", 1, "second")], None), String::new(), at(9)).unwrap();
    assert_conflict(&stores.prompts.save(&stores.tenant, &second, VersionStep::Edited).await);
    assert_eq!(found(stores, &stores.tenant, &first).await, first.saved());
}

pub async fn what_is_no_draft_is_not_saved(stores: &PromptStores) {
    let kept = tried(stores, &stores.tenant, 1, PromptChannel::Sms).await;
    let mut forged = kept.stored().clone();
    forged.content = content(&[("a", 1, "forged")], None);
    let forged = PromptVersion::from_stored(forged);
    assert_conflict(&stores.prompts.save(&stores.tenant, &forged, VersionStep::Edited).await);
    let mut published = forged;
    published.publish(at(300)).unwrap();
    stores.prompts.publish(&stores.tenant, &published, Publication::Published).await.unwrap();
    assert_eq!(found(stores, &stores.tenant, &kept).await.content(), kept.content());
}

pub async fn pages_walk_every_version_once_newest_first(stores: &PromptStores) {
    let mut written = Vec::new();
    for (number, channel) in
        [(3, PromptChannel::Sms), (1, PromptChannel::Sms), (2, PromptChannel::All), (4, PromptChannel::Sms)]
    {
        written.push(drafted(stores, &stores.tenant, number, channel).await.summary());
    }
    drafted(stores, &stores.other, 5, PromptChannel::Sms).await;
    stores.prompts.insert_base(&stores.platform, &draft(6, PromptChannel::Sms)).await.unwrap();
    written.sort_by_key(|version| std::cmp::Reverse((version.created_at, version.id)));
    let list = async |page| stores.prompts.list(&stores.tenant, None, &page).await;
    assert_eq!(walk(list).await, written);
    written.retain(|version| version.channel == PromptChannel::Sms);
    let sms = async |page| stores.prompts.list(&stores.tenant, Some(PromptChannel::Sms), &page).await;
    assert_eq!(walk(sms).await, written);
    let base = async |page| stores.prompts.list_base(&stores.platform, None, &page).await;
    assert_eq!(walk(base).await.len(), 1);
}

pub async fn every_change_leaves_its_line(stores: &PromptStores) {
    let mut first = drafted(stores, &stores.tenant, 1, PromptChannel::Sms).await;
    first.edit(content(&[], None), String::new(), at(50)).unwrap();
    stores.prompts.save(&stores.tenant, &first, VersionStep::Edited).await.unwrap();
    first = first.saved();
    assert_conflict(&stores.prompts.publish(&stores.tenant, &first, Publication::Published).await);
    first.submit(at(51)).unwrap();
    stores.prompts.save(&stores.tenant, &first, VersionStep::Submitted).await.unwrap();
    first = first.saved();
    first.publish(at(52)).unwrap();
    stores.prompts.publish(&stores.tenant, &first, Publication::Published).await.unwrap();
    let second = published(stores, &stores.tenant, 60, PromptChannel::Sms).await;
    let mut first = found(stores, &stores.tenant, &first).await;
    first.roll_back(at(500)).unwrap();
    stores.prompts.publish(&stores.tenant, &first, Publication::RolledBack).await.unwrap();
    let (one, other) = (first.id().to_string(), second.id().to_string());
    let mut lines = recorded(stores, &stores.tenant).await;
    let mut expected = vec![
        (AuditAction::PromptDrafted, one.clone()),
        (AuditAction::PromptEdited, one.clone()),
        (AuditAction::PromptSubmitted, one.clone()),
        (AuditAction::PromptPublished, one.clone()),
        (AuditAction::PromptDrafted, other.clone()),
        (AuditAction::PromptSubmitted, other.clone()),
        (AuditAction::PromptPublished, other),
        (AuditAction::PromptRolledBack, one),
    ];
    let key = |(action, id): &(AuditAction, String)| (action.as_str(), id.clone());
    lines.sort_by_key(key);
    expected.sort_by_key(key);
    assert_eq!(lines, expected);
}

pub async fn every_change_of_the_platforms_prompts_is_in_its_log_and_in_no_tenants(stores: &PromptStores) {
    let prompts = &stores.prompts;
    let mut first = prompts.insert_base(&stores.platform, &draft(1, PromptChannel::All)).await.unwrap();
    first.edit(content(&[], None), String::new(), at(50)).unwrap();
    prompts.save_base(&stores.platform, &first, VersionStep::Edited).await.unwrap();
    first = first.saved();
    first.submit(at(51)).unwrap();
    prompts.save_base(&stores.platform, &first, VersionStep::Submitted).await.unwrap();
    first = first.saved();
    first.publish(at(52)).unwrap();
    prompts.publish_base(&stores.platform, &first, Publication::Published).await.unwrap();
    published_base(stores, 60, PromptChannel::All).await;
    let mut first = prompts.find_base(&stores.platform, first.id()).await.unwrap().unwrap();
    first.roll_back(at(500)).unwrap();
    prompts.publish_base(&stores.platform, &first, Publication::RolledBack).await.unwrap();
    assert_conflict(&prompts.publish_base(&stores.platform, &first, Publication::RolledBack).await);
    let filter = AuditFilter { resource_id: Some(first.id().to_string()), ..AuditFilter::default() };
    let lines = of_the_platform(stores, &filter).await;
    let actor = stores.platform.actor().to_string();
    let expected = [
        (AuditAction::PromptDrafted, first.stored().created_at),
        (AuditAction::PromptEdited, at(50)),
        (AuditAction::PromptSubmitted, at(51)),
        (AuditAction::PromptPublished, at(52)),
        (AuditAction::PromptRolledBack, at(500)),
    ];
    let found: Vec<_> =
        lines.iter().map(|line| (AuditAction::from_name(&line.action).unwrap(), line.at)).collect();
    assert_eq!(found, expected);
    assert!(lines.iter().all(|line| line.actor == actor), "{lines:?}");
    assert_eq!(of_the_platform(stores, &AuditFilter::default()).await.len(), expected.len() + 3);
    for scope in [&stores.tenant, &stores.other] {
        assert_eq!(recorded(stores, scope).await, []);
    }
}

pub async fn what_changes_nothing_of_the_platforms_prompts_leaves_no_line(stores: &PromptStores) {
    let base = published_base(stores, 1, PromptChannel::All).await;
    let before = of_the_platform(stores, &AuditFilter::default()).await;
    assert_duplicate(&stores.prompts.insert_base(&stores.platform, &draft(1, PromptChannel::All)).await);
    assert_conflict(&stores.prompts.save_base(&stores.platform, &base, VersionStep::Edited).await);
    let publication = stores.prompts.publish_base(&stores.platform, &base, Publication::Published).await;
    assert_conflict(&publication);
    assert_eq!(of_the_platform(stores, &AuditFilter::default()).await, before);
}

pub async fn what_the_server_does_to_the_platforms_prompts_leaves_no_line(stores: &PromptStores) {
    stores.prompts.insert_base(&platform(), &draft(1, PromptChannel::All)).await.unwrap();
    assert_eq!(of_the_platform(stores, &AuditFilter::default()).await, []);
}
