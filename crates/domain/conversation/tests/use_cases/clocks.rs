//! Servers and workers whose clocks differ: what was said stays in order for the model.

use conversation::Author;

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
