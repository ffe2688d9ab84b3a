//! What committing a turn must write.

use super::case::Case;
use crate::{
    Author, Body, Consent, ConsentAction, ConsentState, ContactName, DeliveryState, Direction, InboundIntent,
    JobKind, Message, NameSource, NewInbound, NewOutbound, RefusalReason, TurnCommit,
    testing::ConversationStores,
};

pub async fn a_commit_writes_its_messages(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, inbound) = case.said("Hello").await;
    let at = case.samples.pass(3);
    let claim = case.claim(JobKind::Turn, id).await;
    let commit = case.turn(id, &["Hi 👋"]).await;
    case.commit(&claim, &commit).await.unwrap();
    let messages = case.messages(id).await;
    assert_eq!((messages[0].id, messages[0].turn_id), (inbound, Some(commit.turn.id)));
    let expected = Message {
        id: commit.outbound[0].id,
        conversation_id: id,
        direction: Direction::Outbound,
        author: Author::Bot,
        body: Body { text: "Hi 👋".into(), attachments: Vec::new() },
        intent: InboundIntent::Ordinary,
        carrier_answered: false,
        delivery_state: DeliveryState::Queued,
        provider_message_id: None,
        error_code: None,
        turn_id: Some(commit.turn.id),
        created_at: at,
    };
    assert_eq!(messages[1..], [expected]);
    assert_eq!(case.conversation(id).await.last_message_at, at);
    assert_eq!(case.context(id).await.unanswered, []);
}

pub async fn a_commit_leaves_the_version_as_it_is(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.said("Hello").await;
    let before = case.conversation(id).await.version;
    case.reply(id, &["Hi"]).await;
    assert_eq!(case.conversation(id).await.version, before);
}

pub async fn a_commit_ends_the_turn_job(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.said("Hello").await;
    case.reply(id, &[]).await;
    case.samples.pass(3_600);
    assert_eq!(case.due().await, []);
    assert_eq!(case.try_claim(JobKind::Turn, id).await, None);
}

pub async fn a_queued_message_has_a_delivery_job_that_is_due_at_once(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.queued("Hi").await;
    let due: Vec<_> = case.due().await.into_iter().map(|claim| (claim.kind, claim.conversation_id)).collect();
    assert_eq!(due, [(JobKind::Delivery, id)]);
}

pub async fn a_message_that_its_request_brings_waits_for_nobody(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.receive(&case.samples.inbound(&case.web_binding, "Hello")).await;
    let claim = case.claim(JobKind::Turn, id).await;
    let reply = NewOutbound { state: DeliveryState::Delivered, ..case.samples.outbound("Hi") };
    let commit = TurnCommit { outbound: vec![reply], ..case.turn(id, &[]).await };
    case.commit(&claim, &commit).await.unwrap();
    assert_eq!(case.due().await, []);
    assert_eq!(case.open_attempts(id).await, []);
    case.receive(&case.samples.inbound(&case.web_binding, "And?")).await;
    let written = case.reply(id, &["Hi again"]).await;
    assert_eq!(case.begin(id).await, written[0], "the first does not wait");
}

pub async fn a_commit_writes_its_refusal(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.said("Hello").await;
    let claim = case.claim(JobKind::Turn, id).await;
    let refused = case.samples.refused(None, RefusalReason::LoopGuard);
    let commit = TurnCommit { refused: Some(refused.clone()), ..case.turn(id, &[]).await };
    case.commit(&claim, &commit).await.unwrap();
    let listed = case.refused(id).await;
    assert_eq!(listed, [refused]);
}

