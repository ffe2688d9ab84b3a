//! What a store must do with leads that are written and read.

use kernel::{ConversationId, EventId, LeadId, StoreError};
use tenancy::Actor;

use super::stores::{LeadStores, inserting, updating};
use crate::{
    Clues, FactSource, Field, Identity, Lead, LeadChange, LeadStatus, Note, Recognised, Tag, testing::Samples,
};

const PHONE: &str = "+15551230000";
const OTHER_PHONE: &str = "+15551230001";

pub async fn a_lead_is_found_as_it_was_written(stores: &LeadStores) {
    let samples = Samples::default();
    let mut lead = samples.lead(&stores.tenant, PHONE, "Zoë \"O'Neil\" 👋");
    lead.learn([samples.fact(Field::Need, "a tap, 100% new; '_'", FactSource::Model)]);
    lead.tag(Tag::parse("größe").unwrap()).unwrap();
    lead.note(Note::write(&Actor::System, samples.tick(), "one\ntwo").unwrap()).unwrap();
    lead.set_status(LeadStatus::Verified).unwrap();
    let lead = stores.insert(lead).await;
    assert_eq!(stores.found(&lead).await, lead);
    let phone = Identity::read(PHONE).unwrap();
    let by_phone = stores.leads.find_by_identity(&stores.tenant, &phone).await.unwrap();
    assert_eq!(by_phone.as_ref(), Some(&lead));
    let conversation = lead.conversation_id().unwrap();
    let by_conversation = stores.leads.find_by_conversation(&stores.tenant, conversation).await.unwrap();
    assert_eq!(by_conversation, Some(lead));
}

pub async fn an_unknown_lead_is_not_found(stores: &LeadStores) {
    let samples = Samples::default();
    let lead = samples.lead(&stores.tenant, PHONE, "Ann");
    assert_eq!(stores.leads.find(&stores.tenant, lead.id()).await.unwrap(), None);
    let phone = Identity::read(PHONE).unwrap();
    assert_eq!(stores.leads.find_by_identity(&stores.tenant, &phone).await.unwrap(), None);
    let conversation = lead.conversation_id().unwrap();
    assert_eq!(stores.leads.find_by_conversation(&stores.tenant, conversation).await.unwrap(), None);
}

pub async fn a_save_raises_the_version(stores: &LeadStores) {
    let samples = Samples::default();
    let mut lead = stores.insert(samples.lead(&stores.tenant, PHONE, "Ann")).await;
    lead.set_status(LeadStatus::Qualified).unwrap();
    let saved = stores.update(lead.clone()).await;
    assert_eq!(saved.version(), lead.version() + 1);
    assert_eq!(stores.found(&lead).await, saved);
}

pub async fn a_stale_save_conflicts_and_writes_nothing(stores: &LeadStores) {
    let samples = Samples::default();
    let read = stores.insert(samples.lead(&stores.tenant, PHONE, "Ann")).await;
    let mut stale = read.clone();
    let saved = stores.update(read).await;
    stale.set_status(LeadStatus::Lost).unwrap();
    assert_conflict(&stores.leads.save(&stores.tenant, &updating(&[&stale])).await);
    assert_eq!(stores.found(&saved).await, saved);
}

pub async fn a_save_of_an_unknown_lead_conflicts(stores: &LeadStores) {
    let lead = Samples::default().lead(&stores.tenant, PHONE, "Ann");
    assert_conflict(&stores.leads.save(&stores.tenant, &updating(&[&lead])).await);
}

pub async fn an_id_that_exists_is_a_duplicate(stores: &LeadStores) {
    let samples = Samples::default();
    let first = stores.insert(samples.lead(&stores.tenant, PHONE, "Ann")).await;
    let second = Lead { id: first.id(), ..samples.lead(&stores.tenant, OTHER_PHONE, "Bob") };
    assert_duplicate(&stores.leads.save(&stores.tenant, &inserting(&[&second])).await);
    assert_eq!(stores.found(&first).await, first);
}

pub async fn an_identity_is_one_leads(stores: &LeadStores) {
    let samples = Samples::default();
    stores.insert(samples.lead(&stores.tenant, PHONE, "Ann")).await;
    let twin = samples.lead(&stores.tenant, PHONE, "Bob");
    assert_duplicate(&stores.leads.save(&stores.tenant, &inserting(&[&twin])).await);
    assert_eq!(stores.leads.find(&stores.tenant, twin.id()).await.unwrap(), None);
    let mut other = stores.insert(samples.lead(&stores.tenant, OTHER_PHONE, "Bob")).await;
    other.claim(Identity::read(PHONE).unwrap());
    assert_duplicate(&stores.leads.save(&stores.tenant, &updating(&[&other])).await);
}

pub async fn a_conversation_is_one_leads(stores: &LeadStores) {
    let samples = Samples::default();
    let first = stores.insert(samples.lead(&stores.tenant, PHONE, "Ann")).await;
    let mut second = samples.lead(&stores.tenant, OTHER_PHONE, "Bob");
    second.join(first.conversation_id().unwrap());
    assert_duplicate(&stores.leads.save(&stores.tenant, &inserting(&[&second])).await);
}

