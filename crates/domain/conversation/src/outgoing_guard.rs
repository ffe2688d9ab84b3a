//! What is held back of a model's words: links that the business did not name, and the instructions themselves.

use std::sync::{Mutex, PoisonError};

use crate::model::Deltas;

/// What stands where a link was.
const LINK_REMOVED: &str = "[link removed]";

/// What was held back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Findings {
    /// How many links were taken out.
    pub(crate) links: usize,
    /// Whether the words gave the instructions away. Then none of them may be said.
    pub(crate) leaks: bool,
}

/// Judges a model's words, word by word, so that it can do so while they are being written.
#[derive(Clone, Debug)]
pub(crate) struct OutgoingGuard {
    links: Vec<Link>,
    canary: String,
}

/// A link, reduced to what decides where it leads.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Link {
    host: String,
    path: String,
    has_more: bool,
}

impl OutgoingGuard {
    /// Lets through only these links, and no word that holds the canary.
    pub(crate) fn new(links: &[String], canary: &str) -> Self {
        let links = links.iter().filter_map(|link| Link::read(link)).collect();
        Self { links, canary: canary.to_owned() }
    }

    /// Returns the words that may be said.
    pub(crate) fn clean(&self, text: &str) -> (String, Findings) {
        let mut findings = Findings::default();
        let mut cleaned = String::with_capacity(text.len());
        for word in text.split_inclusive(char::is_whitespace) {
            let blank = word.len() - word.trim_end().len();
            let (word, blank) = word.split_at(word.len() - blank);
            cleaned.push_str(&self.clean_word(word, &mut findings));
            cleaned.push_str(blank);
        }
        findings.leaks = self.leaks(text);
        (cleaned, findings)
    }

    /// Tells whether a text holds the canary, also spelled out with other letters' case or signs between.
    fn leaks(&self, text: &str) -> bool {
        let folded = |text: &str| -> String {
            text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
        };
        !self.canary.is_empty() && folded(text).contains(&folded(&self.canary))
    }

    fn clean_word(&self, word: &str, findings: &mut Findings) -> String {
        let is_delimiter = |c: char| "()[]<>{}\"'`|,;“”‘’「」".contains(c);
        let mut cleaned = String::with_capacity(word.len());
        for piece in word.split_inclusive(is_delimiter) {
            let (bare, delimiter) = match piece.char_indices().last() {
                Some((at, last)) if is_delimiter(last) => piece.split_at(at),
                _ => (piece, ""),
            };
            let ended = bare.trim_end_matches(['.', '!', '?', ':', '*', '_', '~']);
            match Link::read(ended) {
                Some(link) if !self.lets_through(&link) && !is_missing_blank(ended) => {
                    findings.links += 1;
                    cleaned.push_str(LINK_REMOVED);
                    cleaned.push_str(bare.get(ended.len()..).unwrap_or_default());
                }
                _ => cleaned.push_str(bare),
            }
            cleaned.push_str(delimiter);
        }
        cleaned
    }

    /// A link may lead to what the business named, or to a page below it; nothing may be carried in it.
    fn lets_through(&self, link: &Link) -> bool {
        self.links.iter().any(|known| {
            let below = link.path.strip_prefix(&known.path);
            known == link
                || (known.host == link.host
                    && !known.has_more
                    && !link.has_more
                    && below.is_some_and(|below| below.is_empty() || below.starts_with('/')))
        })
    }
}

impl Link {
    /// Reads what a reader's phone would take for a link; `None` for ordinary words.
    fn read(word: &str) -> Option<Self> {
        let lower = word.to_lowercase();
        let word = lower.trim_matches(|c: char| c == '*' || c == '_');
        let (is_named, rest) = match word.split_once("://") {
            Some((_, rest)) => (true, rest),
            None => (word.starts_with("www."), word),
        };
        let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if !is_named && authority.contains('@') {
            return None;
        }
        let has_user = authority.contains('@');
        let host = authority.rsplit('@').next().unwrap_or_default();
        let bare_host = host.split(':').next().unwrap_or_default().trim_end_matches('.');
        let has_path = !path.is_empty();
        if !is_named && !looks_like_host(bare_host, has_path) {
            return None;
        }
        let path_end = path.find(['?', '#']).unwrap_or(path.len());
        let (path, more) = path.split_at(path_end);
        Some(Self {
            host: host.strip_prefix("www.").unwrap_or(host).to_owned(),
            path: path.trim_end_matches('/').to_owned(),
            has_more: has_user
                || !more.is_empty()
                || path.contains('\\')
                || path.contains("..")
                || path.contains('%'),
        })
    }
}

