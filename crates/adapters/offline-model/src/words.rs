//! A contact's text as sentences of words. Links, markup and what cannot be seen never get past this point,
//! so nothing that is repeated later can hold them.

use crate::clean;

/// A word, as it may be shown and as it is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// Letters, digits and what joins them; it begins and ends with a letter or digit.
    pub(crate) shown: String,
    /// The same in lower case, without apostrophes.
    pub(crate) plain: String,
    /// Whether a comma or the like follows.
    pub(crate) ends_clause: bool,
}

/// A sentence of at least one word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sentence {
    /// Its words.
    pub(crate) words: Vec<Word>,
    /// Whether it ends with a question mark.
    pub(crate) asks: bool,
}

impl Sentence {
    /// Returns the words as they are compared.
    pub(crate) fn plain(&self) -> Vec<&str> {
        self.words.iter().map(|word| word.plain.as_str()).collect()
    }

    /// Tells whether the words of `phrase` follow one another somewhere.
    pub(crate) fn says(&self, phrase: &str) -> bool {
        find_in(self.words.iter().map(|word| word.plain.as_str()), phrase).is_some()
    }

    /// Tells whether one of `phrases` is in it; a `|` stands between two.
    pub(crate) fn says_any(&self, phrases: &str) -> bool {
        phrases.split('|').any(|phrase| self.says(phrase))
    }

    /// Tells whether a word of `list` is in it.
    pub(crate) fn has(&self, list: &str) -> bool {
        self.words.iter().any(|word| listed(list, &word.plain))
    }

    /// Tells whether it consists of words of `list` only.
    pub(crate) fn is_only(&self, list: &str) -> bool {
        self.words.iter().all(|word| listed(list, &word.plain))
    }
}

/// Reads the sentences of a text.
pub(crate) fn sentences(text: &str) -> Vec<Sentence> {
    let mut done = Vec::new();
    for line in clean::visible(text).lines() {
        let mut open = Sentence::default();
        for token in line.split_whitespace().filter(|token| !clean::is_link(token)) {
            read_token(token, &mut open, &mut done);
        }
        close(&mut open, &mut done);
    }
    done
}

/// Returns where the words of `phrase` begin in `words`.
pub(crate) fn find(words: &[&str], phrase: &str) -> Option<usize> {
    find_in(words.iter().copied(), phrase)
}

fn find_in<'a>(mut words: impl Iterator<Item = &'a str> + Clone, phrase: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        let mut following = words.clone();
        if phrase.split(' ').all(|said| following.next() == Some(said)) {
            return Some(at);
        }
        words.next()?;
        at += 1;
    }
}

/// Tells whether a word is in a list of words with gaps between them.
pub(crate) fn listed(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|listed| listed == word)
}

/// Skips leading words of `list`.
pub(crate) fn skip<'a, 'b>(mut words: &'a [&'b str], list: &str) -> &'a [&'b str] {
    while let [first, rest @ ..] = words
        && listed(list, first)
    {
        words = rest;
    }
    words
}

/// Returns the stem of a word, roughly: `leaks`, `leaking` and `leak` are one.
pub(crate) fn stem(word: &str) -> &str {
    let plural =
        |ending: &str| word.strip_suffix(ending).filter(|stem| stem.len() > 2 && !stem.ends_with('s'));
    let hissed = plural("es").filter(|stem| stem.ends_with(['x', 'h', 'z']));
    let word = hissed.or_else(|| plural("s")).unwrap_or(word);
    let endings = [("ation", 4), ("ing", 3), ("er", 4), ("ed", 4)];
    let stem = |(ending, least)| word.strip_suffix(ending).filter(|stem| stem.len() >= least);
    let stem = endings.into_iter().find_map(stem);
    stem.map_or(word, single)
}