pub async fn a_phone_and_an_email_are_two_identities(stores: &LeadStores) {
    let samples = Samples::default();
    let mut lead = samples.lead(&stores.tenant, PHONE, "Ann");
    let email = Identity::read("ann@example.com").unwrap();
    lead.claim(email.clone());
    let lead = stores.insert(lead).await;
    assert_eq!(stores.leads.find_by_identity(&stores.tenant, &email).await.unwrap(), Some(lead));
}

pub async fn an_identity_that_is_given_up_is_free(stores: &LeadStores) {
    let samples = Samples::default();
    let mut first = stores.insert(samples.lead(&stores.tenant, PHONE, "Ann")).await;
    assert!(first.forget(Field::Phone, samples.tick()));
    stores.update(first).await;
    let second = stores.insert(samples.lead(&stores.tenant, PHONE, "Bob")).await;
    let phone = Identity::read(PHONE).unwrap();
    assert_eq!(stores.leads.find_by_identity(&stores.tenant, &phone).await.unwrap(), Some(second));
}

pub async fn a_change_is_written_whole_or_not_at_all(stores: &LeadStores) {
    let samples = Samples::default();
    let known = stores.insert(samples.lead(&stores.tenant, PHONE, "Ann")).await;
    let fresh = samples.lead(&stores.tenant, OTHER_PHONE, "Bob");
    let event = samples.id(EventId::new);
    let stale = Lead { version: known.version() + 1, ..known.clone() };
    let change = LeadChange { updates: vec![stale], handled: Some(event), ..inserting(&[&fresh]) };
    assert_conflict(&stores.leads.save(&stores.tenant, &change).await);
    let twin = samples.lead(&stores.tenant, PHONE, "Cid");
    let change = LeadChange { inserts: vec![fresh.clone(), twin], ..change };
    let change = LeadChange { updates: vec![known.clone()], ..change };
    assert_duplicate(&stores.leads.save(&stores.tenant, &change).await);
    assert_eq!(stores.leads.find(&stores.tenant, fresh.id()).await.unwrap(), None);
    assert_eq!(stores.found(&known).await, known);
    assert!(!stores.was_handled(&stores.tenant, event).await);
}

pub async fn an_event_is_handled_once(stores: &LeadStores) {
    let samples = Samples::default();
    let event = samples.id(EventId::new);
    let first = samples.lead(&stores.tenant, PHONE, "Ann");
    let change = LeadChange { handled: Some(event), ..inserting(&[&first]) };
    assert!(!stores.was_handled(&stores.tenant, event).await);
    stores.leads.save(&stores.tenant, &change).await.unwrap();
    assert!(stores.was_handled(&stores.tenant, event).await);
    assert!(!stores.was_handled(&stores.other, event).await);
    let second = samples.lead(&stores.tenant, OTHER_PHONE, "Bob");
    let again = LeadChange { handled: Some(event), ..inserting(&[&second]) };
    assert_duplicate(&stores.leads.save(&stores.tenant, &again).await);
    assert_eq!(stores.leads.find(&stores.tenant, second.id()).await.unwrap(), None);
}

pub async fn all_clues_are_looked_at_together_unless_the_event_was_handled(stores: &LeadStores) {
    let samples = Samples::default();
    let mut ann = samples.lead(&stores.tenant, PHONE, "Ann");
    let conversation = samples.id(ConversationId::new);
    assert!(ann.join(conversation));
    let ann = stores.insert(ann).await;
    let bob = stores.insert(samples.lead(&stores.tenant, OTHER_PHONE, "Bob")).await;
    let nobody = Identity::read("nobody@example.com").unwrap();
    let [anns, bobs] = [PHONE, OTHER_PHONE].map(|phone| Identity::read(phone).unwrap());
    let event = samples.id(EventId::new);
    let clues =
        Clues { event: Some(event), conversation: Some(conversation), identities: vec![bobs, nobody, anns] };
    let known = Recognised {
        was_handled: false,
        by_conversation: Some(ann.clone()),
        by_identity: vec![Some(bob), None, Some(ann)],
    };
    assert_eq!(stores.leads.recognise(&stores.tenant, &clues).await.unwrap(), known);
    let strangers = Recognised { by_identity: vec![None; 3], ..Recognised::default() };
    assert_eq!(stores.leads.recognise(&stores.other, &clues).await.unwrap(), strangers);
    let change = LeadChange { handled: Some(event), ..LeadChange::at(samples.tick()) };
    stores.leads.save(&stores.tenant, &change).await.unwrap();
    let repeated = Recognised { was_handled: true, ..Recognised::default() };
    assert_eq!(stores.leads.recognise(&stores.tenant, &clues).await.unwrap(), repeated);
}

pub async fn a_change_without_leads_is_written(stores: &LeadStores) {
    let samples = Samples::default();
    let event = samples.id(EventId::new);
    let change = LeadChange { handled: Some(event), ..LeadChange::at(samples.tick()) };
    stores.leads.save(&stores.tenant, &change).await.unwrap();
    assert!(stores.was_handled(&stores.tenant, event).await);
    assert_eq!(stores.leads.find(&stores.tenant, samples.id(LeadId::new)).await.unwrap(), None);
}

pub(super) fn assert_conflict(outcome: &Result<(), StoreError>) {
    assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
}

pub(super) fn assert_duplicate(outcome: &Result<(), StoreError>) {
    assert!(matches!(outcome, Err(StoreError::Duplicate)), "{outcome:?}");
}