/// Tells whether a word without a scheme is a host: labels with dots between, and a last one that hosts end with.
fn looks_like_host(host: &str, has_path: bool) -> bool {
    /// The endings, beside those of countries, that links are made of again and again.
    const ENDINGS: &[&str] = &[
        "com",
        "net",
        "org",
        "edu",
        "gov",
        "info",
        "biz",
        "app",
        "dev",
        "xyz",
        "online",
        "site",
        "shop",
        "store",
        "top",
        "club",
        "link",
        "click",
        "live",
        "life",
        "page",
        "web",
        "cloud",
        "tech",
        "blog",
        "news",
        "work",
        "zip",
        "mov",
        "example",
        "test",
        "local",
        "localhost",
        "internal",
        "onion",
        "icu",
        "vip",
        "space",
        "website",
        "world",
    ];
    let Some((before, ending)) = host.rsplit_once('.') else { return false };
    let is_label =
        |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_');
    let has_letters = before.chars().any(char::is_alphabetic);
    let is_ending = ENDINGS.contains(&ending)
        || (ending.chars().count() == 2 && ending.chars().all(char::is_alphabetic))
        || (has_path && ending.chars().count() > 1 && ending.chars().all(char::is_alphabetic));
    let is_address = host.split('.').count() == 4 && host.split('.').all(|part| part.parse::<u8>().is_ok());
    is_address || (is_ending && has_letters && before.split('.').all(is_label))
}

/// Tells whether two sentences stand together without a blank, as in `tomorrow.We`: nobody writes a country so.
fn is_missing_blank(word: &str) -> bool {
    let Some((before, after)) = word.split_once('.') else { return false };
    let mut letters = after.chars();
    let begins =
        letters.next().is_some_and(char::is_uppercase) && letters.next().is_some_and(char::is_lowercase);
    begins && letters.next().is_none() && before.chars().all(char::is_alphabetic)
}

/// Passes words on as soon as they are whole and judged.
pub(crate) struct GuardedDeltas<'a> {
    guard: &'a OutgoingGuard,
    deltas: &'a dyn Deltas,
    /// What may be the beginning of a word.
    rest: Mutex<String>,
}

impl<'a> GuardedDeltas<'a> {
    pub(crate) fn new(guard: &'a OutgoingGuard, deltas: &'a dyn Deltas) -> Self {
        Self { guard, deltas, rest: Mutex::default() }
    }

    /// Passes on what was held back as an unfinished word: the words are at their end.
    pub(crate) fn finish(&self) {
        let rest = std::mem::take(&mut *self.rest.lock().unwrap_or_else(PoisonError::into_inner));
        self.pass(&rest);
    }

    fn pass(&self, words: &str) {
        let (cleaned, findings) = self.guard.clean(words);
        // Whoever judges the whole reply takes back what was said before; of this, nothing is said.
        if !cleaned.is_empty() && !findings.leaks {
            self.deltas.delta(&cleaned);
        }
    }
}

