//! A suspended tenant's customers are heard and not answered.

use conversation::RefusalReason;
use tenancy::TenantStatus;

use crate::desk::Desk;

#[tokio::test]
async fn a_message_to_a_suspended_tenant_is_stored_and_its_answer_refused() {
    for status in [TenantStatus::Suspended, TenantStatus::Deleted] {
        let desk = Desk::open().await;
        desk.set_status(status).await;
        let conversation = desk.text_and_wait("Do you fix boilers?").await;
        let messages = desk.messages(conversation).await;
        assert_eq!(messages.len(), 1);
        assert!(messages[0].turn_id.is_some(), "the message counts as dealt with");
        assert_eq!(desk.sent(), [""; 0]);
        assert_eq!(desk.refused(conversation).await, [(RefusalReason::TenantSuspended, String::new())]);
        assert_eq!(desk.model.requests(), []);
    }
}

#[tokio::test]
async fn a_reply_that_waits_when_the_tenant_is_suspended_does_not_leave() {
    let desk = Desk::open().await;
    let conversation = desk.text("Hello").await;
    desk.take_turn(conversation).await;
    desk.set_status(TenantStatus::Suspended).await;
    desk.drain().await;
    assert_eq!(desk.sent(), [""; 0]);
    assert_eq!(
        desk.refused(conversation).await,
        [(RefusalReason::TenantSuspended, "You said: Hello".into())]
    );
}

#[tokio::test]
async fn stop_to_a_suspended_tenant_counts_and_is_not_confirmed() {
    let desk = Desk::open().await;
    desk.set_status(TenantStatus::Suspended).await;
    desk.text_and_wait("STOP").await;
    assert!(desk.consent().await.is_opted_out());
    assert_eq!(desk.sent(), [""; 0]);
}

#[tokio::test]
async fn what_was_said_while_suspended_is_history_once_the_tenant_is_back() {
    let desk = Desk::open().await;
    desk.set_status(TenantStatus::Suspended).await;
    desk.text_and_wait("Anybody there?").await;
    desk.set_status(TenantStatus::Active).await;
    desk.text_and_wait("Hello?").await;
    assert_eq!(desk.sent(), ["You said: Hello?"]);
    assert_eq!(desk.model.requests()[0].transcript.len(), 2);
}
