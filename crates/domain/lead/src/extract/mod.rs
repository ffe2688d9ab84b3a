//! Finding facts in what people write, by its form alone. What is found is as sure as its form is.

mod email;
mod name;
mod need;
mod phone;
mod zip;

use crate::{Confidence, FactValue, Field, Region, Urgency};

/// The longest text that is looked through, in characters.
const MOST: usize = 10_000;

/// Finds facts in a text, each with how sure it is.
pub fn extract(text: &str, region: Option<Region>) -> Vec<(Field, FactValue, Confidence)> {
    let text: String = text.chars().take(MOST).collect();
    let mut found = Vec::new();
    let emails = email::find(&text).into_iter();
    found.extend(emails.map(|email| (Field::Email, FactValue::from(&email), Confidence::new(95))));
    let phones = phone::find(&text, region).into_iter();
    found.extend(phones.map(|(number, sure)| (Field::Phone, FactValue::from(&number), sure)));
    let texts = [
        (Field::Name, name::find(&text)),
        (Field::Zip, zip::find(&text)),
        (Field::Need, need::find(&text).map(|need| (need, Confidence::new(40)))),
    ];
    for (field, read) in texts {
        let value = read.and_then(|(text, sure)| Some((field, field.read(&text, region)?, sure)));
        found.extend(value);
    }
    let urgency = Urgency::heard_in(&text);
    found.extend(urgency.map(|urgency| (Field::Urgency, FactValue::from(urgency), Confidence::new(70))));
    found
}
