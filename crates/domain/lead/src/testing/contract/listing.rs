//! In which order leads are listed, and which of them.

use kernel::PageRequest;

use super::stores::{LeadStores, updating};
use crate::{Identity, Lead, LeadFilter, LeadSource, LeadStatus, Tag, testing::Samples};

async fn walk(stores: &LeadStores) -> Vec<Lead> {
    let (mut walked, mut after) = (Vec::new(), None);
    loop {
        let request = PageRequest::new(2, after).unwrap();
        let page = stores.leads.list(&stores.tenant, &LeadFilter::default(), &request).await.unwrap();
        walked.extend(page.items);
        after = page.next;
        if after.is_none() {
            return walked;
        }
    }
}

async fn insert_some(stores: &LeadStores, samples: &Samples, count: usize) -> Vec<Lead> {
    let mut leads = Vec::new();
    for number in 0..count {
        let lead = samples.lead(&stores.tenant, &format!("+1555123000{number}"), "Ann");
        leads.push(stores.insert(lead).await);
    }
    leads
}

async fn listed(stores: &LeadStores, filter: &LeadFilter) -> Vec<Lead> {
    stores.leads.list(&stores.tenant, filter, &PageRequest::default()).await.unwrap().items
}

pub async fn pages_walk_every_lead_once_newest_first(stores: &LeadStores) {
    let mut written = insert_some(stores, &Samples::default(), 5).await;
    written.reverse();
    assert_eq!(walk(stores).await, written);
}

pub async fn leads_of_one_moment_are_walked_once(stores: &LeadStores) {
    let samples = Samples::default();
    let at = samples.tick();
    let mut written = Vec::new();
    for number in 0..5 {
        let lead = samples.lead(&stores.tenant, &format!("+1555123000{number}"), "Ann");
        written.push(stores.insert(Lead { created_at: at, ..lead }).await);
    }
    written.sort_by_key(|lead| std::cmp::Reverse(lead.id()));
    assert_eq!(walk(stores).await, written);
}

pub async fn leads_are_filtered_by_each_condition(stores: &LeadStores) {
    let samples = Samples::default();
    insert_some(stores, &samples, 2).await;
    let mut lead = samples.lead(&stores.tenant, "+15551230009", "Bob");
    lead.source = LeadSource::WebChat;
    lead.set_status(LeadStatus::Qualified).unwrap();
    lead.tag(Tag::parse("vip").unwrap()).unwrap();
    lead.learn([samples.fact(crate::Field::Email, "bob@example.com", crate::FactSource::Supplied)]);
    let lead = stores.insert(lead).await;
    let none = LeadFilter::default;
    for filter in [
        LeadFilter { status: Some(LeadStatus::Qualified), ..none() },
        LeadFilter { tag: Some(Tag::parse("VIP").unwrap()), ..none() },
        LeadFilter { source: Some(LeadSource::WebChat), ..none() },
        LeadFilter { identity: Identity::read("+15551230009"), ..none() },
        LeadFilter { min_score: Some(lead.score().total()), ..none() },
    ] {
        assert_eq!(listed(stores, &filter).await, std::slice::from_ref(&lead), "{filter:?}");
    }
    let both = LeadFilter { status: Some(LeadStatus::New), source: Some(LeadSource::WebChat), ..none() };
    assert_eq!(listed(stores, &both).await, []);
}

pub async fn a_tag_that_is_taken_off_is_not_found(stores: &LeadStores) {
    let samples = Samples::default();
    let tag = Tag::parse("vip").unwrap();
    let mut lead = samples.lead(&stores.tenant, "+15551230000", "Ann");
    lead.tag(tag.clone()).unwrap();
    let mut lead = stores.insert(lead).await;
    assert!(lead.untag(&tag));
    stores.update(lead).await;
    let filter = LeadFilter { tag: Some(tag), ..LeadFilter::default() };
    assert_eq!(listed(stores, &filter).await, []);
}

pub async fn merged_and_deleted_leads_are_not_listed(stores: &LeadStores) {
    let samples = Samples::default();
    let mut leads = insert_some(stores, &samples, 3).await.into_iter();
    let (mut one, mut merged, mut gone) =
        (leads.next().unwrap(), leads.next().unwrap(), leads.next().unwrap());
    one.absorb(&mut merged, samples.tick()).unwrap();
    gone.bury(samples.tick());
    stores.leads.save(&stores.tenant, &updating(&[&one, &merged, &gone])).await.unwrap();
    assert_eq!(listed(stores, &LeadFilter::default()).await, [one.saved()]);
}
