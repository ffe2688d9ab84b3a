//! What a sentence asks about the business, the receptionist or the conversation.

use chrono::Weekday;
use tenancy::WEEKDAYS;

use crate::{
    calendar,
    hours_words::{self, HoursQuestion},
    words::{Sentence, find, listed, skip},
};

/// What a sentence asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Topic {
    /// When the business is open.
    Hours(HoursQuestion),
    /// What it offers; with the words for one service where one is named.
    Services(Vec<String>),
    /// Where it works; with the words for a place where one is named.
    Area(Vec<String>),
    /// Where it is.
    Address,
    /// What it costs.
    Price,
    /// For a person.
    Person,
    /// Whether this is a machine.
    Machine,
    /// What the contact's name is.
    OwnName,
    /// What the contact has told.
    OwnWords,
    /// Whether something is settled.
    Status,
    /// Something else.
    Unknown,
}

/// What is asked in phrases that need no more understanding; the first that fits counts.
const PHRASES: [(Topic, &str); 8] = [
    (
        Topic::OwnName,
        "what is my name|whats my name|know my name|remember my name|\
        say my name|who am i",
    ),
    (
        Topic::OwnWords,
        "did i tell you|did i say|i told you so far|know about me|\
        you noted|you note|have noted|you have down|my details|did i ask",
    ),
    (
        Topic::Machine,
        "are you a bot|are you a robot|are you a human|are you human|\
        are you a person|are you real|are you a real person|are you a real human|are you an ai|\
        are you ai|are you a machine|are you a computer|are you automated|is this a bot|is this a robot|\
        is this a person|is this a real person|is this a human|is this ai|is this an ai|\
        is this automated|am i talking to|am i speaking|am i texting|am i chatting|chatgpt|who are you|\
        what are you|who is this|whos this",
    ),
    (
        Topic::Person,
        "talk to a|talk to an|talk to the|talk to someone|\
        talk to somebody|talk to your|speak to a|speak to an|speak to the|speak to someone|\
        speak to somebody|speak with a|speak with someone|speak with the|talk with a|talk with someone|\
        real person|real human|a human|call me back|give me a call|customer service|\
        operator|human please|representative",
    ),
    (
        Topic::Price,
        "how much|price|prices|pricing|cost|costs|quote|estimate|rates|\
        your rate|hourly rate|charge|fee|fees|expensive|cheap",
    ),
    (Topic::Area(Vec::new()), "service area|what area|what areas|which areas|where do you work"),
    (
        Topic::Address,
        "where are you|your address|your location|where is your|\
        where can i find you|wheres your|where is the shop|where is the office|you located",
    ),
    (
        Topic::Status,
        "is it confirmed|am i booked|is it booked|did you book|\
        am i confirmed|all set",
    ),
];

/// Returns what a sentence asks; `None` when it asks nothing.
pub(crate) fn topic(sentence: &Sentence) -> Option<Topic> {
    if is_small_talk(sentence) {
        return None;
    }
    if sentence.says_any("how much water|how much time|how much longer") {
        return Some(Topic::Unknown);
    }
    if sentence.says("call me")
        && sentence.is_only("please pls just can you could someone call me back now asap")
    {
        return Some(Topic::Person);
    }
    let phrase = PHRASES.into_iter().find(|(_, signs)| sentence.says_any(signs)).map(|(topic, _)| topic);
    phrase
        .or_else(|| hours(sentence).map(Topic::Hours))
        .or_else(|| area(sentence).map(Topic::Area))
        .or_else(|| services(sentence).map(Topic::Services))
        .or_else(|| is_question(sentence).then_some(Topic::Unknown))
}

/// "How are you?", "anyone there?", "can you help me?": a greeting in the shape of a question.
fn is_small_talk(sentence: &Sentence) -> bool {
    let phrases = "how are you|hows it going|how is it going|anyone there|anybody there|you there|\
        can you help me|could you help me|whats up";
    let is_huh = sentence.is_only("what huh pardon hello hi hey yes no ok really");
    (sentence.says_any(phrases) && sentence.words.len() < 8) || sentence.words.len() < 2 && is_huh
}

/// Tells whether a sentence is a question, with or without its mark.
pub(crate) fn is_question(sentence: &Sentence) -> bool {
    let plain = sentence.plain();
    let first = skip(&plain, "hi hello hey so and ok").first().copied().unwrap_or_default();
    let words = "what whats where wheres when why who how which do does did is are can could would";
    sentence.asks || (plain.len() > 2 && listed(words, first))
}

fn hours(sentence: &Sentence) -> Option<HoursQuestion> {
    let has_day = |word: &str| day_named(word).is_some() || listed("today tomorrow weekend weekends", word);
    let asks_hours = sentence.says_any(
        "your hours|the hours|opening hours|business hours|office hours|\
        what hours",
    ) || sentence.is_only("hours please open now")
        || (sentence.has("hours") && sentence.words.iter().any(|word| has_day(&word.plain)));
    let asks_open = sentence.says_any(
        "you open|you guys open|you still open|you all open|you close|\
        you guys close|you closed|shop open|store open|office open|opening times|closing time|still open",
    );
    let opens = sentence.says_any("open now|open today|open tomorrow|open on|closed on|open right now")
        && is_question(sentence)
        && !sentence.has("wont cant doesnt my");
    let works = sentence.says_any("you work on|you work weekends|you work today|you work tomorrow")
        && sentence.words.iter().any(|word| has_day(&word.plain));
    (asks_hours || asks_open || opens || works).then(|| which_hours(sentence))
}

