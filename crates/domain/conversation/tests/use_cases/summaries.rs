//! What falls out of what a model is shown stays in a summary, which is words of others as well.

use conversation::{MayAnswer, ModelError, ModelReply, Summarized, Summary, ToSummarize, TokenUsage};

use crate::desk::Desk;

/// So many exchanges make a conversation long.
const LONG: usize = 31;

/// Lets the customer write so many messages, each of which is answered.
async fn exchange(desk: &Desk, count: usize) {
    for number in 0..count {
        desk.text_and_wait(&format!("{number} is my question")).await;
        // No machine writes so slowly.
        desk.pass(600);
    }
}

fn answer(summary: &str) -> String {
    serde_json::to_string(&Summarized { summary: summary.to_owned() }).unwrap()
}

/// Says what the model was asked to sum up, each time.
fn asked(desk: &Desk) -> Vec<ToSummarize> {
    let asked = desk.model.requests().into_iter().filter(|request| request.output.is_some());
    asked.map(|request| serde_json::from_str(&request.transcript[0].text).unwrap()).collect()
}

/// Answers the exchange that makes the conversation long, and then the request for its summary.
async fn outgrow(desk: &Desk, summary: &str) {
    exchange(desk, LONG - 1).await;
    desk.model.then_says("Here you are.");
    desk.model.then_says(&answer(summary));
    desk.text_and_wait("my name is Ann").await;
}

#[tokio::test]
async fn a_conversation_that_grows_long_is_summed_up_but_for_its_last_messages() {
    let desk = Desk::open().await;
    outgrow(&desk, "A customer asked thirty questions.").await;
    let asked = asked(&desk);
    let [first] = asked.as_slice() else { panic!("asked {} times", asked.len()) };
    assert!(first.summary.is_none());
    assert_eq!(first.said.len(), 2 * LONG - 30);
    assert_eq!((first.said[0].by.as_str(), first.said[0].text.as_str()), ("contact", "0 is my question"));
    assert_eq!(first.said[1].by, "bot");
    desk.text_and_wait("What was my first question?").await;
    let request = desk.model.requests().pop().unwrap();
    assert_eq!(request.earlier.as_deref(), Some("A customer asked thirty questions."));
    assert_eq!(request.transcript.len(), 31, "the last messages are read word for word");
    assert!(!request.instructions.contains("thirty"), "words of others are no instructions");
}

#[tokio::test]
async fn a_short_conversation_is_not_summed_up() {
    let desk = Desk::open().await;
    exchange(&desk, 25).await;
    assert_eq!(asked(&desk).len(), 0);
    assert_eq!(desk.model.requests().pop().unwrap().earlier, None);
}

#[tokio::test]
async fn a_summary_goes_on_from_the_one_before() {
    let desk = Desk::open().await;
    outgrow(&desk, "Thirty questions.").await;
    exchange(&desk, 15).await;
    desk.model.then_says("Here you are.");
    desk.model.then_says(&answer("Forty-five questions."));
    desk.text_and_wait("and this").await;
    let asked = asked(&desk);
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[1].summary.as_deref(), Some("Thirty questions."));
    assert_eq!(asked[1].said.len(), 32);
    desk.text_and_wait("Hello?").await;
    assert_eq!(desk.model.requests().pop().unwrap().earlier.as_deref(), Some("Forty-five questions."));
}

#[tokio::test]
async fn few_long_messages_are_summed_up_too() {
    let desk = Desk::open().await;
    desk.model.then_says("Noted.");
    for _ in 0..4 {
        desk.text(&"word ".repeat(1_500)).await;
    }
    desk.pass(10);
    desk.model.then_says(&answer("Many words."));
    desk.work().await;
    assert_eq!(asked(&desk).len(), 1);
    desk.text_and_wait("And now?").await;
    let request = desk.model.requests().pop().unwrap();
    assert_eq!(request.earlier.as_deref(), Some("Many words."));
    assert!(request.transcript.len() < 5, "{}", request.transcript.len());
}

