//! What a store of prompts must keep apart.

use kernel::PageRequest;

use super::checks::{assert_conflict, drafted, found, tried};
use crate::{
    PromptChannel, Publication, VersionStep,
    testing::{PromptStores, at, content, draft},
};

pub async fn versions_of_another_tenant_are_out_of_reach(stores: &PromptStores) {
    let theirs = drafted(stores, &stores.other, 1, PromptChannel::Sms).await;
    let tested = tried(stores, &stores.other, 2, PromptChannel::Sms).await;
    assert_eq!(stores.prompts.find(&stores.tenant, theirs.id()).await.unwrap(), None);
    let page = PageRequest::default();
    assert_eq!(stores.prompts.list(&stores.tenant, None, &page).await.unwrap().items, []);
    let mut edited = theirs.clone();
    edited.edit(content(&[], None), String::new(), at(9)).unwrap();
    assert_conflict(&stores.prompts.save(&stores.tenant, &edited, VersionStep::Edited).await);
    let mut published = tested.clone();
    published.publish(at(9)).unwrap();
    assert_conflict(&stores.prompts.publish(&stores.tenant, &published, Publication::Published).await);
    assert_eq!(stores.prompts.find_base(&stores.platform, theirs.id()).await.unwrap(), None);
    assert_conflict(&stores.prompts.save_base(&stores.platform, &edited, VersionStep::Edited).await);
    assert_eq!(found(stores, &stores.other, &theirs).await, theirs);
    assert_eq!(found(stores, &stores.other, &tested).await, tested);
}

pub async fn the_platforms_versions_are_no_tenants(stores: &PromptStores) {
    let base = stores.prompts.insert_base(&stores.platform, &draft(1, PromptChannel::Sms)).await.unwrap();
    assert_eq!(stores.prompts.find(&stores.tenant, base.id()).await.unwrap(), None);
    let page = PageRequest::default();
    assert_eq!(stores.prompts.list(&stores.tenant, None, &page).await.unwrap().items, []);
    let mut edited = base.clone();
    edited.edit(content(&[], None), String::new(), at(9)).unwrap();
    assert_conflict(&stores.prompts.save(&stores.tenant, &edited, VersionStep::Edited).await);
    assert_eq!(stores.prompts.find_base(&stores.platform, base.id()).await.unwrap(), Some(base));
}