pub async fn messages_that_came_meanwhile_keep_the_turn_job(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.said("Hello").await;
    let claim = case.claim(JobKind::Turn, id).await;
    let commit = case.turn(id, &["Hi"]).await;
    let (_, late) = case.said("One more thing").await;
    case.commit(&claim, &commit).await.unwrap();
    let unanswered: Vec<_> = case.context(id).await.unanswered.iter().map(|message| message.id).collect();
    assert_eq!(unanswered, [late]);
    case.samples.pass(2);
    let due = case.due().await;
    let turn = due.iter().find(|claim| claim.kind == JobKind::Turn).unwrap();
    assert_eq!((turn.conversation_id, turn.attempts), (id, 0));
    assert!(turn.fence > claim.fence);
}

pub async fn messages_that_a_turn_leaves_unanswered_keep_the_turn_job(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, first) = case.said("Hello").await;
    case.said("And hello").await;
    let claim = case.claim(JobKind::Turn, id).await;
    let commit = TurnCommit { answered: vec![first], ..case.turn(id, &["Hi"]).await };
    case.commit(&claim, &commit).await.unwrap();
    assert_eq!(case.context(id).await.unanswered.len(), 1);
    assert!(case.try_claim(JobKind::Turn, id).await.is_some());
}

pub async fn a_name_is_not_overwritten_by_a_weaker_one(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.said("Hello").await;
    let learnt = [
        ("+1 555", NameSource::Carrier, "+1 555"),
        ("my wife", NameSource::Understood, "my wife"),
        ("Anne", NameSource::Understood, "Anne"),
        ("Feel", NameSource::Understood, "Anne"),
        ("ANONYMOUS", NameSource::Carrier, "Anne"),
        ("Anne Löwe", NameSource::Person, "Anne Löwe"),
        ("Feel", NameSource::Understood, "Anne Löwe"),
    ];
    for (text, source, known) in learnt {
        case.said("Hello").await;
        let claim = case.claim(JobKind::Turn, id).await;
        let contact_name = ContactName::new(text, source);
        let commit = TurnCommit { contact_name, ..case.turn(id, &[]).await };
        case.commit(&claim, &commit).await.unwrap();
        let contact = case.conversation(id).await.contact_id;
        let contact = case.contacts.find(&case.tenant, contact).await.unwrap().unwrap();
        assert_eq!(contact.name.unwrap().text, known, "after {text}");
        let shown = case.conversations.find(&case.tenant, id).await.unwrap().unwrap().contact_name;
        assert_eq!(shown.unwrap().text, known, "after {text}");
    }
}

pub async fn a_turn_without_a_name_leaves_the_name(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.said("I am Ann").await;
    let claim = case.claim(JobKind::Turn, id).await;
    let name = ContactName::new("Ann", NameSource::Understood);
    let commit = TurnCommit { contact_name: name.clone(), ..case.turn(id, &[]).await };
    case.commit(&claim, &commit).await.unwrap();
    case.said("Are you open?").await;
    case.reply(id, &["Yes"]).await;
    assert_eq!(case.context(id).await.contact_name, name);
}

pub async fn a_commit_that_confirms_says_when(stores: &ConversationStores) {
    let case = Case::of(stores);
    let consent = Some(case.samples.consent_change(ConsentAction::OptOut));
    let (id, _) = case.receive(&NewInbound { consent, ..case.inbound("STOP") }).await;
    let before = case.context(id).await.consent;
    let at = case.samples.pass(1);
    let claim = case.claim(JobKind::Turn, id).await;
    let commit = TurnCommit { confirms_consent: true, ..case.turn(id, &["You are out"]).await };
    case.commit(&claim, &commit).await.unwrap();
    let after = case.context(id).await.consent;
    assert_eq!(after, Consent { confirmed_at: Some(at), ..before });
    assert_eq!(after.state, ConsentState::OptedOut);
}

pub async fn a_commit_that_confirms_nothing_says_nothing(stores: &ConversationStores) {
    let case = Case::of(stores);
    let consent = Some(case.samples.consent_change(ConsentAction::OptOut));
    let (id, _) = case.receive(&NewInbound { consent, ..case.inbound("STOP") }).await;
    case.reply(id, &[]).await;
    assert_eq!(case.context(id).await.consent.confirmed_at, None);
}