fn which_hours(sentence: &Sentence) -> HoursQuestion {
    let day = sentence.words.iter().find_map(|word| day_named(&word.plain));
    let asks_now = sentence.has("now currently still") || sentence.says_any("are you open|you guys open");
    match day {
        Some(day) => HoursQuestion::On(day),
        None if sentence.has("tomorrow") => HoursQuestion::InDays(1),
        None if sentence.has("today tonight") => HoursQuestion::InDays(0),
        None if asks_now && !sentence.has("when what weekend weekends") => HoursQuestion::Now,
        None => HoursQuestion::Week,
    }
}

fn day_named(word: &str) -> Option<Weekday> {
    let full = match word {
        "sat" | "sats" => "Saturday",
        "sun" => "Sunday",
        "wed" => "Wednesday",
        word => calendar::weekday(word)?,
    };
    WEEKDAYS.into_iter().find(|day| hours_words::name(*day) == full)
}

/// "Do you come to Bath?": the words for the place.
fn area(sentence: &Sentence) -> Option<Vec<String>> {
    let plain = sentence.plain();
    let phrases = "you serve|you cover|you deliver to|you travel to|you come to|you come out to|\
        you go to|you go out to|you work in|you operate in|are you in|are you near|you service";
    let (phrase, at) = phrases.split('|').find_map(|phrase| find(&plain, phrase).map(|at| (phrase, at)))?;
    let rest = sentence.words.get(at + phrase.split(' ').count()..)?;
    let first = rest.first()?;
    let is_place =
        first.shown.starts_with(char::is_uppercase) || (phrase != "you service" && is_question(sentence));
    let is_else = listed("my our me us today tomorrow touch on here a an by over out", &first.plain);
    (is_place && !is_else).then(|| content(rest.iter().map(|word| word.plain.as_str())))
}

/// "Do you fix water heaters?": the words for the service.
fn services(sentence: &Sentence) -> Option<Vec<String>> {
    if sentence.says_any(
        "what services|which services|what do you do|what do you offer|services do you|\
        kind of work|what can you do",
    ) || sentence.is_only("services your list please")
    {
        return Some(Vec::new());
    }
    let plain = sentence.plain();
    let asks = ["do you", "do yall", "can you", "does your", "do u"].into_iter();
    let at = asks.filter_map(|phrase| find(&plain, phrase)).min()?;
    let rest = skip(plain.get(at + 2..)?, "guys all also even still ever company business shop team people");
    let verbs = "do fix repair repairs install replace offer provide handle service sell clean unclog cut paint build \
        mow treat make unblock";
    let named = match rest {
        ["work" | "deal", "on" | "with", named @ ..] => named,
        [verb, named @ ..] if listed(verbs, verb) => named,
        _ => return None,
    };
    // "Can you fix my sink?" wants it done.
    let is_wish = named.iter().any(|word| listed("my our it this that me us", word));
    (!is_wish && !named.is_empty()).then(|| content(named.iter().copied()))
}

fn content<'a>(words: impl Iterator<Item = &'a str>) -> Vec<String> {
    let small = "a an the any some of in on for and or to at all there please too as well also today tomorrow area region \
        work things stuff new old with near around city town";
    words.filter(|word| !listed(small, word)).take(6).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::sentences;

    fn asked(text: &str) -> Option<Topic> {
        topic(&sentences(text)[0])
    }

    #[test]
    fn questions_about_hours_are_told_apart() {
        for (text, question) in [
            ("what are your hours?", HoursQuestion::Week),
            ("hours", HoursQuestion::Week),
            ("when do you open", HoursQuestion::Week),
            ("are you open now?", HoursQuestion::Now),
            ("are you open", HoursQuestion::Now),
            ("Are you open tomorrow?", HoursQuestion::InDays(1)),
            ("what time do you close today", HoursQuestion::InDays(0)),
            ("are you open on Saturday?", HoursQuestion::On(Weekday::Sat)),
            ("sunday hours?", HoursQuestion::On(Weekday::Sun)),
            ("do you work on Sundays?", HoursQuestion::On(Weekday::Sun)),
        ] {
            assert_eq!(asked(text), Some(Topic::Hours(question)), "{text}");
        }
    }

    #[test]
    fn other_questions_are_told_apart() {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        for (text, topic) in [
            ("do you fix water heaters?", Topic::Services(words(&["water", "heaters"]))),
            ("what services do you offer", Topic::Services(vec![])),
            ("do you come out to Bath?", Topic::Area(words(&["bath"]))),
            ("what area do you serve?", Topic::Area(vec![])),
            ("where are you located?", Topic::Address),
            ("how much is a new heater?", Topic::Price),
            ("can I talk to a person", Topic::Person),
            ("are you a real person?", Topic::Machine),
            ("what's my name?", Topic::OwnName),
            ("what did I tell you?", Topic::OwnWords),
            ("do you take credit cards?", Topic::Unknown),
        ] {
            assert_eq!(asked(text), Some(topic), "{text}");
        }
    }

    #[test]
    fn a_statement_asks_nothing() {
        for text in ["my window won't open", "my sink is leaking", "hello", "I waited for 2 hours"] {
            assert_eq!(asked(text), None, "{text}");
        }
        assert_eq!(asked("can you fix my sink?"), Some(Topic::Unknown));
    }
}
