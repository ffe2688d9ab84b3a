//! Composes the reply: what is said first, what answers, what is repeated back, and one question.

mod answers;
mod courtesies;
#[cfg(test)]
mod tests;

use conversation::{FinishReason, ModelReply, ModelRequest};

use crate::{
    clean,
    facts::{Alarm, Facts, is_goodbye, is_thanks},
    hours_words, name, noting,
    question::Question,
    safety,
    story::Story,
};

/// How often one thing is asked for before it is let be.
const MOST_TIMES_ASKED: usize = 2;

/// Answers the unanswered lines of a transcript.
pub(crate) fn reply(request: &ModelRequest) -> ModelReply {
    let story = Story::read(request);
    if let Some(call) = noting::call(request, &story) {
        let finish = FinishReason::ToolCalls;
        return ModelReply { tool_calls: vec![call], finish, ..ModelReply::default() };
    }
    let known = request.contact_name.as_deref().and_then(name::shown);
    let name = story.facts.name.clone().or(known);
    let hand_off = noting::hand_off(request, &story);
    let writer = Writer { request, story: &story, name, hands_off: hand_off.is_some() };
    let reply = ModelReply::of_text(clean::fit(&writer.text(), request.channel));
    match hand_off {
        Some(call) => ModelReply { tool_calls: vec![call], finish: FinishReason::ToolCalls, ..reply },
        None => reply,
    }
}

/// Writes one reply.
struct Writer<'a> {
    request: &'a ModelRequest,
    story: &'a Story,
    /// The name that the contact told, else the one that the business knows.
    name: Option<String>,
    /// Whether a person takes over, so that there is nothing more to ask.
    hands_off: bool,
}

impl Writer<'_> {
    fn text(&self) -> String {
        let parts = if self.story.heard.raised { self.emergency() } else { self.ordinary() };
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// The safety text comes before everything else.
    fn emergency(&self) -> Vec<String> {
        let first = if self.story.was_warned {
            safety::reminder(&self.request.business)
        } else {
            safety::text(&self.request.business, self.request.channel)
        };
        let noted = format!("I have noted this as urgent for {}.", self.business());
        let next = match self.next_question() {
            Some(question) => question.text().to_owned(),
            None => format!("Someone from {} will get back to you.", self.business()),
        };
        vec![first, noted, next]
    }

    fn ordinary(&self) -> Vec<String> {
        let mut parts = vec![self.greeting()];
        if let Some(odd) = self.odd() {
            parts.push(odd);
            parts.extend(self.question_after_odd());
            return parts;
        }
        let answers = self.answers();
        let noted = self.noted();
        let is_addressed = noted.is_some() || !answers.is_empty();
        if !answers.is_empty() && noted.is_none() && !self.story.is_first {
            let name = self.name().filter(|name| !answers.iter().any(|answer| answer.contains(name)));
            parts.extend(name.map(|name| format!("OK, {name}.")));
        }
        if self.story.attachments > 0 {
            parts.push(self.thanks_for_picture());
        }
        parts.extend(answers);
        parts.extend(noted);
        if !is_addressed {
            parts.push(self.courtesy());
        }
        parts.push(self.ending(is_addressed));
        parts
    }

    /// Repeats back what this turn told.
    fn noted(&self) -> Option<String> {
        let (before, facts) = (&self.story.before, &self.story.facts);
        let is_name_new = before.name != facts.name;
        let matter = |facts: &Facts| (facts.needs.clone(), facts.when.clone(), facts.address.clone());
        let is_matter_new = matter(before) != matter(facts);
        let thanks = match (is_name_new, &before.name) {
            (true, Some(_)) => format!("{} I have corrected your name.", self.thanks()),
            _ => self.thanks(),
        };
        let note = if is_matter_new { format!(" I have noted: {}.", facts.noted()) } else { String::new() };
        let day_off = if before.when == facts.when { String::new() } else { self.day_off() };
        (is_name_new || is_matter_new).then(|| format!("{thanks}{note}{day_off}"))
    }

    /// Warns that the wished day is one on which the business is closed.
    fn day_off(&self) -> String {
        let business = &self.request.business;
        let local = self.request.now.with_timezone(&business.time_zone).naive_local();
        let day = self.story.facts.when.day.as_deref().and_then(|day| hours_words::day_of(day, local));
        match day.filter(|day| business.hours.is_known() && business.hours.on(*day).is_empty()) {
            Some(day) => format!(" We are usually closed on {}.", hours_words::name(day)),
            None => String::new(),
        }
    }

    /// Ends with a question, or with what happens next.
    fn ending(&self, is_addressed: bool) -> String {
        if self.hands_off {
            return String::new();
        }
        let said = &self.story.said;
        if !is_addressed && said.iter().any(|sentence| is_goodbye(sentence) || is_thanks(sentence)) {
            return String::new();
        }
        let greeting_asks = self.story.is_first && !is_addressed && self.greeting().ends_with('?');
        if greeting_asks {
            return String::new();
        }
        let is_news = self.story.before != self.story.facts;
        match self.next_question() {
            Some(question) => question.text().to_owned(),
            None if is_news && self.story.facts.alarm == Alarm::Raised => {
                format!("Someone from {} will get back to you.", self.business())
            }
            None if is_news => format!("Someone from {} will confirm.", self.business()),
            None => String::new(),
        }
    }

    /// Returns the one question to ask next: never for what is known, and nothing more than twice.
    fn next_question(&self) -> Option<Question> {
        let facts = &self.story.facts;
        let times = |question| self.story.all_asked.iter().filter(|asked| **asked == question).count();
        if self.story.heard.unsure && times(Question::Emergency) == 0 {
            return Some(Question::Emergency);
        }
        let is_emergency = facts.alarm == Alarm::Raised;
        let order = if is_emergency {
            [Question::Address, Question::Name, Question::Need]
        } else {
            [Question::Name, Question::Need, Question::Time]
        };
        order.into_iter().find(|question| {
            let is_known = match question {
                Question::Name => self.name().is_some(),
                Question::Need => !facts.needs.is_empty(),
                // Nothing and a cancellation need no time.
                Question::Time => {
                    facts.when.is_known() || !facts.needs.iter().any(|need| !need.starts_with("cancel"))
                }
                Question::Address => facts.address.is_some(),
                Question::Emergency => true,
            };
            !is_known && times(*question) < MOST_TIMES_ASKED
        })
    }

    fn thanks(&self) -> String {
        self.name().map_or_else(|| "Thanks.".to_owned(), |name| format!("Thanks, {name}."))
    }

    fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    fn business(&self) -> String {
        let name = clean::clip(&self.request.business_name, 60);
        if name.is_empty() { "our team".to_owned() } else { name }
    }
}
