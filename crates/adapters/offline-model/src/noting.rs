//! What the model asks to be done, where there is a tool for it: noting down what is understood of a contact, and giving
//! the conversation to a person.

use conversation::{ModelRequest, ToolCall};
use serde_json::{Map, Value, json};

use crate::{
    facts::{Alarm, Facts},
    story::Story,
    topics::Topic,
};

/// The tool that notes facts down.
const TOOL: &str = "capture_lead";
/// The tool that gives the conversation to a person.
const HAND_OFF: &str = "request_handoff";

/// Asks for the tool, once a turn, where the turn has told something new.
pub(crate) fn call(request: &ModelRequest, story: &Story) -> Option<ToolCall> {
    let tool = request.tools.iter().find(|tool| tool.name == TOOL)?;
    if !request.rounds.is_empty() {
        return None;
    }
    let (before, now) = (values(&story.before), values(&story.facts));
    let is_new = |name: &str, value: &String| {
        let known = before.iter().any(|(other, before)| *other == name && before == value);
        let is_taken = tool.parameters.0.iter().any(|parameter| parameter.name == name);
        !known && is_taken
    };
    let news = now.into_iter().filter(|(name, value)| is_new(name, value));
    let arguments: Map<_, _> = news.map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
    let name = TOOL.to_owned();
    (!arguments.is_empty()).then(|| ToolCall {
        id: name.clone(),
        name,
        arguments: arguments.into(),
        provider_data: None,
    })
}

/// Asks for a person, where the turn has asked for one. What is urgent goes on: the safety text and what it asks for
/// must not wait for anybody.
pub(crate) fn hand_off(request: &ModelRequest, story: &Story) -> Option<ToolCall> {
    let is_asked = story.heard.topics.contains(&Topic::Person) && !story.heard.raised;
    let is_offered = request.tools.iter().any(|tool| tool.name == HAND_OFF);
    let summary = match story.facts.noted() {
        noted if noted.is_empty() => "Wants to talk to a person.".to_owned(),
        noted => format!("Wants to talk to a person. Noted: {}.", cut(&noted, 300)),
    };
    (is_asked && is_offered).then(|| ToolCall {
        id: HAND_OFF.to_owned(),
        name: HAND_OFF.to_owned(),
        arguments: json!({ "reason": "asked", "summary": summary }),
        provider_data: None,
    })
}

fn values(facts: &Facts) -> Vec<(&'static str, String)> {
    let when = facts.when.is_known().then(|| cut(&facts.when.said(), 100));
    let needs = (!facts.needs.is_empty()).then(|| cut(&facts.needs.join(", "), 300));
    let urgency = (facts.alarm == Alarm::Raised).then(|| "emergency".to_owned());
    [
        ("name", facts.name.as_deref().map(|name| cut(name, 100))),
        ("address", facts.address.as_deref().map(|address| cut(address, 200))),
        ("need", needs),
        ("urgency", urgency),
        ("preferred_time", when),
    ]
    .into_iter()
    .filter_map(|(name, value)| value.map(|value| (name, value)))
    .collect()
}

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}
