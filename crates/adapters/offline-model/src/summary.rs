//! Sums up what was said: what of it told something, in words that this model understands again.

use conversation::{Author, ModelError, ModelReply, ModelRequest, Said, Summarized, Summary, ToSummarize};
use tenancy::BusinessProfile;

use crate::{
    facts::Facts,
    question::Question,
    words::{Sentence, sentences},
};

/// Answers a request for a summary.
pub(crate) fn summary(request: &ModelRequest) -> Result<ModelReply, ModelError> {
    let asked = request.transcript.last().and_then(|line| serde_json::from_str(&line.text).ok());
    let asked: ToSummarize = asked.ok_or_else(|| ModelError::Unavailable("nothing to sum up".into()))?;
    let summarized = Summarized { summary: summed_up(asked, &request.business) };
    serde_json::to_string(&summarized)
        .map(ModelReply::of_text)
        .map_err(|error| ModelError::Unavailable(error.into()))
}

fn summed_up(asked: ToSummarize, business: &BusinessProfile) -> String {
    let mut facts = Facts::default();
    let mut told: Vec<String> = Vec::new();
    if let Some(summary) = asked.summary {
        facts.hear(&sentences(&summary), None, business);
        told.extend(summary.lines().map(str::to_owned));
    }
    let mut question = None;
    for Said { by, text } in &asked.said {
        if *by != Author::Contact.as_str() {
            question = Question::asked_in(text).or(question);
            continue;
        }
        let before = facts.clone();
        let said = sentences(text);
        facts.hear(&said, question.take(), business);
        told.extend(news(&before, &facts, &said, text));
    }
    if told.is_empty() {
        return "The customer has told nothing of note.".to_owned();
    }
    last_that_fit(&told)
}

/// Says what a message told that was not known.
fn news(before: &Facts, facts: &Facts, said: &[Sentence], text: &str) -> Vec<String> {
    let mut news = Vec::new();
    // An answer to a question is not understood without it.
    news.extend(
        facts.name.as_ref().filter(|_| before.name != facts.name).map(|name| format!("My name is {name}.")),
    );
    news.extend(
        facts
            .address
            .as_ref()
            .filter(|_| before.address != facts.address)
            .map(|at| format!("My address is {at}.")),
    );
    let matter = |facts: &Facts| (facts.needs.clone(), facts.when.clone(), facts.alarm);
    if matter(before) != matter(facts) && !said.is_empty() {
        news.push(text.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    news
}

/// Leaves out the oldest lines where all of them are too long.
fn last_that_fit(lines: &[String]) -> String {
    let mut left = Summary::MAX_LENGTH;
    let fitting = lines.iter().rev().take_while(|line| {
        let length = line.chars().count() + 1;
        let fits = length <= left;
        left = left.saturating_sub(length);
        fits
    });
    let first = lines.len() - fitting.count();
    lines.get(first..).unwrap_or_default().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{reply::reply, testing::Talk};

    fn said(lines: &[(&str, &str)]) -> Vec<Said> {
        lines.iter().map(|(by, text)| Said { by: (*by).to_owned(), text: (*text).to_owned() }).collect()
    }

    fn of(summary: Option<&str>, lines: &[(&str, &str)]) -> String {
        let asked = ToSummarize { summary: summary.map(str::to_owned), said: said(lines) };
        summed_up(asked, &Talk::new().request.business)
    }

    const CALL: &[(&str, &str)] = &[
        ("contact", "Hello!"),
        ("bot", "Hello! What is your name?"),
        ("contact", "Ann"),
        ("bot", "Thanks, Ann. What do you need?"),
        ("contact", "my sink is leaking"),
        ("bot", "When would suit you?"),
        ("contact", "tomorrow at 10am"),
        ("contact", "ok, thanks"),
    ];

    #[test]
    fn what_told_something_is_kept_and_what_did_not_is_left_out() {
        assert_eq!(of(None, CALL), "My name is Ann.\nmy sink is leaking\ntomorrow at 10am");
        assert_eq!(of(None, &CALL[..1]), "The customer has told nothing of note.");
    }

    #[test]
    fn a_summary_goes_on_from_the_one_before() {
        let before = of(None, CALL);
        assert_eq!(of(Some(&before), &[("contact", "hm")]), before);
        let corrected = of(Some(&before), &[("contact", "Sorry, my name is Bob")]);
        assert_eq!(corrected, format!("{before}\nMy name is Bob."));
    }

    #[test]
    fn what_was_summed_up_is_known_as_if_it_were_read() {
        let mut talk = Talk::new();
        talk.request.earlier = Some(of(None, CALL));
        talk.say("what was it again that you have noted?");
        let story = crate::story::Story::read(&talk.request);
        assert_eq!(story.facts.name.as_deref(), Some("Ann"));
        assert_eq!(story.facts.needs, ["leaking sink"]);
        assert!(!reply(&talk.request).text.contains("your name"), "it does not ask again");
    }

    #[test]
    fn of_more_than_fits_the_oldest_is_left_out() {
        let lines: Vec<String> = (0..100).map(|number| format!("{number} {}", "x".repeat(96))).collect();
        let text = last_that_fit(&lines);
        assert!(text.starts_with("80 ") || text.starts_with("81 "), "{}", &text[..4]);
        assert!(text.chars().count() <= Summary::MAX_LENGTH);
        assert!(text.lines().next_back().unwrap().starts_with("99 "));
    }
}
