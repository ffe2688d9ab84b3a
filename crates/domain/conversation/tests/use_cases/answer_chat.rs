//! Web chat is answered inside the request, by the same turn that answers everything else.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::TimeDelta;
use conversation::{
    Allowance, ConversationError, Cost, DeliveryState, MayAnswer, ModelError, RefusalReason, Spent, TakeTurn,
    TokenUsage, TurnLimits, TurnOutcome, TurnResult,
};
use kernel::{Clock as _, StoreError, Timestamp};
use tenancy::{Address, Channel, Tenant, TenantScope};

use crate::desk::{Desk, LEASE};

fn unavailable() -> ModelError {
    ModelError::Unavailable("it is down".into())
}

/// An allowance whose store is down.
struct Down;

#[async_trait]
impl Allowance for Down {
    async fn spend(&self, _: &TenantScope, _: &[Spent], _: Timestamp) -> Result<(), StoreError> {
        Ok(())
    }

    async fn may_answer(&self, _: &TenantScope, _: &Tenant, _: Timestamp) -> Result<MayAnswer, StoreError> {
        Err(StoreError::Unavailable("down".into()))
    }

    fn cost(&self, _: &str, _: TokenUsage) -> Cost {
        Cost::default()
    }
}

/// Takes turns as those do, but for a store that fails in the middle.
fn with_a_broken_store(turns: &TakeTurn) -> Arc<TakeTurn> {
    Arc::new(TakeTurn {
        conversations: Arc::clone(&turns.conversations),
        tenants: Arc::clone(&turns.tenants),
        jobs: Arc::clone(&turns.jobs),
        replies: Arc::clone(&turns.replies),
        allowance: Arc::new(Down),
        clock: Arc::clone(&turns.clock),
        ids: Arc::clone(&turns.ids),
        limits: turns.limits,
    })
}

#[tokio::test]
async fn a_visitor_is_answered_inside_the_request() {
    let desk = Desk::open().await;
    let answer = desk.visit("v1", "Do you fix boilers?").await.unwrap();
    assert_eq!(answer.reply_text.as_deref(), Some("You said: Do you fix boilers?"));
    assert_eq!(desk.states(answer.conversation_id).await, [DeliveryState::Delivered]);
    assert_eq!(desk.model.requests()[0].channel, Channel::WebChat);
    desk.drain().await;
    assert_eq!(desk.sent(), [""; 0], "no carrier brings it");
}

#[tokio::test]
async fn a_session_finds_its_conversation_again() {
    let desk = Desk::open().await;
    let first = desk.visit("v1", "Hello").await.unwrap();
    let second = desk.visit("v1", "And on Sundays?").await.unwrap();
    let other = desk.visit("v2", "Hello").await.unwrap();
    assert_eq!(first.conversation_id, second.conversation_id);
    assert_ne!(first.conversation_id, other.conversation_id);
}

#[tokio::test]
async fn concurrent_messages_of_one_session_all_get_answers() {
    let desk = Desk::open().await;
    let (first, second, third) =
        tokio::join!(desk.visit("v1", "one"), desk.visit("v1", "two"), desk.visit("v1", "three"));
    let answers = [first.unwrap(), second.unwrap(), third.unwrap()];
    for (answer, text) in answers.iter().zip(["one", "two", "three"]) {
        assert_eq!(answer.conversation_id, answers[0].conversation_id);
        assert!(answer.reply_text.as_deref().unwrap().contains(text), "{text}");
    }
}

#[tokio::test]
async fn a_message_that_comes_while_the_model_writes_to_the_first_is_answered_after_it() {
    let desk = Desk::open().await;
    let go = desk.model.then_waits();
    desk.model.then_says("To the first.");
    desk.model.then_says("To the second.");
    let (first, second) = tokio::join!(desk.visit("v1", "one"), async {
        desk.model.asked().await;
        let second = desk.visit("v1", "two");
        let (second, ()) = tokio::join!(second, async {
            tokio::task::yield_now().await;
            go.notify_one();
        });
        second
    });
    assert_eq!(first.unwrap().reply_text.as_deref(), Some("To the first."));
    assert_eq!(second.unwrap().reply_text.as_deref(), Some("To the second."));
}

