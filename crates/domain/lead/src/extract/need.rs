//! What people say they want.

const PHRASES: &[&str] = &[
    "i need ",
    "we need ",
    "i'd like ",
    "i would like ",
    "looking for ",
    "i want ",
    "ich brauche ",
    "necesito ",
];

/// The longest need that is kept from a text, in characters.
const MOST: usize = 200;

/// Finds what somebody wants: what stands behind the words for wanting, up to the end of the sentence.
pub(super) fn find(text: &str) -> Option<String> {
    let text = text.replace('’', "'");
    let lower = text.to_ascii_lowercase();
    let starts = PHRASES.iter().filter_map(|phrase| {
        let at = lower.find(phrase)?;
        let begins = lower.get(..at)?.chars().next_back().is_none_or(|c| !c.is_alphanumeric());
        begins.then(|| (at, at + phrase.len()))
    });
    let (_, behind) = starts.min()?;
    let need = text.get(behind..)?.split(['.', '!', '?', '\n', ';']).next()?;
    let need: String = need.trim().chars().take(MOST).collect();
    (need.chars().filter(|c| c.is_alphabetic()).count() > 2).then_some(need)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_need_is_what_stands_behind_the_words_for_it() {
        for (text, need) in [
            ("Hello! I need a new boiler. Thanks", Some("a new boiler")),
            ("We’re looking for somebody to fix a tap", Some("somebody to fix a tap")),
            ("hi need help", None),
            ("I need ?", None),
        ] {
            assert_eq!(find(text).as_deref(), need, "{text}");
        }
    }
}
