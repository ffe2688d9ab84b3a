//! What carriers report, in whatever order it comes.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use conversation::{
    Deliver, DeliveryLedger, DeliveryReport, DeliveryState, JobKind, Messenger, OpenAttempt, OutboundText,
    SendOutcome, SendingAccount, testing::account_of,
};
use kernel::{Clock, ConversationId, GatewayError, IdGenerator, MessageId, TenantId, Timestamp};
use tenancy::{Provider, TenantScope};

use crate::desk::Desk;

fn report(message_id: Option<MessageId>, sid: &str, state: DeliveryState) -> DeliveryReport {
    DeliveryReport {
        message_id,
        provider: Provider::Twilio,
        provider_message_id: sid.into(),
        state,
        error_code: None,
    }
}

async fn desk_with_sent() -> (Desk, ConversationId) {
    let desk = Desk::open().await;
    let conversation = desk.text_and_wait("Hello").await;
    (desk, conversation)
}

#[tokio::test]
async fn a_report_raises_the_state() {
    let (desk, conversation) = desk_with_sent().await;
    assert!(desk.reports.record(&desk.scope, &report(None, "SM1", DeliveryState::Delivered)).await.unwrap());
    assert_eq!(desk.states(conversation).await, [DeliveryState::Delivered]);
}

#[tokio::test]
async fn reports_out_of_order_and_repeated_never_lower_it() {
    use DeliveryState::{Delivered, Queued, Read, Sent, Undelivered};
    let (desk, conversation) = desk_with_sent().await;
    for (reported, state) in [
        (Queued, Sent),
        (Delivered, Delivered),
        (Sent, Delivered),
        (Delivered, Delivered),
        (Undelivered, Delivered),
        (Read, Read),
        (Delivered, Read),
    ] {
        desk.reports.record(&desk.scope, &report(None, "SM1", reported)).await.unwrap();
        assert_eq!(desk.states(conversation).await, [state], "after {reported:?}");
    }
}

#[tokio::test]
async fn an_ambiguous_send_is_resolved_by_a_report_with_our_id() {
    let desk = Desk::open().await;
    desk.carrier.then_sends(Err(GatewayError::Ambiguous("no answer".into())));
    let conversation = desk.text_and_wait("Hello").await;
    let id = desk.outbound(conversation).await[0].id;
    assert!(desk.reports.record(&desk.scope, &report(Some(id), "SM7", DeliveryState::Sent)).await.unwrap());
    desk.drain().await;
    let reply = desk.outbound(conversation).await.remove(0);
    assert_eq!(
        (reply.delivery_state, reply.provider_message_id.as_deref()),
        (DeliveryState::Sent, Some("SM7"))
    );
    assert_eq!((desk.sent().len(), desk.carrier.looked_up().len()), (1, 0));
}

#[tokio::test]
async fn a_report_after_the_last_look_up_keeps_the_message_from_leaving_again() {
    let desk = Desk::open().await;
    let conversation = desk.text("Hello").await;
    desk.begin_and_die(conversation).await;
    let id = desk.outbound(conversation).await[0].id;
    let ledger = desk.stores.ledger();
    let now = Clock::now(&*desk.clock);
    let end = conversation::AttemptEnd::NotTaken { again_at: now };
    let attempt = conversation::Attempt { message: id, number: 1 };
    ledger.end_attempt(&desk.scope, attempt, &end, now).await.unwrap();
    desk.reports.record(&desk.scope, &report(Some(id), "SM7", DeliveryState::Delivered)).await.unwrap();
    desk.drain().await;
    assert_eq!(desk.sent(), [""; 0]);
    assert_eq!(desk.states(conversation).await, [DeliveryState::Delivered]);
}

#[tokio::test]
async fn a_report_of_nobodys_message_is_told_apart_and_changes_nothing() {
    let (desk, conversation) = desk_with_sent().await;
    assert!(!desk.reports.record(&desk.scope, &report(None, "SM404", DeliveryState::Failed)).await.unwrap());
    let inbound = desk.messages(conversation).await[0].id;
    assert!(
        !desk
            .reports
            .record(&desk.scope, &report(Some(inbound), "SM404", DeliveryState::Failed))
            .await
            .unwrap()
    );
    assert_eq!(desk.states(conversation).await, [DeliveryState::Sent]);
}

#[tokio::test]
async fn another_tenants_report_changes_nothing() {
    let (desk, conversation) = desk_with_sent().await;
    let id = desk.outbound(conversation).await[0].id;
    let stranger = tenancy::testing::scope(TenantId::new(desk.ids.next()));
    assert!(!desk.reports.record(&stranger, &report(Some(id), "SM1", DeliveryState::Failed)).await.unwrap());
    assert_eq!(desk.states(conversation).await, [DeliveryState::Sent]);
}

/// A carrier whose report is faster than its answer.
struct HastyCarrier(Arc<dyn DeliveryLedger>, Timestamp, Result<(), ()>);

#[async_trait]
impl Messenger for HastyCarrier {
    async fn account(&self, _: &TenantScope) -> Result<SendingAccount, GatewayError> {
        Ok(account_of("AC1"))
    }

    async fn send(
        &self,
        scope: &TenantScope,
        _: &SendingAccount,
        text: &OutboundText,
    ) -> Result<SendOutcome, GatewayError> {
        let report = report(Some(text.id), "SM7", DeliveryState::Delivered);
        self.0.report(scope, &report, self.1).await.unwrap();
        let accepted =
            SendOutcome::Accepted { provider_message_id: "SM7".into(), state: DeliveryState::Sent };
        self.2.map(|()| accepted).map_err(|()| GatewayError::Ambiguous("no answer".into()))
    }

    async fn look_up(&self, _: &TenantScope, _: &OpenAttempt) -> Result<Option<SendOutcome>, GatewayError> {
        Ok(None)
    }
}

async fn deliver_in_haste(answers: Result<(), ()>) -> (Desk, ConversationId) {
    let desk = Desk::open().await;
    let conversation = desk.text("Hello").await;
    desk.take_turn(conversation).await;
    let claim = desk.claim(JobKind::Delivery, conversation).await.unwrap();
    let clock: Arc<dyn Clock> = Arc::<kernel::testing::ManualClock>::clone(&desk.clock);
    let ids: Arc<dyn IdGenerator> = Arc::<kernel::testing::CountingIds>::clone(&desk.ids);
    let messenger = Arc::new(HastyCarrier(desk.stores.ledger(), clock.now(), answers));
    let ledger = desk.stores.ledger();
    let deliver = Deliver { ledger, messenger, clock, ids, look_up_after: Duration::from_secs(60) };
    deliver.deliver(&claim).await.unwrap();
    (desk, conversation)
}

#[tokio::test]
async fn a_report_before_the_send_returned_stands() {
    let (desk, conversation) = deliver_in_haste(Ok(())).await;
    let reply = desk.outbound(conversation).await.remove(0);
    assert_eq!(
        (reply.delivery_state, reply.provider_message_id.as_deref()),
        (DeliveryState::Delivered, Some("SM7"))
    );
}

#[tokio::test]
async fn a_report_before_the_send_broke_off_stands() {
    let (desk, conversation) = deliver_in_haste(Err(())).await;
    desk.drain().await;
    assert_eq!(desk.states(conversation).await, [DeliveryState::Delivered]);
    assert_eq!(desk.carrier.looked_up(), []);
}
