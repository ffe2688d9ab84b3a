//! Tells how surely a contact writes of an emergency.

use crate::words::{Sentence, listed};

/// Each of these is an emergency by itself.
const CLEAR: &str = "flooding|flooded|burst|bursting|gas leak|gas leaking|leaking gas|leak of gas|\
    smell gas|smelling gas|smell of gas|smells of gas|smells like gas|gas smell|carbon monoxide|on fire|\
    caught fire|house fire|electrocuted|sewage backup|trapped|unconscious|cant breathe|in danger";

/// One of these may be an emergency; two are one.
const LIKELY: &str = "flood|floods|no water|no hot water|sewage|sewer|backing up|backed up|fire|smoke|\
    spark|sparks|sparking|water everywhere|gushing|overflowing|emergency|emergencies|life threatening|\
    emergencia|ambulance";

/// The contact says so.
const SAID: &str = "this is an emergency|its an emergency|it is an emergency|have an emergency|\
    got an emergency|is an emergency please|emergency help";

/// Danger to life: a "no emergency" in the same breath does not settle it.
const DEADLY: &str = "gas leak|gas leaking|leaking gas|smell gas|smelling gas|smell of gas|\
    smells of gas|smells like gas|gas smell|carbon monoxide|on fire|caught fire";

/// How surely something is an emergency, in per cent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Confidence(usize);

impl Confidence {
    /// From here on it is treated as an emergency.
    const CLEAR: usize = 80;
    /// From here on the contact is asked.
    const UNSURE: usize = 50;

    /// Judges what was said by the built-in words and the business's own.
    pub(crate) fn of(sentences: &[Sentence], own: &[String]) -> Self {
        let says = |phrase: &str| sentences.iter().any(|sentence| is_affirmed(sentence, phrase));
        if sentences.iter().any(denies) {
            return Self(if DEADLY.split('|').any(says) { Self::UNSURE } else { 0 });
        }
        let own = own.iter().map(|word| word.trim().to_lowercase().replace('\'', ""));
        let own = own.filter(|word| LIKELY.split('|').all(|likely| likely != word) && says(word));
        let hints = LIKELY.split('|').filter(|phrase| says(phrase)).count() + own.count();
        let by_words = if hints > 0 { (60 + 10 * hints).min(90) } else { 0 };
        let is_clear = |sentence: &Sentence| {
            let mut phrases = SAID.split('|').chain(CLEAR.split('|'));
            !asks_for_service(sentence) && phrases.any(|phrase| is_affirmed(sentence, phrase))
        };
        Self(if sentences.iter().any(is_clear) || is_cry(sentences) {
            by_words.max(85)
        } else if CLEAR.split('|').any(says) {
            by_words.max(70)
        } else {
            by_words
        })
    }

    /// Tells whether it is an emergency.
    pub(crate) fn is_clear(self) -> bool {
        self.0 >= Self::CLEAR
    }

    /// Tells whether the contact must be asked.
    pub(crate) fn is_unsure(self) -> bool {
        (Self::UNSURE..Self::CLEAR).contains(&self.0)
    }
}

/// Tells whether a sentence says that there is no emergency.
pub(crate) fn denies(sentence: &Sentence) -> bool {
    sentence.says_any("not an emergency|no emergency|isnt an emergency|not urgent|not emergency")
}

/// "Emergency!!!" and nothing else.
fn is_cry(sentences: &[Sentence]) -> bool {
    sentences.iter().any(|sentence| !sentence.asks && sentence.is_only("emergency help please sos 911"))
        && sentences.iter().any(|sentence| sentence.has("emergency sos 911"))
}

/// "Do you fix burst pipes?" asks about the trade, not for help.
fn asks_for_service(sentence: &Sentence) -> bool {
    let plain = sentence.plain();
    let verbs = "fix repair do handle offer service replace install clean deal work guys also provide";
    plain.windows(3).any(|window| matches!(window, ["do", "you", verb] if listed(verbs, verb)))
}

/// Tells whether `phrase` is in a sentence as whole words, and not denied.
fn is_affirmed(sentence: &Sentence, phrase: &str) -> bool {
    let Some(first) = phrase.split_whitespace().next() else { return false };
    // A hyphen joins words for a reader, not here: "gas-leak".
    let words = sentence.words.iter().flat_map(|word| {
        let last = word.plain.rsplit('-').next().unwrap_or_default();
        word.plain.split('-').map(move |part| (part, word.ends_clause && part == last))
    });
    // Almost every phrase is one that is not there.
    if words.clone().all(|(word, _)| word != first) {
        return false;
    }
    let words: Vec<(&str, bool)> = words.collect();
    let phrase: Vec<&str> = phrase.split_whitespace().collect();
    let windows = words.windows(phrase.len()).enumerate();
    let mut found = windows.filter(|(_, window)| window.iter().map(|(word, _)| word).eq(phrase.iter()));
    found.any(|(at, _)| !is_negated(words.get(..at).unwrap_or_default()))
}

/// "No flooding" and "don't smell gas" deny; "can't stop the flooding" and "not sure if" do not.
fn is_negated(before: &[(&str, bool)]) -> bool {
    let mut after: Option<&str> = None;
    for (word, ends_clause) in before.iter().rev().take(3) {
        if *ends_clause || listed("and but", word) {
            return false;
        }
        let negates = match after {
            Some(next) if listed("sure only just", next) => false,
            Some(next) if listed("dont doesnt didnt", word) => listed("have smell see think", next),
            None if listed("dont doesnt didnt", word) => true,
            _ => listed("no not isnt arent wasnt without never", word),
        };
        if negates {
            return true;
        }
        after = Some(word);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::sentences;

    fn judged(text: &str) -> usize {
        Confidence::of(&sentences(text), &["no heat".to_owned()]).0
    }

    #[test]
    fn clear_words_are_an_emergency_by_themselves() {
        for text in [
            "my kitchen is flooding",
            "a pipe BURST!",
            "I think there's a gas leak",
            "gas-leak in the hall",
            "we smell gas",
            "carbon monoxide alarm",
            "Emergency!!!",
            "this is an emergency",
            "I can't stop the flooding",
            "no, it's flooding",
            "can you come fix my burst pipe",
        ] {
            assert!(Confidence::of(&sentences(text), &[]).is_clear(), "{text}");
        }
    }

    #[test]
    fn one_word_asks_and_two_are_enough() {
        for (text, confidence) in [
            ("we have no water", 70),
            ("the sewer is backing up", 80),
            ("sewage is backing up, water everywhere", 90),
            ("there is no heat", 70),
            ("no heat and no hot water", 80),
            ("do you fix burst pipes?", 70),
            ("I smell gas but it's not an emergency", 50),
        ] {
            assert_eq!(judged(text), confidence, "{text}");
        }
    }

    #[test]
    fn what_is_denied_or_inside_other_words_is_none() {
        for text in [
            "no flooding, just a drip",
            "it is not flooding",
            "I don't smell gas",
            "not an emergency, but the sewer smells",
            "my fireplace needs cleaning",
            "floodlight installation",
            "my sink is leaking",
        ] {
            assert_eq!(judged(text), 0, "{text}");
        }
    }
}
