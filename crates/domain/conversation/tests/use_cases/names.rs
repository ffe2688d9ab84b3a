//! Names that the model understands are kept, and never written over what a person wrote.

use conversation::{
    CONTACT_CHANGED, ContactName, JobKind, NameSource, Turn, TurnCommit, TurnOutcome, TurnUsage,
};
use kernel::{Clock as _, ConversationId, IdGenerator as _, TurnId};
use tenancy::Address;

use crate::desk::{CUSTOMER, Desk};

/// The model notes a name down, and then answers.
fn understands(desk: &Desk, name: &str) {
    desk.model.then_calls("capture_lead", serde_json::json!({ "name": name }));
    desk.model.then_says("Nice to meet you.");
}

async fn name(desk: &Desk) -> Option<(String, NameSource)> {
    let contact = desk.contacts.find_by_address(&desk.scope, &Address::from_carrier(CUSTOMER)).await.unwrap();
    contact.unwrap().name.map(|name| (name.text, name.source))
}

/// How often it was told that something was learnt of a contact.
fn learnt(desk: &Desk) -> usize {
    desk.stores.told(&desk.scope).iter().filter(|event| event.name == CONTACT_CHANGED.name).count()
}

async fn write_name_by_hand(desk: &Desk, conversation: ConversationId, name: &str) {
    let claim = desk.claim(JobKind::Turn, conversation).await.unwrap();
    let now = desk.clock.now();
    let turn = Turn {
        id: TurnId::new(desk.ids.next()),
        outcome: TurnOutcome::Silent,
        started_at: now,
        committed_at: now,
    };
    let commit = TurnCommit {
        turn,
        read_version: 0,
        answered: desk.messages(conversation).await.iter().map(|message| message.id).collect(),
        outbound: Vec::new(),
        refused: None,
        contact_name: ContactName::new(name, NameSource::Person),
        language: None,
        handoff: None,
        confirms_consent: false,
        usage: TurnUsage::default(),
        events: Vec::new(),
    };
    desk.stores.conversations().commit_turn(&desk.scope, &claim, &commit).await.unwrap();
}

#[tokio::test]
async fn a_name_that_the_model_understood_is_put_on_the_contact() {
    let desk = Desk::open().await;
    understands(&desk, " Ann Baker\u{0} ");
    let conversation = desk.text_and_wait("I am Ann Baker").await;
    assert_eq!(name(&desk).await, Some(("Ann Baker".into(), NameSource::Understood)));
    let view = desk.people.get(&desk.scope, conversation).await.unwrap();
    assert_eq!(view.contact_name.unwrap().text, "Ann Baker");
}

#[tokio::test]
async fn the_model_is_told_the_name_that_is_known() {
    let desk = Desk::open().await;
    understands(&desk, "Ann Baker");
    desk.text_and_wait("I am Ann Baker").await;
    desk.text_and_wait("When do you open?").await;
    let known: Vec<_> = desk.model.requests().into_iter().map(|request| request.contact_name).collect();
    assert_eq!(known, [None, None, Some("Ann Baker".into())]);
}

#[tokio::test]
async fn a_name_that_the_model_understood_never_replaces_a_persons() {
    let desk = Desk::open().await;
    let conversation = desk.text("Hello").await;
    write_name_by_hand(&desk, conversation, "Ann Baker").await;
    understands(&desk, "Feel");
    desk.text_and_wait("I feel cold").await;
    assert_eq!(name(&desk).await, Some(("Ann Baker".into(), NameSource::Person)));
}

#[tokio::test]
async fn what_is_taken_for_a_name_later_replaces_none_and_is_told_to_nobody() {
    for later in ["Feel", "my wife", "Customer"] {
        let desk = Desk::open().await;
        understands(&desk, "Ann Baker");
        desk.text_and_wait("I am Ann Baker").await;
        let told = learnt(&desk);
        understands(&desk, later);
        desk.text_and_wait("My wife will open the door").await;
        assert_eq!(name(&desk).await, Some(("Ann Baker".into(), NameSource::Understood)), "{later}");
        assert_eq!((told, learnt(&desk)), (1, 1), "{later}");
    }
}

#[tokio::test]
async fn a_name_replaces_what_names_nobody() {
    let desk = Desk::open().await;
    understands(&desk, "the customer");
    desk.text_and_wait("Hello").await;
    understands(&desk, "Ann Baker");
    desk.text_and_wait("I am Ann Baker").await;
    assert_eq!(name(&desk).await, Some(("Ann Baker".into(), NameSource::Understood)));
}

#[tokio::test]
async fn a_reply_without_a_name_keeps_the_one_that_is_known() {
    let desk = Desk::open().await;
    understands(&desk, "Ann Baker");
    desk.text_and_wait("I am Ann Baker").await;
    desk.text_and_wait("When do you open?").await;
    understands(&desk, " \u{7} ");
    desk.text_and_wait("Where are you?").await;
    assert_eq!(name(&desk).await, Some(("Ann Baker".into(), NameSource::Understood)));
}

#[tokio::test]
async fn a_name_from_a_reply_that_did_not_commit_is_not_kept() {
    let desk = Desk::open().await;
    let go = desk.model.then_waits();
    understands(&desk, "Ann Baker");
    let conversation = desk.text("I am Ann Baker").await;
    desk.pass(2);
    tokio::join!(desk.work(), async {
        desk.model.asked().await;
        desk.people.pause(&desk.scope, conversation).await.unwrap();
        go.notify_one();
    });
    assert_eq!(name(&desk).await, None);
}
