//! Requests to stop writing, in free words. Each rule needs both the stopping and the writing: "stop the
//! leak" and "don't stop" are none.

use super::{
    spoken::Spoken,
    vocabulary::{
        BEFORE_MESSAGES, LIMITS, LINKS, MESSAGES, NEGATORS, PESTERING, POLITE, RECEIVED, REMOVING, SWEARING,
        WEARY, WHICH, WHOLE, WRITE, WRITING, listed,
    },
};

/// Tells whether a text asks us, in whatever reasonable words, not to write any more.
pub(super) fn asks_to_stop(spoken: &Spoken) -> bool {
    let first = spoken.sentences().next().unwrap_or_default();
    is_bare_stop(&first)
        || spoken.is_sentence(&WHOLE)
        || is_weary(spoken)
        || spoken.clauses().any(|clause| asks(&clause))
}

fn asks(clause: &[&str]) -> bool {
    (0..clause.len()).any(|at| {
        let (before, from) = clause.split_at(at);
        forbids_writing(before, from) || (ends_writing(before, from) && !is_negated(before))
    })
}

/// "Stop", "please stop now": nothing is named that could be stopped.
fn is_bare_stop(words: &[&str]) -> bool {
    words.contains(&"stop") && words.iter().all(|word| *word == "stop" || listed(POLITE, word))
}

/// "Wrong number, please stop": what comes before shows that the messages are meant.
fn is_weary(spoken: &Spoken) -> bool {
    let ends_with_stop = |clause: Vec<&str>| {
        let pleads = matches!(*clause, [.., "please" | "just", "stop"] | [.., "stop", "please"]);
        pleads || is_bare_stop(&clause)
    };
    WEARY.iter().any(|phrase| spoken.says(phrase)) && spoken.clauses().any(ends_with_stop)
}

/// "Stop texting me", "take me off your list", "unsubscribe me" at the start of `from`.
fn ends_writing(before: &[&str], from: &[&str]) -> bool {
    match from {
        ["stop" | "quit" | "cease", rest @ ..] => stops_writing(before, skip(rest, SWEARING)),
        ["end" | "cancel" | "discontinue", which, rest @ ..] if listed(WHICH, which) => names_plural(rest),
        ["unsubscribe", ..] | ["remove" | "delete" | "lose" | "forget", "my" | "this", "number"] => true,
        ["opt" | "opting", "out", rest @ ..] | ["opt", _, "out", rest @ ..] | ["optout", rest @ ..] => {
            !matches!(rest, ["of" | "from", what @ ..] if !names_messages(what) && !names_these(what))
        }
        [verb, "me" | "us", "off" | "from", rest @ ..] => listed(REMOVING, verb) && names_a_list(rest),
        [verb, "my" | "this", what, "off" | "from", rest @ ..] => {
            listed(REMOVING, verb) && listed("number phone name", what) && names_a_list(rest)
        }
        ["leave", "me" | "us", "alone", rest @ ..] => {
            rest.is_empty() || begins(rest, "please now and already")
        }
        ["revoke" | "withdraw", rest @ ..] => contains(rest, 3, "consent permission"),
        ["no", "more", what, ..] => listed(MESSAGES, what) && !ends(before, RECEIVED),
        _ => false,
    }
}

/// "Don't text me", "I do not want your messages" at the start of `from`.
fn forbids_writing(before: &[&str], from: &[&str]) -> bool {
    let (["dont" | "never" | "not", rest @ ..] | ["no", "longer", rest @ ..]) = from else {
        return false;
    };
    // In "you never text me" somebody else's writing is meant, and missed.
    let before = before.strip_suffix(&["do"]).unwrap_or(before);
    if ends(before, "you u they he she it who") {
        return false;
    }
    match skip(rest, "ever please") {
        ["want" | "wanna" | "need" | "wish" | "consent" | "agree", rest @ ..] => is_unwanted(rest),
        ["send" | "sending", rest @ ..] => names_messages(rest),
        ["bother" | "harass" | "bug", "me" | "us", rest @ ..] => !is_limited(rest),
        ["call", "me" | "us", when, rest @ ..] => {
            listed("again anymore ever", when) && !rest.contains(&"text")
        }
        [verb, rest @ ..] => {
            listed(WRITE, verb) && !ends(before, "i we can could will would did") && is_to_us(rest)
        }
        [] => false,
    }
}

