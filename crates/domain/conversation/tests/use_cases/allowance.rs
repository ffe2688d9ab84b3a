//! What a tenant may still do.

use conversation::{
    ConversationStatus, JobKind, MayAnswer, ModelError, ModelReply, Owner, RefusalReason, Spent, TokenUsage,
    ToolCall, TurnResult,
};
use kernel::ModelProvider;

use crate::desk::{Desk, LEASE, WINDOW};

#[tokio::test]
async fn while_everything_is_allowed_the_composer_says_which_model_answers() {
    let desk = Desk::open().await;
    desk.text_and_wait("Do you fix sinks?").await;
    assert_eq!(desk.model.requests()[0].settings.providers, []);
    assert_eq!(desk.sent().len(), 1);
}

#[tokio::test]
async fn where_only_the_model_in_the_box_may_answer_no_other_is_asked() {
    let desk = Desk::open().await;
    desk.allowance.set(MayAnswer::ByTheModelInTheBox);
    desk.text_and_wait("Do you fix sinks?").await;
    let settings = &desk.model.requests()[0].settings;
    assert_eq!(
        (settings.providers.as_slice(), &settings.model),
        ([ModelProvider::Offline].as_slice(), &None)
    );
    assert_eq!(desk.sent().len(), 1);
}

#[tokio::test]
async fn where_nothing_is_allowed_no_model_is_asked_and_the_refusal_says_why() {
    let desk = Desk::open().await;
    desk.allowance.set(MayAnswer::NotAtAll);
    let conversation = desk.text_and_wait("Do you fix sinks?").await;
    assert_eq!((desk.model.requests().len(), desk.sent().len()), (0, 0));
    assert_eq!(desk.refused(conversation).await, [(RefusalReason::PlanLimit, String::new())]);
    desk.allowance.set(MayAnswer::ByAnyModel);
    desk.text_and_wait("Hello?").await;
    assert_eq!(desk.sent(), ["You said: Hello?"]);
}

#[tokio::test]
async fn help_and_the_confirmation_of_an_opt_out_leave_although_nothing_is_allowed() {
    let desk = Desk::open().await;
    desk.allowance.set(MayAnswer::NotAtAll);
    desk.text_and_wait("HELP").await;
    let conversation = desk.text_and_wait("STOP").await;
    assert_eq!((desk.sent().len(), desk.allowance.asked()), (2, 0));
    assert_eq!(desk.refused(conversation).await, []);
}

#[tokio::test]
async fn a_person_answers_although_nothing_is_allowed() {
    let desk = Desk::open().await;
    desk.allowance.set(MayAnswer::NotAtAll);
    let conversation = desk.text_and_wait("Do you fix sinks?").await;
    desk.people.answer_in_person(&desk.scope, conversation, "We do. Joe").await.unwrap();
    desk.work().await;
    assert_eq!(desk.sent(), ["We do. Joe"]);
    let found = desk.people.get(&desk.scope, conversation).await.unwrap().conversation;
    assert_eq!((found.owner, found.status), (Owner::Human, ConversationStatus::Open));
}

#[tokio::test]
async fn nobody_is_asked_where_the_receptionist_is_silent_anyway() {
    let desk = Desk::open().await;
    let conversation = desk.text_and_wait("Do you fix sinks?").await;
    desk.people.pause(&desk.scope, conversation).await.unwrap();
    desk.text_and_wait("Hello?").await;
    assert_eq!(desk.allowance.asked(), 1);
}

#[tokio::test]
async fn a_turn_that_has_to_be_committed_anew_asks_once() {
    let desk = Desk::open().await;
    let conversation = desk.text("Do you fix sinks?").await;
    desk.pass(WINDOW);
    let go = desk.model.then_waits();
    let claim = desk.claim(JobKind::Turn, conversation).await.unwrap();
    let person = async {
        desk.model.asked().await;
        // The version that the turn has read is an old one now, and the receptionist may still answer.
        desk.people.pause(&desk.scope, conversation).await.unwrap();
        desk.people.resume(&desk.scope, conversation).await.unwrap();
        go.notify_one();
    };
    let (turn, ()) = tokio::join!(desk.turns.take(&claim), person);
    turn.unwrap();
    desk.work().await;
    assert_eq!((desk.model.requests().len(), desk.allowance.asked()), (2, 1));
    assert_eq!(desk.sent(), ["You said: Do you fix sinks?"]);
}