/// `clogg` of "clogged" is `clog`; `spill` stays.
fn single(stem: &str) -> &str {
    let mut letters = stem.chars().rev();
    match (letters.next(), letters.next()) {
        (Some(last), Some(before)) if last == before && !matches!(last, 'l' | 's' | 'e' | 'o') => {
            stem.strip_suffix(last).unwrap_or(stem)
        }
        _ => stem,
    }
}

/// Reads a token; punctuation in or after it may end the clause or the sentence.
fn read_token(token: &str, open: &mut Sentence, done: &mut Vec<Sentence>) {
    let pieces: Vec<&str> = token.split_inclusive(['.', '!', '?', '…']).collect();
    let is_number = token.trim_end_matches(|c: char| !c.is_alphanumeric()).split('.').all(begins_with_digit);
    if pieces.len() > 1 && !is_number && !is_abbreviation(token) {
        for piece in pieces {
            read_token(piece, open, done);
        }
        return;
    }
    if let Some(word) = word(token) {
        open.words.push(word);
    } else if let Some(last) = open.words.last_mut() {
        last.ends_clause |= token.contains(['-', '–', '—', ',', ';', ':']);
    }
    if token.ends_with(['.', '!', '?', '…']) && !is_abbreviation(token) {
        open.asks = token.ends_with('?');
        close(open, done);
    }
}

fn close(open: &mut Sentence, done: &mut Vec<Sentence>) {
    let sentence = std::mem::take(open);
    if sentence.words.is_empty() {
        // A question mark that stands alone belongs to what came before.
        if let Some(last) = done.last_mut() {
            last.asks |= sentence.asks;
        }
    } else {
        done.push(sentence);
    }
}

fn begins_with_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

fn is_abbreviation(token: &str) -> bool {
    listed(
        "a.m. p.m. a.m p.m mr. mrs. ms. dr. st. ave. rd.",
        &token.trim_end_matches([',', ';', ':', ')']).to_lowercase(),
    )
}

fn word(token: &str) -> Option<Word> {
    let token = if is_abbreviation(token) { token.replace('.', "") } else { token.to_owned() };
    let shown: String = token.chars().filter(|c| is_shown(*c)).collect();
    let shown = shown.trim_matches(|c: char| !c.is_alphanumeric());
    if shown.is_empty() {
        return None;
    }
    let is_date = shown.chars().all(|c| c.is_ascii_digit() || c == '/');
    let shown = if is_date { shown.to_owned() } else { shown.replace('/', " ") };
    let plain = shown.to_lowercase().replace('\'', "");
    Some(Word { shown, plain, ends_clause: token.ends_with([',', ';', ':', ')', '—']) })
}

fn is_shown(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '\'' | '-' | ':' | '.' | '/' | '%' | '&')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Vec<String> {
        sentences(text).iter().map(|sentence| sentence.plain().join(" ")).collect()
    }

    #[test]
    fn a_text_becomes_sentences_of_plain_words() {
        assert_eq!(
            plain("Hi! I\u{2019}m Ann. Come at 10.30 a.m., please"),
            ["hi", "im ann", "come at 10.30 am please"]
        );
        assert_eq!(plain("leaking.Please come"), ["leaking", "please come"]);
        assert_eq!(plain("?!\n 👍"), Vec::<String>::new());
    }

    #[test]
    fn links_markup_and_unseen_characters_are_gone() {
        let text =
            "see https://evil.example/x or www.evil.com, evil.com/a me@evil.com <b>my</b> s\u{202e}ink\u{0}";
        assert_eq!(plain(text), ["see or my sink"]);
    }

    #[test]
    fn a_question_mark_marks_its_sentence() {
        let asks: Vec<bool> = sentences("Fine. Open today ?").iter().map(|sentence| sentence.asks).collect();
        assert_eq!(asks, [false, true]);
    }

    #[test]
    fn forms_of_a_word_have_one_stem() {
        for (a, b) in
            [("leaks", "leaking"), ("heaters", "heater"), ("installation", "install"), ("drains", "drain")]
        {
            assert_eq!(stem(a), stem(b));
        }
    }
}
