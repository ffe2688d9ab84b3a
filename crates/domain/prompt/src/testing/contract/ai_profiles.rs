//! What a store of AI profiles must do.

use kernel::AiProfileId;
use tenancy::{AuditAction, TenantScope};

use super::checks::{assert_conflict, assert_duplicate, recorded, walk};
use crate::{
    AiProfile, AiRole, ModelSettings, SystemPrompt,
    testing::{PromptStores, at, id, profile},
};

async fn written(stores: &PromptStores, scope: &TenantScope, number: u32) -> AiProfile {
    let profile = profile(scope, number);
    stores.profiles.insert(scope, &profile).await.unwrap();
    profile
}

async fn written_default(stores: &PromptStores, scope: &TenantScope, number: u32) -> AiProfile {
    let profile = AiProfile { is_default: true, ..profile(scope, number) };
    stores.profiles.insert(scope, &profile).await.unwrap();
    profile
}

async fn found(stores: &PromptStores, scope: &TenantScope, id: AiProfileId) -> Option<AiProfile> {
    stores.profiles.find(scope, id).await.unwrap()
}

async fn default_of(stores: &PromptStores, scope: &TenantScope) -> Option<AiProfileId> {
    stores.profiles.find_default(scope).await.unwrap().map(|profile| profile.id)
}

pub async fn a_profile_is_found_as_it_was_written(stores: &PromptStores) {
    let profile = written(stores, &stores.tenant, 1).await;
    assert_eq!(found(stores, &stores.tenant, profile.id).await, Some(profile));
    assert_eq!(found(stores, &stores.tenant, AiProfileId::new(id(99))).await, None);
}

pub async fn what_is_not_said_stays_so(stores: &PromptStores) {
    let profile = AiProfile { settings: ModelSettings::default(), ..profile(&stores.tenant, 1) };
    stores.profiles.insert(&stores.tenant, &profile).await.unwrap();
    assert_eq!(found(stores, &stores.tenant, profile.id).await, Some(profile));
}

pub async fn a_profiles_id_that_exists_is_a_duplicate(stores: &PromptStores) {
    let first = written(stores, &stores.tenant, 1).await;
    let second = AiProfile { name: "Else".into(), ..first.clone() };
    assert_duplicate(&stores.profiles.insert(&stores.tenant, &second).await);
    assert_eq!(found(stores, &stores.tenant, first.id).await, Some(first));
}

pub async fn a_save_writes_everything_and_raises_the_version(stores: &PromptStores) {
    let before = written(stores, &stores.tenant, 1).await;
    let changed = AiProfile {
        name: "Else".into(),
        role: AiRole::Sales,
        settings: ModelSettings::default(),
        system_prompt: SystemPrompt::from_stored("Sell.".into()),
        is_default: true,
        ..before
    };
    stores.profiles.save(&stores.tenant, &changed, at(9)).await.unwrap();
    let saved = AiProfile { version: 1, ..changed };
    assert_eq!(found(stores, &stores.tenant, saved.id).await, Some(saved.clone()));
    let unset = AiProfile { is_default: false, ..saved };
    stores.profiles.save(&stores.tenant, &unset, at(10)).await.unwrap();
    assert_eq!(default_of(stores, &stores.tenant).await, None);
}

pub async fn a_stale_save_conflicts(stores: &PromptStores) {
    let read = written(stores, &stores.tenant, 1).await;
    stores.profiles.save(&stores.tenant, &read, at(9)).await.unwrap();
    let stale = AiProfile { name: "Late".into(), is_default: true, ..read.clone() };
    assert_conflict(&stores.profiles.save(&stores.tenant, &stale, at(9)).await);
    assert_eq!(found(stores, &stores.tenant, read.id).await, Some(AiProfile { version: 1, ..read }));
}

pub async fn nobody_is_the_default_until_asked(stores: &PromptStores) {
    written(stores, &stores.tenant, 1).await;
    assert_eq!(default_of(stores, &stores.tenant).await, None);
}