#[tokio::test]
async fn a_model_that_sums_nothing_up_leaves_the_conversation_as_it_was_and_is_asked_again() {
    let unreadable = ["I cannot do that.", "{\"summary\": \"  \"}", "{}"];
    for answered in unreadable {
        let desk = Desk::open().await;
        exchange(&desk, LONG - 1).await;
        desk.model.then_says("Here you are.");
        desk.model.then_says(answered);
        desk.text_and_wait("my name is Ann").await;
        desk.model.then_says("Good.");
        desk.model.then_fails(ModelError::TimedOut("the first token"));
        desk.text_and_wait("Still there?").await;
        assert_eq!(asked(&desk).len(), 2, "{answered}");
        desk.model.then_says("Yes.");
        desk.model.then_says(&answer("At last."));
        desk.text_and_wait("Really?").await;
        desk.text_and_wait("Hm").await;
        assert_eq!(desk.model.requests().pop().unwrap().earlier.as_deref(), Some("At last."));
        assert_eq!(desk.sent().len(), LONG + 3, "every message was answered once");
    }
}

/// An answer that took so many tokens.
fn took(text: &str, tokens: u32) -> ModelReply {
    let usage = TokenUsage { input: tokens, ..TokenUsage::default() };
    ModelReply { usage, ..ModelReply::of_text(text) }
}

/// Says how many tokens were counted without a turn or summary that was kept.
fn in_vain(desk: &Desk) -> u32 {
    desk.allowance.spent().iter().map(|spent| spent.tokens.input).sum()
}

#[tokio::test]
async fn what_a_summary_took_that_is_of_no_use_is_counted() {
    let endless = "x".repeat(2 * ModelReply::MAX_LENGTH);
    for answered in ["", "I cannot do that.", "{}", &answer(" "), &answer(&endless)] {
        let desk = Desk::open().await;
        exchange(&desk, LONG - 1).await;
        desk.model.then_says("Here you are.");
        desk.model.then_replies(took(answered, 8_000));
        desk.text_and_wait("my name is Ann").await;
        assert_eq!(asked(&desk).len(), 1);
        assert_eq!(in_vain(&desk), 8_000, "{}", answered.len());
    }
}

#[tokio::test]
async fn what_a_summary_took_that_another_had_made_already_is_counted() {
    let desk = Desk::open().await;
    exchange(&desk, LONG - 1).await;
    desk.model.then_says("Here you are.");
    desk.model.then_fails(ModelError::Unavailable("down".into()));
    let conversation = desk.text_and_wait("my name is Ann").await;
    let go = desk.model.then_waits();
    desk.model.then_replies(took(&answer("Late."), 7));
    desk.model.then_replies(took(&answer("Early."), 100));
    let late = desk.summarize.summarize(&desk.scope, conversation);
    let early = async {
        desk.model.asked().await;
        desk.summarize.summarize(&desk.scope, conversation).await.unwrap();
        go.notify_one();
    };
    let (late, ()) = tokio::join!(late, early);
    late.unwrap();
    assert_eq!(in_vain(&desk) + u32::try_from(desk.stores.tokens_used(&desk.scope)).unwrap(), 107);
    assert!(in_vain(&desk) > 0);
}

#[tokio::test]
async fn a_summary_without_end_is_cut() {
    let desk = Desk::open().await;
    outgrow(&desk, &"x".repeat(3 * Summary::MAX_LENGTH)).await;
    desk.text_and_wait("Hello?").await;
    let earlier = desk.model.requests().pop().unwrap().earlier.unwrap();
    assert_eq!(earlier.len(), Summary::MAX_LENGTH);
}

#[tokio::test]
async fn a_tenant_that_may_not_answer_pays_for_no_summary() {
    let desk = Desk::open().await;
    exchange(&desk, LONG - 1).await;
    desk.allowance.set(MayAnswer::NotAtAll);
    desk.text_and_wait("my name is Ann").await;
    assert_eq!(asked(&desk).len(), 0);
}
