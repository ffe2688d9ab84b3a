//! A text as words: without case, punctuation, odd letters and what cannot be seen.

/// A text as lower-case words without punctuation, in sentences and clauses.
#[derive(Debug)]
pub(super) struct Spoken(String);

impl Spoken {
    /// Marks the end of a sentence; only a mark of this kind is left of all punctuation.
    const SENTENCE: char = '.';
    /// Marks the end of a clause within a sentence.
    const CLAUSE: char = ',';

    /// Reads a text.
    pub(super) fn new(text: &str) -> Self {
        let mut plain = String::with_capacity(text.len());
        for c in text.chars().map(narrow).filter(|c| !is_dropped(*c)) {
            match c {
                c if c.is_alphanumeric() => plain.extend(c.to_lowercase().filter(|c| c.is_alphanumeric())),
                '.' | '!' | '?' | '\n' | '\r' | '…' | '。' => plain.push(Self::SENTENCE),
                ',' | ';' | ':' | '—' | '–' | '(' | ')' | '"' | '“' | '”' => plain.push(Self::CLAUSE),
                _ => plain.push(' '),
            }
        }
        Self(plain)
    }

    /// Returns the words of each sentence.
    pub(super) fn sentences(&self) -> impl Iterator<Item = Vec<&str>> {
        self.0.split(Self::SENTENCE).map(words).filter(|words| !words.is_empty())
    }

    /// Returns the words of each clause.
    pub(super) fn clauses(&self) -> impl Iterator<Item = Vec<&str>> {
        self.0.split([Self::SENTENCE, Self::CLAUSE]).map(words).filter(|words| !words.is_empty())
    }

    /// Returns all words without gaps: "opt out" is `optout`.
    pub(super) fn joined(&self) -> String {
        words(&self.0).concat()
    }

    /// Returns the word that is all that was said; letters that stand apart ("S T O P") make one.
    pub(super) fn only_word(&self) -> Option<String> {
        let words = words(&self.0);
        let is_one = words.len() == 1 || words.iter().all(|word| word.chars().count() == 1);
        (is_one && !words.is_empty()).then(|| words.concat())
    }

    /// Tells whether the words of `phrase` follow one another somewhere.
    pub(super) fn says(&self, phrase: &str) -> bool {
        let phrase = words(phrase);
        self.clauses().any(|clause| clause.windows(phrase.len().max(1)).any(|window| window == phrase))
    }

    /// Tells whether one of `phrases` is a whole sentence.
    pub(super) fn is_sentence(&self, phrases: &[&str]) -> bool {
        self.sentences().any(|sentence| phrases.contains(&sentence.join(" ").as_str()))
    }
}

fn words(text: &str) -> Vec<&str> {
    text.split([' ', Spoken::SENTENCE, Spoken::CLAUSE]).filter(|word| !word.is_empty()).collect()
}

/// Returns the ordinary form of a full-width letter or mark.
fn narrow(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        _ => c,
    }
}

/// Tells whether a character is left out, so that what stands around it makes one word: apostrophes (`don't`),
/// and what cannot be seen.
fn is_dropped(c: char) -> bool {
    let is_apostrophe = matches!(c, '\'' | '’' | '‘' | 'ʼ' | '`' | '´' | '′');
    let is_unseen = matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}' | '\u{20d0}'..='\u{20ff}'
        | '\u{300}'..='\u{36f}');
    is_apostrophe || is_unseen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_and_clauses_keep_their_words_only() {
        let spoken = Spoken::new("Hi, DON’T worry… It’s\u{a0}fine!");
        assert_eq!(
            spoken.sentences().collect::<Vec<_>>(),
            [vec!["hi", "dont", "worry"], vec!["its", "fine"]]
        );
        assert_eq!(spoken.clauses().count(), 3);
        assert!(spoken.says("dont worry"));
        assert!(!spoken.says("hi dont"));
    }
}
