//! That tenants' leads never meet: what is another's is like what does not exist.

use kernel::{EventId, PageRequest};

use super::{
    saving::assert_conflict,
    stores::{LeadStores, inserting, updating},
};
use crate::{Identity, Lead, LeadChange, LeadFilter, testing::Samples};

pub async fn leads_of_another_tenant_are_out_of_reach(stores: &LeadStores) {
    let samples = Samples::default();
    let ours = stores.insert(samples.lead(&stores.tenant, "+15551230000", "Ann")).await;
    let (store, other) = (&stores.leads, &stores.other);
    let phone = Identity::read("+15551230000").unwrap();
    assert_eq!(store.find(other, ours.id()).await.unwrap(), None);
    assert_eq!(store.find_by_identity(other, &phone).await.unwrap(), None);
    let conversation = ours.conversation_id().unwrap();
    assert_eq!(store.find_by_conversation(other, conversation).await.unwrap(), None);
    let listed = store.list(other, &LeadFilter::default(), &PageRequest::default()).await.unwrap();
    assert_eq!(listed.items, []);
    assert_conflict(&store.save(other, &updating(&[&ours])).await);
    let taken = Lead { tenant_id: other.tenant_id(), ..ours.clone() };
    assert_conflict(&store.save(other, &updating(&[&taken])).await);
    let planted = samples.lead(&stores.tenant, "+15551230001", "Bob");
    assert_conflict(&store.save(other, &inserting(&[&planted])).await);
    assert_eq!(stores.found(&ours).await, ours);
}

pub async fn two_tenants_may_have_the_same_ids_and_identities(stores: &LeadStores) {
    let samples = Samples::default();
    let event = Some(samples.id(EventId::new));
    let ours = samples.lead(&stores.tenant, "+15551230000", "Ann");
    let theirs = Lead { tenant_id: stores.other.tenant_id(), ..ours.clone() };
    for (scope, lead) in [(&stores.tenant, &ours), (&stores.other, &theirs)] {
        let change = LeadChange { handled: event, ..inserting(&[lead]) };
        stores.leads.save(scope, &change).await.unwrap();
    }
    assert_eq!(stores.found(&ours).await, ours);
    assert_eq!(stores.leads.find(&stores.other, theirs.id()).await.unwrap(), Some(theirs));
}
