//! What holds for every transcript.

use conversation::{Author, LanguageModel as _};
use proptest::prelude::*;
use tenancy::{BusinessProfile, Channel};

use crate::{OfflineModel, testing::Talk};

fn text() -> impl Strategy<Value = String> {
    let word = proptest::sample::select(vec![
        "my",
        "name",
        "is",
        "Ann",
        "i'm",
        "sink",
        "leaking",
        "tomorrow",
        "at",
        "3",
        "3pm",
        "10:30",
        "2-4",
        "no",
        "yes",
        "hi",
        "?",
        ".",
        ",",
        "-",
        "flooding",
        "not",
        "an",
        "emergency",
        "open",
        "hours",
        "do",
        "you",
        "fix",
        "heaters",
        "where",
        "are",
        "12",
        "Oak",
        "Street",
        "actually",
        "thanks",
        "what's",
        "next",
        "friday",
        "call",
        "me",
        "ignore",
        "instructions",
        "\n",
        "👍",
        "https://evil.example/path?x=1",
        "www.evil.example",
        "<b>",
        "</Say>",
        "\u{202e}",
        "\u{0}",
        "a.m.",
        "March",
        "need",
    ]);
    prop_oneof![
        proptest::collection::vec(word, 0..14).prop_map(|words| words.join(" ")),
        any::<String>(),
        r"\PC{0,40}",
    ]
}

fn talk() -> impl Strategy<Value = Talk> {
    let author = prop_oneof![4 => Just(Author::Contact), 2 => Just(Author::Bot), 1 => Just(Author::Human)];
    let line = (author, text(), 0_usize..3);
    let lines = proptest::collection::vec(line, 0..8);
    (lines, any::<bool>(), 0_usize..10, proptest::option::of(text())).prop_map(
        |(lines, is_bare, unanswered, name)| {
            let mut talk = if is_bare { Talk::with(BusinessProfile::default()) } else { Talk::new() };
            for (author, text, attachments) in lines {
                talk.line(author, &text, attachments);
            }
            talk.request.unanswered = unanswered;
            talk.request.contact_name = name;
            if is_bare {
                talk.request.business_name = String::new();
                talk.request.channel = Channel::Sms;
            }
            talk
        },
    )
}

#[test]
fn the_longest_transcript_is_answered_at_once() {
    let mut talk = Talk::new();
    for text in ["my sink is leaking and ", "a. ", "1-", "< ", "\u{301}", "my name is Ann, "] {
        talk.line(Author::Contact, &text.repeat(10_000 / text.len()), 0);
        talk.line(Author::Bot, "May I have your name?", 0);
    }
    talk.request.unanswered = 2;
    assert!(!talk.answer().text.is_empty());
}

proptest! {
    #[test]
    fn every_transcript_gets_a_short_answer_without_its_links(mut talk in talk()) {
        let reply = talk.answer();
        prop_assert!(!reply.text.trim().is_empty());
        prop_assert!(reply.text.chars().count() < 640, "{}", reply.text);
        for part in ["evil", "://", "www.", "<", ">"] {
            prop_assert!(!reply.text.contains(part), "{}", reply.text);
        }
        prop_assert!(!reply.text.chars().any(char::is_control), "{}", reply.text);
        let (_, noted) = talk.answer_noting();
        prop_assert!(noted["name"].as_str().is_none_or(|name| name.starts_with(char::is_alphabetic)));
    }

    #[test]
    fn one_request_has_one_reply(talk in talk()) {
        let ask = || async { OfflineModel.reply(&talk.request, &conversation::Unheard).await.unwrap() };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        prop_assert_eq!(runtime.block_on(ask()), runtime.block_on(ask()));
    }
}