pub async fn a_new_default_unsets_the_former_one(stores: &PromptStores) {
    let first = written_default(stores, &stores.tenant, 1).await;
    let bystander = written(stores, &stores.tenant, 2).await;
    let second = written_default(stores, &stores.tenant, 3).await;
    assert_eq!(default_of(stores, &stores.tenant).await, Some(second.id));
    let unset = AiProfile { is_default: false, version: 1, ..first };
    assert_eq!(found(stores, &stores.tenant, unset.id).await, Some(unset));
    assert_eq!(found(stores, &stores.tenant, bystander.id).await, Some(bystander));
}

pub async fn a_saved_default_unsets_the_former_one(stores: &PromptStores) {
    let first = written_default(stores, &stores.tenant, 1).await;
    let second = written(stores, &stores.tenant, 2).await;
    let chosen = AiProfile { is_default: true, ..second };
    stores.profiles.save(&stores.tenant, &chosen, at(9)).await.unwrap();
    assert_eq!(default_of(stores, &stores.tenant).await, Some(chosen.id));
    assert_conflict(&stores.profiles.save(&stores.tenant, &first, at(9)).await);
}

pub async fn of_two_defaults_at_once_one_is_left(stores: &PromptStores) {
    for round in 0..5 {
        let one = written(stores, &stores.tenant, round * 2 + 1).await;
        let other = written(stores, &stores.tenant, round * 2 + 2).await;
        let chosen = |profile| AiProfile { is_default: true, ..profile };
        let (one, other) = (chosen(one), chosen(other));
        let (left, right) = tokio::join!(
            stores.profiles.save(&stores.tenant, &one, at(9)),
            stores.profiles.save(&stores.tenant, &other, at(9))
        );
        assert!(left.is_ok() || right.is_ok(), "{left:?} {right:?}");
        let all = walk(async |page| stores.profiles.list(&stores.tenant, &page).await).await;
        assert_eq!(all.iter().filter(|profile| profile.is_default).count(), 1, "round {round}");
    }
}

pub async fn each_tenant_has_a_default_of_its_own(stores: &PromptStores) {
    let ours = written_default(stores, &stores.tenant, 1).await;
    let theirs = written_default(stores, &stores.other, 2).await;
    assert_eq!(default_of(stores, &stores.tenant).await, Some(ours.id));
    assert_eq!(found(stores, &stores.tenant, ours.id).await, Some(ours));
    assert_eq!(default_of(stores, &stores.other).await, Some(theirs.id));
}

pub async fn pages_walk_every_profile_once_oldest_first(stores: &PromptStores) {
    let mut expected = Vec::new();
    for number in [3, 1, 5, 2, 4] {
        expected.push(written(stores, &stores.tenant, number).await);
    }
    written(stores, &stores.other, 6).await;
    expected.sort_by_key(|profile| (profile.created_at, profile.id));
    assert_eq!(walk(async |page| stores.profiles.list(&stores.tenant, &page).await).await, expected);
}

pub async fn profiles_of_another_tenant_are_out_of_reach(stores: &PromptStores) {
    let theirs = written(stores, &stores.other, 1).await;
    assert_eq!(found(stores, &stores.tenant, theirs.id).await, None);
    assert_conflict(&stores.profiles.insert(&stores.tenant, &profile(&stores.other, 2)).await);
    let changed = AiProfile { name: "Ours".into(), is_default: true, ..theirs.clone() };
    assert_conflict(&stores.profiles.save(&stores.tenant, &changed, at(9)).await);
    assert_eq!(found(stores, &stores.other, theirs.id).await, Some(theirs));
    assert_eq!(default_of(stores, &stores.tenant).await, None);
}

pub async fn every_change_leaves_its_line(stores: &PromptStores) {
    let first = written_default(stores, &stores.tenant, 1).await;
    let second = written(stores, &stores.tenant, 2).await;
    let chosen = AiProfile { is_default: true, ..second.clone() };
    stores.profiles.save(&stores.tenant, &chosen, at(9)).await.unwrap();
    assert_conflict(&stores.profiles.save(&stores.tenant, &chosen, at(10)).await);
    let expected = [
        (AuditAction::AiProfileCreated, first.id.to_string()),
        (AuditAction::AiProfileCreated, second.id.to_string()),
        (AuditAction::AiProfileChanged, second.id.to_string()),
    ];
    assert_eq!(recorded(stores, &stores.tenant).await, expected);
}
