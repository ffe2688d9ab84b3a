//! Answers about the business, from its profile and from nothing else.

use chrono::NaiveDateTime;
use tenancy::BusinessProfile;

use crate::{
    clean::clip,
    hours_words::{self, HoursQuestion},
    words::{listed, sentences, stem},
};

/// The most letters of the profile's texts that go into one answer.
const LONGEST: usize = 150;

/// Stems of words that say what is done and not to what.
const GENERIC: &str = "repair fix install replac servic clean and the for new emerg work maintenanc";

/// Answers about the hours; `local` is the present moment where the business is.
pub(crate) fn hours(
    profile: &BusinessProfile,
    question: HoursQuestion,
    local: NaiveDateTime,
) -> Option<String> {
    profile.hours.is_known().then(|| hours_words::answer(&profile.hours, question, local))
}

/// Answers about the services, or the one that `named` says.
pub(crate) fn services(profile: &BusinessProfile, named: &[String]) -> Option<String> {
    let offered: Vec<&str> =
        profile.services.iter().map(|line| line.trim()).filter(|line| !line.is_empty()).collect();
    if offered.is_empty() {
        let description = profile.description.trim();
        return (named.is_empty() && !description.is_empty()).then(|| sentence(&clip(description, LONGEST)));
    }
    let list = clip(&offered.join(", "), LONGEST);
    if named.is_empty() {
        return Some(format!("We offer: {}", sentence(&list)));
    }
    Some(match offered.iter().find(|line| covers(line, named)) {
        Some(line) => format!("Yes, we do: {}", sentence(&clip(line, LONGEST))),
        None => format!("I do not see that among our services ({list}), but I will pass your question on."),
    })
}

/// Answers about the service area, or the place that `named` says.
pub(crate) fn area(profile: &BusinessProfile, named: &[String]) -> Option<String> {
    let area = clip(&profile.service_area, LONGEST);
    let known = stems(&area);
    let is_in = !named.is_empty() && named.iter().all(|word| known.iter().any(|known| known == stem(word)));
    let answer = match (named.is_empty(), is_in) {
        (true, _) => format!("We work in: {}", sentence(&area)),
        (false, true) => format!("Yes, we work in: {}", sentence(&area)),
        (false, false) => format!("We work in: {} I will ask whether we come to you.", sentence(&area)),
    };
    (!area.is_empty()).then_some(answer)
}

/// Answers where the business is.
pub(crate) fn address(profile: &BusinessProfile) -> Option<String> {
    let address = clip(&profile.address, LONGEST);
    (!address.is_empty()).then(|| format!("You find us at {}", sentence(&address)))
}

/// Tells whether a word is one of those that the services are named with.
pub(crate) fn is_service_word(profile: &BusinessProfile, word: &str) -> bool {
    word.len() > 3 && profile.services.iter().any(|line| stems(line).iter().any(|known| known == stem(word)))
}

/// A service covers what is asked for when all that says what it is about is in it.
fn covers(line: &str, named: &[String]) -> bool {
    let line = stems(line);
    let mut about = named.iter().map(|word| stem(word)).filter(|word| !listed(GENERIC, word)).peekable();
    about.peek().is_some() && about.all(|word| line.iter().any(|known| known == word))
}

fn stems(text: &str) -> Vec<String> {
    let sentences = sentences(text);
    let words = sentences.iter().flat_map(|sentence| &sentence.words);
    words.flat_map(|word| word.plain.split(['-', ' '])).map(|word| stem(word).to_owned()).collect()
}

/// Ends a text with a full stop, unless it has its own end.
fn sentence(text: &str) -> String {
    if text.ends_with(['.', '!', '?', '…']) { text.to_owned() } else { format!("{text}.") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::profile;

    fn named(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn a_service_is_found_in_other_forms_of_its_words() {
        for text in ["water heaters", "water heating repairs", "drains", "clogged drains"] {
            let answer = services(&profile(), &named(text)).unwrap();
            assert_eq!(answer.starts_with("Yes"), text != "clogged drains", "{text}: {answer}");
        }
        assert!(services(&profile(), &named("water softeners")).unwrap().starts_with("I do not see that"));
    }

    #[test]
    fn what_the_profile_does_not_say_has_no_answer() {
        let profile = BusinessProfile::default();
        assert_eq!(services(&profile, &[]), None);
        assert_eq!(area(&profile, &[]), None);
        assert_eq!(address(&profile), None);
        assert_eq!(hours(&profile, HoursQuestion::Week, NaiveDateTime::default()), None);
    }

    #[test]
    fn a_place_in_the_area_is_confirmed_and_another_is_asked_for() {
        assert!(area(&profile(), &named("bath")).unwrap().starts_with("Yes"));
        assert!(area(&profile(), &named("london")).unwrap().contains("I will ask"));
    }
}
