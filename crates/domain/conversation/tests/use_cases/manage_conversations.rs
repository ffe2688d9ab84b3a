//! Closing, reopening, and who may see what.

use conversation::{
    ConversationError, ConversationFilter, ConversationStatus, DeliveryState, Owner, RefusalReason,
};
use kernel::{ConversationId, IdGenerator as _, PageRequest, TenantId};

use crate::desk::{Desk, WINDOW};

#[tokio::test]
async fn a_closed_conversation_cannot_be_answered_in() {
    let desk = Desk::open().await;
    let conversation = desk.text_and_wait("Hello").await;
    desk.people.close(&desk.scope, conversation).await.unwrap();
    let refused = desk.people.answer_in_person(&desk.scope, conversation, "One more thing").await;
    assert!(matches!(refused, Err(ConversationError::Closed)));
    assert_eq!(desk.messages(conversation).await.len(), 2);
}

#[tokio::test]
async fn a_message_to_a_closed_conversation_opens_a_new_one_with_the_bot() {
    let desk = Desk::open().await;
    let first = desk.text_and_wait("Hello").await;
    desk.people.pause(&desk.scope, first).await.unwrap();
    desk.people.close(&desk.scope, first).await.unwrap();
    let second = desk.text_and_wait("Hello again").await;
    assert_ne!(first, second);
    let (first, second) = (
        desk.people.get(&desk.scope, first).await.unwrap().conversation,
        desk.people.get(&desk.scope, second).await.unwrap().conversation,
    );
    assert_eq!((first.status, second.status), (ConversationStatus::Closed, ConversationStatus::Open));
    assert_eq!((second.owner, second.contact_id), (Owner::Bot, first.contact_id));
    assert_eq!(desk.sent().len(), 2);
}

#[tokio::test]
async fn closing_and_reopening_again_change_nothing_the_second_time() {
    let desk = Desk::open().await;
    let conversation = desk.text_and_wait("Hello").await;
    let closed = desk.people.close(&desk.scope, conversation).await.unwrap();
    assert_eq!(desk.people.close(&desk.scope, conversation).await.unwrap(), closed);
    let open = desk.people.reopen(&desk.scope, conversation).await.unwrap();
    assert_eq!(desk.people.reopen(&desk.scope, conversation).await.unwrap(), open);
    assert_eq!((open.conversation.status, open.conversation.owner), (ConversationStatus::Open, Owner::Bot));
}

#[tokio::test]
async fn a_reopened_conversation_goes_on_with_the_bot() {
    let desk = Desk::open().await;
    let first = desk.text_and_wait("Hello").await;
    desk.people.answer_in_person(&desk.scope, first, "Hello!").await.unwrap();
    desk.people.close(&desk.scope, first).await.unwrap();
    desk.people.reopen(&desk.scope, first).await.unwrap();
    assert_eq!(desk.text_and_wait("Hello again").await, first);
    assert_eq!(desk.sent().last().unwrap(), "You said: Hello again");
}

#[tokio::test]
async fn reopening_beside_an_open_one_is_refused() {
    let desk = Desk::open().await;
    let first = desk.text_and_wait("Hello").await;
    desk.people.close(&desk.scope, first).await.unwrap();
    desk.text_and_wait("Hello again").await;
    let refused = desk.people.reopen(&desk.scope, first).await;
    assert!(matches!(refused, Err(ConversationError::AnotherIsOpen)));
    let status = desk.people.get(&desk.scope, first).await.unwrap().conversation.status;
    assert_eq!(status, ConversationStatus::Closed);
}

#[tokio::test]
async fn a_reply_that_waits_when_the_conversation_is_closed_does_not_leave() {
    let desk = Desk::open().await;
    let conversation = desk.text("Hello").await;
    desk.take_turn(conversation).await;
    desk.people.close(&desk.scope, conversation).await.unwrap();
    desk.drain().await;
    assert_eq!(desk.sent(), [""; 0]);
    assert_eq!(desk.states(conversation).await, [DeliveryState::Refused]);
    assert_eq!(desk.refused(conversation).await[0].0, RefusalReason::ConversationClosed);
}

#[tokio::test]
async fn a_reply_that_was_being_written_when_the_conversation_was_closed_is_kept_and_not_sent() {
    let desk = Desk::open().await;
    let go = desk.model.then_waits();
    let conversation = desk.text("Hello").await;
    desk.pass(WINDOW);
    tokio::join!(desk.work(), async {
        desk.model.asked().await;
        desk.people.close(&desk.scope, conversation).await.unwrap();
        go.notify_one();
    });
    desk.drain().await;
    assert_eq!(desk.sent(), [""; 0]);
    let refused = desk.refused(conversation).await;
    assert_eq!(refused, [(RefusalReason::ConversationClosed, "You said: Hello".into())]);
}

#[tokio::test]
async fn a_persons_last_words_leave_although_the_conversation_is_closed_after_them() {
    let desk = Desk::open().await;
    let conversation = desk.text_and_wait("Hello").await;
    desk.people.answer_in_person(&desk.scope, conversation, "Good-bye").await.unwrap();
    desk.people.close(&desk.scope, conversation).await.unwrap();
    desk.drain().await;
    assert_eq!(desk.sent()[1..], ["Good-bye"]);
}

#[tokio::test]
async fn row_47_another_tenants_conversation_is_as_unknown_as_a_random_one() {
    let desk = Desk::open().await;
    let conversation = desk.text_and_wait("Hello").await;
    let stranger = tenancy::testing::scope(TenantId::new(desk.ids.next()));
    let random = ConversationId::new(desk.ids.next());
    let page = PageRequest::default();
    let not_found = "conversation not found";
    for (scope, id) in [(&stranger, conversation), (&desk.scope, random)] {
        let errors = [
            desk.people.get(scope, id).await.unwrap_err(),
            desk.people.list_messages(scope, id, &page).await.unwrap_err(),
            desk.people.list_refused_sends(scope, id, &page).await.unwrap_err(),
            desk.people.answer_in_person(scope, id, "Hi").await.unwrap_err(),
            desk.people.pause(scope, id).await.unwrap_err(),
            desk.people.close(scope, id).await.unwrap_err(),
        ];
        assert_eq!(errors.map(|error| error.to_string()), [not_found; 6]);
    }
    let list = desk.people.list(&stranger, &ConversationFilter::default(), &page).await.unwrap();
    assert_eq!(list.items, []);
}
