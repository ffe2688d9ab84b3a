//! What storing an inbound message must do.

use chrono::TimeDelta;
use kernel::{BindingId, MessageId, PageRequest};
use tenancy::Address;

use super::{case::Case, checks::walk};
use crate::{
    Attachment, Author, Body, ConsentAction, ConsentChange, ConsentSource, ConsentState, ContactName,
    Conversation, ConversationFilter, ConversationStatus, ConversationView, DeliveryState, Direction,
    InboundIntent, Message, NewInbound, Owner, testing::ConversationStores,
};

pub async fn a_first_message_makes_contact_and_conversation(stores: &ConversationStores) {
    let case = Case::of(stores);
    let inbound = case.inbound("Hello");
    let (id, _) = case.receive(&inbound).await;
    let at = case.samples.now();
    let contact = case.contacts.find_by_address(&case.tenant, &inbound.from).await.unwrap().unwrap();
    assert_eq!((contact.id, contact.created_at, contact.name), (inbound.contact_id, at, None::<ContactName>));
    assert_eq!(contact.addresses, std::slice::from_ref(&inbound.from));
    let ConversationView { conversation, contact_name, summary } =
        case.conversations.find(&case.tenant, id).await.unwrap().unwrap();
    let version = conversation.version;
    let expected = Conversation {
        id: inbound.conversation_id,
        contact_id: inbound.contact_id,
        binding_id: case.binding.id(),
        channel: inbound.channel,
        address: inbound.from,
        status: ConversationStatus::Open,
        owner: Owner::Bot,
        created_at: at,
        last_message_at: at,
        version,
    };
    assert_eq!((conversation, contact_name, summary), (expected, None, None));
}

pub async fn a_message_reads_back_as_it_was_written(stores: &ConversationStores) {
    let case = Case::of(stores);
    let attachments =
        vec![Attachment { url: "https://media.example/1".into(), content_type: "image/png".into() }];
    let body = Body { text: "HELP".into(), attachments };
    let inbound =
        NewInbound { body, intent: InboundIntent::Help, carrier_answered: true, ..case.inbound("") };
    let (id, _) = case.receive(&inbound).await;
    let expected = Message {
        id: inbound.message_id,
        conversation_id: inbound.conversation_id,
        direction: Direction::Inbound,
        author: Author::Contact,
        body: inbound.body,
        intent: InboundIntent::Help,
        carrier_answered: true,
        delivery_state: DeliveryState::Received,
        provider_message_id: Some(inbound.provider_message_id),
        error_code: None,
        turn_id: None,
        created_at: case.samples.now(),
    };
    assert_eq!(case.messages(id).await, [expected]);
}

pub async fn odd_texts_read_back_as_they_were_written(stores: &ConversationStores) {
    let case = Case::of(stores);
    let accents = "e\u{301}".repeat(5_000);
    let texts = [
        "",
        " \n\t ",
        "👩‍👩‍👧‍👦🏳️‍🌈",
        "\u{202e}txet desrever",
        "\u{feff}\u{200b}\u{fffd}\u{10ffff}",
        "'; DROP TABLE messages; -- %_\\",
        "</Say><Dial>&amp;",
        accents.as_str(),
    ];
    let mut id = None;
    for text in texts {
        id = Some(case.said(text).await.0);
    }
    let read: Vec<String> =
        case.messages(id.unwrap()).await.into_iter().map(|message| message.body.text).collect();
    assert_eq!(read, texts);
}

pub async fn a_second_message_joins_the_open_conversation(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (first, _) = case.said("Hello").await;
    let at = case.samples.pass(30);
    let (second, _) = case.said("Anybody there?").await;
    assert_eq!(first, second);
    assert_eq!(case.messages(first).await.len(), 2);
    assert_eq!(case.conversation(first).await.last_message_at, at);
    assert_eq!(case.contacts.list(&case.tenant, &PageRequest::default()).await.unwrap().items.len(), 1);
}

pub async fn another_contact_has_a_conversation_of_its_own(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (first, _) = case.said("Hello").await;
    let from = Address::from_carrier("+15550009999");
    let (second, _) = case.receive(&NewInbound { from, ..case.inbound("Hello") }).await;
    assert_ne!(first, second);
    assert_ne!(case.conversation(first).await.contact_id, case.conversation(second).await.contact_id);
}

