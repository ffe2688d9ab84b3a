//! Who writes, what is needed, and when: asked once, remembered, corrected, repeated back.

use conversation::Author;
use serde_json::json;

use crate::testing::{Talk, first_answer, profile};

#[test]
fn in_five_messages_the_name_is_asked_remembered_and_repeated() {
    let mut talk = Talk::new();
    let greeting = talk.say("hi");
    assert!(greeting.contains("Bristol Plumbing") && greeting.contains("your name?"), "{greeting}");
    assert_eq!(talk.say("Ann"), "Thanks, Ann. What can we help you with?");
    let noted = talk.say("my kitchen sink is leaking");
    assert_eq!(noted, "Thanks, Ann. I have noted: leaking kitchen sink. When would be a good time for you?");
    assert_eq!(
        talk.say("tomorrow at 3"),
        "Thanks, Ann. I have noted: leaking kitchen sink, tomorrow at 3 pm. Someone from Bristol Plumbing will confirm."
    );
    assert_eq!(talk.say("what's my name?"), "Your name is Ann, as far as I know.");
}

#[test]
fn what_was_told_at_once_is_not_asked_again() {
    let answer = first_answer("Hi, my name is Ann Lee, my sink is leaking, can someone come Friday morning?");
    assert!(answer.contains("Ann Lee") && answer.contains("leaking sink, Friday morning"), "{answer}");
    assert!(!answer.contains('?'), "{answer}");
}

#[test]
fn one_thing_is_asked_at_a_time() {
    for text in ["hi", "my sink is leaking", "tomorrow at 3", "are you open now?", "👍"] {
        assert_eq!(first_answer(text).matches('?').count(), 1, "{text}");
    }
}

#[test]
fn nothing_is_asked_a_third_time() {
    let mut talk = Talk::new();
    let asked = ["hm", "hm", "hm", "hm"].map(|text| talk.say(text).contains("your name?"));
    assert_eq!(asked, [true, true, false, false]);
}

#[test]
fn a_correction_replaces_what_it_names() {
    let mut talk = Talk::new();
    talk.say("I'm Ann, my sink is leaking, tomorrow at 3 please");
    let corrected = talk.say("no, my name is Anne");
    assert!(corrected.contains("Thanks, Anne. I have corrected your name."), "{corrected}");
    let corrected = talk.say("actually Thursday");
    assert!(
        corrected.contains("leaking sink, Thursday at 3 pm") && !corrected.contains("tomorrow"),
        "{corrected}"
    );
    let corrected = talk.say("no, the toilet is leaking");
    assert!(corrected.contains("leaking toilet") && !corrected.contains("sink"), "{corrected}");
}

#[test]
fn a_second_need_is_added() {
    let mut talk = Talk::new();
    talk.say("I'm Ann, my sink is leaking");
    assert!(talk.say("also my toilet is clogged").contains("leaking sink, clogged toilet"));
}

#[test]
fn pieces_of_a_sentence_are_answered_together() {
    let mut talk = Talk::new();
    for text in ["hi", "my sink", "is leaking"] {
        talk.line(Author::Contact, text, 0);
    }
    let answer = talk.answer().text;
    assert!(answer.contains("I have noted: leaking sink."), "{answer}");
    assert_eq!(answer.matches("Bristol Plumbing").count(), 1, "{answer}");
}

#[test]
fn what_was_told_is_told_back_on_request() {
    let mut talk = Talk::new();
    assert!(talk.say("what did I tell you?").contains("You have not told me anything yet."));
    talk.say("I'm Ann and my sink is leaking");
    assert!(talk.say("what did I tell you?").contains("You told me: your name is Ann; leaking sink."));
}

#[test]
fn nothing_is_ever_said_to_be_settled() {
    let mut talk = Talk::new();
    let answer = talk.say("I'm Ann, my sink is leaking, tomorrow at 3") + &talk.say("is it confirmed?");
    assert!(
        answer.contains("Not yet: I have only noted it, and someone from Bristol Plumbing will confirm."),
        "{answer}"
    );
    for claim in ["booked", "is confirmed", "see you", "scheduled"] {
        assert!(!answer.contains(claim), "{claim}: {answer}");
    }
}

#[test]
fn a_day_on_which_the_business_is_closed_is_pointed_out() {
    assert!(first_answer("my sink is leaking, come on Sunday").contains("We are usually closed on Sunday."));
    assert!(!first_answer("my sink is leaking, come on Monday").contains("closed"));
}

#[test]
fn a_name_is_noted_only_where_the_transcript_tells_it() {
    let mut talk = Talk::new();
    talk.request.contact_name = Some("Ann".into());
    talk.line(Author::Contact, "hi", 0);
    let (reply, noted) = talk.answer_noting();
    assert_eq!(noted, json!(null));
    assert!(reply.text.starts_with("Hi Ann") && !reply.text.contains("your name?"), "{}", reply.text);
    talk.line(Author::Contact, "my name is Anne Lee", 0);
    assert_eq!(talk.answer_noting().1, json!({ "name": "Anne Lee" }));
}

#[test]
fn a_service_is_not_taken_for_a_name() {
    let mut talk = Talk::new();
    talk.say("hi");
    talk.line(Author::Contact, "Drain cleaning", 0);
    assert_eq!(talk.answer_noting().1, json!(null));
}

#[test]
fn after_a_person_it_goes_on_without_a_greeting() {
    let mut talk = Talk::new();
    talk.line(Author::Contact, "my sink is leaking", 0);
    talk.line(Author::Human, "Hi, Joe here. What's your name?", 0);
    let answer = talk.say("Ann");
    assert_eq!(answer, "Thanks, Ann. When would be a good time for you?");
}

#[test]
fn the_business_greets_in_its_own_words() {
    let mut business = profile();
    business.greeting = "Welcome to Bristol Plumbing! How can we help you today?".into();
    assert_eq!(Talk::with(business.clone()).say("hi"), business.greeting);
    let answer = Talk::with(business).say("my sink is leaking");
    assert!(
        answer.starts_with("Welcome to Bristol Plumbing! Thanks. I have noted: leaking sink."),
        "{answer}"
    );
}

#[test]
fn what_is_understood_is_noted_once_and_only_what_is_new() {
    let mut talk = Talk::new();
    talk.line(Author::Contact, "I am Ann Lee and my heater is leaking", 0);
    let (_, noted) = talk.answer_noting();
    assert_eq!((&noted["name"], &noted["need"]), (&json!("Ann Lee"), &json!("leaking heater")));
    talk.line(Author::Contact, "Tomorrow at 3pm", 0);
    assert_eq!(talk.answer_noting().1, json!({ "preferred_time": "tomorrow at 3 pm" }));
    talk.line(Author::Contact, "thanks", 0);
    assert_eq!(talk.answer_noting().1, json!(null));
}

#[test]
fn an_emergency_is_noted_as_one() {
    let mut talk = Talk::new();
    talk.line(Author::Contact, "my kitchen is flooding", 0);
    let (reply, noted) = talk.answer_noting();
    assert_eq!(noted["urgency"], "emergency");
    assert!(reply.text.contains("911"), "{}", reply.text);
}
