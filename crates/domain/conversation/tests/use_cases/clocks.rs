//! Servers and workers whose clocks differ: what was said stays in order for the model.

use conversation::Author;

use kernel::{Cursor, PageRequest};

use crate::desk::Desk;

/// How far clocks are apart, in seconds.
const APART: i64 = 600;

async fn answered_by_a_clock_that_is_off(desk: &Desk, text: &str, off: i64) {
    let conversation = desk.text(text).await;
    desk.pass(off);
    desk.take_turn(conversation).await;
    desk.pass(1 - off);
}

#[tokio::test]
async fn an_answer_stands_behind_its_question_whoever_has_the_late_clock() {
    for off in [-APART, APART] {
        let desk = Desk::open().await;
        answered_by_a_clock_that_is_off(&desk, "first", off).await;
        answered_by_a_clock_that_is_off(&desk, "second", 0).await;
        answered_by_a_clock_that_is_off(&desk, "third", -off).await;
        answered_by_a_clock_that_is_off(&desk, "fourth", 0).await;
        let request = desk.model.requests().pop().unwrap();
        let told: Vec<_> = request.transcript.iter().map(|line| line.author).collect();
        assert_eq!(request.transcript.last().unwrap().text, "fourth");
        assert_eq!(told.last(), Some(&Author::Contact));
        let place = |text: &str| request.transcript.iter().position(|line| line.text == text).unwrap();
        for question in ["first", "second", "third"] {
            let answer =
                request.transcript.iter().skip(place(question) + 1).find(|line| line.author == Author::Bot);
            assert!(
                answer.is_some_and(|line| line.text.contains(question)),
                "{off}: {question} and then {answer:?}"
            );
        }
    }
}

#[tokio::test]
async fn what_a_person_says_to_a_page_stands_behind_what_it_has_shown() {
    let desk = Desk::open().await;
    let conversation = desk.visit("v1", "Hello").await.unwrap().conversation_id;
    for answer in ["Ann here, I can help.", "Are you still there?"] {
        let shown = desk.messages(conversation).await.pop().unwrap();
        desk.pass(-APART);
        desk.people.answer_in_person(&desk.scope, conversation, answer).await.unwrap();
        let after = PageRequest::new(
            10,
            Some(Cursor { micros: shown.created_at.timestamp_micros(), id: shown.id.uuid() }),
        );
        let new = desk.people.list_messages(&desk.scope, conversation, &after.unwrap()).await.unwrap().items;
        let new: Vec<_> = new.iter().map(|message| message.body.text.as_str()).collect();
        assert_eq!(new, [answer]);
    }
}