pub async fn another_binding_has_a_conversation_of_its_own_with_the_same_contact(
    stores: &ConversationStores,
) {
    let case = Case::of(stores);
    let text = case.inbound("Hello");
    let chat = NewInbound { from: text.from.clone(), ..case.samples.inbound(&case.web_binding, "Hello") };
    let (first, _) = case.receive(&text).await;
    let (second, _) = case.receive(&chat).await;
    assert_ne!(first, second);
    assert_eq!(case.conversation(first).await.contact_id, case.conversation(second).await.contact_id);
}

pub async fn one_text_as_two_kinds_of_address_is_two_contacts(stores: &ConversationStores) {
    let case = Case::of(stores);
    let phone = case.inbound("Hello");
    let session = NewInbound { from: Address::Session(phone.from.as_str().into()), ..case.inbound("Hello") };
    let (first, _) = case.receive(&phone).await;
    let (second, _) = case.receive(&session).await;
    assert_ne!(first, second);
    assert_ne!(case.conversation(first).await.contact_id, case.conversation(second).await.contact_id);
}

pub async fn a_sender_that_cannot_be_answered_is_kept(stores: &ConversationStores) {
    let case = Case::of(stores);
    let from = Address::from_carrier("ACME Inc");
    let (id, _) = case.receive(&NewInbound { from: from.clone(), ..case.inbound("Your parcel") }).await;
    assert_eq!(case.conversation(id).await.address, from);
}

pub async fn a_message_changes_neither_owner_nor_version(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.said("Hello").await;
    case.set(id, ConversationStatus::Open, Owner::Human).await;
    let before = case.conversation(id).await;
    case.said("Are you a person?").await;
    assert_eq!(case.conversation(id).await, before);
}

pub async fn a_message_to_a_conversation_that_is_over_opens_a_new_one(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (first, _) = case.said("Hello").await;
    for status in [ConversationStatus::Closed, ConversationStatus::Archived] {
        let (open, _) = case.said("More").await;
        case.set(open, status, Owner::Human).await;
        let (next, _) = case.said("Hello again").await;
        assert_ne!(open, next);
        assert_eq!(case.conversation(open).await.status, status);
        let next = case.conversation(next).await;
        assert_eq!((next.status, next.owner), (ConversationStatus::Open, Owner::Bot));
        assert_eq!(next.contact_id, case.conversation(first).await.contact_id);
    }
}

pub async fn a_message_brings_its_change_of_consent(stores: &ConversationStores) {
    let case = Case::of(stores);
    let message_id = case.samples.id(MessageId::new);
    let change = ConsentChange {
        source: ConsentSource::Message,
        evidence: "Stop!".into(),
        message_id: Some(message_id),
        ..case.samples.consent_change(ConsentAction::OptOut)
    };
    let inbound = NewInbound { message_id, consent: Some(change.clone()), ..case.inbound("Stop!") };
    case.receive(&inbound).await;
    let consent = case.contacts.consent(&case.tenant, &inbound.from).await.unwrap();
    assert_eq!((consent.state, consent.version), (ConsentState::OptedOut, 1));
    assert_eq!((consent.changed_at, consent.confirmed_at), (Some(change.at), None));
    let ledger =
        walk(9, async |page| case.contacts.list_ledger(&case.tenant, &inbound.from, &page).await).await;
    assert_eq!(ledger.len(), 1);
    assert_eq!((&ledger[0].address, &ledger[0].change), (&inbound.from, &change));
}

pub async fn a_binding_that_is_not_there_takes_no_message(stores: &ConversationStores) {
    let case = Case::of(stores);
    let unknown = NewInbound { binding_id: case.samples.id(BindingId::new), ..case.inbound("Hello") };
    let foreign = NewInbound { binding_id: case.other_binding.id(), ..case.inbound("Hello") };
    for inbound in [unknown, foreign] {
        assert!(case.conversations.receive(&case.tenant, &inbound).await.is_err());
    }
    let page = PageRequest::default();
    for scope in [&case.tenant, &case.other] {
        let found = case.conversations.list(scope, &ConversationFilter::default(), &page).await.unwrap();
        assert_eq!(found.items, []);
        assert_eq!(case.contacts.list(scope, &page).await.unwrap().items, []);
    }
    assert_eq!(case.due().await, []);
}

pub async fn a_message_by_a_clock_that_is_behind_moves_no_conversation_back(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.said("Hello").await;
    let last = case.conversation(id).await.last_message_at;
    let behind = NewInbound { received_at: last - TimeDelta::minutes(10), ..case.inbound("Hello?") };
    case.receive(&behind).await;
    assert_eq!(case.conversation(id).await.last_message_at, last);
}
