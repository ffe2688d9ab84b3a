//! Answers what was asked, and says honestly what is not known.

use crate::{about_business, reply::Writer, topics::Topic};

/// The most questions that one reply answers.
const MOST_ANSWERS: usize = 2;

impl Writer<'_> {
    pub(super) fn answers(&self) -> Vec<String> {
        let mut answers: Vec<String> = Vec::new();
        for topic in &self.story.heard.topics {
            let answer = self.answer(topic);
            if !answers.contains(&answer) && answers.len() < MOST_ANSWERS {
                answers.push(answer);
            }
        }
        answers
    }

    fn answer(&self, topic: &Topic) -> String {
        let business = &self.request.business;
        let who = self.business();
        let local = self.request.now.with_timezone(&business.time_zone).naive_local();
        let known = match topic {
            Topic::Hours(question) => {
                about_business::hours(business, *question, local).ok_or("our opening hours")
            }
            Topic::Services(named) => {
                about_business::services(business, named).ok_or("what exactly we offer")
            }
            Topic::Area(named) => about_business::area(business, named).ok_or("where exactly we work"),
            Topic::Address => about_business::address(business).ok_or("our address"),
            Topic::Price => Ok(format!("I cannot give prices here; someone from {who} will tell you.")),
            Topic::Person => {
                Ok(format!("Of course. I will pass this on, and a person from {who} will get back to you."))
            }
            Topic::Machine => Ok(format!(
                "I am an automated assistant, not a person. I take notes for {who}, and a person there reads them."
            )),
            Topic::OwnName => Ok(self.own_name()),
            Topic::OwnWords => Ok(self.own_words()),
            Topic::Status => {
                Ok(format!("Not yet: I have only noted it, and someone from {who} will confirm."))
            }
            Topic::Unknown => Err("that"),
        };
        known.unwrap_or_else(|what| {
            format!("I do not know {what}, but I will pass your question on to {who}.")
        })
    }

    fn own_name(&self) -> String {
        match self.name() {
            Some(name) => format!("Your name is {name}, as far as I know."),
            None => "You have not told me your name yet.".to_owned(),
        }
    }

    fn own_words(&self) -> String {
        let mut told: Vec<String> =
            self.name().map(|name| format!("your name is {name}")).into_iter().collect();
        let noted = self.story.facts.noted();
        if !noted.is_empty() {
            told.push(noted);
        }
        if told.is_empty() {
            "You have not told me anything yet.".to_owned()
        } else {
            format!("You told me: {}.", told.join("; "))
        }
    }
}
