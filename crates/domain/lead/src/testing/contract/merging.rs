//! What a store must do with leads that become one, come apart again, or go.

use kernel::{PageRequest, StoreError};

use super::stores::{LeadStores, inserting, updating};
use crate::{FactSource, Field, Identity, Lead, LeadChange, LeadFilter, LeadStatus, Tag, testing::Samples};

async fn two_leads(stores: &LeadStores, samples: &Samples) -> (Lead, Lead) {
    let one = stores.insert(samples.lead(&stores.tenant, "+15551230000", "Ann")).await;
    let mut other = samples.lead(&stores.tenant, "+15551230001", "Bob");
    other.tag(vip()).unwrap();
    (one, stores.insert(other).await)
}

fn vip() -> Tag {
    Tag::parse("vip").unwrap()
}

async fn merged(stores: &LeadStores, samples: &Samples) -> (Lead, Lead) {
    let (mut one, mut other) = two_leads(stores, samples).await;
    one.absorb(&mut other, samples.tick()).unwrap();
    stores.leads.save(&stores.tenant, &updating(&[&one, &other])).await.unwrap();
    (one.saved(), other.saved())
}

async fn owner(stores: &LeadStores, phone: &str) -> Option<Lead> {
    let identity = Identity::read(phone).unwrap();
    stores.leads.find_by_identity(&stores.tenant, &identity).await.unwrap()
}

pub async fn a_merged_lead_is_not_recognised_and_the_other_is(stores: &LeadStores) {
    let samples = Samples::default();
    let (one, other) = merged(stores, &samples).await;
    assert_eq!(owner(stores, "+15551230001").await, Some(one.clone()));
    assert_eq!(stores.found(&other).await, other);
    for conversation in one.conversations() {
        let found = stores.leads.find_by_conversation(&stores.tenant, conversation).await.unwrap();
        assert_eq!(found.as_ref(), Some(&one));
    }
    let filter = LeadFilter { tag: Some(vip()), ..LeadFilter::default() };
    let listed = stores.leads.list(&stores.tenant, &filter, &PageRequest::default()).await.unwrap();
    assert_eq!(listed.items, [one]);
}

pub async fn a_merge_that_is_taken_back_restores_both(stores: &LeadStores) {
    let samples = Samples::default();
    let (mut one, mut other) = merged(stores, &samples).await;
    one.learn([samples.fact(Field::Need, "a new tap", FactSource::Model)]);
    one.release(&mut other, samples.tick()).unwrap();
    stores.leads.save(&stores.tenant, &updating(&[&one, &other])).await.unwrap();
    let (one, other) = (one.saved(), other.saved());
    assert_eq!(owner(stores, "+15551230000").await, Some(one.clone()));
    assert_eq!(owner(stores, "+15551230001").await, Some(other.clone()));
    assert_eq!(one.value(Field::Need).as_deref(), Some("a new tap"));
    let listed = stores.leads.list(&stores.tenant, &LeadFilter::default(), &PageRequest::default()).await;
    assert_eq!(listed.unwrap().items, [other, one]);
}

pub async fn of_two_merges_at_once_one_conflicts(stores: &LeadStores) {
    let samples = Samples::default();
    let (one, other) = two_leads(stores, &samples).await;
    let at = samples.tick();
    let (mut left, mut into_left) = (one.clone(), other.clone());
    left.absorb(&mut into_left, at).unwrap();
    let (mut right, mut into_right) = (other, one);
    right.absorb(&mut into_right, at).unwrap();
    let (left, right) = (updating(&[&left, &into_left]), updating(&[&right, &into_right]));
    let (left, right) =
        tokio::join!(stores.leads.save(&stores.tenant, &left), stores.leads.save(&stores.tenant, &right));
    assert!(left.is_ok() != right.is_ok(), "{left:?} {right:?}");
    let listed = stores.leads.list(&stores.tenant, &LeadFilter::default(), &PageRequest::default()).await;
    assert_eq!(listed.unwrap().items.len(), 1);
}

pub async fn a_deleted_lead_leaves_a_tombstone(stores: &LeadStores) {
    let samples = Samples::default();
    let mut lead = stores.insert(samples.lead(&stores.tenant, "+15551230000", "Ann")).await;
    let conversation = lead.conversation_id().unwrap();
    lead.bury(samples.tick());
    let buried = stores.update(lead).await;
    let stone = stores.found(&buried).await;
    assert_eq!(stone, buried);
    assert_eq!((stone.facts().iter().count(), stone.status()), (0, LeadStatus::New));
    assert_eq!(owner(stores, "+15551230000").await, None);
    let found = stores.leads.find_by_conversation(&stores.tenant, conversation).await.unwrap();
    assert_eq!(found.as_ref(), Some(&stone), "a conversation remembers that it had a lead");
    let mut next = samples.lead(&stores.tenant, "+15551230000", "Ann");
    next.join(conversation);
    let mut left = stone;
    let both = |left: &Lead| LeadChange { updates: vec![left.clone()], ..inserting(&[&next]) };
    let taken = stores.leads.save(&stores.tenant, &both(&left)).await;
    assert!(matches!(taken, Err(StoreError::Duplicate)), "{taken:?}");
    left.leave(conversation);
    stores.leads.save(&stores.tenant, &both(&left)).await.unwrap();
    let found = stores.leads.find_by_conversation(&stores.tenant, conversation).await.unwrap();
    assert_eq!(found, Some(next));
}