/// What a model's answer took.
fn took(text: &str, tokens: u32) -> ModelReply {
    let usage = TokenUsage { input: tokens, ..TokenUsage::default() };
    ModelReply { model: "m".into(), usage, ..ModelReply::of_text(text) }
}

fn tokens(spent: &[Spent]) -> Vec<u32> {
    spent.iter().map(|one| one.tokens.input).collect()
}

#[tokio::test]
async fn what_a_model_took_before_it_failed_is_counted() {
    let desk = Desk::open().await;
    let asks = ToolCall {
        id: "1".into(),
        name: "remember_language".into(),
        arguments: serde_json::json!({}),
        provider_data: None,
    };
    desk.model.then_replies(ModelReply { tool_calls: vec![asks], ..took("", 100) });
    desk.model.then_fails(ModelError::Unavailable("down".into()));
    let conversation = desk.text("Do you fix sinks?").await;
    assert_eq!(desk.take_turn(conversation).await, TurnResult::Postponed);
    assert_eq!(tokens(&desk.allowance.spent()), [100]);
    desk.drain().await;
    assert_eq!(tokens(&desk.allowance.spent()), [100], "a turn that is committed brings its own");
}

#[tokio::test]
async fn an_answer_that_says_nothing_is_paid_for_too() {
    let desk = Desk::open().await;
    desk.model.then_replies(took("", 7));
    let conversation = desk.text("Do you fix sinks?").await;
    assert_eq!(desk.take_turn(conversation).await, TurnResult::Postponed);
    assert_eq!(tokens(&desk.allowance.spent()), [7]);
}

#[tokio::test]
async fn words_for_which_a_person_leaves_no_room_are_counted_with_the_turn() {
    let desk = Desk::open().await;
    let conversation = desk.text("Do you fix sinks?").await;
    let go = desk.model.then_waits();
    desk.model.then_replies(took("Yes.", 100));
    let claim = desk.claim(JobKind::Turn, conversation).await.unwrap();
    let person = async {
        desk.model.asked().await;
        desk.people.pause(&desk.scope, conversation).await.unwrap();
        go.notify_one();
    };
    let (turn, ()) = tokio::join!(desk.turns.take(&claim), person);
    assert!(matches!(turn.unwrap(), TurnResult::Committed(_)));
    assert_eq!(desk.stores.tokens_used(&desk.scope), 100);
    assert_eq!(desk.allowance.spent(), []);
}

#[tokio::test]
async fn words_of_a_claim_that_was_lost_are_counted() {
    let desk = Desk::open().await;
    let conversation = desk.text("Do you fix sinks?").await;
    let go = desk.model.then_waits();
    desk.model.then_replies(took("Yes.", 100));
    let late = desk.claim(JobKind::Turn, conversation).await.unwrap();
    let other = async {
        desk.model.asked().await;
        desk.pass(i64::try_from(LEASE.as_secs()).unwrap());
        desk.claim(JobKind::Turn, conversation).await.unwrap();
        go.notify_one();
    };
    let (turn, ()) = tokio::join!(desk.turns.take(&late), other);
    assert_eq!(turn.unwrap(), TurnResult::LostClaim);
    assert_eq!(tokens(&desk.allowance.spent()), [100]);
}

#[tokio::test]
async fn a_turn_that_others_never_let_commit_is_tried_again_soon() {
    let desk = Desk::open().await;
    let conversation = desk.text("Do you fix sinks?").await;
    let waits: Vec<_> = (0..4)
        .map(|_| {
            let go = desk.model.then_waits();
            desk.model.then_replies(took("Yes.", 1));
            go
        })
        .collect();
    let claim = desk.claim(JobKind::Turn, conversation).await.unwrap();
    let person = async {
        for go in waits {
            desk.model.asked().await;
            desk.people.pause(&desk.scope, conversation).await.unwrap();
            desk.people.resume(&desk.scope, conversation).await.unwrap();
            go.notify_one();
        }
    };
    let (turn, ()) = tokio::join!(desk.turns.take(&claim), person);
    assert_eq!(turn.unwrap(), TurnResult::Postponed);
    assert_eq!(tokens(&desk.allowance.spent()), [4]);
    desk.pass(2);
    desk.work().await;
    assert_eq!(desk.sent(), ["You said: Do you fix sinks?"]);
}
