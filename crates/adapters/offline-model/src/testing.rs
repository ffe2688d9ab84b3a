//! A business and conversations with it, for tests.

use chrono::{NaiveTime, TimeDelta, TimeZone as _, Utc, Weekday};
use conversation::{
    Author, CaptureLead, Line, ModelReply, ModelRequest, ModelSettings, Tool as _, ToolRound,
};
use serde_json::Value;
use tenancy::{BusinessProfile, Channel, OpeningHours, Span};

use crate::reply;

/// Returns Monday to Friday from 8 to 5, Saturday from 9 to noon.
pub(crate) fn hours() -> OpeningHours {
    let span = |opens, closes| {
        let at = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
        Span::new(at(opens), at(closes)).unwrap()
    };
    let week = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
    let hours = week.into_iter().fold(OpeningHours::default(), |hours, day| hours.open(day, span(8, 17)));
    hours.open(Weekday::Sat, span(9, 12))
}

/// Returns a plumber's profile.
pub(crate) fn profile() -> BusinessProfile {
    BusinessProfile {
        time_zone: chrono_tz::America::New_York,
        hours: hours(),
        services: vec!["Drain cleaning".into(), "Water heater repair".into(), "Leak repair".into()],
        service_area: "Bristol, Bath and 20 miles around".into(),
        address: "4 Mill Lane, Bristol".into(),
        ..BusinessProfile::default()
    }
}

/// A conversation by web chat with Bristol Plumbing, on Monday, 2 November 2026, 10 in the morning there.
#[derive(Debug)]
pub(crate) struct Talk {
    /// What the next reply answers.
    pub(crate) request: ModelRequest,
}

impl Talk {
    /// Begins a conversation.
    pub(crate) fn new() -> Self {
        Self::with(profile())
    }

    /// Begins a conversation with a business of this profile.
    pub(crate) fn with(business: BusinessProfile) -> Self {
        let now = Utc.with_ymd_and_hms(2026, 11, 2, 15, 0, 0).unwrap();
        let business_name = "Bristol Plumbing".to_owned();
        let request = ModelRequest {
            business_name,
            business,
            contact_name: None,
            channel: Channel::WebChat,
            now,
            answer_by: now,
            earlier: None,
            transcript: vec![],
            unanswered: 0,
            instructions: String::new(),
            tools: vec![],
            rounds: vec![],
            settings: ModelSettings::default(),
            output: None,
        };
        Self { request }
    }

    /// Adds a line that somebody wrote; one of the contact's waits for an answer.
    pub(crate) fn line(&mut self, author: Author, text: &str, attachments: usize) {
        self.request.now += TimeDelta::seconds(20);
        let text = text.to_owned();
        self.request.transcript.push(Line { author, text, attachments, at: self.request.now });
        self.request.unanswered = if author == Author::Contact { self.request.unanswered + 1 } else { 0 };
    }

    /// Answers what is unanswered.
    pub(crate) fn answer(&mut self) -> ModelReply {
        let reply = reply::reply(&self.request);
        self.line(Author::Bot, &reply.text, 0);
        reply
    }

    /// Answers what is unanswered, with the tool that notes facts down at hand; returns the answer and what was noted.
    pub(crate) fn answer_noting(&mut self) -> (ModelReply, Value) {
        self.request.tools = vec![CaptureLead.spec()];
        let first = reply::reply(&self.request);
        let Some(call) = first.tool_calls.first().cloned() else {
            return (self.answer(), Value::Null);
        };
        assert_eq!((first.text.as_str(), first.tool_calls.len()), ("", 1));
        let noted = call.arguments.clone();
        assert!(CaptureLead.spec().parameters.check(&noted).is_ok(), "{noted}");
        self.request.rounds = vec![ToolRound { text: String::new(), calls: vec![call], results: vec![] }];
        let answer = self.answer();
        self.request.rounds.clear();
        (answer, noted)
    }

    /// Says something and returns the answer.
    pub(crate) fn say(&mut self, text: &str) -> String {
        self.line(Author::Contact, text, 0);
        self.answer().text
    }
}

/// Returns the answer to a first message.
pub(crate) fn first_answer(text: &str) -> String {
    Talk::new().say(text)
}
