//! Greetings, thanks and goodbyes, and what is said where nothing can be understood.

use crate::{
    clean,
    facts::{Alarm, is_goodbye, is_greeting, is_thanks},
    name, odd,
    question::Question,
    reply::Writer,
};

impl Writer<'_> {
    /// Greets, unless somebody answered before.
    pub(super) fn greeting(&self) -> String {
        if !self.story.is_first {
            return String::new();
        }
        let own = clean::clip(&self.request.business.greeting, 160);
        let known = self.request.contact_name.as_deref().and_then(name::shown);
        let hi = known.map_or_else(|| "Hi".to_owned(), |name| format!("Hi {name}"));
        if own.is_empty() {
            return format!("{hi}, this is the automated assistant of {}.", self.business());
        }
        // A greeting that asks would be a second question beside ours.
        let greets_only = self.story.said.iter().all(is_greeting) && !self.story.is_blank;
        let statements: String =
            own.split_inclusive(['.', '!', '?']).filter(|part| !part.ends_with('?')).collect();
        let own = if greets_only { own } else { statements.trim().to_owned() };
        if own.contains(&self.business()) { own } else { format!("{hi}, this is {}. {own}", self.business()) }
    }

    /// Answers what cannot be answered as it stands.
    pub(super) fn odd(&self) -> Option<String> {
        let said = &self.story.said;
        if odd::is_take_over(said) {
            return Some(format!(
                "Sorry, I cannot help with that. I only take messages and questions for {}.",
                self.business()
            ));
        }
        if odd::is_foreign(said) {
            let who = self.business();
            return Some(format!(
                "Sorry, I only speak English. I will pass your message on, and a person from {who} will read it."
            ));
        }
        if odd::is_gibberish(said) {
            return Some("Sorry, I did not understand that.".to_owned());
        }
        if !said.is_empty() {
            return None;
        }
        Some(match (self.story.is_blank, self.story.attachments) {
            (_, 1..) => self.thanks_for_picture(),
            (true, 0) => "Your message came without any text.".to_owned(),
            (false, 0) => self.thanks(),
        })
    }

    pub(super) fn question_after_odd(&self) -> Option<String> {
        let is_foreign = odd::is_foreign(&self.story.said);
        let must_ask = !is_foreign || self.story.heard.unsure;
        let question = if must_ask { self.next_question() } else { None };
        question.map(|question| question.text().to_owned())
    }

    pub(super) fn thanks_for_picture(&self) -> String {
        let what = if self.story.attachments == 1 { "picture" } else { "pictures" };
        let thanks = self.name().map_or_else(|| "Thanks".to_owned(), |name| format!("Thanks, {name},"));
        format!("{thanks} for the {what}. I cannot look at it myself, but {} can.", self.business())
            .replace("pictures. I cannot look at it", "pictures. I cannot look at them")
    }

    /// Says something fitting where there is nothing to answer and nothing new.
    pub(super) fn courtesy(&self) -> String {
        let said = &self.story.said;
        let name = self.name().map(|name| format!(", {name}")).unwrap_or_default();
        let denied = self.story.facts.alarm == Alarm::Denied && self.story.asked == Some(Question::Emergency);
        if denied {
            format!("Thanks for letting me know{name}.")
        } else if said.iter().any(is_goodbye) {
            format!("Goodbye{name}.")
        } else if said.iter().any(is_thanks) {
            format!("You are welcome{name}.")
        } else if self.story.is_first {
            String::new()
        } else if said.iter().all(is_greeting) {
            format!("Hello again{name}.")
        } else if self.story.asked.is_some() && self.next_question() == self.story.asked {
            format!("Sorry{name}, I did not get that.")
        } else if said
            .iter()
            .all(|sentence| sentence.is_only("ok okay great good cool nice perfect fine sure yes no"))
        {
            self.thanks()
        } else {
            format!("{} I will pass that on to {}.", self.thanks(), self.business())
        }
    }
}