fn is_unwanted(rest: &[&str]) -> bool {
    if matches!(rest, ["to", verb, ..] if listed(WRITE, verb)) {
        return false;
    }
    match skip(rest, "you u to for be receive get getting receiving send anyone keep") {
        ["texted" | "contacted" | "messaged" | "spammed", rest @ ..] => !is_limited(rest),
        [verb, rest @ ..] if listed(WRITE, verb) && !rest.is_empty() => is_to_us(rest),
        [verb, rest @ ..] if listed(WRITING, verb) => is_to_us(rest),
        rest => names_messages(rest),
    }
}

fn stops_writing(before: &[&str], rest: &[&str]) -> bool {
    match rest {
        ["calling", "me" | "us", rest @ ..] => {
            rest.is_empty() || begins(rest, "please now again anymore and or at ever")
        }
        ["sending", rest @ ..] => names_messages(rest) || names_these(rest),
        [verb, "me" | "us", ..] if listed(PESTERING, verb) => true,
        [verb, rest @ ..] if listed(WRITING, verb) => is_to_us(rest) && !is_own_plan(before),
        rest => names_messages(rest),
    }
}

/// "I have to stop texting" speaks of the writer's own fingers.
fn is_own_plan(before: &[&str]) -> bool {
    let is_duty =
        matches!(before, [.., "i", "need" | "have" | "got", "to"] | [.., "i", "should" | "must" | "will"]);
    is_duty || matches!(before, [.., "ill" | "gotta"] | [.., "let", "me"])
}

fn is_to_us(rest: &[&str]) -> bool {
    match rest {
        ["me" | "us", rest @ ..] | ["this" | "my", "number" | "phone" | "cell", rest @ ..] => {
            !is_limited(rest)
        }
        rest => rest.is_empty() || begins(rest, "please now and or immediately anymore again already thanks"),
    }
}

/// "Don't text me before eight" is no wish never to be texted.
fn is_limited(rest: &[&str]) -> bool {
    match rest {
        ["at", next, ..] => !listed("all this my", next),
        ["on", next, ..] => !listed("this my", next),
        rest => begins(rest, LIMITS),
    }
}

fn names_messages(rest: &[&str]) -> bool {
    match skip(rest, BEFORE_MESSAGES) {
        ["text", "messages" | "message", rest @ ..] => !is_limited(rest),
        [what, rest @ ..] => listed(MESSAGES, what) && !is_limited(rest),
        [] => false,
    }
}

fn names_plural(rest: &[&str]) -> bool {
    begins(skip(rest, "text"), "texts messages sms notifications")
}

fn names_these(rest: &[&str]) -> bool {
    matches!(skip(rest, "me us"), [what] if listed("this these stuff crap junk anything things all it", what))
}

fn names_a_list(rest: &[&str]) -> bool {
    contains(rest, 5, "list lists database contacts system records")
        && !contains(rest, 5, "waiting wait cancellation guest")
}

/// Tells whether what follows `before` is negated; "why won't you" is a request all the same.
fn is_negated(before: &[&str]) -> bool {
    if matches!(before, [.., "wont" | "cant" | "dont" | "wouldnt" | "couldnt", "you" | "u"]) {
        return false;
    }
    let nearest = before.iter().rev().find(|word| !listed(LINKS, word));
    nearest.is_some_and(|word| listed(NEGATORS, word))
}

fn begins(words: &[&str], list: &str) -> bool {
    words.first().is_some_and(|word| listed(list, word))
}