#[tokio::test]
async fn the_chat_of_a_paused_conversation_gives_no_reply_text() {
    let desk = Desk::open().await;
    let conversation = desk.visit("v1", "Hello").await.unwrap().conversation_id;
    desk.people.pause(&desk.scope, conversation).await.unwrap();
    let answer = desk.visit("v1", "Are you there?").await.unwrap();
    assert_eq!((answer.conversation_id, answer.reply_text), (conversation, None));
}

#[tokio::test]
async fn a_chat_without_an_active_web_chat_is_refused_and_stores_nothing() {
    let desk = Desk::open().await;
    desk.tenancy.channels.set_active(&desk.scope, desk.web_chat.id(), false, desk.clock.now()).await.unwrap();
    let refused = desk.visit("v1", "Hello").await;
    assert!(matches!(refused, Err(ConversationError::ChannelInactive)));
    let visitor = Address::Session("v1".into());
    assert_eq!(desk.contacts.find_by_address(&desk.scope, &visitor).await.unwrap(), None);
}

#[tokio::test]
async fn a_visitor_who_says_stop_gets_the_confirmation_and_then_nothing() {
    let desk = Desk::open().await;
    let stop = desk.visit("v1", "STOP").await.unwrap();
    assert!(stop.reply_text.unwrap().starts_with("You have opted out"));
    let after = desk.visit("v1", "Hello").await.unwrap();
    assert_eq!(after.reply_text, None);
    assert_eq!(desk.refused(after.conversation_id).await, [(RefusalReason::OptedOut, String::new())]);
}

#[tokio::test]
async fn a_visitor_gets_the_fallback_when_the_model_is_down() {
    let desk = Desk::open().await;
    for _ in 0..3 {
        desk.model.then_fails(unavailable());
    }
    let (answer, ()) = tokio::join!(desk.visit("v1", "Hello"), async {
        desk.model.asked().await;
        for pause in [2, 4] {
            desk.pass(pause);
            desk.work().await;
        }
    });
    assert!(answer.unwrap().reply_text.unwrap().starts_with("Sorry, I cannot answer right now"));
}

#[tokio::test]
async fn a_model_that_failed_is_not_asked_again_for_a_visitor_before_the_pause_is_over() {
    let mut desk = Desk::open().await;
    desk.chat.patience = Duration::ZERO;
    desk.model.then_fails(unavailable());
    for text in ["Hello", "Are you there?"] {
        let pending = desk.visit("v1", text).await;
        assert!(matches!(pending, Err(ConversationError::AnswerPending)), "{pending:?}");
    }
    assert_eq!(desk.model.requests().len(), 1);
    desk.pass(2);
    let answer = desk.visit("v1", "Hello?").await.unwrap();
    assert_eq!(answer.reply_text.as_deref(), Some("You said: Hello\nAre you there?\nHello?"));
}

#[tokio::test]
async fn a_turn_whose_store_fails_in_a_request_is_taken_again_as_soon_as_a_workers() {
    let mut desk = Desk::open().await;
    desk.chat.patience = Duration::ZERO;
    let well = std::mem::replace(&mut desk.chat.turns, with_a_broken_store(&desk.turns));
    let failed = desk.visit_as("once", "Hello").await;
    assert!(matches!(failed, Err(ConversationError::Store(_))), "{failed:?}");
    desk.chat.turns = well;
    let pending = desk.visit_as("once", "Hello").await;
    assert!(matches!(pending, Err(ConversationError::AnswerPending)), "{pending:?}");
    desk.pass(1);
    let answer = desk.visit_as("once", "Hello").await.unwrap();
    assert_eq!(answer.reply_text.as_deref(), Some("You said: Hello"));
}

#[tokio::test]
async fn a_long_reply_is_one_text_to_the_visitor() {
    let desk = Desk::open().await;
    desk.model.then_says(&format!("{}\n\n{}", "a".repeat(1_500), "b".repeat(1_500)));
    let answer = desk.visit("v1", "Hello").await.unwrap();
    assert_eq!(answer.reply_text.unwrap(), format!("{}\n{}", "a".repeat(1_500), "b".repeat(1_500)));
}

