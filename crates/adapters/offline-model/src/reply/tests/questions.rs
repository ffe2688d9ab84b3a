//! Questions about the business and the receptionist.

use conversation::{Author, ModelReply, RequestHandoff, Tool as _};
use tenancy::{BusinessProfile, Channel};

use crate::{
    reply,
    testing::{Talk, first_answer},
};

#[test]
fn questions_are_answered_from_the_profile() {
    for (text, part) in [
        ("what are your hours?", "We are open Monday to Friday 8 am–5 pm, Saturday 9 am–12 noon."),
        ("are you open now?", "Yes, we are open now, until 5 pm."),
        ("are you open tomorrow?", "We are open tomorrow (Tuesday) 8 am–5 pm."),
        ("are you open on Sunday?", "We are closed on Sunday."),
        ("do you fix water heaters?", "Yes, we do: Water heater repair."),
        ("what services do you offer?", "We offer: Drain cleaning, Water heater repair, Leak repair."),
        ("do you come to Bath?", "Yes, we work in: Bristol, Bath and 20 miles around."),
        ("where are you located?", "You find us at 4 Mill Lane, Bristol."),
    ] {
        let answer = first_answer(text);
        assert!(answer.contains(part), "{text}: {answer}");
    }
}

#[test]
fn what_the_profile_does_not_say_is_passed_on() {
    for text in [
        "what are your hours?",
        "what do you do?",
        "what area do you serve?",
        "where are you?",
        "do you take cards?",
    ] {
        let answer = Talk::with(BusinessProfile::default()).say(text);
        assert!(
            answer.contains("I do not know") && answer.contains("pass your question on"),
            "{text}: {answer}"
        );
    }
}

#[test]
fn open_now_is_judged_where_the_business_is() {
    let mut talk = Talk::new();
    talk.request.business.time_zone = chrono_tz::Asia::Tokyo;
    assert!(talk.say("are you open now?").contains("We are closed right now. We open today at 8 am."));
}

#[test]
fn a_price_is_not_invented() {
    let answer = first_answer("how much is a new water heater?");
    assert!(answer.contains("I cannot give prices here"), "{answer}");
    assert!(!answer.chars().any(|c| c.is_ascii_digit()), "{answer}");
}

#[test]
fn a_wish_for_a_person_is_passed_on() {
    for text in ["can I talk to a person?", "I want to speak to someone", "please call me"] {
        assert!(first_answer(text).contains("a person from Bristol Plumbing will get back to you"), "{text}");
    }
}

/// Returns the reply to first words where a conversation can be given to a person.
fn with_people(text: &str) -> ModelReply {
    let mut talk = Talk::new();
    talk.request.tools = vec![RequestHandoff.spec()];
    talk.line(Author::Contact, text, 0);
    reply::reply(&talk.request)
}

#[test]
fn who_asks_for_a_person_gets_one_and_is_asked_nothing_more() {
    for text in ["can I talk to a person?", "please call me", "My drain is clogged. Let me speak to a human."]
    {
        let reply = with_people(text);
        let [call] = reply.tool_calls.as_slice() else { panic!("{text}: {}", reply.text) };
        assert!(RequestHandoff.spec().parameters.check(&call.arguments).is_ok(), "{}", call.arguments);
        assert_eq!((call.name.as_str(), &call.arguments["reason"]), ("request_handoff", &"asked".into()));
        assert!(
            reply.text.contains("a person from Bristol Plumbing") && !reply.text.contains('?'),
            "{}",
            reply.text
        );
    }
    let summary =
        with_people("My drain is clogged. Let me speak to a human.").tool_calls[0].arguments.clone();
    assert_eq!(summary["summary"], "Wants to talk to a person. Noted: clogged drain.");
}

#[test]
fn nobody_is_given_to_a_person_who_did_not_ask_or_is_in_danger() {
    for text in ["Are you a real person?", "please call me Bob", "I smell gas! Let me talk to a person"] {
        let reply = with_people(text);
        assert!(reply.tool_calls.is_empty() && !reply.text.is_empty(), "{text}: {}", reply.text);
    }
}

#[test]
fn it_says_that_it_is_a_machine() {
    for text in ["are you a bot?", "am I talking to a real person", "is this AI?"] {
        assert!(first_answer(text).contains("I am an automated assistant, not a person."), "{text}");
    }
}

#[test]
fn a_question_and_news_are_answered_together() {
    let answer = first_answer("Are you open on Saturday? My drain is clogged");
    assert!(
        answer.contains("We are open on Saturday") && answer.contains("I have noted: clogged drain"),
        "{answer}"
    );
}

#[test]
fn a_text_message_holds_plain_characters_only() {
    let mut talk = Talk::new();
    talk.request.channel = Channel::Sms;
    let answer = talk.say("what are your hours?");
    assert!(answer.contains("8 am-5 pm") && answer.is_ascii(), "{answer}");
}