fn ends(words: &[&str], list: &str) -> bool {
    words.last().is_some_and(|word| listed(list, word))
}

fn contains(words: &[&str], within: usize, list: &str) -> bool {
    words.iter().take(within).any(|word| listed(list, word))
}

fn skip<'a, 'b>(mut words: &'a [&'b str], list: &str) -> &'a [&'b str] {
    while let [first, rest @ ..] = words
        && listed(list, first)
    {
        words = rest;
    }
    words
}

#[cfg(test)]
mod tests {
    use crate::keyword::{InboundIntent::*, classify};

    #[test]
    fn any_reasonable_wording_opts_out() {
        for text in [
            "stop texting me",
            "Please stop",
            "please, stop!",
            "STOP!!! please",
            "Stop stop stop",
            "ok stop now",
            "I said stop",
            "Can you please stop",
            "STOP. Wrong number.",
            "I'm not interested, please stop",
            "Not interested please stop",
            "stop messaging me",
            "please stop sending me these",
            "stop sending texts",
            "stop the texts",
            "Stop all text messages",
            "I want to stop receiving your messages",
            "why won't you stop texting me",
            "I told you to stop contacting me",
            "quit texting this number",
            "stop calling me",
            "do not text me anymore",
            "Don't text me",
            "don\u{2019}t contact me again",
            "dont message us ever again",
            "Please do not contact me at this number",
            "never text me again",
            "do not call me again",
            "I don't want any more texts",
            "I do not want you to text me",
            "i don't want to be contacted",
            "i no longer wish to receive messages",
            "don't send me any more messages",
            "no more texts please",
            "take me off your list",
            "Take me off of this mailing list",
            "remove me from this list",
            "please remove my number",
            "delete my number from your database",
            "unsubscribe me",
            "how do I unsubscribe?",
            "I want to opt out",
            "please opt me out of these messages",
            "leave me alone",
            "leave me alone, no more texts",
            "lose my number",
            "I revoke my consent",
            "cancel these texts",
            "don't bother me again",
            "ｓｔｏｐ　ｔｅｘｔｉｎｇ　ｍｅ",
            "stop\u{a0}texting\u{2009}me",
            "Hi, my sink is fine now. Please stop texting me.",
        ] {
            assert_eq!(classify(text), OptOut, "{text:?}");
        }
    }

    #[test]
    fn a_stop_that_is_negated_or_about_something_else_is_ordinary() {
        for text in [
            "don't stop",
            "Don\u{2019}t stop!",
            "don't stop texting me",
            "please do not ever stop sending me reminders",
            "I don't want you to stop texting me",
            "why did you stop texting me",
            "my ex will not stop texting me",
            "the water won't stop",
            "stop by tomorrow",
            "please stop by",
            "can you stop the leak",
            "please stop the water",
            "please stop the leak now",
            "I can't get it to stop",
            "make it stop",
            "bus stop",
            "nonstop",
            "weekend",
            "when does it end",
            "end of the month",
            "the end of the pipe is broken",
            "cancel my appointment",
            "I need to cancel",
            "I quit my job",
            "i have to stop texting and drive",
            "don't text me before 8",
            "do not text me at work, thanks",
            "dont text me while I'm driving",
            "don't call me, just text",
            "don't call me before 9",
            "stop calling me Bob",
            "you never text me",
            "you don't text me anymore",
            "I don't get your texts",
            "I have no more messages from you",
            "take me off the waiting list",
            "don't take me off your list",
            "don't unsubscribe me",
            "I do not want to opt out",
            "can I opt out of the maintenance plan",
            "don't leave me alone with this leak",
            "remove my old heater",
            "take my number",
            "the pipes stop working at night",
            "I don't want to text, please call",
            "don't bother, I fixed it",
            "I can not text",
            "YES please",
        ] {
            assert_eq!(classify(text), Ordinary, "{text:?}");
        }
    }
}
