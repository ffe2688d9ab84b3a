//! What loading a turn must give, and what finding its answer must tell.

use kernel::{ConversationId, MessageId};

use super::case::Case;
use crate::{
    Answer, ConsentAction, ContactName, ConversationStatus, Direction, JobKind, NameSource, NewInbound,
    NewOutbound, Owner, Purpose, TurnCommit, testing::ConversationStores,
};

pub async fn a_turn_sees_what_it_needs_to_know(stores: &ConversationStores) {
    let case = Case::of(stores);
    let inbound = NewInbound {
        consent: Some(case.samples.consent_change(ConsentAction::OptIn)),
        ..case.inbound("START")
    };
    let (id, message) = case.receive(&inbound).await;
    let claim = case.claim(JobKind::Turn, id).await;
    let name = ContactName::new("Ann", NameSource::Understood);
    let commit = TurnCommit { contact_name: name.clone(), ..case.turn(id, &["Welcome"]).await };
    case.commit(&claim, &commit).await.unwrap();
    case.set(id, ConversationStatus::Open, Owner::Human).await;
    let (_, unanswered) = case.said("Thanks").await;

    let context = case.context(id).await;
    assert_eq!(context.conversation, case.conversation(id).await);
    assert!(context.channel_is_active);
    assert_eq!(context.contact_name, name);
    assert_eq!(context.consent, case.contacts.consent(&case.tenant, &inbound.from).await.unwrap());
    assert_eq!(context.consent.version, 1);
    assert_eq!(context.history, case.messages(id).await);
    assert_eq!(context.history.len(), 3);
    assert_eq!(context.history[0].id, message);
    assert_eq!(context.unanswered, [case.message(id, unanswered).await]);
}

pub async fn a_turn_sees_a_binding_that_is_switched_off(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, _) = case.said("Hello").await;
    (case.switch_off)(&case.tenant, &case.binding).await;
    assert!(!case.context(id).await.channel_is_active);
}

pub async fn a_turn_sees_the_last_messages_beside_the_unanswered(stores: &ConversationStores) {
    let case = Case::of(stores);
    let id = case.said("1").await.0;
    for number in [3, 5] {
        case.reply(id, &[&(number - 1).to_string()]).await;
        case.samples.pass(1);
        case.said(&number.to_string()).await;
    }
    case.said("6").await;
    for (history, seen) in [(0, "56"), (1, "456"), (3, "23456"), (4, "123456"), (60, "123456")] {
        let context = case.conversations.load_turn(&case.tenant, id, history).await.unwrap().unwrap();
        let said: String = context.history.iter().map(|message| message.body.text.as_str()).collect();
        assert_eq!(said, seen, "with {history} messages");
        let unanswered: String =
            context.unanswered.iter().map(|message| message.body.text.as_str()).collect();
        assert_eq!(unanswered, "56");
    }
}

pub async fn an_unknown_conversation_has_no_turn(stores: &ConversationStores) {
    let case = Case::of(stores);
    case.said("Hello").await;
    let unknown = case.samples.id(ConversationId::new);
    assert_eq!(case.conversations.load_turn(&case.tenant, unknown, 60).await.unwrap(), None);
}

pub async fn an_answer_is_pending_until_a_turn_gives_it(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, first) = case.said("Hello").await;
    let (_, second) = case.said("Are you open?").await;
    let answer = async |message| case.conversations.find_answer(&case.tenant, message).await.unwrap();
    assert_eq!(answer(first).await, Some(Answer::Pending));
    case.samples.pass(3);
    let replies = case.reply(id, &["Hi,", "we are."]).await;
    for message in [first, second] {
        let Some(Answer::Given(given)) = answer(message).await else { panic!("no answer") };
        assert_eq!(given.iter().map(|one| one.id).collect::<Vec<_>>(), replies);
    }
}

pub async fn an_answer_holds_the_messages_of_its_turn_only(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, first) = case.said("Hello").await;
    case.reply(id, &["Hi"]).await;
    let (_, second) = case.said("Are you open?").await;
    let person = NewOutbound { purpose: Purpose::PersonReply, ..case.samples.outbound("Ann here") };
    let change = case.conversation(id).await.answer_in_person(vec![person]).unwrap();
    case.save(&change).await.unwrap();
    case.reply(id, &["We are"]).await;
    for (message, text) in [(first, "Hi"), (second, "We are")] {
        let answer = case.conversations.find_answer(&case.tenant, message).await.unwrap();
        let Some(Answer::Given(given)) = answer else { panic!("no answer") };
        assert_eq!(given.iter().map(|one| one.body.text.as_str()).collect::<Vec<_>>(), [text]);
    }
}

pub async fn the_answer_of_a_silent_turn_is_empty(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, message) = case.said("Hello").await;
    case.reply(id, &[]).await;
    let answer = case.conversations.find_answer(&case.tenant, message).await.unwrap();
    assert_eq!(answer, Some(Answer::Given(Vec::new())));
}

pub async fn what_is_no_inbound_message_has_no_answer(stores: &ConversationStores) {
    let case = Case::of(stores);
    let (id, reply) = case.queued("Hi").await;
    assert_eq!(case.message(id, reply).await.direction, Direction::Outbound);
    for message in [reply, case.samples.id(MessageId::new)] {
        assert_eq!(case.conversations.find_answer(&case.tenant, message).await.unwrap(), None);
    }
}
