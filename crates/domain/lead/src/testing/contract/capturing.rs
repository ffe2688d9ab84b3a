//! That captures which come at once end in one lead, because the store lets no other outcome in.

use std::sync::Arc;

use kernel::{PageRequest, StoreError};
use tenancy::{Channel, EventPosition, TenantScope};
use tokio::task::JoinSet;

use super::stores::LeadStores;
use crate::{
    Arrived, CaptureLead, CapturedFact, Confidence, FactSource, Field, Heard, LEAD_UPDATED, Lead, LeadError,
    LeadFilter, testing::Samples,
};

const PHONE: &str = "+15551230000";

fn capture(stores: &LeadStores) -> Arc<CaptureLead> {
    let ids = Arc::new(kernel::testing::CountingIds::new(77));
    Arc::new(CaptureLead::new(Arc::clone(&stores.leads), ids))
}

/// Hears until it is handled, as a queue would hand the event out again.
async fn hear(capture: &CaptureLead, scope: &TenantScope, heard: &Heard) -> Arrived {
    loop {
        match capture.hear(scope, heard).await {
            Err(LeadError::Store(StoreError::Conflict)) => tokio::task::yield_now().await,
            outcome => return outcome.unwrap(),
        }
    }
}

async fn all(stores: &LeadStores, heard: Vec<Heard>) -> Vec<Arrived> {
    let capture = capture(stores);
    let mut tasks = JoinSet::new();
    for one in heard {
        let (capture, scope) = (Arc::clone(&capture), stores.tenant.clone());
        tasks.spawn(async move { hear(&capture, &scope, &one).await });
    }
    tasks.join_all().await
}

async fn leads(stores: &LeadStores) -> Vec<Lead> {
    stores.leads.list(&stores.tenant, &LeadFilter::default(), &PageRequest::default()).await.unwrap().items
}

pub async fn every_field_that_is_told_is_in_the_event(stores: &LeadStores) {
    let samples = Samples::default();
    let first = samples.heard(Channel::Sms, PHONE);
    let text = "I need a new tap. It's urgent. Write to ann@example.com";
    let next = Heard { texts: vec![samples.said(text)], ..samples.heard(Channel::Sms, PHONE) };
    let capture = capture(stores);
    for heard in [&first, &next] {
        hear(&capture, &stores.tenant, heard).await;
    }
    // An event that is under way elsewhere may hold others up.
    let (told, begin) = (first.at, EventPosition { round: 0, place: 0 });
    let updated = loop {
        let events = stores.events.read_events(&stores.tenant, begin, 100).await.unwrap();
        match events.into_iter().find(|event| event.name == LEAD_UPDATED.name) {
            Some(event) => break event,
            None => tokio::task::yield_now().await,
        }
    };
    assert!(updated.at > told);
    let facts: serde_json::Value = serde_json::from_str(&updated.facts).unwrap();
    let mut fields: Vec<&str> =
        facts["fields"].as_array().unwrap().iter().map(|field| field.as_str().unwrap()).collect();
    fields.sort_unstable();
    assert_eq!((fields, updated.version), (vec!["email", "need", "urgency"], LEAD_UPDATED.version));
}

/// One person on three channels: each tells the phone, and one thing more.
fn three_channels(samples: &Samples) -> [Heard; 3] {
    let sms =
        Heard { texts: vec![samples.said("My name is Ann Smith")], ..samples.heard(Channel::Sms, PHONE) };
    let voice = Heard {
        contact_name: Some(("WIRELESS CALLER".into(), FactSource::Carrier)),
        captured: vec![CapturedFact {
            field: Field::Need,
            value: "a new boiler".into(),
            confidence: Confidence::new(90),
        }],
        ..samples.heard(Channel::Voice, PHONE)
    };
    let chat = Heard {
        address: None,
        texts: vec![samples.said("ann@example.com, call 555-123-0000")],
        ..samples.heard(Channel::WebChat, "")
    };
    [sms, voice, chat]
}

pub async fn of_many_captures_at_once_one_lead_remains(stores: &LeadStores) {
    let samples = Samples::default();
    let channels = three_channels(&samples);
    let heard = (0..200_usize)
        .map(|number| Heard { event_id: samples.id(kernel::EventId::new), ..channels[number % 3].clone() });
    let arrived = all(stores, heard.collect()).await;
    assert_eq!(arrived.iter().filter(|one| matches!(one, Arrived::Captured(_))).count(), 1);
    let leads = leads(stores).await;
    let [lead] = leads.as_slice() else { panic!("there are {} leads", leads.len()) };
    for (field, value) in [
        (Field::Phone, PHONE),
        (Field::Name, "Ann Smith"),
        (Field::Need, "a new boiler"),
        (Field::Email, "ann@example.com"),
    ] {
        assert_eq!(lead.value(field).as_deref(), Some(value));
    }
    assert_eq!(lead.conversations().len(), 3);
    assert_eq!(lead.names().len(), 2);
}

pub async fn one_event_heard_many_times_at_once_is_handled_once(stores: &LeadStores) {
    let heard = Samples::default().heard(Channel::Sms, PHONE);
    let arrived = all(stores, vec![heard; 20]).await;
    let captured = arrived.iter().filter(|one| matches!(one, Arrived::Captured(_))).count();
    let repeated = arrived.iter().filter(|one| matches!(one, Arrived::Repeated)).count();
    assert_eq!((captured, repeated), (1, 19));
    let leads = leads(stores).await;
    assert_eq!((leads.len(), leads[0].version()), (1, 0));
}