#[tokio::test]
async fn what_a_request_that_died_left_unanswered_a_worker_answers() {
    let desk = Desk::open().await;
    let _hold = desk.model.then_waits();
    tokio::select! {
        _ = desk.visit("v1", "Hello") => unreachable!("the model never answers"),
        () = desk.model.asked() => {}
    }
    desk.pass(i64::try_from(LEASE.as_secs()).unwrap());
    desk.work().await;
    assert_eq!(desk.model.requests().len(), 1, "a request may still be at it");
    desk.pass(60);
    desk.work().await;
    assert_eq!(desk.model.requests().len(), 2);
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_pending_and_not_lost() {
    let mut desk = Desk::open().await;
    desk.chat.patience = Duration::ZERO;
    let conversation = desk.visit("v1", "Hello").await.unwrap().conversation_id;
    let held = desk.claim_new(conversation, "One more thing").await;
    let pending = desk.visit("v1", "Hello?").await;
    assert!(matches!(pending, Err(ConversationError::AnswerPending)));
    let result = desk.turns.take(&held).await.unwrap();
    assert!(
        matches!(result, TurnResult::Committed(turn) if turn.outcome == TurnOutcome::Replied),
        "{result:?}"
    );
    assert_eq!(desk.replies(conversation).await[1], "You said: One more thing\nHello?");
}

#[tokio::test]
async fn what_is_said_again_under_its_name_is_taken_in_once_and_waits_for_the_same_answer() {
    let mut desk = Desk::open().await;
    let patience = std::mem::replace(&mut desk.chat.patience, Duration::ZERO);
    let conversation = desk.visit("v1", "Hello").await.unwrap().conversation_id;
    let held = desk.claim_new(conversation, "One more thing").await;
    for _ in 0..2 {
        let pending = desk.visit_as("once", "Hello?").await;
        assert!(matches!(pending, Err(ConversationError::AnswerPending)));
    }
    desk.turns.take(&held).await.unwrap();
    desk.chat.patience = patience;
    let answer = desk.visit_as("once", "Hello?").await.unwrap();
    assert_eq!(answer.reply_text.as_deref(), Some("You said: One more thing\nHello?"));
    assert_eq!(desk.replies(conversation).await.len(), 2);
    desk.visit_as("another", "Hello?").await.unwrap();
    assert_eq!(desk.replies(conversation).await.len(), 3);
}

#[tokio::test]
async fn a_persons_words_to_a_visitor_need_no_carrier() {
    let desk = Desk::open().await;
    let conversation = desk.visit("v1", "Hello").await.unwrap().conversation_id;
    desk.people.answer_in_person(&desk.scope, conversation, "Ann speaking").await.unwrap();
    desk.drain().await;
    assert_eq!(desk.states(conversation).await, [DeliveryState::Delivered, DeliveryState::Sent]);
    assert_eq!(desk.sent(), [""; 0]);
}

#[tokio::test]
async fn a_model_has_until_the_visitors_patience_ends_or_as_long_as_in_any_turn() {
    let mut desk = Desk::open().await;
    let usual = TimeDelta::from_std(TurnLimits::default().answer_within).unwrap();
    let asked_at = desk.clock.now();
    for (patience, expected) in [(TimeDelta::seconds(25), TimeDelta::seconds(25)), (usual * 2, usual)] {
        desk.chat.patience = patience.to_std().unwrap();
        desk.visit("v1", "Hello").await.unwrap();
        assert_eq!(desk.model.requests().last().unwrap().answer_by, asked_at + expected);
    }
}

#[tokio::test]
async fn a_visitor_who_will_not_wait_much_longer_leaves_the_turn_to_a_worker() {
    let mut desk = Desk::open().await;
    desk.chat.patience = Duration::from_secs(20);
    let conversation = desk.visit("v1", "Hello").await.unwrap().conversation_id;
    let held = desk.claim_new(conversation, "One more thing").await;
    let (pending, ()) = tokio::join!(desk.visit("v1", "Hello?"), async {
        desk.pass(11);
        desk.stores.jobs().release(&held, desk.clock.now()).await.unwrap();
        tokio::task::yield_now().await;
        desk.pass(10);
        desk.stores.jobs().finish(&held).await.unwrap();
    });
    assert!(matches!(pending, Err(ConversationError::AnswerPending)), "{pending:?}");
    assert_eq!(desk.model.requests().len(), 1);
    desk.work().await;
    assert_eq!(desk.replies(conversation).await[1], "You said: One more thing\nHello?");
}
