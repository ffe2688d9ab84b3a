//! What a store must write in the audit log.

use kernel::PageRequest;
use tenancy::{AuditAction, AuditFilter};

use super::{
    saving::assert_duplicate,
    stores::{LeadStores, inserting},
};
use crate::{Lead, LeadChange, testing::Samples};

/// A change that names two lines.
fn recorded(lead: &Lead) -> LeadChange {
    let id = lead.id().uuid();
    let audit = vec![(AuditAction::LeadCreated, id), (AuditAction::LeadNoted, id)];
    LeadChange { audit, ..inserting(&[lead]) }
}

async fn lines(stores: &LeadStores, lead: &Lead) -> Vec<AuditAction> {
    let filter = AuditFilter { resource_id: Some(lead.id().to_string()), ..AuditFilter::default() };
    let page = stores.audit.list(&stores.tenant, &filter, &PageRequest::default()).await.unwrap();
    page.items.iter().map(|line| AuditAction::from_name(&line.action).unwrap()).collect()
}

pub async fn a_change_by_a_person_leaves_the_lines_that_it_names(stores: &LeadStores) {
    let lead = Samples::default().lead(&stores.tenant, "+15551230000", "Ann");
    stores.leads.save(&stores.person, &recorded(&lead)).await.unwrap();
    let mut actions = lines(stores, &lead).await;
    actions.sort_by_key(|action| action.as_str());
    assert_eq!(actions, [AuditAction::LeadCreated, AuditAction::LeadNoted]);
}

pub async fn what_the_server_does_by_itself_leaves_no_line(stores: &LeadStores) {
    let lead = Samples::default().lead(&stores.tenant, "+15551230000", "Ann");
    stores.leads.save(&stores.tenant, &recorded(&lead)).await.unwrap();
    assert_eq!(lines(stores, &lead).await, []);
}

pub async fn a_change_that_failed_leaves_no_line(stores: &LeadStores) {
    let samples = Samples::default();
    stores.insert(samples.lead(&stores.tenant, "+15551230000", "Ann")).await;
    let twin = samples.lead(&stores.tenant, "+15551230000", "Bob");
    assert_duplicate(&stores.leads.save(&stores.person, &recorded(&twin)).await);
    assert_eq!(lines(stores, &twin).await, []);
}