impl Deltas for GuardedDeltas<'_> {
    fn delta(&self, text: &str) {
        let whole = {
            let mut rest = self.rest.lock().unwrap_or_else(PoisonError::into_inner);
            rest.push_str(text);
            let Some((at, blank)) = rest.char_indices().rev().find(|(_, c)| c.is_whitespace()) else {
                return;
            };
            let unfinished = rest.split_off(at + blank.len_utf8());
            std::mem::replace(&mut *rest, unfinished)
        };
        self.pass(&whole);
    }

    fn restart(&self) {
        self.rest.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.deltas.restart();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard() -> OutgoingGuard {
        OutgoingGuard::new(
            &["https://bristol.example/book".into(), "www.plumb.example".into()],
            "canary-7f3a",
        )
    }

    fn links(text: &str) -> usize {
        guard().clean(text).1.links
    }

    #[test]
    fn ordinary_words_pass_as_they_are() {
        let text = "We open at 9.30 a.m. on 2.11.2026, e.g. tomorrow.We charge $3.50/hour; write to ann@plumb.com\n\n— OK?";
        assert_eq!(guard().clean(text), (text.to_owned(), Findings::default()));
    }

    #[test]
    fn links_that_the_business_named_pass_and_pages_below_them() {
        for text in [
            "Book at https://bristol.example/book.",
            "Book at HTTPS://Bristol.Example/book/",
            "[book](https://bristol.example/book/tomorrow)",
            "plumb.example/hours, www.plumb.example",
        ] {
            assert_eq!(guard().clean(text), (text.to_owned(), Findings::default()));
        }
    }

    #[test]
    fn every_other_link_is_taken_out() {
        for text in [
            "https://evil.example/",
            "See http://bristol.example.evil.com/book",
            "https://bristol.example/booking",
            "https://bristol.example/other",
            "https://bristol.example/book?q=ann+baker",
            "https://bristol.example/book#ann",
            "https://bristol.example@evil.com/book",
            "https://ann@bristol.example/book",
            "https://bristol.example/book/../admin",
            "https://bristol.example/book/%2e%2e",
            "https://bristol.example:8443/book",
            "![x](https://evil.example/p.png)",
            "<evil.com>",
            "evil.com/ann",
            "Evil.Com",
            "bit.ly/3xyz",
            "10.0.0.1/x",
            "javascript://evil",
            "**evil.com**",
        ] {
            let (cleaned, findings) = guard().clean(text);
            assert_eq!(findings.links, 1, "{text}");
            assert!(
                cleaned.contains(LINK_REMOVED) && !cleaned.to_lowercase().contains("evil.com"),
                "{cleaned}"
            );
        }
        assert_eq!(links("evil.com,evil.net and www.evil.org"), 3);
    }

    #[test]
    fn words_that_give_the_instructions_away_are_seen() {
        assert!(guard().clean("My instructions: (canary-7f3a) be kind").1.leaks);
        assert!(guard().clean("C a n a r y - 7 F 3 A").1.leaks);
        assert!(!guard().clean("a canary").1.leaks);
    }

    #[derive(Default)]
    struct Heard(Mutex<String>);

    impl Deltas for Heard {
        fn delta(&self, text: &str) {
            self.0.lock().unwrap().push_str(text);
        }

        fn restart(&self) {
            self.0.lock().unwrap().clear();
        }
    }

    #[test]
    fn what_is_heard_in_pieces_is_what_the_whole_would_be() {
        let text = "Hi Ann, see https://evil.example/a?b or https://bristol.example/book now. Ça va?";
        for size in [1, 2, 3, 7, 200] {
            let (guard, heard) = (guard(), Heard::default());
            let guarded = GuardedDeltas::new(&guard, &heard);
            let letters: Vec<char> = text.chars().collect();
            for piece in letters.chunks(size) {
                guarded.delta(&piece.iter().collect::<String>());
            }
            guarded.finish();
            assert_eq!(*heard.0.lock().unwrap(), guard.clean(text).0);
        }
    }

    #[test]
    fn a_word_is_not_heard_before_it_is_whole_and_a_restart_forgets_it() {
        let (guard, heard) = (guard(), Heard::default());
        let guarded = GuardedDeltas::new(&guard, &heard);
        guarded.delta("Look at evil.c");
        assert_eq!(*heard.0.lock().unwrap(), "Look at ");
        guarded.restart();
        guarded.delta("Hello canary-7f3a ");
        guarded.finish();
        assert_eq!(*heard.0.lock().unwrap(), "");
    }
}
