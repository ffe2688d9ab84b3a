//! What is understood of a contact is noted down, where there is a tool for it.

use conversation::{ModelRequest, ToolCall};
use serde_json::{Map, Value};

use crate::{
    facts::{Alarm, Facts},
    story::Story,
};

/// The tool that notes facts down.
const TOOL: &str = "capture_lead";

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
